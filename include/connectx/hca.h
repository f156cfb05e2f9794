/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Global set-up: INIT_HCA / QUERY_HCA, and the entries by which software
 * hands memory to the adapter (docs/hardware/init.md, icm.md).
 */
#ifndef CONNECTX_HCA_H
#define CONNECTX_HCA_H

#include "connectx/field.h"

#define CX_INIT_HCA_SIZE 0x200
#define CX_INIT_HCA_VERSION_2 2

/*
 * A table's base and the log of its size share a 64-bit word: the size stands
 * in the low bits that the base's alignment leaves free. *_BASE is given
 * without those bits: shift it left by the field's first bit.
 */
#define CX_INIT_HCA_FIELDS(F)                              \
	F(INIT_HCA, VERSION, 0x000, 24, 8)                 \
	F(INIT_HCA, CORE_CLOCK, 0x00c, 16, 16)             \
	F(INIT_HCA, CACHE_LINE, 0x00c, 13, 3)              \
	F(INIT_HCA, PHV_CHECK, 0x00c, 9, 1)                \
	F(INIT_HCA, UD_PORT_CHECK, 0x014, 0, 1)            \
	F(INIT_HCA, HOST_BIG_ENDIAN, 0x014, 1, 1)          \
	F(INIT_HCA, QOS, 0x014, 2, 1)                      \
	F(INIT_HCA, CHECKSUM, 0x014, 3, 1)                 \
	F(INIT_HCA, COUNTERS, 0x014, 4, 1)                 \
	F(INIT_HCA, DEVICE_MANAGED_STEERING, 0x014, 6, 1)  \
	F(INIT_HCA, RSS_IP_FRAGMENTS, 0x014, 13, 1)        \
	F(INIT_HCA, RECOVERABLE_ERROR_EVENT, 0x018, 31, 1) \
	F(INIT_HCA, QPC_BASE, 0x030, 5, 59)                \
	F(INIT_HCA, LOG_QPS, 0x034, 0, 5)                  \
	F(INIT_HCA, SRQC_BASE, 0x048, 5, 59)               \
	F(INIT_HCA, LOG_SRQS, 0x04c, 0, 5)                 \
	F(INIT_HCA, CQC_BASE, 0x050, 5, 59)                \
	F(INIT_HCA, LOG_CQS, 0x054, 0, 5)                  \
	F(INIT_HCA, CQE_64B, 0x058, 30, 1)                 \
	F(INIT_HCA, EQE_64B, 0x058, 29, 1)                 \
	F(INIT_HCA, LOG_EQE_STRIDE, 0x058, 4, 2)           \
	F(INIT_HCA, LOG_CQE_STRIDE, 0x058, 0, 2)           \
	F(INIT_HCA, ALTC_BASE, 0x060, 0, 64)               \
	F(INIT_HCA, AUXC_BASE, 0x070, 0, 64)               \
	F(INIT_HCA, EQC_BASE, 0x080, 5, 59)                \
	F(INIT_HCA, LOG_EQS, 0x084, 0, 5)                  \
	F(INIT_HCA, SYS_EQS, 0x088, 0, 12)                 \
	F(INIT_HCA, RDMARC_BASE, 0x090, 5, 59)             \
	F(INIT_HCA, LOG_RD_PER_QP, 0x094, 0, 3)            \
	F(INIT_HCA, MC_BASE, 0x0c0, 0, 64)                 \
	F(INIT_HCA, LOG_MC_ENTRY, 0x0d0, 0, 5)             \
	F(INIT_HCA, LOG_MC_HASH, 0x0d4, 0, 5)              \
	F(INIT_HCA, UC_STEERING, 0x0d8, 27, 1)             \
	F(INIT_HCA, MC_HASH_FUNCTION, 0x0d8, 24, 3)        \
	F(INIT_HCA, LOG_MC_TABLE, 0x0d8, 0, 5)             \
	F(INIT_HCA, DMPT_BASE, 0x0f0, 0, 64)               \
	F(INIT_HCA, MEMORY_WINDOWS, 0x0f8, 31, 1)          \
	F(INIT_HCA, LOG_DMPTS, 0x0f8, 0, 6)                \
	F(INIT_HCA, MTT_BASE, 0x100, 0, 64)                \
	F(INIT_HCA, CMPT_BASE, 0x108, 0, 64)               \
	F(INIT_HCA, LOG_UARS, 0x128, 8, 4)                 \
	F(INIT_HCA, UAR_PAGE_SIZE, 0x128, 0, 8)            \
	F(INIT_HCA, FS_BASE, 0x1d0, 0, 64)                 \
	F(INIT_HCA, FS_LOG_ENTRY, 0x1e0, 0, 5)             \
	F(INIT_HCA, FS_A0_MODE, 0x1e8, 30, 2)              \
	F(INIT_HCA, FS_LOG_TABLE, 0x1e8, 0, 5)             \
	F(INIT_HCA, FS_ETHERNET_BITS, 0x1f0, 16, 8)        \
	F(INIT_HCA, FS_ETHERNET_ADDRESSES, 0x1f0, 0, 16)   \
	F(INIT_HCA, FS_IB_BITS, 0x1f4, 16, 8)              \
	F(INIT_HCA, FS_IB_ADDRESSES, 0x1f4, 0, 16)
enum { CX_INIT_HCA_FIELDS(CX_FIELD_CONSTANT) };
/* LOG_EQS where event queues belong to functions: SYS_EQS is their number */
#define CX_INIT_HCA_LOG_EQS_SYS 0x1f
/* FS_*_BITS: steer UDP's and TCP's unicast; FS_*_ADDRESSES; FS_A0_MODE */
#define CX_FS_UDP_AND_TCP 0x06
#define CX_FS_L2_ADDRESSES 8
#define CX_FS_A0_OFF 3
#define CX_INIT_HCA_DRIVER_VERSION 0x140
#define CX_INIT_HCA_DRIVER_VERSION_SIZE 64

/* One block of MAP_FA, MAP_ICM, MAP_ICM_AUX */
#define CX_MAP_ENTRY_SIZE 16
#define CX_MAP_ENTRY_FIELDS(F)                    \
	F(MAP_ENTRY, VIRTUAL_PAGE, 0x00, 12, 52)  \
	F(MAP_ENTRY, PHYSICAL_PAGE, 0x08, 12, 52) \
	F(MAP_ENTRY, LOG_PAGES, 0x0c, 0, 6)
enum { CX_MAP_ENTRY_FIELDS(CX_FIELD_CONSTANT) };
#define CX_ICM_PAGE_SHIFT 12

/* A memory translation table entry, and the mailbox of WRITE_MTT */
#define CX_MTT_SIZE 8
#define CX_MTT_FIELDS(F)             \
	F(MTT, ADDRESS, 0x00, 3, 61) \
	F(MTT, PRESENT, 0x04, 0, 1)
#define CX_WRITE_MTT_FIELDS(F) F(WRITE_MTT, FIRST, 0x00, 0, 64)
enum { CX_MTT_FIELDS(CX_FIELD_CONSTANT) };
enum { CX_WRITE_MTT_FIELDS(CX_FIELD_CONSTANT) };
#define CX_WRITE_MTT_ENTRIES 0x10

/* MAP_EQ's input modifier */
#define CX_MAP_EQ_UNMAP 0x80000000u
#define CX_MAP_EQ_EQN_MASK 0x3ffu

#endif
