/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory, DMA mappings, PCI. */
#ifndef COMPAT_BASE_H
#define COMPAT_BASE_H

#include <linux/dma-mapping.h>
#include <linux/pci.h>
#include <linux/slab.h>

/* After a macro that defines functions on some kernels and nothing on others */
#define COMPAT_NOTHING static_assert(1)

#if !COMPAT_HAS_KMALLOC_OBJ
#define __compat_gfp(first, gfp, ...) gfp
#define __compat_or_kernel(...) __compat_gfp(, ##__VA_ARGS__, GFP_KERNEL)
#define __compat_obj(alloc, what, gfp) \
	((typeof(what) *)alloc(sizeof(what), gfp))

#define kmalloc_obj(what, ...) \
	__compat_obj(kmalloc, what, __compat_or_kernel(__VA_ARGS__))
#define kzalloc_obj(what, ...) \
	__compat_obj(kzalloc, what, __compat_or_kernel(__VA_ARGS__))
#define kvzalloc_obj(what, ...) \
	__compat_obj(kvzalloc, what, __compat_or_kernel(__VA_ARGS__))
#endif

#if !COMPAT_HAS_KVCALLOC_NODE
static inline void *kvcalloc_node(size_t count, size_t size, gfp_t gfp,
				  int node)
{
	return kvzalloc_node(array_size(count, size), gfp, node);
}
#endif

/* Kernels that cannot tell want every mapping undone. */
#if !COMPAT_HAS_DMA_NEED_UNMAP
static inline bool dma_need_unmap(struct device *dev)
{
	return true;
}
#endif

#if !COMPAT_HAS_DMA_DEV_NEED_SYNC
static inline bool dma_dev_need_sync(const struct device *dev)
{
	return true;
}
#endif

#if !COMPAT_HAS_PCI_IRQ_INTX
#define PCI_IRQ_INTX PCI_IRQ_LEGACY
#endif

#endif
