/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Contexts of queues and memory regions, as commands carry them
 * (docs/hardware/queues.md).
 */
#ifndef CONNECTX_CONTEXT_H
#define CONNECTX_CONTEXT_H

#include "connectx/field.h"

/* Event queue */
#define CX_EQC_SIZE 0x40
#define CX_EQC_FIELDS(F)                    \
	F(EQC, STATUS, 0x00, 28, 4)         \
	F(EQC, COLLAPSE, 0x00, 18, 1)       \
	F(EQC, OVERRUN_IGNORE, 0x00, 17, 1) \
	F(EQC, STATE, 0x00, 8, 4)           \
	F(EQC, PAGE_OFFSET, 0x08, 5, 7)     \
	F(EQC, LOG_SIZE, 0x0c, 24, 5)       \
	F(EQC, PERIOD, 0x10, 16, 16)        \
	F(EQC, MAX_COUNT, 0x10, 0, 16)      \
	F(EQC, INTERRUPT, 0x14, 0, 9)       \
	F(EQC, LOG_PAGE_SIZE, 0x18, 24, 6)  \
	F(EQC, MTT, 0x18, 3, 37)            \
	F(EQC, CONSUMER_INDEX, 0x28, 0, 24) \
	F(EQC, PRODUCER_INDEX, 0x2c, 0, 24)
enum { CX_EQC_FIELDS(CX_FIELD_CONSTANT) };

/* Completion queue */
#define CX_CQC_SIZE 0x40
#define CX_CQC_FIELDS(F)                     \
	F(CQC, STATUS, 0x00, 28, 4)          \
	F(CQC, TIMESTAMP, 0x00, 19, 1)       \
	F(CQC, COLLAPSE, 0x00, 18, 1)        \
	F(CQC, OVERRUN_IGNORE, 0x00, 17, 1)  \
	F(CQC, STATE, 0x00, 8, 4)            \
	F(CQC, PAGE_OFFSET, 0x08, 5, 7)      \
	F(CQC, LOG_SIZE, 0x0c, 24, 5)        \
	F(CQC, UAR_PAGE, 0x0c, 0, 24)        \
	F(CQC, PERIOD, 0x10, 16, 16)         \
	F(CQC, MAX_COUNT, 0x10, 0, 16)       \
	F(CQC, EQN, 0x14, 0, 9)              \
	F(CQC, LOG_PAGE_SIZE, 0x18, 24, 6)   \
	F(CQC, MTT, 0x18, 3, 37)             \
	F(CQC, LAST_NOTIFIED, 0x20, 0, 24)   \
	F(CQC, SOLICITED_INDEX, 0x24, 0, 24) \
	F(CQC, CONSUMER_INDEX, 0x28, 0, 24)  \
	F(CQC, PRODUCER_INDEX, 0x2c, 0, 24)  \
	F(CQC, RECORD, 0x38, 3, 61)
enum { CX_CQC_FIELDS(CX_FIELD_CONSTANT) };

/* State and status nibbles that EQ and CQ contexts share */
enum {
	CX_QUEUE_STATE_ARMED_SOLICITED = 0x6,
	CX_QUEUE_STATE_ARMED = 0x9,
	CX_QUEUE_STATE_FIRED = 0xa,
	CX_QUEUE_STATE_ALWAYS_ARMED = 0xb,
};
enum {
	CX_QUEUE_STATUS_OK = 0x0,
	CX_QUEUE_STATUS_OVERFLOW = 0x9,
	CX_QUEUE_STATUS_WRITE_FAILURE = 0xa,
};

enum {
	CX_MODIFY_CQ_RESIZE = 0,
	CX_MODIFY_CQ_MODERATION = 1,
};

/*
 * Queue pair. A transition's mailbox has the mask of optional parameters in
 * front of the context; QUERY_QP answers in the same shape.
 */
