/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Receive steering tables: MCG entries (READ_MCG, WRITE_MCG, MGID_HASH) and
 * device-managed rules (FLOW_STEERING_ATTACH)
 * (docs/hardware/steering.md).
 */
#ifndef CONNECTX_STEERING_H
#define CONNECTX_STEERING_H

#include "connectx/field.h"

/* An MCG entry of 2^n bytes: header, key, members */
#define CX_MCG_FIELDS(F)                   \
	F(MCG, NEXT_INDEX, 0x00, 6, 26)    \
	F(MCG, PROTOCOL, 0x04, 30, 2)      \
	F(MCG, MEMBER_REMOVE, 0x04, 24, 1) \
	F(MCG, MEMBERS, 0x04, 0, 24)       \
	F(MCG, GID_HIGH, 0x10, 0, 64)      \
	F(MCG, GID_LOW, 0x18, 0, 64)
enum { CX_MCG_FIELDS(CX_FIELD_CONSTANT) };
#define CX_MCG_GID 0x10
#define CX_MCG_GID_SIZE 16
#define CX_MCG_MEMBER_ARRAY 0x20
#define CX_MCG_MEMBER_SIZE 4
#define CX_MCG_MEMBER_FIELDS(F)                    \
	F(MCG_MEMBER, BLOCK_LOOPBACK, 0x00, 30, 1) \
	F(MCG_MEMBER, QPN, 0x00, 0, 24)
enum { CX_MCG_MEMBER_FIELDS(CX_FIELD_CONSTANT) };
#define CX_LOG_MCG_ENTRY_MIN 6
#define CX_LOG_MCG_ENTRY_MAX 12

enum {
	CX_MCG_PROTOCOL_IB = 0,
	CX_MCG_PROTOCOL_ETHERNET = 1,
	CX_MCG_PROTOCOL_IPV4 = 2,
	CX_MCG_PROTOCOL_FCOE = 3,
};

/* The key of an Ethernet entry, offsets in the GID */
#define CX_MCG_KEY_FIELDS(F)          \
	F(MCG_KEY, PORT, 0x04, 16, 8) \
	F(MCG_KEY, STEER, 0x04, 1, 1) \
	F(MCG_KEY, MAC, 0x08, 0, 48)
enum { CX_MCG_KEY_FIELDS(CX_FIELD_CONSTANT) };
enum {
	CX_STEER_MULTICAST = 0,
	CX_STEER_UNICAST = 1,
};

/* MGID_HASH: op_mod for Ethernet keys, and what of its output is the hash */
#define CX_MGID_HASH_ETHERNET 1
#define CX_MGID_HASH_MASK 0xffffu

/* WRITE_MCG: op_mod, and in_mod of a default list */
enum {
	CX_WRITE_MCG_ENTRY = 0,
	CX_WRITE_MCG_DEFAULT = 1,
};
#define CX_WRITE_MCG_PORT_SHIFT 16
#define CX_WRITE_MCG_PORT_MASK 0xffu
#define CX_WRITE_MCG_STEER_SHIFT 1
#define CX_WRITE_MCG_STEER_MASK 0x1u

/* INIT_HCA's A0 mode of device-managed steering */
enum {
	CX_FS_A0_DEFAULT = 0,
	CX_FS_A0_DYNAMIC = 1,
	CX_FS_A0_STATIC = 2,
	CX_FS_A0_DISABLE = 3,
};

/* FLOW_STEERING_ATTACH: the control segment */
#define CX_RULE_CONTROL_SIZE 16
#define CX_RULE_CONTROL_FIELDS(F)                   \
	F(RULE_CONTROL, PRIORITY, 0x00, 16, 16)     \
	F(RULE_CONTROL, TYPE, 0x00, 8, 8)           \
	F(RULE_CONTROL, ALLOW_LOOPBACK, 0x00, 3, 1) \
	F(RULE_CONTROL, EXCLUSIVE, 0x00, 2, 1)      \
	F(RULE_CONTROL, LIFO, 0x00, 0, 1)           \
	F(RULE_CONTROL, FUNCTION, 0x04, 16, 8)      \
	F(RULE_CONTROL, VEP, 0x04, 8, 8)            \
	F(RULE_CONTROL, PORT, 0x04, 0, 8)           \
	F(RULE_CONTROL, QPN, 0x08, 0, 24)
