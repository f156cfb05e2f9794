/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the device says about itself and how it is configured as a whole:
 * QUERY_FW, QUERY_DEV_CAP, QUERY_ADAPTER, QUERY_FUNC, MOD_STAT_CFG,
 * CONFIG_DEV, VIRT_PORT_MAP, GET_OP_REQ, MAD_DEMUX
 * (docs/hardware/capabilities.md, init.md).
 */
#ifndef CONNECTX_DEVICE_H
#define CONNECTX_DEVICE_H

#include "connectx/field.h"

/* QUERY_FW, output */
#define CX_QUERY_FW_SIZE 0x100
#define CX_QUERY_FW_FIELDS(F)                         \
	F(QUERY_FW, PAGES, 0x00, 16, 16)              \
	F(QUERY_FW, MAJOR, 0x00, 0, 16)               \
	F(QUERY_FW, SUBMINOR, 0x04, 16, 16)           \
	F(QUERY_FW, MINOR, 0x04, 0, 16)               \
	F(QUERY_FW, PPF_ID, 0x08, 16, 8)              \
	F(QUERY_FW, COMMAND_REVISION, 0x08, 0, 16)    \
	F(QUERY_FW, DEBUG_TRACE, 0x0c, 31, 1)         \
	F(QUERY_FW, LOG_OUTSTANDING, 0x0c, 0, 8)      \
	F(QUERY_FW, HOUR, 0x10, 24, 8)                \
	F(QUERY_FW, MINUTE, 0x10, 16, 8)              \
	F(QUERY_FW, SECOND, 0x10, 8, 8)               \
	F(QUERY_FW, CCQ, 0x10, 1, 1)                  \
	F(QUERY_FW, YEAR, 0x14, 16, 16)               \
	F(QUERY_FW, MONTH, 0x14, 8, 8)                \
	F(QUERY_FW, DAY, 0x14, 0, 8)                  \
	F(QUERY_FW, CLEAR_INT_OFFSET, 0x20, 0, 64)    \
	F(QUERY_FW, CLEAR_INT_BAR, 0x28, 30, 2)       \
	F(QUERY_FW, CATASTROPHIC_OFFSET, 0x30, 0, 64) \
	F(QUERY_FW, CATASTROPHIC_SIZE, 0x38, 0, 32)   \
	F(QUERY_FW, CATASTROPHIC_BAR, 0x3c, 30, 2)    \
	F(QUERY_FW, COMM_OFFSET, 0x40, 0, 64)         \
	F(QUERY_FW, COMM_BAR, 0x48, 30, 2)            \
	F(QUERY_FW, CLOCK_OFFSET, 0x50, 0, 64)        \
	F(QUERY_FW, CLOCK_BAR, 0x58, 30, 2)
enum { CX_QUERY_FW_FIELDS(CX_FIELD_CONSTANT) };
/* Port capabilities come from QUERY_PORT, INIT_PORT has no mailbox */
#define CX_COMMAND_REVISION 3

