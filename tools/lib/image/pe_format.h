/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the fields of a PE file are (Microsoft's "PE Format"), for pe.c and
 * pe_write.c. Offsets count from the begin of each structure.
 */
#ifndef TOOLS_LIB_PE_FORMAT_H
#define TOOLS_LIB_PE_FORMAT_H

#define DOS_SIZE 64
#define DOS_PE_OFFSET 0x3c
#define DOS_PE_SIGNATURE 4 /* bytes of "PE\0\0", before the COFF header */

#define COFF_SIZE 20
#define COFF_SECTIONS 2
#define COFF_TIME 4
#define COFF_SYMBOLS 8 /* a place in the file */
#define COFF_OPTIONAL_SIZE 16

#define MAGIC_32 0x10b
#define MAGIC_64 0x20b
#define OPTIONAL_SECTION_ALIGNMENT 32
#define OPTIONAL_FILE_ALIGNMENT 36
#define OPTIONAL_IMAGE_SIZE 56
#define OPTIONAL_HEADERS_SIZE 60
#define OPTIONAL_CHECKSUM 64
#define OPTIONAL_MIN 96
#define DIRECTORIES_32 96
#define DIRECTORIES_64 112
#define DIRECTORY_CERTIFICATES 4

#define SECTION_SIZE 40
#define SECTION_NAME 8
#define SECTION_MEMORY 8
#define SECTION_ADDRESS 12
#define SECTION_ROOM 16
#define SECTION_OFFSET 20
#define SECTION_RELOCATIONS 24 /* a place in the file, as the next */
#define SECTION_LINES 28

#define ALIGNMENT_MAX (1U << 20)

#endif
