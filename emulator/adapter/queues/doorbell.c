// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes to UAR pages (docs/hardware/queues.md). A doorbell only marks its
 * queue; the work is done later, in slices.
 */
#include "emulator/adapter/adapter.h"
#include "emulator/adapter/device/device_limits.h"

/* A CQ doorbell may come as 8 bytes, or as two writes of 4 bytes. */
static void cq_doorbell(struct adapter *adapter, const u8 doorbell[8])
{
	cq_arm(adapter, cx_get(doorbell, CX_CQ_DOORBELL_CQN),
	       cx_get(doorbell, CX_CQ_DOORBELL_COMMAND),
	       cx_get(doorbell, CX_CQ_DOORBELL_CONSUMER_INDEX));
	adapter_receive_resume(adapter);
}

static void write_dword(struct adapter *adapter, u32 page, u32 offset,
			const u8 *data)
{
	u8 *latch = adapter->queues.cq_doorbell_latch;
	u8 doorbell[8];

	if (offset == CX_UAR_SEND_DOORBELL) {
		send_doorbell(adapter, cx_get(data, CX_SEND_DOORBELL_QPN));
	} else if (offset == CX_UAR_CQ_DOORBELL) {
		memcpy(latch, data, 4);
	} else if (offset == CX_UAR_CQ_DOORBELL + 4) {
		memcpy(doorbell, latch, 4);
		memcpy(doorbell + 4, data, 4);
		cq_doorbell(adapter, doorbell);
	} else if (page < CX_UAR_EQ_PAGES && offset >= CX_UAR_EQ_DOORBELL &&
		   offset < CX_UAR_EQ_DOORBELL +
				    CX_UAR_EQS_PER_PAGE *
					    CX_UAR_EQ_DOORBELL_STRIDE &&
		   offset % CX_UAR_EQ_DOORBELL_STRIDE == 0) {
		eq_doorbell(adapter,
			    page * CX_UAR_EQS_PER_PAGE +
				    (offset - CX_UAR_EQ_DOORBELL) /
					    CX_UAR_EQ_DOORBELL_STRIDE,
			    cx_get(data, CX_EQ_DOORBELL_CONSUMER_INDEX),
			    cx_get(data, CX_EQ_DOORBELL_ARM));
	}
}

/*
 * BlueFlame: the descriptor is pushed into a buffer behind the UAR pages. Its
 * second dword names the queue pair; the ring holds the same descriptor, so
 * the push is taken as a doorbell (docs/hardware/queues.md).
 */
static void blueflame_write(struct adapter *adapter, u64 offset, const u8 *data,
			    unsigned int length)
{
	u64 half = DEVICE_BLUEFLAME_REGISTER / 2;
	u64 at = offset % half;

	if (at == 0 && length == 8)
		send_doorbell(adapter, cx_get(data, CX_SEND_BLUEFLAME_QPN));
	else if (at == 4 && length == 4)
		send_doorbell(adapter, cx_load_be32(data) >> 8);
}

void adapter_uar_write(struct adapter *adapter, u64 offset, const u8 *data,
		       unsigned int length)
{
	u32 page = offset >> CX_UAR_PAGE_SHIFT;
	u32 in_page = offset & (CX_UAR_PAGE_SIZE - 1);

	if (!adapter->hca_up || adapter->dead || offset % 4 || length % 4)
		return;
	if (offset >= device_uar_size(adapter)) {
		blueflame_write(adapter, offset - device_uar_size(adapter),
				data, length);
		return;
	}
	for (unsigned int i = 0; i < length; i += 4)
		write_dword(adapter, page, in_page + i, data + i);
}
