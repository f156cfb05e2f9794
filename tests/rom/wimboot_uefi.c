// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stand-in for UEFI. iPXE shows what it has loaded as the files of the
 * volume that the program itself came from.
 */
#include "rom/lib/crc32.h"
#include "tests/rom/wimboot.h"

#include <efi.h>

static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
static EFI_SYSTEM_TABLE *system_table;
static EFI_BOOT_SERVICES *boot;

static void put(const CHAR16 *text)
{
	system_table->ConOut->OutputString(system_table->ConOut,
					   (CHAR16 *)text);
}

static void put_hex(uint32_t value)
{
	CHAR16 text[9];

	for (unsigned int i = 0; i < 8; i++)
		text[i] = hex_digit(value, 7 - i);
	text[8] = 0;
	put(text);
}

#define WIDE_(text) L##text
#define WIDE(text) WIDE_(text)

static EFI_STATUS show_file(EFI_FILE_HANDLE root, const EFI_FILE_INFO *info)
{
	UINTN size = info->FileSize;
	EFI_FILE_HANDLE file;
	EFI_STATUS status;
	void *data;

	status = root->Open(root, &file, (CHAR16 *)info->FileName,
			    EFI_FILE_MODE_READ, 0);
	if (status)
		return status;
	status = boot->AllocatePool(EfiLoaderData, size, &data);
	if (status)
		return status;
	status = file->Read(file, &size, data);
	if (status)
		return status;
	put(L"\r\n" WIDE(FILE_BEGINS));
	put(info->FileName);
	put(WIDE(SIZE_BEGINS));
	put_hex(size);
	put(WIDE(CRC_BEGINS));
	put_hex(rom_crc32(0, data, size));
	put(L"\r\n");
	file->Close(file);
	return boot->FreePool(data);
}

static EFI_STATUS show_files(EFI_HANDLE image)
{
	uint64_t room[128];
	EFI_FILE_INFO *info = (EFI_FILE_INFO *)room;
	EFI_FILE_IO_INTERFACE *volume;
	EFI_FILE_HANDLE root;
	EFI_LOADED_IMAGE *self;
	EFI_STATUS status;

	status =
		boot->HandleProtocol(image, &loaded_image_guid, (void **)&self);
	if (!status)
		status = boot->HandleProtocol(self->DeviceHandle,
					      &file_system_guid,
					      (void **)&volume);
	if (!status)
		status = volume->OpenVolume(volume, &root);
	while (!status) {
		UINTN size = sizeof(room);

		status = root->Read(root, &size, info);
		if (status || !size)
			break;
		status = show_file(root, info);
	}
	return status;
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
	EFI_STATUS status;

	system_table = table;
	boot = table->BootServices;
	status = show_files(image);
	if (status) {
		put(L"\r\ne2e: error ");
		put_hex(status);
	} else {
		put(L"\r\n" WIDE(FILES_END));
	}
	put(L"\r\n");
	for (;;)
		boot->Stall(1000000);
}