/* QUERY_DEV_CAP, output. LOG_* fields hold a power of two. */
#define CX_DEV_CAP_SIZE 0x100
#define CX_DEV_CAP_FIELDS(F)                            \
	F(DEV_CAP, LOG_MAX_SRQ_SIZE, 0x10, 24, 8)       \
	F(DEV_CAP, LOG_MAX_QP_SIZE, 0x10, 16, 8)        \
	F(DEV_CAP, LOG_RESERVED_QPS, 0x10, 8, 4)        \
	F(DEV_CAP, LOG_MAX_QPS, 0x10, 0, 5)             \
	F(DEV_CAP, LOG_RESERVED_SRQS, 0x14, 28, 4)      \
	F(DEV_CAP, LOG_MAX_SRQS, 0x14, 16, 5)           \
	F(DEV_CAP, RESERVED_EQS, 0x18, 24, 8)           \
	F(DEV_CAP, LOG_MAX_CQ_SIZE, 0x18, 16, 8)        \
	F(DEV_CAP, LOG_RESERVED_CQS, 0x18, 8, 4)        \
	F(DEV_CAP, LOG_MAX_CQS, 0x18, 0, 5)             \
	F(DEV_CAP, LOG_MAX_EQ_SIZE, 0x1c, 24, 8)        \
	F(DEV_CAP, LOG_MAX_DMPTS, 0x1c, 16, 6)          \
	F(DEV_CAP, LOG_RESERVED_EQS, 0x1c, 8, 4)        \
	F(DEV_CAP, LOG_MAX_EQS, 0x1c, 0, 4)             \
	F(DEV_CAP, LOG_RESERVED_MTTS, 0x20, 28, 4)      \
	F(DEV_CAP, LOG_MAX_REGION, 0x20, 16, 7)         \
	F(DEV_CAP, LOG_RESERVED_MRWS, 0x20, 8, 4)       \
	F(DEV_CAP, LOG_MAX_MTTS, 0x20, 0, 6)            \
	F(DEV_CAP, SYS_EQS, 0x24, 0, 12)                \
	F(DEV_CAP, LOG_RA_REQUESTER, 0x28, 16, 6)       \
	F(DEV_CAP, LOG_RA_RESPONDER, 0x28, 0, 6)        \
	F(DEV_CAP, LOG_MAX_GSO, 0x2c, 16, 5)            \
	F(DEV_CAP, RSS_XOR, 0x2c, 13, 1)                \
	F(DEV_CAP, RSS_TOEPLITZ, 0x2c, 12, 1)           \
	F(DEV_CAP, LOG_MAX_RSS_TABLE, 0x2c, 8, 4)       \
	F(DEV_CAP, LOG_RA_GLOBAL, 0x2c, 0, 6)           \
	F(DEV_CAP, RESIZE_SRQ, 0x30, 0, 1)              \
	F(DEV_CAP, PORT_BEACON, 0x34, 31, 1)            \
	F(DEV_CAP, JUMBO, 0x34, 30, 1)                  \
	F(DEV_CAP, ETHERNET_10G, 0x34, 29, 1)           \
	F(DEV_CAP, PORT_TYPES, 0x34, 21, 4)             \
	F(DEV_CAP, ACK_DELAY, 0x34, 16, 5)              \
	F(DEV_CAP, PHYSICAL_FUNCTIONS, 0x34, 8, 8)      \
	F(DEV_CAP, PORTS, 0x34, 0, 4)                   \
	F(DEV_CAP, LOG_MAX_MESSAGE, 0x38, 24, 5)        \
	F(DEV_CAP, LOG_MAX_GIDS, 0x38, 0, 4)            \
	F(DEV_CAP, STATIC_RATES, 0x3c, 16, 16)          \
	F(DEV_CAP, CQ_TIMESTAMP, 0x3c, 15, 1)           \
	F(DEV_CAP, LOG_MAX_PKEYS, 0x3c, 0, 4)           \
	F(DEV_CAP, UC_LOOPBACK, 0x40, 0, 1)             \
	F(DEV_CAP, FCS_KEEP, 0x40, 2, 1)                \
	F(DEV_CAP, WOL_PORT1, 0x40, 5, 1)               \
	F(DEV_CAP, WOL_PORT2, 0x40, 6, 1)               \
	F(DEV_CAP, UDP_RSS, 0x40, 8, 1)                 \
	F(DEV_CAP, VEP_UC_STEERING, 0x40, 9, 1)         \
	F(DEV_CAP, VEP_MC_STEERING, 0x40, 10, 1)        \
	F(DEV_CAP, COUNTERS, 0x40, 16, 1)               \
	F(DEV_CAP, RSS_IP_FRAGMENTS, 0x40, 20, 1)       \
	F(DEV_CAP, SET_ETH_SCHED, 0x40, 21, 1)          \
	F(DEV_CAP, SENSE_SUPPORT, 0x40, 23, 1)          \
	F(DEV_CAP, PORT_MNG_EVENT, 0x40, 27, 1)         \
	F(DEV_CAP, EQE_64B, 0x40, 29, 1)                \
	F(DEV_CAP, CQE_64B, 0x40, 30, 1)                \
	F(DEV_CAP, RC, 0x44, 0, 1)                      \
	F(DEV_CAP, UC, 0x44, 1, 1)                      \
	F(DEV_CAP, UD, 0x44, 2, 1)                      \
	F(DEV_CAP, XRC, 0x44, 3, 1)                     \
	F(DEV_CAP, SRQ, 0x44, 6, 1)                     \
	F(DEV_CAP, IPOIB_CHECKSUM, 0x44, 7, 1)          \
	F(DEV_CAP, BAD_PKEY_COUNTER, 0x44, 8, 1)        \
	F(DEV_CAP, BAD_QKEY_COUNTER, 0x44, 9, 1)        \
	F(DEV_CAP, FCOE, 0x44, 11, 1)                   \
	F(DEV_CAP, DPDP, 0x44, 12, 1)                   \
	F(DEV_CAP, RAW_ETHERTYPE, 0x44, 13, 1)          \
	F(DEV_CAP, LSO, 0x44, 15, 1)                    \
	F(DEV_CAP, MEMORY_WINDOWS, 0x44, 16, 1)         \
	F(DEV_CAP, APM, 0x44, 17, 1)                    \
	F(DEV_CAP, ATOMIC, 0x44, 18, 1)                 \
	F(DEV_CAP, RAW_MULTICAST, 0x44, 19, 1)          \
	F(DEV_CAP, UD_AV_PORT_CHECK, 0x44, 20, 1)       \
	F(DEV_CAP, UD_MULTICAST, 0x44, 21, 1)           \
	F(DEV_CAP, IBOE, 0x44, 30, 1)                   \
	F(DEV_CAP, RESERVED_UARS, 0x48, 28, 4)          \
	F(DEV_CAP, LOG_UAR_MIB, 0x48, 16, 6)            \
	F(DEV_CAP, LOG_MIN_PAGE, 0x48, 0, 8)            \
	F(DEV_CAP, BLUEFLAME, 0x4c, 31, 1)              \
	F(DEV_CAP, LOG_BLUEFLAME_SIZE, 0x4c, 16, 5)     \
	F(DEV_CAP, LOG_BLUEFLAMES_PER_PAGE, 0x4c, 8, 6) \
	F(DEV_CAP, LOG_MAX_BLUEFLAME_PAGES, 0x4c, 0, 6) \
	F(DEV_CAP, MAX_SEND_GATHER, 0x50, 16, 8)        \
	F(DEV_CAP, MAX_SEND_DESCRIPTOR, 0x50, 0, 16)    \
	F(DEV_CAP, MAX_RECEIVE_SCATTER, 0x54, 16, 8)    \
	F(DEV_CAP, MAX_RECEIVE_DESCRIPTOR, 0x54, 0, 16) \
	F(DEV_CAP, USER_MAC, 0x5c, 26, 1)               \
	F(DEV_CAP, SVLAN_BY_QP, 0x5c, 16, 1)            \
	F(DEV_CAP, LOG_MAX_QPS_PER_MCG, 0x60, 16, 8)    \
	F(DEV_CAP, RESERVED_MCGS, 0x60, 8, 4)           \
	F(DEV_CAP, LOG_MAX_MCGS, 0x60, 0, 8)            \
	F(DEV_CAP, RESERVED_PDS, 0x64, 28, 4)           \
	F(DEV_CAP, LOG_MAX_PDS, 0x64, 16, 5)            \
	F(DEV_CAP, RESERVED_XRCDS, 0x64, 12, 4)         \
	F(DEV_CAP, LOG_MAX_XRCDS, 0x64, 0, 5)           \
	F(DEV_CAP, MAX_COUNTERS, 0x68, 0, 32)           \
	F(DEV_CAP, UPDATE_QP, 0x70, 16, 1)              \
	F(DEV_CAP, UPDATE_QP_LB_SRC_CHECK, 0x70, 18, 1) \
	F(DEV_CAP, LB_SRC_CHECK, 0x70, 19, 1)           \
	F(DEV_CAP, MAC_ANTI_SPOOFING, 0x70, 20, 1)      \
	F(DEV_CAP, VFS_80, 0x70, 21, 1)                 \
	F(DEV_CAP, SW_CQ_INIT, 0x70, 23, 1)             \
	F(DEV_CAP, VLAN_CONTROL, 0x70, 26, 1)           \
	F(DEV_CAP, FLOW_STATISTICS, 0x70, 28, 1)        \
	F(DEV_CAP, FS_IPOIB, 0x74, 31, 1)               \
	F(DEV_CAP, FS, 0x74, 15, 1)                     \
	F(DEV_CAP, FS_SNIFFER, 0x74, 13, 1)             \
	F(DEV_CAP, FS_LOG_MAX_QP_RANGE, 0x74, 8, 5)     \
	F(DEV_CAP, FS_MAX_QPS_PER_ENTRY, 0x74, 0, 8)    \
	F(DEV_CAP, SL2VL_EVENT, 0x78, 29, 1)            \
	F(DEV_CAP, EQE_STRIDE, 0x78, 15, 1)             \
	F(DEV_CAP, CQE_STRIDE, 0x78, 14, 1)             \
	F(DEV_CAP, ETH_PROT_CTRL, 0x78, 13, 1)          \
	F(DEV_CAP, QOS_VPP, 0x78, 12, 1)                \
	F(DEV_CAP, QCN, 0x78, 0, 1)                     \
	F(DEV_CAP, RDMARC_ENTRY, 0x80, 16, 16)          \
	F(DEV_CAP, QPC_ENTRY, 0x80, 0, 16)              \
	F(DEV_CAP, AUXC_ENTRY, 0x84, 16, 16)            \
	F(DEV_CAP, ALTC_ENTRY, 0x84, 0, 16)             \
	F(DEV_CAP, EQC_ENTRY, 0x88, 16, 16)             \
	F(DEV_CAP, CQC_ENTRY, 0x88, 0, 16)              \
	F(DEV_CAP, SRQC_ENTRY, 0x8c, 16, 16)            \
	F(DEV_CAP, CMPT_ENTRY, 0x8c, 0, 16)             \
	F(DEV_CAP, MTT_ENTRY, 0x90, 16, 16)             \
	F(DEV_CAP, DMPT_ENTRY, 0x90, 0, 16)             \
	F(DEV_CAP, BMME, 0x94, 0, 12)                   \
	F(DEV_CAP, SKIP_OUTER_VLAN, 0x94, 14, 1)        \
	F(DEV_CAP, PHV, 0x94, 15, 1)                    \
	F(DEV_CAP, ROCE_V1_V2, 0x94, 19, 1)             \
	F(DEV_CAP, PORT_REMAP, 0x94, 24, 1)             \
	F(DEV_CAP, IGNORE_FCS, 0x94, 26, 1)             \
	F(DEV_CAP, VSD_INIT2RTR, 0x94, 28, 1)           \
	F(DEV_CAP, CONFIG_DEV, 0x94, 29, 1)             \
	F(DEV_CAP, RESERVED_LKEY, 0x98, 0, 32)          \
	F(DEV_CAP, BACKPLANE_AUTONEG, 0x9c, 0, 1)       \
	F(DEV_CAP, RECOVERABLE_ERROR_EVENT, 0x9c, 7, 1) \
	F(DEV_CAP, DRIVER_VERSION, 0x9c, 8, 1)          \
	F(DEV_CAP, VXLAN_OFFLOADS, 0x9c, 11, 1)         \
	F(DEV_CAP, ETS_CFG, 0x9c, 13, 1)                \
	F(DEV_CAP, DIAG_PER_PORT, 0x9c, 17, 1)          \
	F(DEV_CAP, REASSIGN_MAC, 0x9c, 22, 1)           \
	F(DEV_CAP, MAX_ICM, 0xa0, 0, 64)                \
	F(DEV_CAP, FS_HIGH_RATE_QPN_BASE, 0xa8, 0, 24)  \
	F(DEV_CAP, FS_HIGH_RATE_QPN_RANGE, 0xac, 0, 24) \
	F(DEV_CAP, MAD_DEMUX, 0xb0, 0, 1)               \
	F(DEV_CAP, MAP_CLOCK_TO_USER, 0xc0, 23, 1)      \
	F(DEV_CAP, RATES, 0xcc, 16, 16)                 \
	F(DEV_CAP, RATE_MAX_UNIT, 0xd0, 30, 2)          \
	F(DEV_CAP, RATE_MAX, 0xd0, 16, 12)              \
	F(DEV_CAP, RATE_MIN_UNIT, 0xd0, 14, 2)          \
	F(DEV_CAP, RATE_MIN, 0xd0, 0, 12)               \
	F(DEV_CAP, HEALTH_BUFFER, 0xe4, 0, 32)
