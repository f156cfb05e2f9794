/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stands in the rings: send and receive descriptors, completions, events
 * (docs/hardware/datapath.md).
 */
#ifndef CONNECTX_DESCRIPTOR_H
#define CONNECTX_DESCRIPTOR_H

#include "connectx/field.h"

/* Control segment of a send WQE; the WQE's length counts in these units */
#define CX_WQE_UNIT 16
/* A send queue's descriptors begin at, and are valid by, blocks of 64 bytes */
#define CX_WQE_BLOCK_SHIFT 6
/* So far behind the last descriptor the adapter may read (Q6.1) */
#define CX_SEND_READ_AHEAD 2048
#define CX_SEND_FIELDS(F)                         \
	F(SEND, OWNER, 0x00, 31, 1)               \
	F(SEND, NO_ERROR_COMPLETION, 0x00, 29, 1) \
	F(SEND, INNER_IP_CHECKSUM, 0x00, 28, 1)   \
	F(SEND, INNER_L4_CHECKSUM, 0x00, 27, 1)   \
	F(SEND, BLUEFLAME_INDEX, 0x00, 8, 16)     \
	F(SEND, LSO_HEADER, 0x00, 6, 1)           \
	F(SEND, OPCODE, 0x00, 0, 5)               \
	F(SEND, VLAN_TCI, 0x04, 16, 16)           \
	F(SEND, INSERT_SVLAN, 0x04, 15, 1)        \
	F(SEND, INSERT_CVLAN, 0x04, 14, 1)        \
	F(SEND, FENCE, 0x04, 6, 1)                \
	F(SEND, UNITS, 0x04, 0, 6)                \
	F(SEND, BLUEFLAME_QPN, 0x04, 8, 24)       \
	F(SEND, DMAC_HIGH, 0x08, 16, 16)          \
	F(SEND, STRONG_ORDER, 0x08, 7, 1)         \
	F(SEND, L4_CHECKSUM, 0x08, 5, 1)          \
	F(SEND, IP_CHECKSUM, 0x08, 4, 1)          \
	F(SEND, COMPLETION, 0x08, 2, 2)           \
	F(SEND, SOLICITED, 0x08, 1, 1)            \
	F(SEND, FORCE_LOOPBACK, 0x08, 0, 1)       \
	F(SEND, DMAC_LOW, 0x0c, 0, 32)
enum { CX_SEND_FIELDS(CX_FIELD_CONSTANT) };
#define CX_SEND_COMPLETION_ALWAYS 3

enum {
	CX_SEND_OP_NOP = 0x00,
	CX_SEND_OP_SEND = 0x0a,
	CX_SEND_OP_LSO = 0x0e,
};

/* LSO segment behind the control segment; header bytes follow it */
#define CX_LSO_HEADER_BYTES 4
#define CX_LSO_FIELDS(F)          \
	F(LSO, MSS, 0x00, 16, 16) \
	F(LSO, HEADER_LENGTH, 0x00, 0, 16)
enum { CX_LSO_FIELDS(CX_FIELD_CONSTANT) };

/* Data segment: of send gather and receive scatter lists */
#define CX_DATA_SIZE 16
#define CX_DATA_FIELDS(F)                   \
	F(DATA, INLINE, 0x00, 31, 1)        \
	F(DATA, LENGTH, 0x00, 0, 31)        \
	F(DATA, INLINE_LENGTH, 0x00, 0, 10) \
	F(DATA, LKEY, 0x04, 0, 32)          \
	F(DATA, ADDRESS, 0x08, 0, 64)
enum { CX_DATA_FIELDS(CX_FIELD_CONSTANT) };
#define CX_INLINE_HEADER 4
/* Shorter frames are not taken inline (Q6.2) */
#define CX_INLINE_MIN 17

/* The receive counter of a doorbell record and of RQ_COUNTER goes round here */
#define CX_RECEIVE_COUNTER_MASK 0xffffu

/* Completion queue entry. 64-byte entries carry it in their upper half. */
#define CX_CQE_SIZE 32
#define CX_CQE_FIELDS(F)                       \
	F(CQE, OUTER_IP_GOOD, 0x00, 31, 1)     \
	F(CQE, SVLAN, 0x00, 30, 1)             \
	F(CQE, CVLAN, 0x00, 29, 1)             \
	F(CQE, L2_TUNNEL, 0x00, 27, 1)         \
	F(CQE, TUNNEL_L4_CHECKED, 0x00, 26, 1) \
	F(CQE, OUTER_IPV4, 0x00, 25, 1)        \
	F(CQE, QPN, 0x00, 0, 24)               \
	F(CQE, RSS_HASH, 0x04, 0, 32)          \
	F(CQE, MAC_INDEX, 0x08, 24, 7)         \
	F(CQE, VLAN_TCI, 0x0c, 16, 16)         \
	F(CQE, SOURCE_MAC_HIGH, 0x0c, 0, 16)   \
	F(CQE, IP_GOOD, 0x10, 28, 1)           \
	F(CQE, UDP, 0x10, 27, 1)               \
	F(CQE, TCP, 0x10, 26, 1)               \
	F(CQE, IPV4_OPTIONS, 0x10, 25, 1)      \
	F(CQE, IPV6, 0x10, 24, 1)              \
	F(CQE, IPV4_FRAGMENT, 0x10, 23, 1)     \
	F(CQE, IPV4, 0x10, 22, 1)              \
	F(CQE, IPV6_EXTENSIONS, 0x10, 10, 6)   \
	F(CQE, BAD_FCS, 0x10, 4, 1)            \
	F(CQE, L4_CHECKSUM_GOOD, 0x10, 2, 1)   \
	F(CQE, BYTE_COUNT, 0x14, 0, 32)        \
	F(CQE, WQE_INDEX, 0x18, 16, 16)        \
	F(CQE, CHECKSUM, 0x18, 0, 16)          \
	F(CQE, OWNER, 0x1c, 7, 1)              \
	F(CQE, IS_SEND, 0x1c, 6, 1)            \
	F(CQE, OPCODE, 0x1c, 0, 5)
