/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A port: QUERY_PORT, SENSE_PORT, SET_PORT's tables, VLAN and multicast
 * filters (docs/hardware/ports.md).
 */
#ifndef CONNECTX_PORT_H
#define CONNECTX_PORT_H

#include "connectx/field.h"

#define CX_PORTS 2

/* QUERY_PORT, output */
#define CX_QUERY_PORT_SIZE 0x40
#define CX_QUERY_PORT_FIELDS(F)                        \
	F(QUERY_PORT, LINK_UP, 0x00, 31, 1)            \
	F(QUERY_PORT, AUTONEG_COMPLETE, 0x00, 30, 1)   \
	F(QUERY_PORT, FS_OPTIMIZED, 0x00, 29, 1)       \
	F(QUERY_PORT, DEFAULT_SENSE, 0x00, 28, 1)      \
	F(QUERY_PORT, SUGGEST_ETHERNET, 0x00, 27, 1)   \
	F(QUERY_PORT, ETHERNET, 0x00, 25, 1)           \
	F(QUERY_PORT, INFINIBAND, 0x00, 24, 1)         \
	F(QUERY_PORT, AUTONEG, 0x00, 23, 1)            \
	F(QUERY_PORT, IB_MTU, 0x00, 16, 4)             \
	F(QUERY_PORT, ETH_MTU, 0x00, 0, 16)            \
	F(QUERY_PORT, IB_SPEED, 0x04, 24, 4)           \
	F(QUERY_PORT, SPEED, 0x04, 16, 8)              \
	F(QUERY_PORT, WIDTH, 0x04, 8, 4)               \
	F(QUERY_PORT, LOG_MAX_GIDS, 0x04, 4, 4)        \
	F(QUERY_PORT, LOG_MAX_PKEYS, 0x04, 0, 4)       \
	F(QUERY_PORT, LOG_MAX_VLANS, 0x08, 12, 4)      \
	F(QUERY_PORT, LOG_MAX_MACS, 0x08, 8, 4)        \
	F(QUERY_PORT, MAX_TRAFFIC_CLASSES, 0x08, 4, 4) \
	F(QUERY_PORT, MAX_VL, 0x08, 0, 4)              \
	F(QUERY_PORT, MAC, 0x10, 0, 48)                \
	F(QUERY_PORT, TRANSCEIVER_TYPE, 0x18, 24, 8)   \
	F(QUERY_PORT, TRANSCEIVER_OUI, 0x18, 0, 24)    \
	F(QUERY_PORT, WAVELENGTH, 0x1c, 16, 16)        \
	F(QUERY_PORT, TRANSCEIVER_CODE, 0x20, 0, 64)
enum { CX_QUERY_PORT_FIELDS(CX_FIELD_CONSTANT) };

/* X(name, code in QUERY_PORT, Mbit/s); software ignores bits 4 and 7 */
#define CX_PORT_SPEEDS(X)        \
	X(10G_XAUI, 0x00, 10000) \
	X(10G_XFI, 0x01, 10000)  \
	X(1G, 0x02, 1000)        \
	X(100M, 0x04, 100)       \
	X(20G, 0x08, 20000)      \
	X(56G, 0x20, 56000)      \
	X(40G, 0x40, 40000)
#define CX_PORT_SPEED_CONSTANT(name, code, mbps) CX_PORT_SPEED_##name = (code),
enum { CX_PORT_SPEEDS(CX_PORT_SPEED_CONSTANT) };
#define CX_PORT_SPEED_MASK 0x6f

enum {
	CX_TRANSCEIVER_NONE = 0x00,
	CX_TRANSCEIVER_FIBRE = 0x01,
	CX_TRANSCEIVER_FIBRE_LAST = 0x0c,
	CX_TRANSCEIVER_TWISTED_PAIR = 0x80,
};

/* SENSE_PORT, immediate output */
enum {
	CX_SENSE_NOTHING = 0,
	CX_SENSE_INFINIBAND = 1,
	CX_SENSE_ETHERNET = 2,
};

/* SET_PORT: op_mod, and in_mod = table << 8 | port for Ethernet */
enum {
	CX_SET_PORT_INFINIBAND = 0,
	CX_SET_PORT_ETHERNET = 1,
	CX_SET_PORT_BEACON = 4,
};
#define CX_SET_PORT_TABLE_SHIFT 8
#define CX_SET_PORT_TABLE_MASK 0xffu
#define CX_SET_PORT_PORT_MASK 0xffu
enum {
	CX_SET_PORT_GENERAL = 0x0,
	CX_SET_PORT_RQP_CALC = 0x1,
	CX_SET_PORT_MAC_TABLE = 0x2,
	CX_SET_PORT_VLAN_TABLE = 0x3,
	CX_SET_PORT_PRIO_MAP = 0x4,
	CX_SET_PORT_GID_TABLE = 0x5,
	CX_SET_PORT_PRIO2TC = 0x8,
	CX_SET_PORT_SCHEDULER = 0x9,
	CX_SET_PORT_VXLAN = 0xb,
	CX_SET_PORT_ROCE_ADDR = 0xd,
};

