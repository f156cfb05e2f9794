# SPDX-License-Identifier: GPL-2.0-only
# The expansion ROM: our code for BIOS and UEFI, mkrom, which carries it, and
# one ROM for each device id. What runs in the ROM stands alone, so it takes
# none of the build's own flags.

ROM := $(B)/rom
ROM_DIR := build/rom

# The BIOS part: 16-bit and flat 32-bit code

RESIDENT_SOURCES := rom/stub/overlay_join.c rom/lib/crc32.c
STUB_SOURCES := $(sort $(filter-out $(RESIDENT_SOURCES),\
	$(wildcard rom/stub/*.c))) \
	$(addprefix rom/lib/,crc32.c lzma_decode.c payload_find.c)
STUB_HEADERS := $(wildcard rom/stub/*.h rom/stub/*.inc rom/lib/*.h) \
	tools/lib/base/linux_setup.h include/connectx/rom.h
# -Wno-array-bounds: fixed addresses are what this code works on.
STUB_CFLAGS := -m32 -march=i386 -std=gnu11 -Os -Wall -Wextra -Werror \
	-Wno-array-bounds -ffreestanding -fno-pic -fno-pie -mno-sse -mno-mmx \
	-fcf-protection=none -fno-stack-protector -mregparm=3 \
	-fno-asynchronous-unwind-tables -I.

# Runs at an address that is known at run time only.
RESIDENT_CFLAGS := $(filter-out -fno-pic -fno-pie,$(STUB_CFLAGS)) -fpie \
	-fvisibility=hidden -DOVERLAY_PRODUCT='"MLNX NIC $(VERSION)"'

$(ROM)/resident.bin: rom/stub/resident.S rom/stub/resident.lds \
		$(RESIDENT_SOURCES) $(STUB_HEADERS) rom/build.mk
	@mkdir -p $(@D)
	@echo "  STUB    $@"
	@$(CC) $(RESIDENT_CFLAGS) -nostdlib -static -no-pie \
		-Wl,--build-id=none -Wl,--no-warn-rwx-segments \
		-T rom/stub/resident.lds -o $(@D)/resident.elf \
		rom/stub/resident.S $(RESIDENT_SOURCES)
	@objcopy -O binary -j .resident $(@D)/resident.elf $@

$(ROM)/stub.bin: $(ROM)/resident.bin rom/stub/start.S rom/stub/stub.lds \
		$(STUB_SOURCES) $(STUB_HEADERS) rom/build.mk
	@mkdir -p $(@D)
	@echo "  STUB    $@"
	@$(CC) $(STUB_CFLAGS) -nostdlib -static -no-pie -Wl,--build-id=none \
		-Wl,--no-warn-rwx-segments -T rom/stub/stub.lds \
		-DRESIDENT='"$(ROM)/resident.bin"' \
		-o $(@D)/stub.elf rom/stub/start.S $(STUB_SOURCES)
	@objcopy -O binary $(@D)/stub.elf $@

# The UEFI part

DRIVER_SOURCES := $(sort $(wildcard rom/uefi/*.c)) \
	$(addprefix rom/lib/,crc32.c lzma_decode.c payload_find.c)
EFI_LIB := /usr/lib
EFI_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror -ffreestanding -fshort-wchar \
	-fpic -mno-red-zone -fcf-protection=none -fno-stack-protector \
	-fno-asynchronous-unwind-tables -maccumulate-outgoing-args \
	-DGNU_EFI_USE_MS_ABI -I. -isystem /usr/include/efi \
	-isystem /usr/include/efi/x86_64 \
	-DCONNECTX_EN_VERSION='"$(VERSION)"'
EFI_LDFLAGS := -nostdlib -shared -Wl,-Bsymbolic -Wl,--build-id=none \
	-Wl,--no-warn-rwx-segments -Wl,--no-undefined -Wl,-z,norelro \
	-T $(EFI_LIB)/elf_x86_64_efi.lds $(EFI_LIB)/crt0-efi-x86_64.o
EFI_SECTIONS := $(addprefix -j ,.text .sdata .data .rodata .dynamic .dynsym \
	.rel .rela .rel.* .rela.* .reloc)

$(ROM)/driver.efi: $(DRIVER_SOURCES) $(wildcard rom/lib/*.h rom/uefi/*.h) \
		include/connectx/rom.h rom/build.mk
	@mkdir -p $(@D)
	@echo "  UEFI    $@"
	@$(CC) $(EFI_CFLAGS) $(EFI_LDFLAGS) -o $(@D)/driver.so \
		$(DRIVER_SOURCES) -L$(EFI_LIB) -lgnuefi
	@objcopy $(EFI_SECTIONS) --target efi-bsdrv-x86_64 $(@D)/driver.so $@

# The packer

MKROM_LIB := rom/lib/crc32.c \
	$(addprefix tools/lib/rom/,rom_image.c rom_payload.c rom_trailer.c) \
	$(addprefix tools/lib/base/,atomic_file.c buffer.c failure.c)
# An overlay is read as mkinitrd-en reads an initrd.
MKROM_IMAGE := tools/lib/base/hash.c tools/lib/base/thread.c \
	tools/lib/inspect/inserted.c \
	$(sort $(wildcard tools/lib/image/*.c tools/lib/codec/*.c))
MKROM_LIBRARIES := -lz -lisal -lzstd -llzma -lbz2 -llz4 -llzo2
MKROM_PARTS := $(addprefix rom/mkrom/,embedded.c heads.c options.c overlay.c \
	rom.c settings.c) $(MKROM_IMAGE)

$(B)/obj/rom/mkrom/embedded.o: CFLAGS_ALL += \
	-DEMBEDDED_STUB='"$(ROM)/stub.bin"' \
	-DEMBEDDED_DRIVER='"$(ROM)/driver.efi"'
$(B)/obj/rom/mkrom/embedded.o: $(ROM)/stub.bin $(ROM)/driver.efi \
	$(wildcard rom/script/*.ipxe)

$(eval $(call program,mkrom,rom/mkrom/main.c rom/mkrom/inspect.c \
	$(MKROM_PARTS) $(MKROM_LIB),$(MKROM_LIBRARIES) -ljson-c))

# The ROMs: one for each device id of include/connectx/ids.h. In a make of its
# own, so that what deps and the lab bring is there when it starts.

# Expanded where it is used alone: other verbs need no shell for it.
ROM_IDS = $(shell printf '%d ' $$(grep -oE '^.X.0x[0-9a-f]{4}' \
	include/connectx/ids.h | cut -c4-))
ROM_FILES = $(patsubst %,$(ROM_DIR)/CONNECTX_EN_%_ROM-$(VERSION).rom,$(ROM_IDS))
NETBOOT := build/lab/netboot
PAYLOAD := $(NETBOOT)/usr/lib/ipxe
# For example: make rom MKROM_OPTIONS='--timeout 5'
MKROM_OPTIONS ?=

.PHONY: rom rom-files rom-payload
rom: deps ## the expansion ROMs, one for each device id, into build/rom
	@tests/lab/make-lab netboot
	@$(MAKE) --no-print-directory rom-files

rom-payload:
	@(cd $(PAYLOAD) && sha256sum --quiet --strict -c) <rom/payload.sha256 || \
		{ echo "make rom: this is not the iPXE that rom/payload.sha256" \
		"names, but $$(cat $(NETBOOT)/ipxe.version)" >&2; exit 1; }

rom-files: rom-payload $(B)/bin/mkrom
	@mkdir -p $(ROM_DIR)
	@rm -f $(ROM_DIR)/*.rom
	@for rom in $(ROM_FILES); do \
	  id=$${rom##*/CONNECTX_EN_}; \
	  $(B)/bin/mkrom build --device $${id%%_*} --bios $(PAYLOAD)/ipxe.lkrn \
	    --uefi $(PAYLOAD)/ipxe-amd64.efi $(MKROM_OPTIONS) \
	    --output $$rom || exit 1; \
	done
	@cp LICENSE $(ROM_DIR)/LICENSE
	@cp $(NETBOOT)/usr/share/doc/ipxe/copyright $(ROM_DIR)/LICENSE.ipxe
	@{ sed -e "s/@IPXE@/$$(cat $(NETBOOT)/ipxe.version)/" \
	  -e 's/@VERSION@/$(VERSION)/' rom/SOURCE.in; cat rom/payload.sha256; \
	} >$(ROM_DIR)/SOURCE
	@cd $(ROM_DIR) && sha256sum *.rom >SHA256SUMS
	@echo "  ROM     $(words $(ROM_FILES)) in $(ROM_DIR)"
