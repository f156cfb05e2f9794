// SPDX-License-Identifier: GPL-2.0-only
/*
 * The overlay for the initrd. A kernel asks for its initrd by the protocol
 * LoadFile2 on a device path of its own, and iPXE, GRUB and others answer
 * (docs/hardware/expansion-rom.md, R14). We are told when that protocol is
 * installed anywhere, and answer in their place: their initrd, then the overlay.
 */
#include "rom/lib/overlay_start.h"
#include "rom/uefi/driver.h"

#define ANSWERS_MAX 8

static EFI_GUID load_file2_guid = { 0x4006c0c1,
				    0xfcb3,
				    0x403e,
				    { 0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, 0xe0,
				      0x6d } };
static const EFI_GUID initrd_guid = { 0x5568e427,
				      0x68fc,
				      0x4f3d,
				      { 0xac, 0x74, 0xca, 0x55, 0x52, 0x31,
					0xcc, 0x68 } };

static uint8_t *overlay;
static UINTN overlay_size;
static EFI_EVENT event;
static void *registration;

/* Whoever answers for an initrd, and how before we came between */
static struct answer {
	EFI_LOAD_FILE_INTERFACE *by;
	EFI_LOAD_FILE load;
} answers[ANSWERS_MAX];

static EFI_LOAD_FILE load_of(const EFI_LOAD_FILE_INTERFACE *by)
{
	for (unsigned int i = 0; i < ANSWERS_MAX; i++)
		if (answers[i].by == by)
			return answers[i].load;
	return NULL;
}

static EFI_STATUS EFIAPI load_joined(EFI_LOAD_FILE_INTERFACE *this,
				     EFI_DEVICE_PATH *path, BOOLEAN boot_policy,
				     UINTN *size, void *buffer)
{
	EFI_LOAD_FILE load = load_of(this);
	UINTN room = buffer ? *size : 0, initrd = 0, start;
	EFI_STATUS status;

	if (!load)
		return EFI_NOT_FOUND;
	if (!overlay)
		return load(this, path, boot_policy, size, buffer);
	status = load(this, path, boot_policy, &initrd, NULL);
	/* There is none, or there is an error. */
	if (status != EFI_BUFFER_TOO_SMALL) {
		*size = initrd;
		return status;
	}
	start = overlay_start(initrd);
	*size = start + overlay_size;
	if (room < *size)
		return EFI_BUFFER_TOO_SMALL;
	status = load(this, path, boot_policy, &initrd, buffer);
	if (status)
		return status;
	boot->SetMem((uint8_t *)buffer + initrd, start - initrd, 0);
	boot->CopyMem((uint8_t *)buffer + start, overlay, overlay_size);
	say(L"overlay added to the initrd");
	return EFI_SUCCESS;
}

static BOOLEAN is_for_initrd(EFI_HANDLE handle)
{
	const VENDOR_DEVICE_PATH *vendor;
	EFI_DEVICE_PATH *path;
	const uint64_t *guid, *wanted = (const uint64_t *)&initrd_guid;

	if (boot->HandleProtocol(handle, &device_path_guid, (void **)&path) ||
	    DevicePathType(path) != MEDIA_DEVICE_PATH ||
	    DevicePathSubType(path) != MEDIA_VENDOR_DP ||
	    DevicePathNodeLength(path) != sizeof(*vendor))
		return FALSE;
	vendor = (const VENDOR_DEVICE_PATH *)path;
	guid = (const uint64_t *)&vendor->Guid;
	return guid[0] == wanted[0] && guid[1] == wanted[1];
}

static void answer_in_place_of(EFI_LOAD_FILE_INTERFACE *by)
{
	struct answer *answer = NULL;

	if (by->LoadFile == load_joined)
		return;
	for (unsigned int i = 0; i < ANSWERS_MAX; i++)
		if (answers[i].by == by || (!answers[i].by && !answer))
			answer = &answers[i];
	if (!answer) {
		say(L"overlay not added to the initrd: too many boot loaders");
		return;
	}
	*answer = (struct answer){ by, by->LoadFile };
	by->LoadFile = load_joined;
}

static void EFIAPI installed(EFI_EVENT ignored, void *context)
{
	EFI_LOAD_FILE_INTERFACE *by;
	EFI_HANDLE handle;
	UINTN size = sizeof(handle);

	(void)ignored;
	(void)context;
	while (!boot->LocateHandle(ByRegisterNotify, NULL, registration, &size,
				   &handle)) {
		if (is_for_initrd(handle) &&
		    !boot->HandleProtocol(handle, &load_file2_guid,
					  (void **)&by))
			answer_in_place_of(by);
		size = sizeof(handle);
	}
}

BOOLEAN overlay_watch(const uint8_t *image, const struct payload_part *part)
{
	if (!part)
		return TRUE;
	overlay = unpack(image, part,
			 L"the ROM's overlay is damaged; next boot device");
	if (!overlay)
		return FALSE;
	overlay_size = part->unpacked;
	/* Boot loaders may run at the level below. */
	if (boot->CreateEvent(EVT_NOTIFY_SIGNAL, TPL_NOTIFY, installed, NULL,
			      &event))
		event = NULL;
	else if (!boot->RegisterProtocolNotify(&load_file2_guid, event,
					       &registration))
		return TRUE;
	overlay_watch_end();
	say(L"too little memory; next boot device");
	return FALSE;
}

void overlay_watch_end(void)
{
	if (!overlay)
		return;
	if (event)
		boot->CloseEvent(event);
	event = NULL;
	boot->FreePool(overlay);
	overlay = NULL;
}
