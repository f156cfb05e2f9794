/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The flash: format of the firmware image ("FS2"), trailer of an expansion
 * ROM, the SPI gateway and the commands of the chip behind it
 * (docs/hardware/flash.md). All words of an image are big-endian, those of a
 * ROM's trailer little-endian.
 */
#ifndef CONNECTX_FLASH_H
#define CONNECTX_FLASH_H

#include "connectx/field.h"

/* --- the image: header (F4.1) --- */

#define CX_FS2_MAGIC_DWORDS 4
#define CX_FS2_MAGIC_0 0x4d544657 /* "MTFW" */
#define CX_FS2_MAGIC_1 0x8cdfd000
#define CX_FS2_MAGIC_2 0xdead9270
#define CX_FS2_MAGIC_3 0x4154beef
#define CX_FS2_MAGIC_SIZE (CX_FS2_MAGIC_DWORDS * 4)

#define CX_FS2_HEADER_FIELDS(F)                   \
	F(FS2_HEADER, CHIP_REVISION, 0x20, 24, 8) \
	F(FS2_HEADER, CRC, 0x20, 0, 16)           \
	F(FS2_HEADER, FORMAT, 0x24, 24, 8)        \
	F(FS2_HEADER, FAILSAFE_SUM, 0x28, 24, 8)  \
	F(FS2_HEADER, FAILSAFE, 0x28, 3, 1)       \
	F(FS2_HEADER, LOG_CHUNK, 0x28, 0, 3)      \
	F(FS2_HEADER, INFO_SUM, 0x2c, 24, 8)      \
	F(FS2_HEADER, INFO, 0x2c, 0, 24)          \
	F(FS2_HEADER, IMAGE_SIZE, 0x30, 0, 32)    \
	F(FS2_HEADER, GUID, 0x34, 0, 32)
enum { CX_FS2_HEADER_FIELDS(CX_FIELD_CONSTANT) };

#define CX_FS2_CHUNK_SHIFT_LEAST 16 /* what LOG_CHUNK counts from */
#define CX_FS2_FORMAT_FS3 3 /* another format altogether */
#define CX_FS2_HEADER_SIZE 0x38

/* Places of a flash where an image may begin (F5) */
#define CX_FS2_PLACES(X) \
	X(0) X(0x10000) X(0x20000) X(0x40000) X(0x80000) X(0x100000)

/* --- BOOT2, behind the header (F4.2) --- */

#define CX_FS2_BOOT2 CX_FS2_HEADER_SIZE
#define CX_FS2_BOOT2_DWORDS 0x04 /* where its length is, less 4 */
#define CX_FS2_BOOT2_LEAST 4
#define CX_FS2_BOOT2_MOST 1048576
#define CX_FS2_BOOT2_EXTRA 4

/* --- sections (F4.3) --- */

#define CX_FS2_SECTION_FIELDS(F)               \
	F(FS2_SECTION, TYPE, 0x00, 0, 32)      \
	F(FS2_SECTION, SIZE, 0x04, 0, 32)      \
	F(FS2_SECTION, PARAMETER, 0x08, 0, 32) \
	F(FS2_SECTION, NEXT, 0x0c, 0, 32)
enum { CX_FS2_SECTION_FIELDS(CX_FIELD_CONSTANT) };

#define CX_FS2_SECTION_HEADER 0x10
#define CX_FS2_SECTION_CRC 4
#define CX_FS2_SECTION_MOST (4 << 20)
#define CX_FS2_NEXT_NONE 0xff000000
#define CX_FS2_BLANK_CRC 0xffff /* GUIDs that nobody has set yet */

/* X(type, NAME, what it is called) */
#define CX_FS2_SECTIONS(X)                         \
	X(1, DDR, "DDR")                           \
	X(2, CONFIGURATION, "Configuration")       \
	X(3, JUMP_ADDRESSES, "Jump addresses")     \
	X(4, EMT, "EMT service")                   \
	X(5, ROM, "ROM")                           \
	X(6, GUID, "GUID")                         \
	X(7, BOARD_ID, "Board ID")                 \
	X(8, USER_DATA, "User data")               \
	X(9, FW_CONFIGURATION, "FW configuration") \
	X(10, INFO, "Image info")                  \
	X(11, DDRZ, "DDRZ")                        \
	X(12, HASH, "Hash file")
#define CX_FS2_SECTION_CONSTANT(type, name, text) CX_FS2_##name = type,
enum cx_fs2_section_type { CX_FS2_SECTIONS(CX_FS2_SECTION_CONSTANT) };