enum { CX_DEV_CAP_FIELDS(CX_FIELD_CONSTANT) };

/* QUERY_ADAPTER, output */
#define CX_QUERY_ADAPTER_SIZE 0x100
#define CX_QUERY_ADAPTER_FIELDS(F) F(QUERY_ADAPTER, INTA_PIN, 0x10, 24, 8)
enum { CX_QUERY_ADAPTER_FIELDS(CX_FIELD_CONSTANT) };
/* The board id (PSID): each group of four bytes stands reversed */
#define CX_QUERY_ADAPTER_PSID 0xf0
#define CX_PSID_SIZE 16

/* QUERY_FUNC, output */
#define CX_QUERY_FUNC_SIZE 0x40
#define CX_QUERY_FUNC_FIELDS(F)                      \
	F(QUERY_FUNC, BUS, 0x00, 24, 8)              \
	F(QUERY_FUNC, DEVICE, 0x00, 19, 5)           \
	F(QUERY_FUNC, FUNCTION, 0x00, 16, 3)         \
	F(QUERY_FUNC, PHYSICAL_FUNCTION, 0x00, 0, 4) \
	F(QUERY_FUNC, RESERVED_EQS, 0x04, 16, 16)    \
	F(QUERY_FUNC, MAX_EQS, 0x04, 0, 16)          \
	F(QUERY_FUNC, RESERVED_UARS, 0x08, 0, 4)
