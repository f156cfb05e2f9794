// SPDX-License-Identifier: GPL-2.0-only
/*
 * Noticing that the adapter has failed: its catastrophic buffer is looked at
 * once a second, and commands that are not answered say so
 * (docs/hardware/errors.md).
 */
#include <linux/slab.h>

#include "mlx4_core/health.h"

#define POLL_INTERVAL HZ
#define NO_CARD 0xffffffffu

/** cx_adapter_failed - whether only a reset helps; any context */
bool cx_adapter_failed(struct cx_adapter *adapter)
{
	return READ_ONCE(cx_core_of(adapter)->failed) ||
	       pci_channel_offline(adapter->pdev);
}
EXPORT_SYMBOL_GPL(cx_adapter_failed);

void cx_adapter_report_error(struct cx_adapter *adapter, const char *reason)
{
	struct cx_core *core = cx_core_of(adapter);

	if (xchg(&core->failed, 1))
		return;
	/*
	 * From here on functions that give back memory succeed. So the card
	 * is cut off from memory at once: its reset comes later.
	 */
	pci_clear_master(adapter->pdev);
	strscpy(core->health->reason, reason, CX_REASON_SIZE);
	dev_err(&adapter->pdev->dev, "the adapter has failed: %s\n", reason);
	cx_commands_cancel(core);
	cx_health_kick(core);
}
EXPORT_SYMBOL_GPL(cx_adapter_report_error);

/**
 * cx_health_kick - let a failed adapter recover, if it runs and stays
 * @core: the adapter
 *
 * Who starts it, or takes it down for good, sees to a failure meanwhile.
 *
 * Context: any.
 */
void cx_health_kick(struct cx_core *core)
{
	if (READ_ONCE(core->running) && !READ_ONCE(core->leaving))
		queue_work(core->health->queue, &core->health->recovery);
}

/* Keeps the buffer for the log and for devlink: the reset clears it. */
void cx_health_snapshot(struct cx_core *core)
{
	struct cx_health *health = core->health;
	unsigned int i;

	health->snapshot_dwords = 0;
	if (!health->buffer || pci_channel_offline(core->adapter.pdev))
		return;
	for (i = 0; i < health->dwords; i++)
		health->snapshot[i] = ioread32be(health->buffer + 4 * i);
	health->snapshot_dwords = health->dwords;
	if (!health->snapshot[0] || health->snapshot[0] == NO_CARD)
		return;
	for (i = 0; i + 4 <= health->dwords; i += 4)
		dev_err(&core->adapter.pdev->dev,
			"error buffer %02x: %08x %08x %08x %08x\n", 4 * i,
			health->snapshot[i], health->snapshot[i + 1],
			health->snapshot[i + 2], health->snapshot[i + 3]);
}

static void poll_work(struct work_struct *work)
{
	struct cx_health *health =
		container_of(work, struct cx_health, poll.work);
	struct cx_core *core = health->core;
	char reason[CX_REASON_SIZE];
	u32 code = ioread32be(health->buffer);

	if (code) {
		snprintf(reason, sizeof(reason), "%s (0x%08x)",
			 code == NO_CARD ? "the card does not answer" :
					   "firmware error",
			 code);
		cx_adapter_report_error(&core->adapter, reason);
		return;
	}
	if (cx_adapter_failed(&core->adapter))
		return;
	queue_delayed_work(health->queue, &health->poll, POLL_INTERVAL);
}

static void recovery_work(struct work_struct *work)
{
	struct cx_health *health =
		container_of(work, struct cx_health, recovery);

	cx_reporter_report(health->core);
}

/** cx_health_start - watch the adapter; a card without a buffer is not */
int cx_health_start(struct cx_core *core)
{
	struct cx_device_limits *limits = core->limits;
	struct cx_health *health = core->health;

	health->dwords = min_t(u32, limits->catastrophic_dwords,
			       CX_CATASTROPHIC_DWORDS_MAX);
	if (health->dwords)
		health->buffer = cx_register_map(core, limits->catastrophic_bar,
						 limits->catastrophic_offset,
						 4 * health->dwords);
	if (!health->buffer) {
		dev_warn(&core->adapter.pdev->dev,
			 "the firmware has no place for its errors\n");
		return 0;
	}
	queue_delayed_work(health->queue, &health->poll, POLL_INTERVAL);
	return 0;
}

/** cx_health_stop - undo cx_health_start() */
void cx_health_stop(struct cx_core *core)
{
	struct cx_health *health = core->health;

	cancel_delayed_work_sync(&health->poll);
	cx_register_unmap(core, health->buffer);
	health->buffer = NULL;
}

/**
 * cx_health_init - what is needed to notice failures and to recover
 * @core: the adapter, its devlink allocated
 *
 * Return: 0 or -ENOMEM.
 */
int cx_health_init(struct cx_core *core)
{
	struct cx_health *health = kzalloc_obj(*health);

	if (!health)
		return -ENOMEM;
	health->core = core;
	health->queue = alloc_workqueue("mlx4_core-%s", WQ_UNBOUND, 0,
					pci_name(core->adapter.pdev));
	if (!health->queue) {
		kfree(health);
		return -ENOMEM;
	}
	INIT_DELAYED_WORK(&health->poll, poll_work);
	INIT_WORK(&health->recovery, recovery_work);
	core->health = health;
	return 0;
}

/** cx_health_exit - undo cx_health_init(); the adapter is stopped */
void cx_health_exit(struct cx_core *core)
{
	destroy_workqueue(core->health->queue);
	kfree(core->health);
	core->health = NULL;
}
