/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a send WQE to a frame on its way.
 */
#ifndef EMULATOR_ADAPTER_DATA_TRANSMIT_H
#define EMULATOR_ADAPTER_DATA_TRANSMIT_H

#include "emulator/adapter/adapter.h"

/**
 * transmit_wqe - build and send what a WQE describes
 * @wqe: a copy of it, @length bytes
 * @syndrome: set to the error that the completion must report, else left
 * @bytes: what was sent is added
 *
 * Return: 0, or -EAGAIN: try the same WQE later.
 */
int transmit_wqe(struct adapter *adapter, struct queue_pair *qp, const u8 *wqe,
		 u32 length, u8 *syndrome, u32 *bytes);

/* Hardware gives the upper half one too small exactly when the lower half is
 * 0, and drivers correct for it (docs/hardware/datapath.md).
 */
static inline void cqe_set_timestamp(u8 *cqe, u64 clock)
{
	u64 high = clock >> 16;

	if (!(clock & 0xffff))
		high--;
	cx_set(cqe, CX_CQE_TIMESTAMP_HIGH, high);
	cx_set(cqe, CX_CQE_TIMESTAMP_LOW, clock);
}

/*
 * The client maps its memory anew in bursts; for some milliseconds after a
 * change a missing translation is no error yet.
 */
bool adapter_memory_settling(struct adapter *adapter);
/* Runs the send engine and held receives again a little later. */
void adapter_retry_later(struct adapter *adapter);

#endif
