/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MAD_IFC: management datagrams, of which Ethernet uses PortInfo and the
 * contents of a cable's memory (docs/hardware/management.md).
 */
#ifndef CONNECTX_MAD_H
#define CONNECTX_MAD_H

#include "connectx/field.h"

#define CX_MAD_SIZE 0x100
#define CX_MAD_FIELDS(F)                  \
	F(MAD, BASE_VERSION, 0x00, 24, 8) \
	F(MAD, CLASS, 0x00, 16, 8)        \
	F(MAD, CLASS_VERSION, 0x00, 8, 8) \
	F(MAD, METHOD, 0x00, 0, 8)        \
	F(MAD, STATUS, 0x04, 16, 16)      \
	F(MAD, TRANSACTION, 0x08, 0, 64)  \
	F(MAD, ATTRIBUTE, 0x10, 16, 16)   \
	F(MAD, ATTRIBUTE_MODIFIER, 0x14, 0, 32)
enum { CX_MAD_FIELDS(CX_FIELD_CONSTANT) };
#define CX_MAD_DATA 0x40

#define CX_MAD_VERSION_1 1 /* BASE_VERSION and CLASS_VERSION */
#define CX_MAD_CLASS_SUBNET 1
#define CX_MAD_METHOD_GET 0x01
#define CX_MAD_METHOD_RESPONSE 0x81
#define CX_MAD_ATTRIBUTE_PORT_INFO 0x0015
#define CX_MAD_ATTRIBUTE_CABLE_INFO 0xff60
#define CX_MAD_IFC_PORT_MASK 0xffu
/* MAD_IFC's op_mod: InfiniBand's keys are not checked */
#define CX_MAD_IFC_IGNORE_KEYS 3
/* Status: method, or method and attribute together, not supported */
#define CX_MAD_STATUS_METHOD 0x0008
#define CX_MAD_STATUS_ATTRIBUTE 0x000c

/* PortInfo, offsets in the MAD */
#define CX_MAD_PORT_INFO_FIELDS(F) F(MAD_PORT_INFO, CAPABILITIES, 0x54, 0, 32)
enum { CX_MAD_PORT_INFO_FIELDS(CX_FIELD_CONSTANT) };

/* Cable information, offsets in the MAD */
#define CX_MAD_CABLE_FIELDS(F)                 \
	F(MAD_CABLE, I2C_ADDRESS, 0x40, 24, 8) \
	F(MAD_CABLE, PAGE, 0x40, 16, 8)        \
	F(MAD_CABLE, ADDRESS, 0x40, 0, 16)     \
	F(MAD_CABLE, SIZE, 0x44, 0, 16)
enum { CX_MAD_CABLE_FIELDS(CX_FIELD_CONSTANT) };
#define CX_MAD_CABLE_DATA 0x50
#define CX_MAD_CABLE_DATA_SIZE 48
#define CX_MAD_CABLE_MEMORY 256 /* bytes that an address shows at a time */
#define CX_MAD_CABLE_I2C 0x50
#define CX_MAD_CABLE_I2C_DIAGNOSTICS 0x51

/* Why a cable cannot be read: bits 15:8 of the MAD's status */
enum {
	CX_MAD_CABLE_BAD_PORT = 1,
	CX_MAD_CABLE_UNSUPPORTED = 2,
	CX_MAD_CABLE_ABSENT = 3,
	CX_MAD_CABLE_NO_EEPROM = 4,
	CX_MAD_CABLE_BAD_PAGE = 5,
	CX_MAD_CABLE_BAD_RANGE = 6,
	CX_MAD_CABLE_BAD_I2C = 7,
	CX_MAD_CABLE_MODSEL = 8,
	CX_MAD_CABLE_BUSY = 9,
};
#define CX_MAD_CABLE_STATUS_SHIFT 8

#endif