enum { CX_RULE_CONTROL_FIELDS(CX_FIELD_CONSTANT) };

/* X(name, value): types of a rule */
#define CX_RULE_TYPES(X)        \
	X(REGULAR, 0)           \
	X(ALL_DEFAULT, 1)       \
	X(MULTICAST_DEFAULT, 3) \
	X(MIRROR_RX, 4)         \
	X(MIRROR_TX, 5)         \
	X(UNICAST_SNIFFER, 6)   \
	X(MULTICAST_SNIFFER, 7)
#define CX_RULE_TYPE_CONSTANT(name, value) CX_RULE_##name = (value),
enum cx_rule_type { CX_RULE_TYPES(CX_RULE_TYPE_CONSTANT) };

/* What stands first in each specification behind the control segment */
#define CX_RULE_SPEC_FIELDS(F)            \
	F(RULE_SPEC, DWORDS, 0x00, 24, 8) \
	F(RULE_SPEC, ID, 0x00, 0, 16)
enum { CX_RULE_SPEC_FIELDS(CX_FIELD_CONSTANT) };

/* X(name, id, bytes) */
#define CX_RULE_SPECS(X)        \
	X(ETHERNET, 0xe001, 48) \
	X(IPV4, 0xe002, 24)     \
	X(IPV6, 0xe003, 0)      \
	X(TCP, 0xe004, 24)      \
	X(IB, 0xe005, 48)       \
	X(UDP, 0xe006, 24)      \
	X(VXLAN, 0xe008, 16)
#define CX_RULE_SPEC_CONSTANT(name, id, bytes) \
	CX_RULE_SPEC_##name = (id), CX_RULE_SPEC_##name##_SIZE = (bytes),
enum { CX_RULE_SPECS(CX_RULE_SPEC_CONSTANT) };

#define CX_RULE_ETHERNET_FIELDS(F)                     \
	F(RULE_ETHERNET, DMAC, 0x08, 0, 48)            \
	F(RULE_ETHERNET, DMAC_MASK, 0x10, 0, 48)       \
	F(RULE_ETHERNET, SMAC, 0x18, 0, 48)            \
	F(RULE_ETHERNET, SMAC_MASK, 0x20, 0, 48)       \
	F(RULE_ETHERNET, ETHERTYPE_VALID, 0x28, 16, 1) \
	F(RULE_ETHERNET, ETHERTYPE, 0x28, 0, 16)       \
	F(RULE_ETHERNET, VLAN_MASK, 0x2c, 16, 16)      \
	F(RULE_ETHERNET, VLAN, 0x2c, 0, 16)
#define CX_RULE_IPV4_FIELDS(F)              \
	F(RULE_IPV4, DST, 0x08, 0, 32)      \
	F(RULE_IPV4, DST_MASK, 0x0c, 0, 32) \
	F(RULE_IPV4, SRC, 0x10, 0, 32)      \
	F(RULE_IPV4, SRC_MASK, 0x14, 0, 32)
/* TCP and UDP alike */
#define CX_RULE_L4_FIELDS(F)                   \
	F(RULE_L4, DST_PORT, 0x08, 0, 16)      \
	F(RULE_L4, DST_PORT_MASK, 0x0c, 0, 16) \
	F(RULE_L4, SRC_PORT, 0x10, 0, 16)      \
	F(RULE_L4, SRC_PORT_MASK, 0x14, 0, 16)
#define CX_RULE_VXLAN_FIELDS(F)         \
	F(RULE_VXLAN, VNI, 0x08, 8, 24) \
	F(RULE_VXLAN, VNI_MASK, 0x0c, 8, 24)
enum { CX_RULE_ETHERNET_FIELDS(CX_FIELD_CONSTANT) };
enum { CX_RULE_IPV4_FIELDS(CX_FIELD_CONSTANT) };
enum { CX_RULE_L4_FIELDS(CX_FIELD_CONSTANT) };
enum { CX_RULE_VXLAN_FIELDS(CX_FIELD_CONSTANT) };

#endif
