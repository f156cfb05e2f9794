/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An expansion ROM: offsets in one of its images and in the PCIR structure that
 * the image points to (docs/hardware/expansion-rom.md, R4; PCI Firmware
 * Specification). All numbers are little-endian. The trailer for the burning
 * tools is in flash.h. Included by assembly too: nothing but numbers here.
 */
#ifndef CONNECTX_ROM_H
#define CONNECTX_ROM_H

#define CX_ROM_BLOCK 512
#define CX_ROM_SIGNATURE 0xaa55

#define CX_ROM_BLOCKS 0x02 /* what the BIOS copies and sums up, in blocks */
#define CX_ROM_SPARE 0x06 /* QEMU mends the checksum here */
#define CX_ROM_EFI_PROGRAM 0x16 /* where an EFI image's program begins */
#define CX_ROM_PCIR 0x18
#define CX_ROM_PNP 0x1a
#define CX_ROM_HEADER_LEAST 0x1a

#define CX_PCIR_MAGIC "PCIR"
#define CX_PCIR_MAGIC_SIZE 4
#define CX_PCIR_VENDOR 0x04
#define CX_PCIR_DEVICE 0x06
#define CX_PCIR_DEVICE_LIST 0x08 /* from revision 3 on */
#define CX_PCIR_LENGTH 0x0a
#define CX_PCIR_REVISION 0x0c
#define CX_PCIR_CLASS 0x0d
#define CX_PCIR_BLOCKS 0x10 /* of the whole image */
#define CX_PCIR_CODE_TYPE 0x14
#define CX_PCIR_INDICATOR 0x15
#define CX_PCIR_LAST 0x80 /* in the indicator: no image follows */
#define CX_PCIR_LEAST 0x18 /* bytes, before revision 3 */
#define CX_PCIR_SIZE 0x1c /* bytes, as of revision 3 */
#define CX_PCIR_REVISION_3 3

#define CX_ROM_CODE_BIOS 0x00
#define CX_ROM_CODE_EFI 0x03
#define CX_ROM_CODE_DATA 0xff /* nobody's: firmware skips it */

#endif
