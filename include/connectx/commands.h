/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands of the host command register: opcodes, what their parameters are,
 * status codes (docs/hardware/commands.md).
 */
#ifndef CONNECTX_COMMANDS_H
#define CONNECTX_COMMANDS_H

#define CX_MAILBOX_SIZE 4096
#define CX_MAILBOX_ALIGNMENT 4096

/*
 * X(name, opcode, input, output, output bytes)
 * input and output: NONE, IMM (the 64-bit parameter itself), MBOX (its
 * address). Output bytes: the most that the adapter writes to a mailbox;
 * software may own no more than that (iPXE allocates 1,024 bytes).
 */
#define CX_COMMANDS(X)                               \
	X(QUERY_DEV_CAP, 0x003, NONE, MBOX, 0x100)   \
	X(QUERY_FW, 0x004, NONE, MBOX, 0x100)        \
	X(QUERY_ADAPTER, 0x006, NONE, MBOX, 0x100)   \
	X(INIT_HCA, 0x007, MBOX, NONE, 0)            \
	X(CLOSE_HCA, 0x008, NONE, NONE, 0)           \
	X(INIT_PORT, 0x009, NONE, NONE, 0)           \
	X(CLOSE_PORT, 0x00a, NONE, NONE, 0)          \
	X(QUERY_HCA, 0x00b, NONE, MBOX, 0x200)       \
	X(SET_PORT, 0x00c, MBOX, NONE, 0)            \
	X(SW2HW_MPT, 0x00d, MBOX, NONE, 0)           \
	X(QUERY_MPT, 0x00e, NONE, MBOX, 0x40)        \
	X(HW2SW_MPT, 0x00f, NONE, MBOX, 0x40)        \
	X(READ_MTT, 0x010, MBOX, MBOX, 0x400)        \
	X(WRITE_MTT, 0x011, MBOX, NONE, 0)           \
	X(MAP_EQ, 0x012, IMM, NONE, 0)               \
	X(SW2HW_EQ, 0x013, MBOX, NONE, 0)            \
	X(HW2SW_EQ, 0x014, NONE, MBOX, 0x40)         \
	X(QUERY_EQ, 0x015, NONE, MBOX, 0x40)         \
	X(SW2HW_CQ, 0x016, MBOX, NONE, 0)            \
	X(HW2SW_CQ, 0x017, NONE, MBOX, 0x40)         \
	X(QUERY_CQ, 0x018, NONE, MBOX, 0x40)         \
	X(RST2INIT_QP, 0x019, MBOX, NONE, 0)         \
	X(INIT2RTR_QP, 0x01a, MBOX, NONE, 0)         \
	X(RTR2RTS_QP, 0x01b, MBOX, NONE, 0)          \
	X(RTS2RTS_QP, 0x01c, MBOX, NONE, 0)          \
	X(SQERR2RTS_QP, 0x01d, MBOX, NONE, 0)        \
	X(TO_ERR_QP, 0x01e, MBOX, NONE, 0)           \
	X(RTS2SQD_QP, 0x01f, MBOX, NONE, 0)          \
	X(SQD2RTS_QP, 0x020, MBOX, NONE, 0)          \
	X(TO_RST_QP, 0x021, NONE, MBOX, 0x100)       \
	X(QUERY_QP, 0x022, NONE, MBOX, 0x100)        \
	X(CONF_SPECIAL_QP, 0x023, NONE, NONE, 0)     \
	X(MAD_IFC, 0x024, MBOX, MBOX, 0x100)         \
	X(READ_MCG, 0x025, NONE, MBOX, 0x1000)       \
	X(WRITE_MCG, 0x026, MBOX, NONE, 0)           \
	X(MGID_HASH, 0x027, MBOX, IMM, 0)            \
	X(MODIFY_CQ, 0x02c, MBOX, NONE, 0)           \
	X(INIT2INIT_QP, 0x02d, MBOX, NONE, 0)        \
	X(SYNC_TPT, 0x02f, NONE, NONE, 0)            \
	X(DIAG_RPRT, 0x030, NONE, MBOX, 0x100)       \
	X(NOP, 0x031, NONE, NONE, 0)                 \
	X(MOD_STAT_CFG, 0x034, MBOX, MBOX, 0x100)    \
	X(SW2HW_SRQ, 0x035, MBOX, NONE, 0)           \
	X(HW2SW_SRQ, 0x036, NONE, MBOX, 0x40)        \
	X(QUERY_SRQ, 0x037, NONE, MBOX, 0x40)        \
	X(SQD2SQD_QP, 0x038, MBOX, NONE, 0)          \
	X(CONFIG_DEV, 0x03a, MBOX, MBOX, 0x100)      \
	X(ACCESS_REG, 0x03b, MBOX, MBOX, 0x100)      \
	X(ARM_SRQ, 0x040, IMM, NONE, 0)              \
	X(QUERY_PORT, 0x043, NONE, MBOX, 0x40)       \
	X(SET_VLAN_FLTR, 0x047, MBOX, NONE, 0)       \
	X(SET_MCAST_FLTR, 0x048, IMM, NONE, 0)       \
	X(DUMP_ETH_STATS, 0x049, NONE, MBOX, 0xbac)  \
	X(SENSE_PORT, 0x04d, NONE, IMM, 0)           \
	X(HW_HEALTH_CHECK, 0x050, NONE, NONE, 0)     \
	X(QUERY_IF_STAT, 0x054, NONE, MBOX, 0x40)    \
	X(SET_IF_STAT, 0x055, MBOX, NONE, 0)         \
	X(QUERY_FUNC, 0x056, NONE, MBOX, 0x40)       \
	X(GET_OP_REQ, 0x059, NONE, MBOX, 0x100)      \
	X(VIRT_PORT_MAP, 0x05c, MBOX, NONE, 0)       \
	X(UPDATE_QP, 0x061, MBOX, NONE, 0)           \
	X(FLOW_STEERING_ATTACH, 0x065, MBOX, IMM, 0) \
	X(FLOW_STEERING_DETACH, 0x066, IMM, NONE, 0) \
	X(CONGESTION_CTRL, 0x068, MBOX, MBOX, 0x100) \
	X(ALLOCATE_VPP, 0x080, MBOX, MBOX, 0x40)     \
	X(SET_VPORT_QOS, 0x081, MBOX, MBOX, 0x120)   \
	X(MAD_DEMUX, 0x203, MBOX, MBOX, 0x100)       \
	X(RUN_FW, 0xff6, NONE, NONE, 0)              \
	X(UNMAP_ICM, 0xff9, IMM, NONE, 0)            \
	X(MAP_ICM, 0xffa, MBOX, NONE, 0)             \
	X(UNMAP_ICM_AUX, 0xffb, NONE, NONE, 0)       \
	X(MAP_ICM_AUX, 0xffc, MBOX, NONE, 0)         \
	X(SET_ICM_SIZE, 0xffd, IMM, IMM, 0)          \
	X(UNMAP_FA, 0xffe, NONE, NONE, 0)            \
	X(MAP_FA, 0xfff, MBOX, NONE, 0)