#define CX_QP_MAILBOX_CONTEXT 8
#define CX_QPC_SIZE 0xf8
#define CX_QP_OPTIONAL_FIELDS(F) F(QP_OPTIONAL, MASK, 0x00, 0, 32)
enum { CX_QP_OPTIONAL_FIELDS(CX_FIELD_CONSTANT) };

#define CX_QPC_FIELDS(F)                      \
	F(QPC, STATE, 0x00, 28, 4)            \
	F(QPC, SERVICE_TYPE, 0x00, 16, 8)     \
	F(QPC, RSS, 0x00, 13, 1)              \
	F(QPC, PATH_MIGRATION, 0x00, 11, 2)   \
	F(QPC, PD, 0x04, 0, 24)               \
	F(QPC, MTU, 0x08, 29, 3)              \
	F(QPC, LOG_MESSAGE_MAX, 0x08, 24, 5)  \
	F(QPC, LOG_RQ_SIZE, 0x08, 19, 4)      \
	F(QPC, LOG_RQ_STRIDE, 0x08, 16, 3)    \
	F(QPC, LOG_SQ_SIZE, 0x08, 11, 4)      \
	F(QPC, LOG_SQ_STRIDE, 0x08, 8, 3)     \
	F(QPC, RESERVED_LKEY, 0x08, 4, 1)     \
	F(QPC, UAR_PAGE, 0x0c, 0, 24)         \
	F(QPC, LOCAL_QPN, 0x10, 0, 24)        \
	F(QPC, REMOTE_QPN, 0x14, 0, 24)       \
	F(QPC, PARAMS1, 0x70, 0, 32)          \
	F(QPC, NEXT_SEND_PSN, 0x78, 0, 24)    \
	F(QPC, SEND_CQN, 0x7c, 0, 24)         \
	F(QPC, ROCE_ENTROPY, 0x80, 16, 16)    \
	F(QPC, PAGE_OFFSET, 0x90, 6, 6)       \
	F(QPC, FIXED_PORT, 0x90, 3, 1)        \
	F(QPC, PARAMS2, 0x90, 0, 32)          \
	F(QPC, NEXT_RECEIVE_PSN, 0x94, 0, 24) \
	F(QPC, RECEIVE_CQN, 0x9c, 0, 24)      \
	F(QPC, RECORD, 0xa0, 2, 62)           \
	F(QPC, QKEY, 0xa8, 0, 32)             \
	F(QPC, TUNNEL, 0xac, 28, 3)           \
	F(QPC, SRQ, 0xac, 24, 1)              \
	F(QPC, SRQN, 0xac, 0, 24)             \
	F(QPC, RQ_COUNTER, 0xb4, 16, 16)      \
	F(QPC, SQ_COUNTER, 0xb4, 0, 16)       \
	F(QPC, RATE_UNIT, 0xbc, 30, 2)        \
	F(QPC, RATE_VALUE, 0xbc, 16, 12)      \
	F(QPC, QOS_VPORT, 0xbc, 0, 8)         \
	F(QPC, VLAN_STRIP_OFF, 0xc0, 30, 1)   \
	F(QPC, FCS_KEEP, 0xc0, 29, 1)         \
	F(QPC, LOG_PAGE_SIZE, 0xc8, 24, 6)    \
	F(QPC, MTT, 0xc8, 3, 37)
enum { CX_QPC_FIELDS(CX_FIELD_CONSTANT) };
/* RATE_UNIT here and in QUERY_DEV_CAP */
enum cx_rate_unit {
	CX_RATE_NONE = 0,
	CX_RATE_KBPS = 1,
	CX_RATE_MBPS = 2,
	CX_RATE_GBPS = 3,
};

