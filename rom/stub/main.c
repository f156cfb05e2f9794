// SPDX-License-Identifier: GPL-2.0-only
/*
 * The 32-bit part of the BIOS stub: reads the payload out of the adapter's ROM
 * and puts it where its 16-bit entry wants it.
 */
#include "rom/stub/stub.h"

const char *stub_main(void);

/* NULL if the payload can be entered, or what the user is to read. */
const char *stub_main(void)
{
	struct rom_window window;
	struct payload_table table;
	const uint8_t *image;
	const char *why;

	if (!rom_open(&window))
		return message("the adapter's ROM has no address");
	image = payload_find(window.base, window.size, &table, &why);
	if (image)
		why = load(&window, image, &table);
	rom_close(&window);
	return image && !why ? NULL : message(why);
}
