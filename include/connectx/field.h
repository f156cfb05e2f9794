/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the adapter's layouts are described, read and written.
 *
 * Every structure that software and adapter share is big-endian
 * (docs/hardware/conventions.md). A field is one constant that packs the byte
 * offset of its big-endian word, its lowest bit there and its width. A field
 * that ends above bit 31 lives in a 64-bit word, every other in a 32-bit one.
 *
 * A layout is a list macro, CX_<LAYOUT>_FIELDS(F), with one line a field:
 *	F(LAYOUT, NAME, offset, lowest bit, width)
 * The same list makes the constants CX_<LAYOUT>_<NAME> and the tables which a
 * trace walks to print a mailbox by name.
 */
#ifndef CONNECTX_FIELD_H
#define CONNECTX_FIELD_H

#include "connectx/types.h"

#define CX_FIELD(offset, bit, width) (((offset) << 16) | ((bit) << 8) | (width))
#define CX_FIELD_OFFSET(field) ((u32)(field) >> 16)
#define CX_FIELD_BIT(field) (((u32)(field) >> 8) & 0xff)
#define CX_FIELD_WIDTH(field) ((u32)(field)&0xff)

/* List macro arguments: constants of a layout, and rows of its name table. */
#define CX_FIELD_CONSTANT(layout, name, offset, bit, width) \
	CX_##layout##_##name = CX_FIELD(offset, bit, width),
#define CX_FIELD_ROW(layout, name, offset, bit, width) \
	{ #name, CX_FIELD(offset, bit, width) },

struct cx_field_row {
	const char *name;
	u32 field;
};

static inline u32 cx_load_be32(const void *at)
{
	u32 value;

	memcpy(&value, at, sizeof(value));
	return cx_be32_to_cpu(value);
}

static inline u64 cx_load_be64(const void *at)
{
	u64 value;

	memcpy(&value, at, sizeof(value));
	return cx_be64_to_cpu(value);
}

static inline void cx_store_be32(void *at, u32 value)
{
	value = cx_cpu_to_be32(value);
	memcpy(at, &value, sizeof(value));
}

static inline void cx_store_be64(void *at, u64 value)
{
	value = cx_cpu_to_be64(value);
	memcpy(at, &value, sizeof(value));
}

static __always_inline u64 cx_field_mask(u32 field)
{
	return CX_FIELD_WIDTH(field) >= 64 ?
		       ~0ULL :
		       (1ULL << CX_FIELD_WIDTH(field)) - 1;
}

/**
 * cx_get - read a field
 * @base: start of the structure, of any alignment
 * @field: a CX_<LAYOUT>_<NAME> constant of that structure
 *
 * Return: the field's value in host byte order, shifted to bit 0.
 */
static __always_inline u64 cx_get(const void *base, u32 field)
{
	const u8 *at = (const u8 *)base + CX_FIELD_OFFSET(field);
	u64 word;

	if (CX_FIELD_BIT(field) + CX_FIELD_WIDTH(field) > 32)
		word = cx_load_be64(at);
	else
		word = cx_load_be32(at);
	return (word >> CX_FIELD_BIT(field)) & cx_field_mask(field);
}

/* A field of a 32-bit word that is at hand already, in host byte order */
static __always_inline u32 cx_word_get(u32 word, u32 field)
{
	return (word >> CX_FIELD_BIT(field)) & (u32)cx_field_mask(field);
}

/**
 * cx_set - write a field, leaving its neighbours as they are
 * @base: start of the structure, of any alignment
 * @field: a CX_<LAYOUT>_<NAME> constant of that structure
 * @value: in host byte order; bits beyond the field's width are dropped
 */
static __always_inline void cx_set(void *base, u32 field, u64 value)
{
	u8 *at = (u8 *)base + CX_FIELD_OFFSET(field);
	u64 mask = cx_field_mask(field) << CX_FIELD_BIT(field);

	value = (value << CX_FIELD_BIT(field)) & mask;
	if (CX_FIELD_BIT(field) + CX_FIELD_WIDTH(field) > 32)
		cx_store_be64(at, (cx_load_be64(at) & ~mask) | value);
	else
		cx_store_be32(at, (cx_load_be32(at) & ~(u32)mask) | (u32)value);
}

#endif
