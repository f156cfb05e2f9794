// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module and the PCI device: probe, remove, shutdown. What the adapter
 * needs while it runs is in start.c; what stays from probe to remove is here.
 */
#include <linux/crash_dump.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "connectx/ids.h"
#include "mlx4_core/pci.h"

/* What the firmware knows as a size, 7 to 12, means: not device-managed */
#define MGM_ENTRY_DEFAULT 10
#define MGM_ENTRY_MIN 7
#define MGM_ENTRY_MAX 12
#define MGM_ENTRY_MANAGED (-7)
#define DMA_SEGMENT_MAX (1ul << 30)

int cx_param_log_mgm_entry_size = MGM_ENTRY_DEFAULT;
module_param_named(log_num_mgm_entry_size, cx_param_log_mgm_entry_size, int,
		   0444);
MODULE_PARM_DESC(
	log_num_mgm_entry_size,
	"receive steering: 0 to -7: by the device, where it can; 7 to 12: by tables (default 10)");

int cx_param_msi_x = 1;
module_param_named(msi_x, cx_param_msi_x, int, 0444);
MODULE_PARM_DESC(
	msi_x,
	"interrupts: 0: INTx; 1: MSI-X (default); more: MSI-X, that many at most");

#define PCI_ENTRY(id, silicon, description, generation, ethernet, speed) \
	{ PCI_DEVICE(CX_PCI_VENDOR_ID, id) },
static const struct pci_device_id pci_ids[] = { CX_PCI_DEVICES(PCI_ENTRY){} };
MODULE_DEVICE_TABLE(pci, pci_ids);

/* DMA, BAR 0, and the configuration to which resets return */
static int pci_setup(struct cx_core *core)
{
	struct pci_dev *pdev = core->adapter.pdev;
	int error;

	if (!(pci_resource_flags(pdev, CX_BAR_DCS) & IORESOURCE_MEM) ||
	    !(pci_resource_flags(pdev, CX_BAR_UAR) & IORESOURCE_MEM) ||
	    pci_resource_len(pdev, CX_BAR_DCS) < CX_BAR0_SIZE) {
		dev_err(&pdev->dev, "the BARs are not those of a ConnectX\n");
		return -ENODEV;
	}
	error = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (error)
		error = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(32));
	if (error)
		return error;
	dma_set_max_seg_size(&pdev->dev, DMA_SEGMENT_MAX);
	core->bar0 = pci_iomap(pdev, CX_BAR_DCS, 0);
	if (!core->bar0)
		return -ENOMEM;
	error = pci_save_state(pdev);
	core->saved_config = error ? NULL : pci_store_saved_state(pdev);
	if (!core->saved_config) {
		pci_iounmap(pdev, core->bar0);
		return error ?: -ENOMEM;
	}
	return 0;
}

static int pci_take(struct cx_core *core)
{
	struct pci_dev *pdev = core->adapter.pdev;
	int error;

	error = pci_enable_device_mem(pdev);
	if (error)
		return error;
	error = pci_request_regions(pdev, KBUILD_MODNAME);
	if (error)
		goto disable;
	error = pci_setup(core);
	if (error)
		goto release;
	return 0;

release:
	pci_release_regions(pdev);
disable:
	pci_disable_device(pdev);
	return error;
}

/* Leaves the card quiet, and to whoever wants it next */
static void pci_give(struct cx_core *core)
{
	struct pci_dev *pdev = core->adapter.pdev;

	cx_owner_release(core);
	kfree(core->saved_config);
	pci_iounmap(pdev, core->bar0);
	pci_release_regions(pdev);
	/* An error on the link that was not recovered from disables it, too. */
	if (pci_is_enabled(pdev))
		pci_disable_device(pdev);
}

static int start_locked(struct cx_core *core)
{
	int error;

	mutex_lock(&core->state_lock);
	error = cx_core_start(core);
	mutex_unlock(&core->state_lock);
	return error;
}

/**
 * cx_stop_for_good - let go of the adapter; nothing brings it back
 * @core: the adapter; clients are suspended, not detached
 */
