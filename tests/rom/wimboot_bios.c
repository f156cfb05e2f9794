// SPDX-License-Identifier: GPL-2.0-only
/*
 * The 32-bit part of the stand-in for a BIOS. The files are a newc archive
 * where a kernel's initrd is, which iPXE makes of what it was told to load:
 * zeroes between them, no end mark.
 */
#include "rom/lib/crc32.h"
#include "tests/rom/wimboot.h"
#include "tools/lib/base/linux_setup.h"

#define SERIAL_PORT 0x3f8
#define SERIAL_STATUS (SERIAL_PORT + 5)
#define SERIAL_EMPTY 0x20

#define NEWC_HEAD 110
#define NEWC_SIZE 54
#define NEWC_NAME_SIZE 94

static uint8_t in(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void put_char(char letter)
{
	while (!(in(SERIAL_STATUS)&SERIAL_EMPTY))
		;
	__asm__ volatile("outb %0, %1"
			 :
			 : "a"(letter), "Nd"((uint16_t)SERIAL_PORT));
}

static void put(const char *text)
{
	while (*text)
		put_char(*text++);
}

static void put_hex(uint32_t value)
{
	for (int digit = 7; digit >= 0; digit--)
		put_char(hex_digit(value, digit));
}

/* A number of eight hexadecimal digits, in capitals or not */
static uint32_t number(const char *digits)
{
	uint32_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 4 | (digits[i] > '9' ? (digits[i] & 7) + 9 :
							digits[i] & 15);
	return value;
}

static const char *round_up(const char *at)
{
	return (const char *)(((uintptr_t)at + 3) & ~(uintptr_t)3);
}

static int is_head(const char *at)
{
	static const char magic[] = "070701";

	for (int i = 0; magic[i]; i++)
		if (at[i] != magic[i])
			return 0;
	return 1;
}

void show_files(const char *setup);

void show_files(const char *setup)
{
	const char *at = *(const char *const *)(setup + SETUP_RAMDISK);
	const char *end = at + *(const uint32_t *)(setup + SETUP_RAMDISK_SIZE);

	put("\r\n");
	while (at + NEWC_HEAD < end && is_head(at)) {
		const char *name = at + NEWC_HEAD;
		const char *data = round_up(name + number(at + NEWC_NAME_SIZE));
		uint32_t size = number(at + NEWC_SIZE);

		put(FILE_BEGINS);
		put(name);
		put(SIZE_BEGINS);
		put_hex(size);
		put(CRC_BEGINS);
		put_hex(rom_crc32(0, data, size));
		put("\r\n");
		at = round_up(data + size);
		while (at < end && !*at)
			at += 4;
	}
	put(FILES_END "\r\n");
}
