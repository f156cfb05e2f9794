// SPDX-License-Identifier: GPL-2.0-only
/*
 * The UEFI part of the ROM: a driver that offers the adapter as a boot device
 * and starts the payload, which is in the same ROM, when it is chosen
 * (docs/hardware/expansion-rom.md). It drives no hardware itself.
 */
#include "rom/lib/crc32.h"
#include "rom/lib/lzma_decode.h"
#include "rom/uefi/driver.h"

#include <efipciio.h>

#define WIDE_(text) L##text
#define WIDE(text) WIDE_(text)
#define PRODUCT L"MLNX NIC " WIDE(CONNECTX_EN_VERSION)
#define FIRST_LINES_MAX 128

EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static EFI_GUID pci_io_guid = EFI_PCI_IO_PROTOCOL_GUID;
static EFI_GUID load_file_guid = EFI_LOAD_FILE_PROTOCOL_GUID;

static EFI_SYSTEM_TABLE *system_table;
EFI_BOOT_SERVICES *boot;
static EFI_HANDLE driver;
static EFI_PCI_IO_PROTOCOL *adapter;
static EFI_DEVICE_PATH *adapter_path;

void say(const CHAR16 *text)
{
	if (!system_table->ConOut)
		return;
	system_table->ConOut->OutputString(system_table->ConOut,
					   (CHAR16 *)PRODUCT L": ");
	system_table->ConOut->OutputString(system_table->ConOut,
					   (CHAR16 *)text);
	system_table->ConOut->OutputString(system_table->ConOut,
					   (CHAR16 *)L"\r\n");
}

static void *allocate(UINTN size)
{
	void *memory;

	if (boot->AllocatePool(EfiBootServicesData, size, &memory))
		return NULL;
	return memory;
}

void *unpack(const uint8_t *image, const struct payload_part *part,
	     const CHAR16 *damaged)
{
	const uint8_t *packed = image + part->offset;
	struct lzma_work *work;
	uint8_t *out;
	int err;

	if (rom_crc32(0, packed, part->size) != part->crc) {
		say(damaged);
		return NULL;
	}
	work = allocate(lzma_work_size());
	out = allocate(part->unpacked);
	if (!work || !out) {
		say(L"too little memory; next boot device");
		if (work)
			boot->FreePool(work);
		if (out)
			boot->FreePool(out);
		return NULL;
	}
	err = lzma_decode(work, packed, part->size, out, part->unpacked);
	boot->FreePool(work);
	if (!err)
		return out;
	boot->FreePool(out);
	say(damaged);
	return NULL;
}

static CHAR16 *put(CHAR16 *at, const char *text)
{
	while (*text)
		*at++ = *text++;
	return at;
}

static CHAR16 *put_hex(CHAR16 *at, UINTN value)
{
	unsigned int shift = 60;

	while (shift && !(value >> shift))
		shift -= 4;
	for (;; shift -= 4) {
		*at++ = "0123456789abcdef"[value >> shift & 15];
		if (!shift)
			return at;
	}
}

/* Whether one of the lines of the ROM's settings begins like this. */
static BOOLEAN is_set(const uint8_t *image, const struct payload_table *table,
		      const char *line)
{
	const struct payload_part *part = payload_part(table, PAYLOAD_SETTINGS);
	const uint8_t *text;
	uint32_t at = 0, same;

	if (!part)
		return FALSE;
	text = image + part->offset;
	while (at < part->size) {
		for (same = 0; line[same] && at + same < part->size &&
			       text[at + same] == (uint8_t)line[same];
		     same++)
			;
		if (!line[same])
			return TRUE;
		while (at < part->size && text[at++] != '\n')
			;
	}
	return FALSE;
}

/*
 * What the payload gets as its options: a word that it drops, then the script,
 * which is told if Ctrl-B comes as Ctrl-C (@watched). NULL with the reason on the
 * screen; *@size is in bytes.
 */
static CHAR16 *make_script(const uint8_t *image,
			   const struct payload_table *table, BOOLEAN watched,
			   UINTN *size)
{
	UINTN segment, bus, device, function, room = FIRST_LINES_MAX;
	CHAR16 *script, *at;

	for (uint32_t i = 0; i < table->count; i++)
		if (payload_is_script(&table->parts[i]))
			room += table->parts[i].size;
	script = allocate(room * sizeof(*script));
	if (!script ||
	    adapter->GetLocation(adapter, &segment, &bus, &device, &function)) {
		say(L"too little memory; next boot device");
		return NULL;
	}
	at = put(script, "rom #!ipxe\nset rom-bdf 0x");
	at = put_hex(at, segment << 16 | bus << 8 | device << 3 | function);
	at = put(at, "\nset rom-firmware uefi\n");
	if (watched)
		at = put(at, "set rom-key 0x03\n");
	for (uint32_t i = 0; i < table->count; i++) {
		const struct payload_part *part = &table->parts[i];
		const uint8_t *text = image + part->offset;

		if (!payload_is_script(part))
			continue;
		if (rom_crc32(0, text, part->size) != part->crc) {
			say(L"the ROM's script is damaged; next boot device");
			boot->FreePool(script);
			return NULL;
		}
		for (uint32_t j = 0; j < part->size; j++)
			*at++ = text[j];
	}
	*at++ = 0;
	*size = (at - script) * sizeof(*script);
	return script;
}

