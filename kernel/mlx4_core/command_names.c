// SPDX-License-Identifier: GPL-2.0-only
/*
 * What commands and their statuses are called, and what a status means to
 * the kernel.
 */
#include "mlx4_core/core.h"

#define COMMAND_CASE(name, opcode, in, out, bytes) \
	case CX_CMD_##name:                        \
		return #name;

/** cx_command_name - an opcode's name, for the log */
const char *cx_command_name(enum cx_command opcode)
{
	switch (opcode) {
		CX_COMMANDS(COMMAND_CASE)
	}
	return "command";
}

#define STATUS_CASE(name, value) \
	case CX_STATUS_##name:   \
		return #name;

/** cx_status_name - the name of a status, for the log */
const char *cx_status_name(u8 status)
{
	switch ((enum cx_status)status) {
		CX_STATUSES(STATUS_CASE)
	}
	return "unknown status";
}

/** cx_status_errno - what a status means: 0 or -errno */
int cx_status_errno(u8 status)
{
	switch ((enum cx_status)status) {
	case CX_STATUS_OK:
		return 0;
	case CX_STATUS_BAD_OP:
		return -EOPNOTSUPP;
	case CX_STATUS_BAD_PARAM:
	case CX_STATUS_BAD_QP_STATE:
	case CX_STATUS_BAD_PKT:
		return -EINVAL;
	case CX_STATUS_BAD_SYS_STATE:
		return -ENXIO;
	case CX_STATUS_BAD_RESOURCE:
	case CX_STATUS_BAD_RES_STATE:
	case CX_STATUS_BAD_INDEX:
		return -EBADF;
	case CX_STATUS_RESOURCE_BUSY:
	case CX_STATUS_REG_BOUND:
		return -EBUSY;
	case CX_STATUS_EXCEED_LIM:
		return -ENOSPC;
	case CX_STATUS_BAD_NVMEM:
	case CX_STATUS_BAD_SEG_PARAM:
		return -EFAULT;
	case CX_STATUS_ICM_ERROR:
	case CX_STATUS_BAD_SIZE:
		return -ENOMEM;
	case CX_STATUS_LAM_NOT_PRE:
		return -EAGAIN;
	case CX_STATUS_MULTI_FUNC_REQ:
		return -EACCES;
	case CX_STATUS_INTERNAL_ERR:
		break;
	}
	return -EIO;
}