/* Table GENERAL: a group of fields is taken when its VALID bit is set */
#define CX_PORT_GENERAL_FIELDS(F)                     \
	F(PORT_GENERAL, VALID_USER_MAC, 0x00, 14, 1)  \
	F(PORT_GENERAL, VALID_USER_MTU, 0x00, 13, 1)  \
	F(PORT_GENERAL, VALID_PHV, 0x00, 12, 1)       \
	F(PORT_GENERAL, VALID_IGNORE_FCS, 0x00, 9, 1) \
	F(PORT_GENERAL, VALID_ROCE_MODE, 0x00, 4, 1)  \
	F(PORT_GENERAL, VALID_PAUSE_TX, 0x00, 2, 1)   \
	F(PORT_GENERAL, VALID_PAUSE_RX, 0x00, 1, 1)   \
	F(PORT_GENERAL, VALID_MTU, 0x00, 0, 1)        \
	F(PORT_GENERAL, ROCE_MODE, 0x04, 28, 4)       \
	F(PORT_GENERAL, IGNORE_FCS, 0x04, 24, 1)      \
	F(PORT_GENERAL, MTU, 0x04, 0, 16)             \
	F(PORT_GENERAL, PAUSE_TX, 0x08, 31, 1)        \
	F(PORT_GENERAL, PFC_TX, 0x08, 16, 8)          \
	F(PORT_GENERAL, PAUSE_RX, 0x0c, 31, 1)        \
	F(PORT_GENERAL, PFC_RX, 0x0c, 16, 8)          \
	F(PORT_GENERAL, PHV, 0x14, 31, 1)             \
	F(PORT_GENERAL, USER_MTU, 0x18, 0, 16)        \
	F(PORT_GENERAL, USER_MAC, 0x1c, 0, 48)
enum { CX_PORT_GENERAL_FIELDS(CX_FIELD_CONSTANT) };
/* What GENERAL's MTU counts beyond the payload: header, two tags, FCS */
#define CX_PORT_MTU_OVERHEAD 26

/* Table RQP_CALC: receive QP calculation of A0 steering */
#define CX_RQP_CALC_FIELDS(F)                     \
	F(RQP_CALC, BASE_QPN, 0x00, 0, 24)        \
	F(RQP_CALC, LOG_MACS, 0x04, 16, 4)        \
	F(RQP_CALC, LOG_VLANS, 0x04, 8, 3)        \
	F(RQP_CALC, LOG_PRIORITIES, 0x04, 0, 2)   \
	F(RQP_CALC, MAC_MISS, 0x08, 0, 8)         \
	F(RQP_CALC, INTRA_NO_VLAN, 0x0c, 31, 1)   \
	F(RQP_CALC, NO_VLAN, 0x0c, 16, 7)         \
	F(RQP_CALC, INTRA_VLAN_MISS, 0x0c, 15, 1) \
	F(RQP_CALC, VLAN_MISS, 0x0c, 0, 7)        \
	F(RQP_CALC, NO_VLAN_PRIORITY, 0x10, 0, 3) \
	F(RQP_CALC, UC_PROMISC, 0x14, 31, 1)      \
	F(RQP_CALC, PROMISC_QPN, 0x14, 0, 24)     \
	F(RQP_CALC, MC_MODE, 0x18, 30, 2)         \
	F(RQP_CALC, MC_BY_VLAN, 0x18, 29, 1)      \
	F(RQP_CALC, DEFAULT_MC_QPN, 0x18, 0, 24)
enum { CX_RQP_CALC_FIELDS(CX_FIELD_CONSTANT) };
enum {
	CX_MC_DIRECT_ONLY = 0, /* MCG entry, or dropped */
	CX_MC_DIRECT = 1, /* MCG entry, or the default QP */
	CX_MC_DEFAULT = 2, /* the default QP */
};

/* Tables MAC_TABLE and VLAN_TABLE: arrays of entries */
#define CX_MAC_TABLE_ENTRIES 128
#define CX_MAC_ENTRY_SIZE 8
#define CX_MAC_ENTRY_FIELDS(F)           \
	F(MAC_ENTRY, VALID, 0x00, 63, 1) \
	F(MAC_ENTRY, MAC, 0x00, 0, 48)
enum { CX_MAC_ENTRY_FIELDS(CX_FIELD_CONSTANT) };
#define CX_LOG_MAC_TABLE 7

