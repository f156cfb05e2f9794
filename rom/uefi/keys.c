// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ctrl-B while iPXE is busy. iPXE looks for Ctrl-B at its prompt alone, but ends
 * whatever it waits for (a link, a lease, a file) at Ctrl-C: so the first Ctrl-B is
 * handed to it as Ctrl-C, and our script goes to the command line then
 * (docs/hardware/expansion-rom.md, R16).
 */
#include "rom/uefi/driver.h"

#define CTRL_B 0x02
#define CTRL_C 0x03
#define CONTROL_PRESSED (EFI_LEFT_CONTROL_PRESSED | EFI_RIGHT_CONTROL_PRESSED)

static EFI_GUID input_ex_guid = EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL_GUID;

/*
 * The console's two ways to a key, and what was in their structures before: NULL
 * unless our functions are in there, or below another's that came after us.
 */
static SIMPLE_INPUT_INTERFACE *input;
static EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL *input_ex;
static EFI_INPUT_READ_KEY read_key;
static EFI_INPUT_READ_KEY_EX read_key_ex;
/* Neither Ctrl-B nor Ctrl-C was seen yet, and no program was loaded. */
static BOOLEAN watching;
static EFI_EVENT event;
static void *registration;

static EFI_STATUS EFIAPI read_key_watched(SIMPLE_INPUT_INTERFACE *this,
					  EFI_INPUT_KEY *key)
{
	EFI_STATUS status = read_key(this, key);

	if (!status && watching &&
	    (key->UnicodeChar == CTRL_B || key->UnicodeChar == CTRL_C)) {
		key->UnicodeChar = CTRL_C;
		watching = FALSE;
	}
	return status;
}

/* Firmware gives Ctrl-B as the letter with a state of the keyboard, or as 2. */
static BOOLEAN is_control(const EFI_KEY_DATA *data, CHAR16 letter)
{
	CHAR16 key = data->Key.UnicodeChar;

	return key == (letter & 0x1f) ||
	       ((key | 0x20) == letter &&
		data->KeyState.KeyShiftState & CONTROL_PRESSED);
}

static EFI_STATUS EFIAPI
read_key_ex_watched(EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL *this, EFI_KEY_DATA *data)
{
	EFI_STATUS status = read_key_ex(this, data);

	if (!status && watching &&
	    (is_control(data, L'b') || is_control(data, L'c'))) {
		/* B is 2, and C is 3, as a letter and as a code of control. */
		data->Key.UnicodeChar |= 1;
		watching = FALSE;
	}
	return status;
}

/* What was loaded has keys of its own. */
static void EFIAPI loaded(EFI_EVENT ignored, void *context)
{
	(void)ignored;
	(void)context;
	watching = FALSE;
}

BOOLEAN keys_watch(const EFI_SYSTEM_TABLE *table)
{
	input = table->ConIn;
	if (!input)
		return FALSE;
	if (boot->HandleProtocol(table->ConsoleInHandle, &input_ex_guid,
				 (void **)&input_ex))
		input_ex = NULL;
	if (!read_key) {
		read_key = input->ReadKeyStroke;
		input->ReadKeyStroke = read_key_watched;
	}
	if (input_ex && !read_key_ex) {
		read_key_ex = input_ex->ReadKeyStrokeEx;
		input_ex->ReadKeyStrokeEx = read_key_ex_watched;
	}
	watching = TRUE;
	return TRUE;
}

void keys_watch_until_load(void)
{
	if (!watching)
		return;
	if (boot->CreateEvent(EVT_NOTIFY_SIGNAL, TPL_NOTIFY, loaded, NULL,
			      &event))
		event = NULL;
	else
		boot->RegisterProtocolNotify(&loaded_image_guid, event,
					     &registration);
}

void keys_watch_end(void)
{
	watching = FALSE;
	if (event)
		boot->CloseEvent(event);
	event = NULL;
	/* Who came between after us goes on to call us, who change nothing. */
	if (input && input->ReadKeyStroke == read_key_watched) {
		input->ReadKeyStroke = read_key;
		read_key = NULL;
	}
	if (input_ex && input_ex->ReadKeyStrokeEx == read_key_ex_watched) {
		input_ex->ReadKeyStrokeEx = read_key_ex;
		read_key_ex = NULL;
	}
}
