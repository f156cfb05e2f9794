/* SPDX-License-Identifier: GPL-2.0-only */
/* Accelerated receive flow steering, which a kernel may be built without. */
#ifndef COMPAT_RFS_H
#define COMPAT_RFS_H

#include <linux/cpu_rmap.h>
#include <linux/netdevice.h>

#ifdef CONFIG_RFS_ACCEL
#define COMPAT_RFS_OPS(steer) .ndo_rx_flow_steer = steer,

static inline void compat_set_rx_cpu_rmap(struct net_device *dev,
					  struct cpu_rmap *rmap)
{
	dev->rx_cpu_rmap = rmap;
}

static inline bool compat_rps_may_expire_flow(struct net_device *dev, u16 queue,
					      u32 flow_id, u16 filter)
{
	return rps_may_expire_flow(dev, queue, flow_id, filter);
}

/* A map of @size queues; NULL without memory, or where none is needed */
static inline struct cpu_rmap *compat_cpu_rmap_new(unsigned int size)
{
	struct cpu_rmap *rmap = alloc_cpu_rmap(size, GFP_KERNEL);

	/* Objects that nobody looks at: a queue is its number */
	while (rmap && size--)
		cpu_rmap_add(rmap, rmap);
	return rmap;
}

static inline void compat_cpu_rmap_put(struct cpu_rmap *rmap)
{
	cpu_rmap_put(rmap);
}

static inline void compat_cpu_rmap_update(struct cpu_rmap *rmap, u16 queue,
					  const struct cpumask *cpus)
{
	cpu_rmap_update(rmap, queue, cpus);
}
#else
/* Nobody asks for a flow to be steered in these kernels. */
#define COMPAT_RFS_OPS(steer)

static inline void compat_set_rx_cpu_rmap(struct net_device *dev,
					  struct cpu_rmap *rmap)
{
}

static inline bool compat_rps_may_expire_flow(struct net_device *dev, u16 queue,
					      u32 flow_id, u16 filter)
{
	return true;
}

static inline struct cpu_rmap *compat_cpu_rmap_new(unsigned int size)
{
	return NULL;
}

static inline void compat_cpu_rmap_put(struct cpu_rmap *rmap)
{
}

static inline void compat_cpu_rmap_update(struct cpu_rmap *rmap, u16 queue,
					  const struct cpumask *cpus)
{
}
#endif

#endif
