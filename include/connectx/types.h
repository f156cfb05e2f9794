/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Integer types and unaligned big-endian access for both sides of the
 * contract: kernel modules and user-space programs.
 */
#ifndef CONNECTX_TYPES_H
#define CONNECTX_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/string.h>
#include <asm/byteorder.h>
#define cx_be32_to_cpu(v) be32_to_cpu((__force __be32)(v))
#define cx_be64_to_cpu(v) be64_to_cpu((__force __be64)(v))
#define cx_cpu_to_be32(v) ((__force u32)cpu_to_be32(v))
#define cx_cpu_to_be64(v) ((__force u64)cpu_to_be64(v))
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define cx_be32_to_cpu(v) __builtin_bswap32(v)
#define cx_be64_to_cpu(v) __builtin_bswap64(v)
#else
#define cx_be32_to_cpu(v) (v)
#define cx_be64_to_cpu(v) (v)
#endif
#define cx_cpu_to_be32(v) cx_be32_to_cpu(v)
#define cx_cpu_to_be64(v) cx_be64_to_cpu(v)
#endif

#endif
