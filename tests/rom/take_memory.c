// SPDX-License-Identifier: GPL-2.0-only
/*
 * A boot program for UEFI that leaves no room for the ROM's payload: pages that a
 * program has allocated stay allocated when it has failed, and the firmware goes on
 * with its next boot device.
 */
#include <efi.h>

/* Less than the payload unpacked, enough for a small program from a disk */
#define RUN_PAGES 200

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
	EFI_PHYSICAL_ADDRESS at;

	(void)image;
	while (!table->BootServices->AllocatePages(
		AllocateAnyPages, EfiBootServicesData, RUN_PAGES, &at))
		;
	table->ConOut->OutputString(table->ConOut,
				    (CHAR16 *)L"\r\ne2e: no memory left\r\n");
	return EFI_NOT_FOUND;
}
