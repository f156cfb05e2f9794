# SPDX-License-Identifier: GPL-2.0-only
# The ROM from power-on, and the packer.

ROM_TEST_FILES := $(B)/tests/rom-disk.bin $(B)/tests/rom-disk.efi \
	$(B)/tests/rom-wimboot.bin $(B)/tests/rom-wimboot.efi \
	$(B)/tests/rom-take-memory.efi $(B)/tests/rom-read-key.efi \
	$(B)/tests/flash-sample $(B)/bin/en-flash $(B)/bin/mkinitrd-en \
	$(B)/bin/iscsi-root

$(B)/tests/rom-disk.bin: tests/rom/disk.S
	@mkdir -p $(@D)
	@$(CC) -m32 -nostdlib -static -no-pie -Wl,--build-id=none \
		-Wl,-Ttext=0x7c00 -o $@.elf $<
	@objcopy -O binary -j .text $@.elf $@

# An EFI program out of the sources $(2)
define rom_test_program
$(B)/tests/rom-$(1).efi: $(2) rom/lib/crc32.h rom/build.mk tests/rom/build.mk
	@mkdir -p $$(@D)
	@$$(CC) $$(EFI_CFLAGS) $$(EFI_LDFLAGS) -o $$@.so $(filter %.c,$(2)) \
		-L$$(EFI_LIB) -lgnuefi
	@objcopy $$(EFI_SECTIONS) --target efi-app-x86_64 $$@.so $$@
endef

$(eval $(call rom_test_program,disk,tests/rom/disk.c))
$(eval $(call rom_test_program,take-memory,tests/rom/take_memory.c))
$(eval $(call rom_test_program,read-key,tests/rom/read_key.c))
$(eval $(call rom_test_program,wimboot,tests/rom/wimboot_uefi.c \
	rom/lib/crc32.c tests/rom/wimboot.h))

WIMBOOT_BIOS := tests/rom/wimboot_bios.S tests/rom/wimboot_bios.c \
	rom/lib/crc32.c

$(B)/tests/rom-wimboot.bin: tests/rom/wimboot_bios.lds $(WIMBOOT_BIOS) \
		tests/rom/wimboot.h rom/lib/crc32.h rom/build.mk
	@mkdir -p $(@D)
	@$(CC) $(STUB_CFLAGS) -nostdlib -static -no-pie -Wl,--build-id=none \
		-Wl,--no-warn-rwx-segments -T $< -o $@.elf $(WIMBOOT_BIOS)
	@objcopy -O binary $@.elf $@

ROM_UNIT_LIBRARIES := -llzma
$(eval $(call unit_test,test_rom,tests/unit/rom/test_rom.c \
	rom/lib/lzma_decode.c rom/lib/payload_find.c $(MKROM_PARTS) \
	$(MKROM_LIB),$(MKROM_LIBRARIES)))
$(eval $(call unit_test,test_overlay_join,tests/unit/rom/test_overlay_join.c \
	rom/stub/overlay_join.c rom/lib/crc32.c))
$(B)/obj/rom/stub/overlay_join.o: CFLAGS_ALL += -DOVERLAY_PRODUCT='"ROM"'

.PHONY: test-rom test-rom-short
test-rom: rom lab $(ROM_TEST_FILES) ## the expansion ROM from power-on, every id, BIOS and UEFI
	@$(MAKE) --no-print-directory modules KERNEL=6.12
	@$(PYTHON) -m pytest -q -rf --tb=short -n $(JOBS) tests/rom

test-rom-short: rom $(ROM_TEST_FILES) ## a small choice of test-rom
	@$(PYTHON) -m pytest -q -rf --tb=short -n $(JOBS) -m short tests/rom

$(eval $(call fuzz_target,rom,tests/fuzz/fuzz_rom.c rom/lib/lzma_decode.c \
	rom/lib/payload_find.c $(MKROM_LIB),-llzma))
fuzz-rom: build/fuzz/corpus-rom/seed-small
# A ROM whose payload is nearly empty: iPXE's place has a kernel's mark alone.
build/fuzz/corpus-rom/seed-small: $(B)/bin/mkrom
	@mkdir -p $(@D)
	@printf '%0.s-' $$(seq 514) >$(@D)/../seed.lkrn
	@{ printf HdrS; head -c 1000 /dev/zero; } >>$(@D)/../seed.lkrn
	@$< build --device 25448 --bios $(@D)/../seed.lkrn \
		--uefi $(@D)/../seed.lkrn -o $@

.PHONY: fuzz
fuzz: fuzz-rom
