// SPDX-License-Identifier: GPL-2.0-only
/* What a disk for UEFI boots: it says so, and stays. */
#include <efi.h>

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
	(void)image;
	table->ConOut->OutputString(
		table->ConOut, (CHAR16 *)L"\r\ne2e: booted from the disk\r\n");
	for (;;)
		table->BootServices->Stall(1000000);
}
