// SPDX-License-Identifier: GPL-2.0-only
/*
 * devlink's regions: snapshots of the card's registers and of its health
 * buffer, taken by hand or, if that is wanted, at a fatal error ahead of the
 * reset that would destroy the evidence (docs/hardware/registers.md, C2.9).
 */
#include <linux/mm.h>
#include <linux/sched.h>

#include "mlx4_core/core.h"

#define SNAPSHOTS_MAX 8
#define NO_CARD 0xffffffffu

/* A read of these takes what then has to be given back: it is not read. */
static bool takes(u32 offset)
{
	return offset == CX_REG_OWNER || offset == CX_REG_SEMAPHORE ||
	       offset == CX_REG_TOOLS_SEMAPHORE;
}

/* Where the health buffer is; 0: a card without one */
static u32 health_offset(struct cx_core *core)
{
	u32 offset = cx_get(core->limits->dev_cap, CX_DEV_CAP_HEALTH_BUFFER);
	u64 end = (u64)offset + CX_HEALTH_BUFFER_BLOCK + sizeof(u32);

	return end <= CX_BAR0_SIZE && !(offset & 3) ? offset : 0;
}

static void copy(struct cx_core *core, u8 *to, u32 offset, u32 size)
{
	u32 at;

	for (at = 0; at < size; at += sizeof(u32)) {
		if (!takes(offset + at))
			cx_store_be32(to + at,
				      ioread32be(core->bar0 + offset + at));
		if (!(at & 0xffff))
			cond_resched();
	}
}

/* State_lock is held, so that nobody resets the card meanwhile. */
static u8 *take_locked(struct cx_core *core, u32 offset, u32 size)
{
	void __iomem *filter = core->bar0 + CX_REG_CR_FILTER;
	void __iomem *block =
		core->bar0 + health_offset(core) + CX_HEALTH_BUFFER_BLOCK;
	u32 filtered;
	u8 *data;

	if (core->held || pci_channel_offline(core->adapter.pdev) ||
	    ioread32be(core->bar0 + CX_REG_DEVICE_ID) == NO_CARD)
		return ERR_PTR(-ENODEV);
	data = kvzalloc(size, GFP_KERNEL);
	if (!data)
		return ERR_PTR(-ENOMEM);
	filtered = ioread32be(filter);
	if (filtered & CX_CR_FILTER_ON)
		iowrite32be(filtered & ~CX_CR_FILTER_ON, filter);
	iowrite32be(1, block);
	copy(core, data, offset, size);
	iowrite32be(0, block);
	if (filtered & CX_CR_FILTER_ON)
		iowrite32be(filtered, filter);
	return data;
}

/* Return: the registers from @offset on, or ERR_PTR(-errno) */
static u8 *take(struct cx_core *core, u32 offset, u32 size)
{
	u8 *data;

	mutex_lock(&core->state_lock);
	data = take_locked(core, offset, size);
	mutex_unlock(&core->state_lock);
	return data;
}

static int snapshot(struct devlink *devlink, u32 offset, u32 size,
		    struct netlink_ext_ack *extack, u8 **data)
{
	u8 *taken = take(devlink_priv(devlink), offset, size);

	if (IS_ERR(taken)) {
		NL_SET_ERR_MSG(extack, "the card cannot be read now");
		return PTR_ERR(taken);
	}
	*data = taken;
	return 0;
}

static int snapshot_registers(struct devlink *devlink,
			      const struct devlink_region_ops *ops,
			      struct netlink_ext_ack *extack, u8 **data)
{
	return snapshot(devlink, 0, CX_BAR0_SIZE, extack, data);
}

static int snapshot_health(struct devlink *devlink,
			   const struct devlink_region_ops *ops,
			   struct netlink_ext_ack *extack, u8 **data)
{
	return snapshot(devlink, health_offset(devlink_priv(devlink)),
			CX_HEALTH_BUFFER_SIZE, extack, data);
}

static const struct devlink_region_ops register_ops = {
	.name = "cr-space",
	.destructor = kvfree,
	.snapshot = snapshot_registers,
};

static const struct devlink_region_ops health_ops = {
	.name = "fw-health",
	.destructor = kvfree,
	.snapshot = snapshot_health,
};

static void keep(struct cx_core *core, struct devlink_region *region,
		 u32 offset, u32 size, u32 id)
{
	u8 *data = take(core, offset, size);
	int error;

	if (IS_ERR(data))
		return;
	error = devlink_region_snapshot_create(region, data, id);
	if (!error)
		return;
	/* -ENOSPC: the old ones tell of the first failure, and stay */
	dev_warn(&core->adapter.pdev->dev, "no room for a snapshot (%d)\n",
		 error);
	kvfree(data);
}

/**
 * cx_regions_snapshot - keep what the card looks like, if that is wanted
 * @core: an adapter that has failed; state_lock is not held: devlink takes a
 *	lock of the region's that is outside of it
 */
void cx_regions_snapshot(struct cx_core *core)
{
	u32 id;

	if (!READ_ONCE(core->params.snapshot) || !core->registers ||
	    devlink_region_snapshot_id_get(core->devlink, &id))
		return;
	/* First: it is the smaller, and the firmware may still write it */
	keep(core, core->health_buffer, health_offset(core),
	     CX_HEALTH_BUFFER_SIZE, id);
	keep(core, core->registers, 0, CX_BAR0_SIZE, id);
	devlink_region_snapshot_id_put(core->devlink, id);
}

/**
 * cx_regions_init - offer regions, if the card can be read as a whole
 * @core: the adapter, running; devlink's lock is held
 *
 * Return: 0, also without regions; or -errno.
 */
int cx_regions_init(struct cx_core *core)
{
	struct devlink_region *region;

	if (!health_offset(core))
		return 0;
	region = devl_region_create(core->devlink, &health_ops, SNAPSHOTS_MAX,
				    CX_HEALTH_BUFFER_SIZE);
	if (IS_ERR(region))
		return PTR_ERR(region);
	core->health_buffer = region;
	region = devl_region_create(core->devlink, &register_ops, SNAPSHOTS_MAX,
				    CX_BAR0_SIZE);
	if (IS_ERR(region)) {
		devl_region_destroy(core->health_buffer);
		return PTR_ERR(region);
	}
	core->registers = region;
	return 0;
}

/** cx_regions_exit - undo cx_regions_init(), under the same lock */
void cx_regions_exit(struct cx_core *core)
{
	if (!core->registers)
		return;
	devl_region_destroy(core->registers);
	core->registers = NULL;
	devl_region_destroy(core->health_buffer);
}
