// SPDX-License-Identifier: GPL-2.0-only
/*
 * QUERY_FW, QUERY_DEV_CAP, QUERY_ADAPTER, QUERY_HCA, QUERY_FUNC: what the card
 * says about itself and about how it was set up.
 */
#include <string.h>

#include "connectx/device.h"
#include "connectx/field.h"
#include "emulator/adapter/ethernet_commands.h"

static u8 query_fw(struct adapter *adapter, struct command *command)
{
	memcpy(command->out, adapter->ethernet.profile.firmware,
	       CX_QUERY_FW_SIZE);
	command->out_length = CX_QUERY_FW_SIZE;
	return CX_STATUS_OK;
}

static u8 query_dev_cap(struct adapter *adapter, struct command *command)
{
	memcpy(command->out, adapter->ethernet.profile.dev_cap,
	       CX_DEV_CAP_SIZE);
	command->out_length = CX_DEV_CAP_SIZE;
	return CX_STATUS_OK;
}

static u8 query_adapter(struct adapter *adapter, struct command *command)
{
	u8 *psid = command->out + CX_QUERY_ADAPTER_PSID;
	const char *text = adapter->ethernet.profile.psid;

	cx_set(command->out, CX_QUERY_ADAPTER_INTA_PIN, 0);
	for (unsigned int i = 0; i < CX_PSID_SIZE; i++)
		psid[i ^ 3] = (u8)text[i];
	command->out_length = CX_QUERY_ADAPTER_SIZE;
	return CX_STATUS_OK;
}

static u8 query_hca(struct adapter *adapter, struct command *command)
{
	u8 *out = command->out;

	if (adapter->hca_up)
		memcpy(out, adapter->init_hca, CX_INIT_HCA_SIZE);
	/* What INIT_HCA says in the clock's word means other things here */
	cx_store_be32(out + CX_FIELD_OFFSET(CX_INIT_HCA_CORE_CLOCK), 0);
	cx_set(out, CX_INIT_HCA_CORE_CLOCK,
	       adapter->ethernet.profile.core_clock);
	command->out_length = CX_INIT_HCA_SIZE;
	return CX_STATUS_OK;
}

/* Asked only by drivers that saw SYS_EQS; the numbers agree with DEV_CAP. */
static u8 query_func(struct adapter *adapter, struct command *command)
{
	const struct profile *profile = &adapter->ethernet.profile;
	u8 *out = command->out;

	if (command->in_mod & 0xff)
		return CX_STATUS_BAD_PARAM;
	cx_set(out, CX_QUERY_FUNC_RESERVED_EQS,
	       profile_cap(profile, CX_DEV_CAP_RESERVED_EQS));
	cx_set(out, CX_QUERY_FUNC_MAX_EQS,
	       1u << profile_cap(profile, CX_DEV_CAP_LOG_MAX_EQS));
	cx_set(out, CX_QUERY_FUNC_RESERVED_UARS,
	       profile_cap(profile, CX_DEV_CAP_RESERVED_UARS));
	command->out_length = CX_QUERY_FUNC_SIZE;
	return CX_STATUS_OK;
}

const struct command_binding query_commands[] = {
	{ CX_CMD_QUERY_FW, query_fw },
	{ CX_CMD_QUERY_DEV_CAP, query_dev_cap },
	{ CX_CMD_QUERY_ADAPTER, query_adapter },
	{ CX_CMD_QUERY_HCA, query_hca },
	{ CX_CMD_QUERY_FUNC, query_func },
	{ 0, NULL },
};