enum { CX_QUERY_FUNC_FIELDS(CX_FIELD_CONSTANT) };

/* MOD_STAT_CFG: op_mod, in_mod, and the fields that have a use */
enum {
	CX_MOD_STAT_CFG_SET = 0,
	CX_MOD_STAT_CFG_SET_IMMEDIATE = 1,
	CX_MOD_STAT_CFG_QUERY = 2,
	CX_MOD_STAT_CFG_QUERY_IMMEDIATE = 3,
	CX_MOD_STAT_CFG_DEFAULTS = 0xf,
};
#define CX_MOD_STAT_CFG_OFFSET_MASK 0xffu
#define CX_MOD_STAT_CFG_PORT_SHIFT 8
#define CX_MOD_STAT_CFG_PORT_MASK 0xffu
#define CX_MOD_STAT_CFG_MODE_SHIFT 28
#define CX_MOD_STAT_CFG_MODE_WOL 5
#define CX_MOD_STAT_CFG_SIZE 0x100
#define CX_MOD_STAT_CFG_FIELDS(F)                      \
	F(MOD_STAT_CFG, LOG_PAGE_MODIFY, 0x00, 8, 1)   \
	F(MOD_STAT_CFG, LOG_PAGE, 0x00, 0, 8)          \
	F(MOD_STAT_CFG, GUID_HIGH, 0x14, 0, 32)        \
	F(MOD_STAT_CFG, GUID_LOW, 0x1c, 0, 32)         \
	F(MOD_STAT_CFG, FW_MAJOR, 0x78, 0, 16)         \
	F(MOD_STAT_CFG, FW_SUBMINOR, 0x7c, 16, 16)     \
	F(MOD_STAT_CFG, FW_MINOR, 0x7c, 0, 16)         \
	F(MOD_STAT_CFG, COMMAND_REVISION, 0x80, 0, 16) \
	F(MOD_STAT_CFG, MAC_MODIFY, 0x90, 31, 1)       \
	F(MOD_STAT_CFG, MAC_HIGH, 0x90, 0, 16)         \
	F(MOD_STAT_CFG, MAC_LOW, 0x94, 0, 32)