/* GUID data: six 64-bit values */
#define CX_FS2_GUID_NODE 0x00
#define CX_FS2_GUID_PORT1 0x08
#define CX_FS2_GUID_PORT2 0x10
#define CX_FS2_GUID_SYSTEM 0x18
#define CX_FS2_GUID_MAC1 0x20
#define CX_FS2_GUID_MAC2 0x28
#define CX_FS2_GUID_SIZE 0x30

/* --- tags of the image info (F4.4) --- */

#define CX_FS2_TAG_FIELDS(F)          \
	F(FS2_TAG, TYPE, 0x00, 24, 8) \
	F(FS2_TAG, LENGTH, 0x00, 0, 24)
enum { CX_FS2_TAG_FIELDS(CX_FIELD_CONSTANT) };

enum cx_fs2_tag_type {
	CX_FS2_TAG_FORMAT = 0,
	CX_FS2_TAG_FW_VERSION = 1,
	CX_FS2_TAG_BUILD_TIME = 2,
	CX_FS2_TAG_DEVICE_TYPE = 3,
	CX_FS2_TAG_PSID = 4,
	CX_FS2_TAG_VSD = 5,
	CX_FS2_TAG_PRODUCT_VERSION = 7,
	CX_FS2_TAG_VSD_VENDOR = 8,
	CX_FS2_TAG_GA = 9,
	CX_FS2_TAG_HW_IDS = 10,
	CX_FS2_TAG_MIC_VERSION = 11, /* turns the CRC of the image on */
	CX_FS2_TAG_CONFIG_AREA = 19,
	CX_FS2_TAG_PRS_NAME = 20,
	CX_FS2_TAG_END = 0xff,
};

#define CX_FS2_VERSION_FIELDS(F)            \
	F(FS2_VERSION, MAJOR, 0x00, 16, 16) \
	F(FS2_VERSION, MINOR, 0x04, 16, 16) \
	F(FS2_VERSION, SUBMINOR, 0x04, 0, 16)
enum { CX_FS2_VERSION_FIELDS(CX_FIELD_CONSTANT) };
#define CX_FS2_VERSION_SIZE 8
#define CX_FS2_DATE_FIELDS(F)           \
	F(FS2_DATE, YEAR, 0x04, 16, 16) \
	F(FS2_DATE, MONTH, 0x04, 8, 8)  \
	F(FS2_DATE, DAY, 0x04, 0, 8)
enum { CX_FS2_DATE_FIELDS(CX_FIELD_CONSTANT) };
#define CX_FS2_DATE_SIZE 8
#define CX_FS2_PSID_SIZE 16
#define CX_FS2_VSD_SIZE 208

/* CRC16 over words, most significant bit first (F4.5) */
#define CX_FS2_CRC_POLYNOMIAL 0x100b
#define CX_FS2_CRC_START 0xffff

/* Firmware before this takes no ROM if its flash has none (F2) */
#define CX_FS2_ROM_FW_MAJOR 2
#define CX_FS2_ROM_FW_MINOR 6
#define CX_FS2_ROM_FW_SUBMINOR 1410
/* The most that the end of a flash holds besides images (F5) */
#define CX_FLASH_CONFIG_AREA_MOST 0x10000

/* --- an expansion ROM's trailer (F3), little-endian --- */

#define CX_ROM_TRAILER_MAGIC "mlxsign:"
#define CX_ROM_TRAILER_MAGIC_SIZE 8
#define CX_ROM_TRAILER_SIZE 20
/* Fields as of a big-endian structure whose dwords were swapped */
#define CX_ROM_TRAILER_FIELDS(F)              \
	F(ROM_TRAILER, PRODUCT, 0x00, 16, 16) \
	F(ROM_TRAILER, MAJOR, 0x00, 0, 8)     \
	F(ROM_TRAILER, MINOR, 0x04, 16, 8)    \
	F(ROM_TRAILER, SUBMINOR, 0x04, 0, 16) \
	F(ROM_TRAILER, DEVICE, 0x08, 16, 16)  \
	F(ROM_TRAILER, PORT, 0x08, 12, 4)     \
	F(ROM_TRAILER, CPU, 0x08, 8, 4)       \
	F(ROM_TRAILER, PROTOCOL, 0x08, 0, 8)
enum { CX_ROM_TRAILER_FIELDS(CX_FIELD_CONSTANT) };
#define CX_ROM_TRAILERS_MOST 5

/* X(product, NAME, text) */
#define CX_ROM_PRODUCTS(X)    \
	X(0x10, PXE, "PXE")   \
	X(0x11, UEFI, "UEFI") \
	X(0x12, CLP, "CLP")   \
	X(0x13, NVME, "NVMe") \
	X(0x21, FCODE, "FCODE")
#define CX_ROM_PRODUCT_CONSTANT(product, name, text) \
	CX_ROM_PRODUCT_##name = product,