static void start(void *program, UINTN size, CHAR16 *script, UINTN script_size)
{
	EFI_LOADED_IMAGE *image;
	EFI_HANDLE handle = NULL;

	/* The payload refuses to start without a path. */
	if (boot->LoadImage(FALSE, driver, adapter_path, program, size,
			    &handle)) {
		say(L"the firmware does not load the payload (Secure Boot?);"
		    L" next boot device");
		if (handle)
			boot->UnloadImage(handle);
		return;
	}
	if (!boot->HandleProtocol(handle, &loaded_image_guid,
				  (void **)&image)) {
		image->LoadOptions = script;
		image->LoadOptionsSize = script_size;
		keys_watch_until_load();
		boot->StartImage(handle, NULL, NULL);
	} else {
		boot->UnloadImage(handle);
	}
}

/*
 * The firmware boots us. Who comes back has not booted: NOT_FOUND sends the
 * firmware to its next boot device.
 */
static EFI_STATUS EFIAPI load_file(EFI_LOAD_FILE_INTERFACE *this,
				   EFI_DEVICE_PATH *path, BOOLEAN boot_policy,
				   UINTN *size, void *buffer)
{
	const struct payload_part *part;
	struct payload_table table;
	const uint8_t *image;
	UINTN script_size;
	const char *why;
	BOOLEAN watched;
	CHAR16 *script;
	void *program;

	(void)this;
	(void)path;
	(void)size;
	(void)buffer;
	if (!boot_policy)
		return EFI_UNSUPPORTED;
	image = payload_find(adapter->RomImage, adapter->RomSize, &table, &why);
	part = image ? payload_part(&table, PAYLOAD_UEFI) : NULL;
	if (!part) {
		say(L"the ROM's payload is missing, damaged or cut off; next"
		    L" boot device");
		return EFI_NOT_FOUND;
	}
	program = unpack(image, part,
			 L"the ROM's payload is damaged; next boot device");
	watched = is_set(image, &table, "set rom-window ") &&
		  !is_set(image, &table, "set rom-timeout 0\n") &&
		  keys_watch(system_table);
	script = program ? make_script(image, &table, watched, &script_size) :
			   NULL;
	if (script &&
	    overlay_watch(image, payload_part(&table, PAYLOAD_OVERLAY))) {
		start(program, part->unpacked, script, script_size);
		overlay_watch_end();
	}
	if (watched)
		keys_watch_end();
	if (script)
		boot->FreePool(script);
	if (program)
		boot->FreePool(program);
	return EFI_NOT_FOUND;
}

static EFI_LOAD_FILE_INTERFACE load_file_interface = {
	.LoadFile = load_file,
};

static UINTN path_size(const EFI_DEVICE_PATH *path)
{
	const EFI_DEVICE_PATH *node = path;

	while (!IsDevicePathEnd(node))
		node = NextDevicePathNode(node);
	return (const uint8_t *)node - (const uint8_t *)path;
}

/* The adapter's path and our name, which the boot menu shows. */
static EFI_DEVICE_PATH *make_path(const EFI_DEVICE_PATH *of_adapter)
{
	static const CHAR16 name[] = PRODUCT;
	UINTN before = path_size(of_adapter);
	UINTN node = SIZE_OF_FILEPATH_DEVICE_PATH + sizeof(name);
	uint8_t *path = allocate(before + node + END_DEVICE_PATH_LENGTH);
	FILEPATH_DEVICE_PATH *file;
	EFI_DEVICE_PATH *end;

	if (!path)
		return NULL;
	boot->CopyMem(path, (void *)of_adapter, before);
	file = (FILEPATH_DEVICE_PATH *)(path + before);
	file->Header.Type = MEDIA_DEVICE_PATH;
	file->Header.SubType = MEDIA_FILEPATH_DP;
	SetDevicePathNodeLength(&file->Header, node);
	boot->CopyMem(file->PathName, (void *)name, sizeof(name));
	end = (EFI_DEVICE_PATH *)(path + before + node);
	SetDevicePathEndNode(end);
	return (EFI_DEVICE_PATH *)path;
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
	EFI_DEVICE_PATH *path;
	EFI_LOADED_IMAGE *self;
	EFI_HANDLE entry = NULL;
	EFI_STATUS status;

	system_table = table;
	boot = table->BootServices;
	driver = image;
	status =
		boot->HandleProtocol(image, &loaded_image_guid, (void **)&self);
	if (!status)
		status = boot->HandleProtocol(self->DeviceHandle, &pci_io_guid,
					      (void **)&adapter);
	if (!status)
		status = boot->HandleProtocol(self->DeviceHandle,
					      &device_path_guid,
					      (void **)&adapter_path);
	if (status)
		return status;
	path = make_path(adapter_path);
	if (!path)
		return EFI_OUT_OF_RESOURCES;
	return boot->InstallMultipleProtocolInterfaces(
		&entry, &device_path_guid, path, &load_file_guid,
		&load_file_interface, NULL);
}