void cx_stop_for_good(struct cx_core *core)
{
	WRITE_ONCE(core->leaving, true);
	cancel_work_sync(&core->health->recovery);
	mutex_lock(&core->state_lock);
	if (core->running) {
		cx_ports_suspend(core);
		cx_core_stop(core);
	}
	mutex_unlock(&core->state_lock);
}

static struct cx_core *core_alloc(struct pci_dev *pdev)
{
	struct devlink *devlink;
	struct cx_core *core;

	devlink = devlink_alloc(&cx_devlink_ops, sizeof(*core), &pdev->dev);
	if (!devlink)
		return NULL;
	core = devlink_priv(devlink);
	core->devlink = devlink;
	core->adapter.pdev = pdev;
	core->adapter.small_memory = is_kdump_kernel();
	cx_params_init(core);
	mutex_init(&core->state_lock);
	core->limits = kzalloc_obj(*core->limits);
	if (!core->limits) {
		devlink_free(devlink);
		return NULL;
	}
	return core;
}

static void core_free(struct cx_core *core)
{
	mutex_destroy(&core->state_lock);
	kfree(core->limits);
	devlink_free(core->devlink);
}

static void withdraw(struct cx_core *core)
{
	devl_lock(core->devlink);
	cx_ports_destroy(core);
	devl_unlock(core->devlink);
}

/* The adapter runs: what of it others see */
static int offer(struct cx_core *core)
{
	int error;

	devl_lock(core->devlink);
	error = cx_ports_create(core);
	devl_unlock(core->devlink);
	if (error)
		return error;
	error = cx_devlink_init(core);
	if (error)
		withdraw(core);
	return error;
}

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct cx_core *core = core_alloc(pdev);
	int error;

	if (!core)
		return -ENOMEM;
	pci_set_drvdata(pdev, core);
	error = pci_take(core);
	if (error)
		goto free_core;
	error = cx_commands_init(core);
	if (error)
		goto give_pci;
	error = cx_health_init(core);
	if (error)
		goto exit_commands;
	error = start_locked(core);
	if (error)
		goto exit_health;
	error = offer(core);
	if (error)
		goto stop;
	return 0;

stop:
	cx_stop_for_good(core);
exit_health:
	cx_health_exit(core);
exit_commands:
	cx_commands_exit(core);
give_pci:
	pci_give(core);
free_core:
	core_free(core);
	return error;
}

static void remove(struct pci_dev *pdev)
{
	struct cx_core *core = pci_get_drvdata(pdev);

	/* Before clients go: recovery must not meet half of them. */
	WRITE_ONCE(core->leaving, true);
	cancel_work_sync(&core->health->recovery);
	cx_devlink_exit(core);
	withdraw(core);
	cx_stop_for_good(core);
	cx_health_exit(core);
	cx_commands_exit(core);
	pci_give(core);
	core_free(core);
}

/* Also before kexec: the next kernel finds a card that touches no memory. */
static void shutdown(struct pci_dev *pdev)
{
	struct cx_core *core = pci_get_drvdata(pdev);

	cx_stop_for_good(core);
	cx_owner_release(core);
	pci_clear_master(pdev);
}

static struct pci_driver driver = {
	.name = KBUILD_MODNAME,
	.id_table = pci_ids,
	.probe = probe,
	.remove = remove,
	.shutdown = shutdown,
	.driver.pm = pm_sleep_ptr(&cx_pm_ops),
	.err_handler = &cx_error_handlers,
};

static int __init mlx4_core_init(void)
{
	int size = cx_param_log_mgm_entry_size;

	if (size < MGM_ENTRY_MANAGED || size > MGM_ENTRY_MAX ||
	    (size > 0 && size < MGM_ENTRY_MIN)) {
		pr_warn("log_num_mgm_entry_size=%d means nothing, taking %d\n",
			size, MGM_ENTRY_DEFAULT);
		cx_param_log_mgm_entry_size = MGM_ENTRY_DEFAULT;
	}
	return pci_register_driver(&driver);
}
module_init(mlx4_core_init);

static void __exit mlx4_core_exit(void)
{
	pci_unregister_driver(&driver);
}
module_exit(mlx4_core_exit);

MODULE_DESCRIPTION("ConnectX Ethernet adapters: the adapter");
MODULE_VERSION(CX_DRIVER_VERSION);
MODULE_LICENSE("GPL");