enum { CX_MOD_STAT_CFG_FIELDS(CX_FIELD_CONSTANT) };
#define CX_MOD_STAT_CFG_MAC 0x90

/* The 64-bit immediate of the Wake-on-LAN mode */
#define CX_WAKE_ON_LAN_FIELDS(F)            \
	F(WAKE_ON_LAN, MODIFY, 0x00, 63, 1) \
	F(WAKE_ON_LAN, ENABLE, 0x00, 62, 1) \
	F(WAKE_ON_LAN, MAGIC, 0x00, 61, 1)
enum { CX_WAKE_ON_LAN_FIELDS(CX_FIELD_CONSTANT) };

/* CONFIG_DEV, input (op_mod 0) and output (op_mod 1) */
enum {
	CX_CONFIG_DEV_SET = 0,
	CX_CONFIG_DEV_GET = 1,
};
#define CX_CONFIG_DEV_SIZE 0x84
#define CX_CONFIG_DEV_FIELDS(F)                          \
	F(CONFIG_DEV, UPDATE_VXLAN_PORT, 0x00, 0, 1)     \
	F(CONFIG_DEV, UPDATE_ROCE_V2_PORT, 0x00, 3, 1)   \
	F(CONFIG_DEV, UPDATE_RX_PORT_CHECK, 0x00, 18, 1) \
	F(CONFIG_DEV, VXLAN_PORT, 0x10, 16, 16)          \
	F(CONFIG_DEV, ROCE_V2_ENTROPY, 0x14, 16, 16)     \
	F(CONFIG_DEV, ROCE_V2_PORT, 0x14, 0, 16)         \
	F(CONFIG_DEV, RX_PORT_CHECK_OFF, 0x18, 15, 1)    \
	F(CONFIG_DEV, RX_CHECKSUM_MODE_2, 0x80, 4, 3)    \
	F(CONFIG_DEV, RX_CHECKSUM_MODE_1, 0x80, 0, 3)
