# SPDX-License-Identifier: GPL-2.0-only
# What ends up inside an initrd. These programs stand alone, so they take none
# of the build's own flags.

INIT_PROGRAM := $(B)/initrd/init
INIT_CFLAGS := -std=gnu11 -Os -Wall -Wextra -Werror -ffreestanding \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-pic \
	-fno-tree-loop-distribute-patterns -fcf-protection=none
INIT_LDFLAGS := -nostdlib -static -no-pie -s -Wl,--build-id=none \
	-Wl,-z,noseparate-code -Wl,-z,noexecstack

$(INIT_PROGRAM): initrd/init.c initrd/build.mk
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(INIT_CFLAGS) $(INIT_LDFLAGS) -o $@ $<

# The kernel's headers are found behind musl's own.
ROOT_PROGRAM := $(B)/initrd/iscsi-root
ROOT_SOURCES := $(sort $(wildcard initrd/iscsi-root/*.c)) \
	$(addprefix tools/lib/,iscsi/iscsi_name.c iscsi/root_path.c \
	base/failure.c)
ROOT_HEADERS := $(sort $(wildcard initrd/iscsi-root/*.h tools/lib/iscsi/*.h)) \
	tools/lib/base/failure.h
ROOT_CFLAGS := -std=gnu11 -Os -Wall -Wextra -Werror -ffunction-sections \
	-fdata-sections -fno-asynchronous-unwind-tables -I. \
	-idirafter /usr/include \
	-idirafter /usr/include/$(shell $(CC) -print-multiarch) \
	-DCONNECTX_EN_VERSION='"$(VERSION)"'
ROOT_LDFLAGS := -static -s -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,noseparate-code

$(ROOT_PROGRAM): $(ROOT_SOURCES) $(ROOT_HEADERS) initrd/build.mk
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@musl-gcc $(ROOT_CFLAGS) $(ROOT_LDFLAGS) -o $@ $(ROOT_SOURCES)

# Those of its parts that need no network and no disk
ROOT_READERS := $(addprefix initrd/iscsi-root/,dhcp_message.c disk.c ibft.c \
	ibft_sysfs.c ibft_table.c identity.c settings.c text_file.c) \
	$(addprefix tools/lib/,iscsi/iscsi_name.c iscsi/root_path.c \
	base/failure.c)
$(eval $(call unit_test,test_iscsi_root,tests/unit/initrd/test_iscsi_root.c \
	$(ROOT_READERS)))
