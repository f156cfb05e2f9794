# SPDX-License-Identifier: GPL-2.0-only
# The programs of the image build host, and what they share in tools/lib.

TOOLS_IMAGE_SOURCES := $(addprefix tools/lib/,atomic_file.c buffer.c codec.c \
	codec_bzip2.c codec_gzip.c codec_lz4.c codec_lzo.c codec_xz.c \
	codec_zstd.c cpio_reader.c cpio_writer.c failure.c hash.c image.c \
	iscsi_name.c mapped_file.c modinfo.c module_file.c modules.c \
	overlay.c splice.c tree.c)
TOOLS_PLAN_SOURCES := $(addprefix tools/lib/,embedded.c family.c \
	family_initramfs_tools.c loader.c plan.c plan_print.c)
TOOLS_ROOT_PATH_SOURCES := $(addprefix tools/lib/,failure.c iscsi_name.c \
	root_path.c)
TOOLS_CODEC_LIBRARIES := -lz -lzstd -llzma -lbz2 -llz4 -llzo2
TOOLS_LIBRARIES := $(TOOLS_CODEC_LIBRARIES) -lkmod -ljson-c

$(B)/obj/tools/lib/embedded.o: CFLAGS_ALL += \
	-DEMBEDDED_INIT='"$(B)/initrd/init"'
$(B)/obj/tools/lib/embedded.o: $(B)/initrd/init \
	initrd/initramfs-tools/target.sh initrd/initramfs-tools/root.sh

$(eval $(call program,mkinitrd-en,tools/mkinitrd-en.c $(TOOLS_IMAGE_SOURCES) \
	$(TOOLS_PLAN_SOURCES),$(TOOLS_LIBRARIES)))
$(eval $(call program,iscsi-root,tools/iscsi-root.c tools/lib/buffer.c \
	tools/lib/server_config.c tools/lib/server_dhcpd.c \
	tools/lib/server_tgt.c $(TOOLS_ROOT_PATH_SOURCES),-ljson-c))

TOOLS_TESTS := tests/unit/tools
comma := ,
$(eval $(call unit_test,test_cpio,$(TOOLS_TESTS)/test_cpio.c \
	$(addprefix tools/lib/,buffer.c cpio_reader.c cpio_writer.c \
	failure.c)))
$(eval $(call unit_test,test_tree,$(TOOLS_TESTS)/test_tree.c \
	$(addprefix tools/lib/,failure.c hash.c tree.c)))
$(eval $(call unit_test,test_codec,$(TOOLS_TESTS)/test_codec.c \
	$(TOOLS_IMAGE_SOURCES),$(TOOLS_CODEC_LIBRARIES) -lkmod))
$(eval $(call unit_test,test_root_path,$(TOOLS_TESTS)/test_root_path.c \
	tools/lib/buffer.c tools/lib/server_config.c tools/lib/server_dhcpd.c \
	tools/lib/server_tgt.c $(TOOLS_ROOT_PATH_SOURCES)))
$(eval $(call unit_test,test_atomic_file,$(TOOLS_TESTS)/test_atomic_file.c \
	$(addprefix tools/lib/,atomic_file.c buffer.c failure.c),\
	-Wl$(comma)--wrap=open -Wl$(comma)--wrap=link))
$(eval $(call unit_test,test_module,$(TOOLS_TESTS)/test_module.c \
	$(TOOLS_IMAGE_SOURCES),$(TOOLS_CODEC_LIBRARIES) -lkmod))

$(eval $(call fuzz_target,initrd,tests/fuzz/fuzz_initrd.c \
	$(TOOLS_IMAGE_SOURCES),$(TOOLS_CODEC_LIBRARIES) -lkmod))
$(eval $(call fuzz_target,root-path,tests/fuzz/fuzz_root_path.c \
	$(TOOLS_ROOT_PATH_SOURCES)))
$(eval $(call fuzz_target,module,tests/fuzz/fuzz_module.c \
	tools/lib/failure.c tools/lib/modinfo.c))

.PHONY: fuzz fuzz-tools
fuzz: fuzz-initrd fuzz-root-path fuzz-module
fuzz-tools: fuzz-initrd fuzz-root-path fuzz-module