enum { CX_CQE_FIELDS(CX_FIELD_CONSTANT) };

/* With time stamps on (ConnectX-3) these replace VLAN_TCI and more */
#define CX_CQE_TIMESTAMP_FIELDS(F)          \
	F(CQE_TIMESTAMP, HIGH, 0x0c, 0, 32) \
	F(CQE_TIMESTAMP, LOW, 0x1c, 8, 16)
enum { CX_CQE_TIMESTAMP_FIELDS(CX_FIELD_CONSTANT) };
/* Of the free-running clock so many low bits fit there: HIGH and LOW */
#define CX_CQE_TIMESTAMP_BITS 48

/* An error completion */
#define CX_CQE_ERROR_FIELDS(F)                    \
	F(CQE_ERROR, VENDOR_SYNDROME, 0x18, 8, 8) \
	F(CQE_ERROR, SYNDROME, 0x18, 0, 8)
enum { CX_CQE_ERROR_FIELDS(CX_FIELD_CONSTANT) };

enum {
	CX_CQE_OP_RECEIVED = 0x01,
	CX_CQE_OP_ERROR = 0x1e,
};
enum {
	CX_SYNDROME_LOCAL_LENGTH = 0x01,
	CX_SYNDROME_LOCAL_QP_OPERATION = 0x02,
	CX_SYNDROME_LOCAL_PROTECTION = 0x04,
	CX_SYNDROME_FLUSHED = 0x05,
};
/* The byte that firmware leaves in an entry which nobody wrote yet */
#define CX_CQE_INITIAL_BYTE 0xcc

/* Event queue entry. 64-byte entries carry it in their upper half. */
#define CX_EQE_SIZE 32
#define CX_EQE_FIELDS(F)                    \
	F(EQE, TYPE, 0x00, 16, 8)           \
	F(EQE, SUBTYPE, 0x00, 0, 8)         \
	F(EQE, NUMBER, 0x04, 0, 24)         \
	F(EQE, TOKEN, 0x04, 0, 16)          \
	F(EQE, MANAGEMENT_PORT, 0x04, 0, 8) \
	F(EQE, TEMPERATURE, 0x04, 16, 16)   \
	F(EQE, THRESHOLD, 0x04, 0, 16)      \
	F(EQE, PORT, 0x0c, 28, 4)           \
	F(EQE, STATUS, 0x0c, 0, 8)          \
	F(EQE, OUT_PARAM, 0x10, 0, 64)      \
	F(EQE, OWNER, 0x1c, 7, 1)
enum { CX_EQE_FIELDS(CX_FIELD_CONSTANT) };
/* The byte that holds the owner bit: written last */
#define CX_ENTRY_OWNER_BYTE 0x1f
#define CX_ENTRY_OWNER_BIT 0x80

/* X(name, type) */
#define CX_EVENTS(X)                 \
	X(COMPLETION, 0x00)          \
	X(COMMUNICATION, 0x02)       \
	X(SQ_DRAINED, 0x03)          \
	X(CQ_ERROR, 0x04)            \
	X(WQ_CATASTROPHIC, 0x05)     \
	X(LOCAL_CATASTROPHIC, 0x08)  \
	X(PORT_CHANGE, 0x09)         \
	X(COMMAND, 0x0a)             \
	X(EQ_OVERFLOW, 0x0f)         \
	X(WQ_INVALID_REQUEST, 0x10)  \
	X(WQ_ACCESS_VIOLATION, 0x11) \
	X(OPERATION_REQUIRED, 0x1a)  \
	X(FATAL_WARNING, 0x1b)       \
	X(RECOVERABLE_ERROR, 0x3e)
#define CX_EVENT_CONSTANT(name, type) CX_EVENT_##name = (type),
enum cx_event { CX_EVENTS(CX_EVENT_CONSTANT) };
#define CX_EVENT_TYPES 64

enum {
	CX_PORT_CHANGE_DOWN = 1,
	CX_PORT_CHANGE_UP = 4,
};
enum {
	CX_CQ_ERROR_OVERRUN = 1,
	CX_CQ_ERROR_ACCESS = 2,
};
#define CX_WARNING_TEMPERATURE 0
enum {
	CX_RECOVERABLE_BAD_CABLE = 1,
	CX_RECOVERABLE_UNSUPPORTED_CABLE = 2,
};

#endif
