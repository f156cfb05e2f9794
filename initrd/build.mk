# SPDX-License-Identifier: GPL-2.0-only
# What ends up inside an initrd. The init program stands alone, so it takes
# none of the build's own flags.

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
