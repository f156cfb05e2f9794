// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waking the card's firmware: reset, QUERY_FW, its memory, RUN_FW
 * (docs/hardware/init.md, phases A and B).
 */
#include <linux/slab.h>

#include "mlx4_core/core.h"

/* 256 KiB, so that the firmware area takes few entries */
#define FIRMWARE_MAX_ORDER get_order(256 * 1024)
/* Real firmware wants some six megabytes; what is far beyond is no answer. */
#define FIRMWARE_MAX_PAGES 0x8000

struct cx_firmware {
	struct cx_area area;
};

static const unsigned int settle_ms[] = { 0, 1000, 2000 };
#define QUERY_FW_TIMEOUT_MS 1500

static void place_registers(struct cx_device_limits *limits, const void *data)
{
	limits->clear_int_offset = cx_get(data, CX_QUERY_FW_CLEAR_INT_OFFSET);
	limits->clear_int_bar = cx_get(data, CX_QUERY_FW_CLEAR_INT_BAR);
	limits->catastrophic_offset =
		cx_get(data, CX_QUERY_FW_CATASTROPHIC_OFFSET);
	limits->catastrophic_bar = cx_get(data, CX_QUERY_FW_CATASTROPHIC_BAR);
	limits->catastrophic_dwords =
		cx_get(data, CX_QUERY_FW_CATASTROPHIC_SIZE);
	limits->clock_offset = cx_get(data, CX_QUERY_FW_CLOCK_OFFSET);
	limits->clock_bar = cx_get(data, CX_QUERY_FW_CLOCK_BAR);
}

static int decode(struct cx_core *core, const void *data)
{
	struct cx_device_limits *limits = core->limits;
	struct cx_caps *caps = &core->adapter.caps;

	limits->fw_pages = cx_get(data, CX_QUERY_FW_PAGES);
	if (!limits->fw_pages || limits->fw_pages > FIRMWARE_MAX_PAGES)
		return -EPROTO;
	limits->log_outstanding = cx_get(data, CX_QUERY_FW_LOG_OUTSTANDING);
	place_registers(limits, data);
	caps->fw_major = cx_get(data, CX_QUERY_FW_MAJOR);
	caps->fw_minor = cx_get(data, CX_QUERY_FW_MINOR);
	caps->fw_subminor = cx_get(data, CX_QUERY_FW_SUBMINOR);
	return 0;
}

static int query(struct cx_core *core, struct cx_mailbox *out)
{
	struct device *dev = &core->adapter.pdev->dev;
	u32 revision;
	u8 status;
	int error;

	memset(out->data, 0, CX_QUERY_FW_SIZE);
	error = cx_command_attempt(core, CX_CMD_QUERY_FW, out,
				   QUERY_FW_TIMEOUT_MS, &status);
	if (error)
		return error;
	/* A further physical function: the first one drives the card. */
	if (status == CX_STATUS_MULTI_FUNC_REQ)
		return -ENODEV;
	if (status)
		return cx_status_errno(status);
	error = decode(core, out->data);
	if (error)
		return error;
	revision = cx_get(out->data, CX_QUERY_FW_COMMAND_REVISION);
	if (revision != CX_COMMAND_REVISION) {
		dev_err(dev,
			"firmware %u.%u.%u speaks command interface %u, which is too old: it needs an update\n",
			core->adapter.caps.fw_major,
			core->adapter.caps.fw_minor,
			core->adapter.caps.fw_subminor, revision);
		return -EPROTONOSUPPORT;
	}
	return 0;
}

/*
 * A card can look ready before its firmware is: the first command is then lost
 * (ConnectX-2). Each further try leaves it alone for longer.
 */
static int wake(struct cx_core *core, struct cx_mailbox *out)
{
	unsigned int i;
	int error;

	for (i = 0; i < ARRAY_SIZE(settle_ms); i++) {
		error = cx_reset(core, settle_ms[i]);
		if (error)
			return error;
		error = query(core, out);
		if (!error || error == -ENODEV)
			return error;
		dev_info(&core->adapter.pdev->dev,
			 "the firmware does not answer yet (%d)\n", error);
	}
	dev_err(&core->adapter.pdev->dev,
		"the firmware does not answer: it may need to be written anew\n");
	return -EIO;
}

/* The smallest pages, whatever the firmware's image says; not important */
static void smallest_page(struct cx_core *core)
{
	struct cx_mailbox *in = cx_mailbox_get(core);
	u8 status;

	if (IS_ERR(in))
		return;
	cx_set(in->data, CX_MOD_STAT_CFG_LOG_PAGE_MODIFY, 1);
	cx_set(in->data, CX_MOD_STAT_CFG_LOG_PAGE, 0);
	cx_command_status(core, CX_CMD_MOD_STAT_CFG, CX_MOD_STAT_CFG_SET, 0, in,
			  NULL, &status);
	cx_mailbox_put(core, in);
}

static int run(struct cx_core *core)
{
	struct cx_area *area = &core->firmware->area;
	int error;

	error = cx_area_alloc(core, area, core->limits->fw_pages,
			      FIRMWARE_MAX_ORDER);
	if (error)
		return error;
	error = cx_area_map(core, CX_CMD_MAP_FA, 0, area);
	if (!error)
		error = cx_command(core, CX_CMD_RUN_FW, 0, 0, NULL, NULL);
	if (error) {
		cx_command(core, CX_CMD_UNMAP_FA, 0, 0, NULL, NULL);
		cx_area_free(core, area);
	}
	return error;
}

/**
 * cx_firmware_init - reset the card and start its firmware
 * @core: the adapter
 *
 * Return: 0; -ENODEV for a function that is not to be driven; -errno.
 */
int cx_firmware_init(struct cx_core *core)
{
	struct cx_mailbox *out;
	int error;

	core->firmware = kzalloc_obj(*core->firmware);
	if (!core->firmware)
		return -ENOMEM;
	out = cx_mailbox_get(core);
	error = PTR_ERR_OR_ZERO(out);
	if (!error) {
		error = wake(core, out);
		cx_mailbox_put(core, out);
	}
	if (!error)
		error = run(core);
	if (error) {
		kfree(core->firmware);
		core->firmware = NULL;
		return error;
	}
	smallest_page(core);
	return 0;
}

/** cx_firmware_exit - stop the firmware and take its memory back */
void cx_firmware_exit(struct cx_core *core)
{
	cx_command(core, CX_CMD_UNMAP_FA, 0, 0, NULL, NULL);
	cx_area_free(core, &core->firmware->area);
	kfree(core->firmware);
	core->firmware = NULL;
}
