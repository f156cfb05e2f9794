# SPDX-License-Identifier: GPL-2.0-only
# The programs of the image build host, and what they share in tools/lib.

tools_lib = $(foreach folder,$(1),$(sort $(wildcard tools/lib/$(folder)/*.c)))

# An image and what is laid over it; what is done to it; who serves its root
TOOLS_IMAGE_SOURCES := $(call tools_lib,base codec image modules) \
	tools/lib/iscsi/iscsi_name.c
TOOLS_PLAN_SOURCES := $(call tools_lib,family plan inspect) \
	$(addprefix tools/lib/iscsi/,chap.c root_path.c) \
	initrd/iscsi-root/settings.c
TOOLS_ROOT_PATH_SOURCES := tools/lib/base/failure.c \
	$(addprefix tools/lib/iscsi/,iscsi_name.c root_path.c)
TOOLS_SERVER_SOURCES := $(TOOLS_ROOT_PATH_SOURCES) tools/lib/iscsi/chap.c \
	$(addprefix tools/lib/base/,atomic_file.c buffer.c hash.c) \
	$(call tools_lib,server)
TOOLS_FLASH_SOURCES := $(addprefix tools/lib/base/,buffer.c failure.c) \
	$(call tools_lib,card flash) \
	$(addprefix tools/lib/rom/,rom_check.c rom_image.c rom_trailer.c)
TOOLS_INSTALL_SOURCES := $(call tools_lib,install) \
	$(addprefix tools/lib/base/,mapped_file.c program.c)
TOOLS_CODEC_LIBRARIES := -lz -lisal -lzstd -llzma -lbz2 -llz4 -llzo2
TOOLS_LIBRARIES := $(TOOLS_CODEC_LIBRARIES) -lkmod -ljson-c

$(B)/obj/tools/lib/family/embedded.o: CFLAGS_ALL += \
	-DEMBEDDED_INIT='"$(INIT_PROGRAM)"' \
	-DEMBEDDED_ISCSI_ROOT='"$(ROOT_PROGRAM)"'
$(B)/obj/tools/lib/family/embedded.o: $(INIT_PROGRAM) $(ROOT_PROGRAM) \
	$(wildcard initrd/*/*.sh initrd/*/*.service)

$(eval $(call program,mkinitrd-en,\
	$(sort $(wildcard tools/mkinitrd-en/*.c)) $(TOOLS_IMAGE_SOURCES) \
	$(TOOLS_PLAN_SOURCES),$(TOOLS_LIBRARIES)))
$(eval $(call program,iscsi-root,\
	$(sort $(wildcard tools/iscsi-root/*.c)) $(TOOLS_SERVER_SOURCES) \
	$(TOOLS_INSTALL_SOURCES),\
	-ljson-c))
$(eval $(call program,en-flash,$(sort $(wildcard tools/en-flash/*.c)) \
	tools/lib/base/atomic_file.c $(TOOLS_FLASH_SOURCES),-ljson-c))

# tryboot is Python, in one archive that is the program; the init of the disk
# that it makes is in it. Times in the archive would make each build another.
TRYBOOT := $(B)/bin/tryboot
TRYBOOT_FILES := $(sort $(wildcard tools/tryboot/*.py tools/tryboot/report.*))
TRYBOOT_INIT := $(B)/tryboot/root_init
PROGRAMS += $(TRYBOOT)

$(TRYBOOT_INIT): tools/tryboot/root_init.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@musl-gcc -std=gnu11 -Os -Wall -Wextra -Werror -static -s -o $@ $<

$(TRYBOOT): $(TRYBOOT_FILES) $(TRYBOOT_INIT) tools/build.mk Makefile
	@mkdir -p $(@D)
	@echo "  ZIP     $@"
	@tools/tryboot/make-archive $@ $(VERSION) $(TRYBOOT_FILES) $(TRYBOOT_INIT)

TOOLS_TESTS := tests/unit/tools
comma := ,

# Of emulator/adapter/flash, without what keeps it in a file
FLASH_CARD_SOURCES := $(addprefix emulator/adapter/flash/,gateway.c spi_chip.c)
$(eval $(call unit_test,test_flash_image,$(TOOLS_TESTS)/test_flash_image.c \
	$(TOOLS_TESTS)/flash_sample.c $(TOOLS_FLASH_SOURCES)))
$(eval $(call unit_test,test_flash_burn,$(TOOLS_TESTS)/test_flash_burn.c \
	$(TOOLS_TESTS)/flash_sample.c $(FLASH_CARD_SOURCES) \
	$(TOOLS_FLASH_SOURCES)))
$(eval $(call unit_test,test_cpio,$(TOOLS_TESTS)/test_cpio.c \
	$(addprefix tools/lib/,base/buffer.c base/failure.c \
	image/cpio_reader.c image/cpio_writer.c)))
$(eval $(call unit_test,test_tree,$(TOOLS_TESTS)/test_tree.c \
	tools/lib/base/failure.c tools/lib/base/hash.c \
	$(sort $(wildcard tools/lib/image/tree*.c))))
$(eval $(call unit_test,test_codec,$(TOOLS_TESTS)/test_codec.c \
	$(TOOLS_IMAGE_SOURCES),$(TOOLS_CODEC_LIBRARIES) -lkmod))
$(eval $(call unit_test,test_codec_ahead,$(TOOLS_TESTS)/test_codec_ahead.c \
	$(TOOLS_IMAGE_SOURCES),$(TOOLS_CODEC_LIBRARIES) -lkmod))
$(eval $(call unit_test,test_elf_program,$(TOOLS_TESTS)/test_elf_program.c \
	$(addprefix tools/lib/base/,elf_program.c failure.c)))
$(eval $(call unit_test,test_root_path,$(TOOLS_TESTS)/test_root_path.c \
	$(TOOLS_SERVER_SOURCES),-ljson-c))
$(eval $(call unit_test,test_csv,$(TOOLS_TESTS)/test_csv.c \
	$(addprefix tools/lib/,base/buffer.c base/failure.c server/csv.c)))
$(eval $(call unit_test,test_fstab,$(TOOLS_TESTS)/test_fstab.c \
	$(addprefix tools/lib/,base/buffer.c base/failure.c install/fstab.c)))
$(eval $(call unit_test,test_atomic_file,$(TOOLS_TESTS)/test_atomic_file.c \
	$(addprefix tools/lib/base/,atomic_file.c buffer.c failure.c),\
	-Wl$(comma)--wrap=open -Wl$(comma)--wrap=link))
$(eval $(call unit_test,test_module,$(TOOLS_TESTS)/test_module.c \
	$(TOOLS_IMAGE_SOURCES),$(TOOLS_CODEC_LIBRARIES) -lkmod))

$(eval $(call fuzz_target,initrd,tests/fuzz/fuzz_initrd.c \
	$(TOOLS_IMAGE_SOURCES),$(TOOLS_CODEC_LIBRARIES) -lkmod))
$(eval $(call fuzz_target,inspect,tests/fuzz/fuzz_inspect.c \
	$(TOOLS_IMAGE_SOURCES) $(call tools_lib,inspect),\
	$(TOOLS_CODEC_LIBRARIES) -lkmod))
$(eval $(call fuzz_target,codec,tests/fuzz/fuzz_codec.c \
	$(addprefix tools/lib/base/,buffer.c failure.c hash.c thread.c) \
	$(call tools_lib,codec),$(TOOLS_CODEC_LIBRARIES)))
fuzz-codec: build/fuzz/corpus-codec/seed-all
build/fuzz/corpus-codec/seed-all: tests/fuzz/seed_codec.py \
		tests/e2e/tools_fixtures.py
	@$(PYTHON) $< $(@D)
$(eval $(call fuzz_target,root-path,tests/fuzz/fuzz_root_path.c \
	$(TOOLS_ROOT_PATH_SOURCES)))
$(eval $(call fuzz_target,csv,tests/fuzz/fuzz_csv.c \
	$(TOOLS_SERVER_SOURCES),-ljson-c))
fuzz-csv: build/fuzz/corpus-csv/seed-all
build/fuzz/corpus-csv/seed-all: tests/fuzz/seed_csv.py
	@python3 $< $(@D)
$(eval $(call fuzz_target,module,tests/fuzz/fuzz_module.c \
	$(addprefix tools/lib/base/,buffer.c failure.c mapped_file.c thread.c) \
	$(addprefix tools/lib/modules/,kernel_config.c kernel_file.c modinfo.c \
	module_facts.c module_fit.c) $(call tools_lib,codec),\
	$(TOOLS_CODEC_LIBRARIES)))
$(eval $(call fuzz_target,pe,tests/fuzz/fuzz_pe.c \
	$(addprefix tools/lib/,base/buffer.c base/failure.c image/pe.c \
	image/pe_write.c)))
fuzz-pe: build/fuzz/corpus-pe/seed-all
build/fuzz/corpus-pe/seed-all: tests/fuzz/seed_pe.py
	@python3 $< $(@D)
$(eval $(call fuzz_target,elf-program,tests/fuzz/fuzz_elf_program.c \
	$(addprefix tools/lib/base/,elf_program.c failure.c)))
$(eval $(call fuzz_target,family-script,tests/fuzz/fuzz_family_script.c \
	$(addprefix tools/lib/family/,script.c script_line.c) \
	$(addprefix tools/lib/modules/,modules_dep.c modules_dep_index.c \
	module_file.c) $(call tools_lib,base codec),$(TOOLS_CODEC_LIBRARIES)))
fuzz-family-script: build/fuzz/corpus-family-script/seed-all
build/fuzz/corpus-family-script/seed-all: tests/fuzz/seed_family_script.py \
		tests/e2e/family_fixtures.py
	@$(PYTHON) $< $(@D)
$(eval $(call fuzz_target,flash,tests/fuzz/fuzz_flash.c \
	$(TOOLS_TESTS)/flash_sample.c \
	$(TOOLS_FLASH_SOURCES)))
$(eval $(call fuzz_target,iscsi-root,tests/fuzz/fuzz_iscsi_root.c \
	$(ROOT_READERS)))

.PHONY: fuzz fuzz-tools
fuzz: fuzz-initrd fuzz-inspect fuzz-codec fuzz-root-path fuzz-csv fuzz-module \
	fuzz-pe fuzz-elf-program fuzz-family-script fuzz-iscsi-root fuzz-flash
fuzz-tools: fuzz-initrd fuzz-inspect fuzz-codec fuzz-root-path fuzz-csv fuzz-module \
	fuzz-pe fuzz-elf-program fuzz-family-script fuzz-iscsi-root fuzz-flash