#define CX_COMMAND_CONSTANT(name, opcode, in, out, bytes) \
	CX_CMD_##name = (opcode),
enum cx_command { CX_COMMANDS(CX_COMMAND_CONSTANT) };

/* X(name, value) */
#define CX_STATUSES(X)         \
	X(OK, 0x00)            \
	X(INTERNAL_ERR, 0x01)  \
	X(BAD_OP, 0x02)        \
	X(BAD_PARAM, 0x03)     \
	X(BAD_SYS_STATE, 0x04) \
	X(BAD_RESOURCE, 0x05)  \
	X(RESOURCE_BUSY, 0x06) \
	X(EXCEED_LIM, 0x08)    \
	X(BAD_RES_STATE, 0x09) \
	X(BAD_INDEX, 0x0a)     \
	X(BAD_NVMEM, 0x0b)     \
	X(ICM_ERROR, 0x0c)     \
	X(BAD_QP_STATE, 0x10)  \
	X(BAD_SEG_PARAM, 0x20) \
	X(REG_BOUND, 0x21)     \
	X(LAM_NOT_PRE, 0x22)   \
	X(BAD_PKT, 0x30)       \
	X(BAD_SIZE, 0x40)      \
	X(MULTI_FUNC_REQ, 0x50)

#define CX_STATUS_CONSTANT(name, value) CX_STATUS_##name = (value),
enum cx_status { CX_STATUSES(CX_STATUS_CONSTANT) };

#endif
