// SPDX-License-Identifier: GPL-2.0-only
#include "rom/mkrom/heads.h"
#include "include/connectx/ids.h"
#include "include/connectx/rom.h"
#include "rom/mkrom/embedded.h"
#include "rom/stub/layout.h"
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/image/pe_format.h"
#include "tools/lib/rom/rom_image.h"
#include "tools/lib/rom/rom_trailer.h"

#include <stdio.h>
#include <string.h>

#define PNP_SIZE 32
#define PNP_CHECKSUM 9

/* The EFI image's header, and the PE file behind it */
#define EFI_SIGNATURE 0x0ef1
#define EFI_SUBSYSTEM_BOOT_DRIVER 11
#define EFI_MACHINE_X64 0x8664
#define EFI_TRAILER 0x38
#define EFI_PROGRAM 0x60

#define MAKER "ConnectX EN diskless boot"

static void put_ids(uint8_t *pcir, uint16_t device)
{
	put_le16(pcir + CX_PCIR_VENDOR, CX_PCI_VENDOR_ID);
	put_le16(pcir + CX_PCIR_DEVICE, device);
}

int heads_bios(struct buffer *out, uint16_t device,
	       const struct rom_version *version, struct failure *why)
{
	size_t start = out->size, size = embedded_stub_end - embedded_stub;
	struct rom_trailer trailer = {
		.product = CX_ROM_PRODUCT_PXE,
		.device = device,
		.major = version->major,
		.minor = version->minor,
		.subminor = version->subminor,
		.protocol = CX_ROM_PROTOCOL_ETH,
	};
	uint8_t *image;

	if (size >= STUB_SIZE)
		return fail(why, -EINVAL, "the BIOS part has %zu bytes, %d fit",
			    size, STUB_SIZE - 1);
	if (buffer_add(out, embedded_stub, size) ||
	    buffer_add_zeros(out, STUB_SIZE - size))
		return fail(why, -ENOMEM, "no memory");
	image = out->data + start;
	put_ids(image + STUB_PCIR, device);
	rom_trailer_write(image + STUB_TRAILER, &trailer);
	snprintf((char *)image + STUB_PRODUCT, STUB_PRODUCT_SIZE, "%s %u.%u.%u",
		 ROM_PRODUCT_NAME, version->major, version->minor,
		 version->subminor);
	snprintf((char *)image + STUB_MAKER, STUB_MAKER_SIZE, "%s", MAKER);
	image[STUB_PNP + PNP_CHECKSUM] -= rom_sum(image + STUB_PNP, PNP_SIZE);
	image[STUB_SIZE - 1] -= rom_sum(image, STUB_SIZE);
	return 0;
}

/* The linker writes the time into the PE header: the ROM shall not differ. */
static int forget_time(uint8_t *program, size_t size, struct failure *why)
{
	uint32_t pe;

	if (size < DOS_SIZE)
		return fail(why, -EINVAL, "the UEFI part is no program");
	pe = get_le32(program + DOS_PE_OFFSET);
	if (pe > size - DOS_PE_SIGNATURE - COFF_TIME - 4 ||
	    memcmp(program + pe, "PE\0\0", 4))
		return fail(why, -EINVAL, "the UEFI part is no program");
	put_le32(program + pe + DOS_PE_SIGNATURE + COFF_TIME, 0);
	return 0;
}

int heads_uefi(struct buffer *out, uint16_t device,
	       const struct rom_version *version, struct failure *why)
{
	size_t program = embedded_driver_end - embedded_driver;
	size_t start = out->size, size = EFI_PROGRAM + program;
	struct rom_trailer trailer = {
		.product = CX_ROM_PRODUCT_UEFI,
		.device = device,
		.major = version->major,
		.minor = version->minor,
		.subminor = version->subminor,
		.cpu = CX_ROM_CPU_AMD64,
		.protocol = CX_ROM_PROTOCOL_NONE,
	};
	uint8_t *image, *pcir;

	size = (size + CX_ROM_BLOCK - 1) / CX_ROM_BLOCK * CX_ROM_BLOCK;
	if (buffer_add_zeros(out, size))
		return fail(why, -ENOMEM, "no memory");
	image = out->data + start;
	put_le16(image, CX_ROM_SIGNATURE);
	put_le16(image + CX_ROM_BLOCKS, size / CX_ROM_BLOCK);
	put_le32(image + 4, EFI_SIGNATURE);
	put_le16(image + 8, EFI_SUBSYSTEM_BOOT_DRIVER);
	put_le16(image + 10, EFI_MACHINE_X64);
	put_le16(image + CX_ROM_EFI_PROGRAM, EFI_PROGRAM);
	put_le16(image + CX_ROM_PCIR, STUB_PCIR);
	pcir = image + STUB_PCIR;
	memcpy(pcir, CX_PCIR_MAGIC, CX_PCIR_MAGIC_SIZE);
	put_ids(pcir, device);
	put_le16(pcir + CX_PCIR_LENGTH, CX_PCIR_SIZE);
	pcir[CX_PCIR_REVISION] = CX_PCIR_REVISION_3;
	pcir[CX_PCIR_CLASS + 2] = CX_PCI_CLASS_ETHERNET >> 16;
	put_le16(pcir + CX_PCIR_BLOCKS, size / CX_ROM_BLOCK);
	pcir[CX_PCIR_CODE_TYPE] = CX_ROM_CODE_EFI;
	rom_trailer_write(image + EFI_TRAILER, &trailer);
	memcpy(image + EFI_PROGRAM, embedded_driver, program);
	return forget_time(image + EFI_PROGRAM, program, why);
}