enum cx_rom_product { CX_ROM_PRODUCTS(CX_ROM_PRODUCT_CONSTANT) };
/* X(cpu, NAME, text) */
#define CX_ROM_CPUS(X)                       \
	X(1, AMD64, "AMD64")                 \
	X(2, AARCH64, "AARCH64")             \
	X(3, AMD64_AARCH64, "AMD64,AARCH64") \
	X(4, IA32, "IA32")
#define CX_ROM_CPU_CONSTANT(cpu, name, text) CX_ROM_CPU_##name = cpu,
enum cx_rom_cpu { CX_ROM_CPU_ANY = 0, CX_ROM_CPUS(CX_ROM_CPU_CONSTANT) };
/* X(protocol, NAME, text) */
#define CX_ROM_PROTOCOLS(X) \
	X(0, IB, "IB")      \
	X(1, ETH, "ETH")    \
	X(2, VPI, "VPI")
#define CX_ROM_PROTOCOL_CONSTANT(protocol, name, text) \
	CX_ROM_PROTOCOL_##name = protocol,
#define CX_ROM_PROTOCOL_NONE 0xff /* not printed */
enum cx_rom_protocol { CX_ROM_PROTOCOLS(CX_ROM_PROTOCOL_CONSTANT) };

/* --- registers of the flash in BAR0 (F6.2) --- */

#define CX_REG_BOOT_ADDRESS 0xf0000
#define CX_BOOT_ADDRESS_SHIFT 8
#define CX_REG_FLASH_COMMAND 0xf0400
#define CX_REG_FLASH_ADDRESS 0xf0404
#define CX_FLASH_ADDRESS_MASK 0xffffff
#define CX_REG_FLASH_DATA 0xf0410
#define CX_FLASH_DATA_DWORDS 4
#define CX_FLASH_DATA_SIZE (CX_FLASH_DATA_DWORDS * 4)
/* First ConnectX, through BAR0: write 0 and wait for 0 */
#define CX_REG_FLASH_ENABLE_A0 0xf0380
/* Above this in that word, no firmware runs */
#define CX_REG_NO_FIRMWARE 0x41270
#define CX_NO_FIRMWARE_ABOVE 0xfff00000
/* What firmware runs: CX_FS2_VERSION_*, then time and date */
#define CX_REG_RUNNING_VERSION 0x1f064
#define CX_RUNNING_VERSION_DWORDS 4
/* What a card answers that does not give its registers */
#define CX_CR_LOCKED 0xbad0cafe
#define CX_CR_BAD 0xbadacce5

#define CX_FLASH_COMMAND_FIELDS(F)                \
	F(FLASH_COMMAND, BUSY, 0x00, 30, 1)       \
	F(FLASH_COMMAND, SPI_OPCODE, 0x00, 16, 8) \
	F(FLASH_COMMAND, ENABLE, 0x00, 13, 1)     \
	F(FLASH_COMMAND, CHIP, 0x00, 11, 1)       \
	F(FLASH_COMMAND, LOG_BYTES, 0x00, 8, 3)   \
	F(FLASH_COMMAND, HOLD, 0x00, 5, 1)        \
	F(FLASH_COMMAND, DATA, 0x00, 4, 1)        \
	F(FLASH_COMMAND, ADDRESS, 0x00, 3, 1)     \
	F(FLASH_COMMAND, OPCODE, 0x00, 2, 1)      \
	F(FLASH_COMMAND, READ, 0x00, 0, 1)
enum { CX_FLASH_COMMAND_FIELDS(CX_FIELD_CONSTANT) };

/* --- the SPI chip (F6.3, F6.4) --- */

enum cx_spi_opcode {
	CX_SPI_WRITE_STATUS = 0x01,
	CX_SPI_PROGRAM = 0x02,
	CX_SPI_READ = 0x03,
	CX_SPI_WRITE_DISABLE = 0x04,
	CX_SPI_READ_STATUS = 0x05,
	CX_SPI_WRITE_ENABLE = 0x06,
	CX_SPI_ERASE_4K = 0x20,
	CX_SPI_JEDEC_ID = 0x9f,
	CX_SPI_RELEASE = 0xab,
	CX_SPI_ERASE_64K = 0xd8,
};
#define CX_SPI_STATUS_BUSY 0x01
#define CX_SPI_STATUS_WRITE_ENABLED 0x02
#define CX_SPI_PAGE 256
#define CX_SPI_SECTOR 0x10000
#define CX_SPI_SUBSECTOR 0x1000
/* Byte 2 of the JEDEC id: log2 of the size */
#define CX_SPI_LOG_SIZE_LEAST 0x10
#define CX_SPI_LOG_SIZE_MOST 0x18
#define CX_SPI_VENDOR_ST 0x20
#define CX_SPI_TYPE_M25PX 0x71

#endif
