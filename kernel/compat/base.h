/* SPDX-License-Identifier: GPL-2.0-only */
/* Strings, memory, timers, PCI. */
#ifndef COMPAT_BASE_H
#define COMPAT_BASE_H

#include <linux/dma-mapping.h>
#include <linux/overflow.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timer.h>

/* After a macro that defines functions on some kernels and nothing on others */
#define COMPAT_NOTHING static_assert(1)

#if !COMPAT_HAS_STRSCPY_TWO
#define __compat_strscpy_2(to, from) (strscpy)(to, from, sizeof(to))
#define __compat_strscpy_3(to, from, size) (strscpy)(to, from, size)
#define __compat_strscpy(to, from, size, name, ...) name
#define strscpy(to, ...)                                      \
	__compat_strscpy(to, __VA_ARGS__, __compat_strscpy_3, \
			 __compat_strscpy_2, )(to, __VA_ARGS__)
#endif

#if !COMPAT_HAS_KMALLOC_OBJ
#define __compat_gfp(first, gfp, ...) gfp
#define __compat_or_kernel(...) __compat_gfp(, ##__VA_ARGS__, GFP_KERNEL)
#define __compat_objs(alloc, what, count, gfp) \
	((typeof(what) *)alloc(size_mul(sizeof(what), count), gfp))

#define kmalloc_obj(what, ...) \
	__compat_objs(kmalloc, what, 1, __compat_or_kernel(__VA_ARGS__))
#define kzalloc_obj(what, ...) \
	__compat_objs(kzalloc, what, 1, __compat_or_kernel(__VA_ARGS__))
#define kvmalloc_obj(what, ...) \
	__compat_objs(kvmalloc, what, 1, __compat_or_kernel(__VA_ARGS__))
#define kvzalloc_obj(what, ...) \
	__compat_objs(kvzalloc, what, 1, __compat_or_kernel(__VA_ARGS__))
#define kmalloc_objs(what, count, ...) \
	__compat_objs(kmalloc, what, count, __compat_or_kernel(__VA_ARGS__))
#define kzalloc_objs(what, count, ...) \
	__compat_objs(kzalloc, what, count, __compat_or_kernel(__VA_ARGS__))
#define kvmalloc_objs(what, count, ...) \
	__compat_objs(kvmalloc, what, count, __compat_or_kernel(__VA_ARGS__))
#define kvzalloc_objs(what, count, ...) \
	__compat_objs(kvzalloc, what, count, __compat_or_kernel(__VA_ARGS__))

#define __compat_flex(alloc, what, array, count, gfp) \
	((typeof(what) *)alloc(                       \
		struct_size((typeof(what) *)NULL, array, count), gfp))
#define kzalloc_flex(what, array, count, ...)      \
	__compat_flex(kzalloc, what, array, count, \
		      __compat_or_kernel(__VA_ARGS__))
#define kvzalloc_flex(what, array, count, ...)      \
	__compat_flex(kvzalloc, what, array, count, \
		      __compat_or_kernel(__VA_ARGS__))
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

#if !COMPAT_HAS_TIMER_CONTAINER_OF
#define timer_container_of(var, timer, member) \
	container_of(timer, typeof(*(var)), member)
#endif

#if !COMPAT_HAS_PCI_IRQ_INTX
#define PCI_IRQ_INTX PCI_IRQ_LEGACY
#endif

#endif