/* Address path: in the context at these offsets */
#define CX_QPC_PRIMARY_PATH 0x18
#define CX_QPC_ALTERNATE_PATH 0x44
#define CX_PATH_SIZE 0x2c
#define CX_PATH_FIELDS(F)                            \
	F(PATH, FORCE_LOOPBACK, 0x00, 31, 1)         \
	F(PATH, MULTICAST_SOURCE_CHECK, 0x00, 25, 1) \
	F(PATH, UNICAST_SOURCE_CHECK, 0x00, 24, 1)   \
	F(PATH, COUNTER_SOURCE_CHECK, 0x00, 23, 1)   \
	F(PATH, COUNTER_INDEX, 0x04, 24, 8)          \
	F(PATH, SOURCE_MAC_INDEX, 0x04, 16, 7)       \
	F(PATH, LINK_TYPE, 0x08, 24, 3)              \
	F(PATH, PORT, 0x20, 30, 1)                   \
	F(PATH, SCHEDULE_QUEUE, 0x20, 24, 8)         \
	F(PATH, PRIORITY, 0x20, 27, 3)               \
	F(PATH, VLAN_INDEX, 0x20, 16, 7)             \
	F(PATH, FORCE_USER_PRIORITY, 0x20, 14, 1)    \
	F(PATH, FORCE_SOURCE_MAC, 0x20, 13, 1)
enum { CX_PATH_FIELDS(CX_FIELD_CONSTANT) };
#define CX_PATH_LINK_ETHERNET 1
/* SCHEDULE_QUEUE of Ethernet; PORT (number - 1) and PRIORITY are parts of it */
#define CX_SCHEDULE_QUEUE_ETHERNET 0x83
/* COUNTER_INDEX of a card without counters */
#define CX_COUNTER_NONE 0xff

/* Receive side scaling: overlays the paths of a parent queue pair */
#define CX_QPC_RSS_CONTEXT 0x3c
#define CX_RSS_FIELDS(F)                  \
	F(RSS, LOG_QUEUES, 0x00, 24, 4)   \
	F(RSS, BASE_QPN, 0x00, 0, 24)     \
	F(RSS, DEFAULT_QPN, 0x04, 0, 24)  \
	F(RSS, HASH_FUNCTION, 0x08, 8, 8) \
	F(RSS, INNER, 0x08, 6, 2)         \
	F(RSS, HASH_FIELDS, 0x08, 0, 6)   \
	F(RSS, BASE_QPN_UDP, 0x34, 0, 24)
enum { CX_RSS_FIELDS(CX_FIELD_CONSTANT) };
#define CX_RSS_KEY 0x0c
#define CX_RSS_KEY_SIZE 40
#define CX_RSS_SIZE 0x38
enum {
	CX_RSS_HASH_XOR = 0,
	CX_RSS_HASH_TOEPLITZ = 1,
};
/* Bits of HASH_FIELDS: what is hashed on */
enum {
	CX_RSS_FIELDS_UDP_IPV6 = 1 << 0,
	CX_RSS_FIELDS_UDP_IPV4 = 1 << 1,
	CX_RSS_FIELDS_TCP_IPV6 = 1 << 2,
	CX_RSS_FIELDS_IPV6 = 1 << 3,
	CX_RSS_FIELDS_TCP_IPV4 = 1 << 4,
	CX_RSS_FIELDS_IPV4 = 1 << 5,
};
enum {
	CX_RSS_OUTER_HEADERS = 0,
	CX_RSS_INNER_HEADERS = 2,
	CX_RSS_INNER_IP = 3,
};

enum cx_qp_state {
	CX_QP_RST = 0,
	CX_QP_INIT = 1,
	CX_QP_RTR = 2,
	CX_QP_RTS = 3,
	CX_QP_SQER = 4,
	CX_QP_SQD = 5,
	CX_QP_ERR = 6,
	CX_QP_SQ_DRAINING = 7,
};

#define CX_QP_SERVICE_ETHERNET 7
#define CX_QP_MTU_ETHERNET 7 /* the port's applies */
#define CX_QP_LOG_MESSAGE_MAX 31
/* Strides are multiples of this many bytes: fields hold log(stride) - 4 */
#define CX_QP_LOG_STRIDE_UNIT 4
/*
 * A queue pair's buffer holds both queues, that with the larger stride first,
 * the send queue if they are equal. A receive queue comes with a send queue of
 * one entry of 64 bytes, as on every card ever seen (docs/hardware/queues.md,
 * Q5.6).
 */
