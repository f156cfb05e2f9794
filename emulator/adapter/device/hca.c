// SPDX-License-Identifier: GPL-2.0-only
/*
 * INIT_HCA, CLOSE_HCA, NOP: the card as a whole (docs/hardware/init.md).
 */
#include "emulator/adapter/adapter.h"
#include "emulator/adapter/device/device_limits.h"

#define LOG_NUMBERS_MAX 24
#define LOG_EQS_MAX 9
#define LOG_DMPTS_MAX 21
#define ENTRY_LOG_32 5

static bool sizes_allowed(const u8 *hca)
{
	return cx_get(hca, CX_INIT_HCA_LOG_QPS) <= LOG_NUMBERS_MAX &&
	       cx_get(hca, CX_INIT_HCA_LOG_CQS) <= LOG_NUMBERS_MAX &&
	       cx_get(hca, CX_INIT_HCA_LOG_SRQS) <= LOG_NUMBERS_MAX &&
	       cx_get(hca, CX_INIT_HCA_LOG_EQS) <= LOG_EQS_MAX &&
	       cx_get(hca, CX_INIT_HCA_LOG_DMPTS) <= LOG_DMPTS_MAX &&
	       cx_get(hca, CX_INIT_HCA_UAR_PAGE_SIZE) == 0;
}

/* Entry sizes that were not advertised are refused. */
static bool entries_allowed(struct adapter *adapter, const u8 *hca)
{
	if (cx_get(hca, CX_INIT_HCA_CQE_64B) && !device_has_cqe_64b(adapter))
		return false;
	if (cx_get(hca, CX_INIT_HCA_EQE_64B) && !device_has_eqe_64b(adapter))
		return false;
	return !cx_get(hca, CX_INIT_HCA_LOG_CQE_STRIDE) &&
	       !cx_get(hca, CX_INIT_HCA_LOG_EQE_STRIDE);
}

static u8 init_hca(struct adapter *adapter, struct command *command)
{
	const u8 *hca = command->in;
	u8 status;

	if (!adapter->running || adapter->hca_up ||
	    adapter->aux_pages < DEVICE_AUX_PAGES)
		return CX_STATUS_BAD_SYS_STATE;
	if (cx_get(hca, CX_INIT_HCA_VERSION) != CX_INIT_HCA_VERSION_2)
		return CX_STATUS_BAD_PARAM;
	if (!sizes_allowed(hca) || !entries_allowed(adapter, hca))
		return CX_STATUS_BAD_PARAM;
	memcpy(adapter->init_hca, hca, CX_INIT_HCA_SIZE);
	adapter->queues.log_cqe_stride =
		ENTRY_LOG_32 + cx_get(hca, CX_INIT_HCA_CQE_64B);
	adapter->queues.log_eqe_stride =
		ENTRY_LOG_32 + cx_get(hca, CX_INIT_HCA_EQE_64B);
	adapter->hca_up = true;
	status = ethernet_hca_init(adapter);
	if (status) {
		adapter->hca_up = false;
		memset(adapter->init_hca, 0, CX_INIT_HCA_SIZE);
	}
	return status;
}

static u8 close_hca(struct adapter *adapter, struct command *command)
{
	ethernet_hca_close(adapter);
	queues_reset(adapter);
	memory_regions_reset(&adapter->regions);
	memset(adapter->init_hca, 0, CX_INIT_HCA_SIZE);
	adapter->hca_up = false;
	return CX_STATUS_OK;
}

static u8 nop(struct adapter *adapter, struct command *command)
{
	return CX_STATUS_OK;
}

const struct command_binding hca_commands[] = {
	{ CX_CMD_INIT_HCA, init_hca },
	{ CX_CMD_CLOSE_HCA, close_hca },
	{ CX_CMD_NOP, nop },
	{ 0 },
};
