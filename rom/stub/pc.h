/* SPDX-License-Identifier: GPL-2.0-only */
/* What every PC with a BIOS has in its place. Included by assembly too. */
#ifndef ROM_STUB_PC_H
#define ROM_STUB_PC_H

#define PAGE 4096

/* Interrupt vectors: offset and segment */
#define IVT_INT15 (0x15 * 4)
#define IVT_INT18 (0x18 * 4)

/* KiB of low memory, 16 bits of the BIOS' data */
#define BASE_MEMORY 0x413

/* INT 15h, EAX = E820h: the memory map */
#define E820_SMAP 0x534d4150
#define E820_RAM 1
#define E820_RESERVED 2

#endif
