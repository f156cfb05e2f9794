/* SPDX-License-Identifier: GPL-2.0-only */
/* Page pools. */
#ifndef COMPAT_PAGE_POOL_H
#define COMPAT_PAGE_POOL_H

#include <net/page_pool/helpers.h>
#include <net/page_pool/types.h>

/*
 * Members of struct page_pool_params that old kernels lack: who takes from the
 * pool. They make recycling cheaper and are shown to user space.
 */
static inline void compat_page_pool_owner(struct page_pool_params *params,
					  struct net_device *netdev,
					  struct napi_struct *napi,
					  unsigned int queue)
{
#if COMPAT_HAS_PAGE_POOL_NAPI
	params->napi = napi;
#endif
#if COMPAT_HAS_PAGE_POOL_NETDEV
	params->netdev = netdev;
#endif
#if COMPAT_HAS_PAGE_POOL_QUEUE_IDX
	params->queue_idx = queue;
#endif
}

#if !COMPAT_HAS_PAGE_POOL_SYNC_FOR_CPU
static inline void page_pool_dma_sync_for_cpu(const struct page_pool *pool,
					      const struct page *page,
					      u32 offset, u32 size)
{
	dma_addr_t dma = page_pool_get_dma_addr((struct page *)page);

	dma_sync_single_range_for_cpu(pool->p.dev, dma, offset + pool->p.offset,
				      size, pool->p.dma_dir);
}
#endif

#endif
