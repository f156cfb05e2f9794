/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What memory.c and buffer.c share: translation entries that queues use, the
 * region that covers all of memory, doorbell records.
 */
#ifndef MLX4_CORE_MEMORY_H
#define MLX4_CORE_MEMORY_H

#include <linux/dmapool.h>

#include "mlx4_core/core.h"

struct cx_memory {
	struct mutex lock; /* mtts_used; and the device's node while it lies */
	unsigned long *mtts_used; /* a bit an entry, from mtt_first on */
	u32 mtt_first, mtt_count;
	struct dma_pool *records;
	u32 region; /* index of the region in the MPT */
};

int cx_buffers_init(struct cx_core *core);
void cx_buffers_exit(struct cx_core *core);

#endif
