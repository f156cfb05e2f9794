// SPDX-License-Identifier: GPL-2.0-only
/* A program that a lease names: it shows the number of the key that it gets. */
#include <efi.h>

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
	CHAR16 said[] = L"e2e: key 00\r\n";
	EFI_INPUT_KEY key;
	UINTN which;

	(void)image;
	table->ConOut->OutputString(table->ConOut,
				    (CHAR16 *)L"\r\ne2e: waiting\r\n");
	do
		table->BootServices->WaitForEvent(1, &table->ConIn->WaitForKey,
						  &which);
	while (table->ConIn->ReadKeyStroke(table->ConIn, &key));
	said[9] = L"0123456789abcdef"[key.UnicodeChar >> 4 & 15];
	said[10] = L"0123456789abcdef"[key.UnicodeChar & 15];
	table->ConOut->OutputString(table->ConOut, said);
	for (;;)
		table->BootServices->Stall(1000000);
}
