/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first image of the ROM, for a PC BIOS, and the low memory that it works
 * in. Included by assembly too: no casts here.
 */
#ifndef ROM_STUB_LAYOUT_H
#define ROM_STUB_LAYOUT_H

#define STUB_SIZE 8192

/* What mkrom fills in, as offsets in the image */
#define STUB_PCIR 0x1c
#define STUB_PNP 0x40
#define STUB_TRAILER 0x60
#define STUB_TRAILER_SIZE 20
#define STUB_PRODUCT 0x78 /* text, with its NUL */
#define STUB_PRODUCT_SIZE 32
#define STUB_MAKER 0x98
#define STUB_MAKER_SIZE 32

/* Bus, device and function as init was told: 16 bits; 0xffff if it was not */
#define STUB_ADDRESS 0xb8

/*
 * Where the stub copies itself to, for the image in the option ROM area cannot
 * be written to; its variables; its stack. The kernel's setup part is below.
 */
#define SETUP_BASE 0x10000
#define STUB_BASE 0x20000
#define STUB_DATA 0x22000
#define STUB_DATA_SIZE 0x2000
#define STUB_STACK 0x30000
#define KERNEL_BASE 0x100000

#define E820_AT 0x22000
#define E820_ENTRY 24
#define E820_MAX 64

#endif