#define CX_VLAN_TABLE_ENTRIES 128
#define CX_VLAN_ENTRY_SIZE 4
#define CX_VLAN_ENTRY_FIELDS(F)           \
	F(VLAN_ENTRY, VALID, 0x00, 31, 1) \
	F(VLAN_ENTRY, INTRA, 0x00, 30, 1) \
	F(VLAN_ENTRY, VID, 0x00, 0, 12)
enum { CX_VLAN_ENTRY_FIELDS(CX_FIELD_CONSTANT) };
#define CX_LOG_VLAN_TABLE 7
#define CX_VLAN_TABLE_FIRST 2 /* 0: no VLAN, 1: VLAN miss */

/* Table PRIO2TC: byte i holds the classes of priorities 2i and 2i + 1 */
#define CX_PRIO2TC_FIELDS(F)                \
	F(PRIO2TC, PRIORITY_0, 0x00, 28, 4) \
	F(PRIO2TC, PRIORITY_1, 0x00, 24, 4) \
	F(PRIO2TC, PRIORITY_2, 0x00, 20, 4) \
	F(PRIO2TC, PRIORITY_3, 0x00, 16, 4) \
	F(PRIO2TC, PRIORITY_4, 0x00, 12, 4) \
	F(PRIO2TC, PRIORITY_5, 0x00, 8, 4)  \
	F(PRIO2TC, PRIORITY_6, 0x00, 4, 4)  \
	F(PRIO2TC, PRIORITY_7, 0x00, 0, 4)
enum { CX_PRIO2TC_FIELDS(CX_FIELD_CONSTANT) };
#define CX_PRIORITIES 8

/* Table SCHEDULER: an entry for each of eight traffic classes */
#define CX_TRAFFIC_CLASSES 8
#define CX_SCHEDULER_ENTRY_SIZE 8
#define CX_SCHEDULER_FIELDS(F)                  \
	F(SCHEDULER, GROUP, 0x00, 16, 16)       \
	F(SCHEDULER, BANDWIDTH, 0x00, 0, 16)    \
	F(SCHEDULER, LIMIT_UNITS, 0x04, 16, 16) \
	F(SCHEDULER, LIMIT, 0x04, 0, 16)
enum { CX_SCHEDULER_FIELDS(CX_FIELD_CONSTANT) };
enum {
	CX_SCHEDULER_UNITS_100M = 3,
	CX_SCHEDULER_UNITS_1G = 4,
};
#define CX_SCHEDULER_GROUP_ETS 7
#define CX_SCHEDULER_NO_LIMIT 0xff

/* Table VXLAN */
#define CX_PORT_VXLAN_FIELDS(F)                    \
	F(PORT_VXLAN, VALID_ENABLE, 0x04, 31, 1)   \
	F(PORT_VXLAN, VALID_STEERING, 0x04, 30, 1) \
	F(PORT_VXLAN, ENABLE, 0x04, 15, 1)         \
	F(PORT_VXLAN, STEERING, 0x04, 0, 5)
enum { CX_PORT_VXLAN_FIELDS(CX_FIELD_CONSTANT) };
/* Bits of STEERING: what rules can tell apart */
enum {
	CX_VXLAN_STEER_OUTER_MAC = 1 << 0,
	CX_VXLAN_STEER_OUTER_VLAN = 1 << 1,
	CX_VXLAN_STEER_VNI = 1 << 2,
	CX_VXLAN_STEER_INNER_MAC = 1 << 3,
	CX_VXLAN_STEER_INNER_VLAN = 1 << 4,
};

/* op_mod BEACON: seconds, 0 = off */
#define CX_PORT_BEACON_FIELDS(F) F(PORT_BEACON, DURATION, 0x00, 0, 32)
enum { CX_PORT_BEACON_FIELDS(CX_FIELD_CONSTANT) };
#define CX_PORT_BEACON_FOREVER 65535

/*
 * SET_VLAN_FLTR: a map of 4,096 bits; VID v is bit v % 32 of the big-endian
 * dword at 4 * (127 - v / 32).
 */
#define CX_VLAN_FILTER_SIZE 512
#define CX_VLAN_IDS 4096

/* SET_MCAST_FLTR: op_mod, and the immediate input */
enum {
	CX_MCAST_FILTER_CONFIG = 0,
	CX_MCAST_FILTER_DISABLE = 1,
	CX_MCAST_FILTER_ENABLE = 2,
};
#define CX_MCAST_FILTER_FIELDS(F)           \
	F(MCAST_FILTER, CLEAR, 0x00, 63, 1) \
	F(MCAST_FILTER, MAC, 0x00, 0, 48)
enum { CX_MCAST_FILTER_FIELDS(CX_FIELD_CONSTANT) };

#endif
