/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of BAR0 ("DCS") and of the UAR pages in BAR2
 * (docs/hardware/registers.md). Every register is a big-endian 32-bit word
 * but the MSI-X table and PBA.
 */
#ifndef CONNECTX_REGISTERS_H
#define CONNECTX_REGISTERS_H

#include "connectx/field.h"

#define CX_BAR_DCS 0
#define CX_BAR_UAR 2
#define CX_BAR0_SIZE 0x100000
#define CX_BAR2_SIZE 0x800000

/* BAR0 */
#define CX_REG_CATASTROPHIC 0x1f020
#define CX_CATASTROPHIC_DWORDS 16
#define CX_REG_INTERNAL_CLOCK 0x80800
#define CX_REG_MSIX_TABLE 0x7c000
#define CX_REG_MSIX_PBA 0x7d000
#define CX_MSIX_VECTORS 128
#define CX_REG_HCR 0x80680
#define CX_HCR_DWORDS 7
#define CX_REG_OWNER 0x8069c
#define CX_REG_RESET 0xf0010
#define CX_RESET_BIT 0x00000001
#define CX_REG_DEVICE_ID 0xf0014
#define CX_REG_CLEAR_INTERRUPT 0xf0058
#define CX_REG_TOOLS_SEMAPHORE 0xf03bc
#define CX_REG_SEMAPHORE 0xf03fc
/* What reads of the CR space as a whole pass by (C2.9) */
#define CX_REG_CR_FILTER 0xf3f04
#define CX_CR_FILTER_ON 0x00000040
/* QUERY_DEV_CAP places it; where the virtual adapter has it */
#define CX_REG_HEALTH_BUFFER 0x1f080
#define CX_HEALTH_BUFFER_SIZE 64
/* Behind it: 1 blocks what a read would change */
#define CX_HEALTH_BUFFER_BLOCK 0x40

/* What CX_REG_DEVICE_ID says: the silicon, and the revision of the first ones */
#define CX_DEVICE_ID_HARDWARE CX_FIELD(0, 0, 16)
#define CX_DEVICE_ID_REVISION CX_FIELD(0, 16, 8)
/* What real firmware answers as the silicon */
#define CX_HW_ID_CONNECTX 0x190
#define CX_HW_ID_CONNECTX_3 0x1f5
#define CX_HW_ID_CONNECTX_3_PRO 0x1f7

/* The host command register, offsets from CX_REG_HCR */
#define CX_HCR_FIELDS(F)                 \
	F(HCR, IN_PARAM, 0x00, 0, 64)    \
	F(HCR, IN_MODIFIER, 0x08, 0, 32) \
	F(HCR, OUT_PARAM, 0x0c, 0, 64)   \
	F(HCR, TOKEN, 0x14, 16, 16)      \
	F(HCR, STATUS, 0x18, 24, 8)      \
	F(HCR, GO, 0x18, 23, 1)          \
	F(HCR, EVENT, 0x18, 22, 1)       \
	F(HCR, TOGGLE, 0x18, 21, 1)      \
	F(HCR, OP_MODIFIER, 0x18, 12, 4) \
	F(HCR, OPCODE, 0x18, 0, 12)
enum { CX_HCR_FIELDS(CX_FIELD_CONSTANT) };
#define CX_HCR_TRIGGER_DWORD 6

/* A UAR page of BAR2 */
#define CX_UAR_PAGE_SHIFT 12
#define CX_UAR_PAGE_SIZE (1 << CX_UAR_PAGE_SHIFT)
/* Pages below hold the EQ doorbells, four to a page */
#define CX_UAR_EQ_PAGES 128
#define CX_UAR_EQS_PER_PAGE 4
#define CX_UAR_SEND_DOORBELL 0x14
#define CX_UAR_CQ_DOORBELL 0x20
#define CX_UAR_EQ_DOORBELL 0x800
#define CX_UAR_EQ_DOORBELL_STRIDE 8

/* The words written to a UAR page */
#define CX_SEND_DOORBELL_FIELDS(F) F(SEND_DOORBELL, QPN, 0x00, 8, 24)
#define CX_CQ_DOORBELL_FIELDS(F)              \
	F(CQ_DOORBELL, SEQUENCE, 0x00, 28, 2) \
	F(CQ_DOORBELL, COMMAND, 0x00, 24, 3)  \
	F(CQ_DOORBELL, CQN, 0x00, 0, 24)      \
	F(CQ_DOORBELL, CONSUMER_INDEX, 0x04, 0, 24)
#define CX_EQ_DOORBELL_FIELDS(F)         \
	F(EQ_DOORBELL, ARM, 0x00, 31, 1) \
	F(EQ_DOORBELL, CONSUMER_INDEX, 0x00, 0, 24)
enum { CX_SEND_DOORBELL_FIELDS(CX_FIELD_CONSTANT) };
enum { CX_CQ_DOORBELL_FIELDS(CX_FIELD_CONSTANT) };
enum { CX_EQ_DOORBELL_FIELDS(CX_FIELD_CONSTANT) };

enum {
	CX_CQ_ARM_SOLICITED = 1,
	CX_CQ_ARM_NEXT = 2,
};

/* Doorbell records in host memory */
#define CX_CQ_RECORD_FIELDS(F)                    \
	F(CQ_RECORD, CONSUMER_INDEX, 0x00, 0, 24) \
	F(CQ_RECORD, ARM_SEQUENCE, 0x04, 28, 2)   \
	F(CQ_RECORD, ARM_COMMAND, 0x04, 24, 3)    \
	F(CQ_RECORD, ARM_CONSUMER_INDEX, 0x04, 0, 24)
#define CX_RQ_RECORD_FIELDS(F) F(RQ_RECORD, POSTED, 0x00, 0, 16)
enum { CX_CQ_RECORD_FIELDS(CX_FIELD_CONSTANT) };
enum { CX_RQ_RECORD_FIELDS(CX_FIELD_CONSTANT) };

#endif