enum { CX_CONFIG_DEV_FIELDS(CX_FIELD_CONSTANT) };

/* What a receive completion's checksum field says, CONFIG_DEV's modes */
enum cx_rx_checksum_mode {
	CX_RX_CHECKSUM_CLASSIC = 0,
	CX_RX_CHECKSUM_ANY_IP = 1,
	CX_RX_CHECKSUM_ANY_IP_L4_OK = 2,
	CX_RX_CHECKSUM_L4_OK_MULTI_VLAN = 3,
};

/* VIRT_PORT_MAP, input */
enum {
	CX_VIRT_PORT_MAP_GET = 0,
	CX_VIRT_PORT_MAP_SET = 1,
};
#define CX_VIRT_PORT_MAP_FIELDS(F)            \
	F(VIRT_PORT_MAP, PORT_1, 0x00, 0, 32) \
	F(VIRT_PORT_MAP, PORT_2, 0x04, 0, 32)
enum { CX_VIRT_PORT_MAP_FIELDS(CX_FIELD_CONSTANT) };

/* GET_OP_REQ, output of op_mod 0; op_mod 1 acknowledges */
enum {
	CX_GET_OP_REQ_GET = 0,
	CX_GET_OP_REQ_ACKNOWLEDGE = 1,
};
#define CX_GET_OP_REQ_FIELDS(F)              \
	F(GET_OP_REQ, MODIFIER, 0x08, 0, 32) \
	F(GET_OP_REQ, TOKEN, 0x14, 16, 16)   \
	F(GET_OP_REQ, TYPE, 0x18, 0, 12)
enum { CX_GET_OP_REQ_FIELDS(CX_FIELD_CONSTANT) };
#define CX_GET_OP_REQ_DATA 0x20

/* MAD_DEMUX */
enum {
	CX_MAD_DEMUX_CONFIG = 0,
	CX_MAD_DEMUX_QUERY_STATE = 1,
	CX_MAD_DEMUX_QUERY_RESTRICTIONS = 2,
};

/* CONF_SPECIAL_QP's input modifier is the first of as many, aligned to them */
#define CX_SPECIAL_QPS 8

/* NOP's input modifier: complete as soon as possible */
#define CX_NOP_AT_ONCE 0x1f

#endif