#define CX_QP_LOG_SEND_STRIDE 6
/* TUNNEL: receives both plain and tunnelled frames */
#define CX_QP_TUNNEL_BOTH 7

/* Bits of CX_QP_OPTIONAL_MASK */
enum {
	CX_QP_OPTIONAL_ALTERNATE_PATH = 1 << 0,
	CX_QP_OPTIONAL_QKEY = 1 << 5,
	CX_QP_OPTIONAL_PRIMARY_PATH = 1 << 7,
	CX_QP_OPTIONAL_SCHEDULE_QUEUE = 1 << 16,
	CX_QP_OPTIONAL_COUNTER_INDEX = 1 << 20,
	CX_QP_OPTIONAL_VLAN_STRIP = 1 << 21,
};

/* Operation modifier of HW2SW_*: no output mailbox */
#define CX_HW2SW_NO_MAILBOX 1
/* 2RST_QP's operation modifier */
#define CX_TO_RST_NO_MAILBOX 1
#define CX_TO_RST_AT_ONCE 2
/* RTS2SQD: raise an event when drained */
#define CX_SQD_EVENT 0x80000000u

/* UPDATE_QP: masks in front of the context */
#define CX_UPDATE_QP_CONTEXT 0x20
#define CX_UPDATE_QP_FIELDS(F)                          \
	F(UPDATE_QP, QOS_VPORT, 0x00, 34, 1)            \
	F(UPDATE_QP, RATE_LIMIT, 0x00, 35, 1)           \
	F(UPDATE_QP, VLAN_STRIP, 0x00, 33, 1)           \
	F(UPDATE_QP, SCHEDULE_QUEUE, 0x08, 46, 1)       \
	F(UPDATE_QP, COUNTER_INDEX, 0x08, 47, 1)        \
	F(UPDATE_QP, UNICAST_SOURCE_CHECK, 0x08, 50, 1) \
	F(UPDATE_QP, MULTICAST_SOURCE_CHECK, 0x08, 51, 1)
enum { CX_UPDATE_QP_FIELDS(CX_FIELD_CONSTANT) };

/* Memory protection table entry */
#define CX_MPT_SIZE 0x40
#define CX_MPT_FIELDS(F)                     \
	F(MPT, STATUS, 0x00, 28, 4)          \
	F(MPT, ATOMIC, 0x00, 14, 1)          \
	F(MPT, REMOTE_WRITE, 0x00, 13, 1)    \
	F(MPT, REMOTE_READ, 0x00, 12, 1)     \
	F(MPT, LOCAL_WRITE, 0x00, 11, 1)     \
	F(MPT, LOCAL_READ, 0x00, 10, 1)      \
	F(MPT, PHYSICAL, 0x00, 9, 1)         \
	F(MPT, REGION, 0x00, 8, 1)           \
	F(MPT, KEY, 0x08, 0, 32)             \
	F(MPT, PD, 0x0c, 0, 24)              \
	F(MPT, START, 0x10, 0, 64)           \
	F(MPT, LENGTH, 0x18, 0, 64)          \
	F(MPT, LKEY, 0x20, 0, 32)            \
	F(MPT, LENGTH_64, 0x28, 22, 1)       \
	F(MPT, MTT, 0x2c, 3, 37)             \
	F(MPT, LOG_ENTITY_SIZE, 0x38, 0, 21) \
	F(MPT, FIRST_BYTE_OFFSET, 0x3c, 0, 21)
enum { CX_MPT_FIELDS(CX_FIELD_CONSTANT) };
#define CX_MPT_STATUS_SOFTWARE 0xf
#define CX_MPT_STATUS_FREE 0x3
#define CX_MPT_STATUS_HARDWARE 0x0

/* Terminates the scatter list of a receive descriptor */
#define CX_LKEY_INVALID 0x00000100

#endif
