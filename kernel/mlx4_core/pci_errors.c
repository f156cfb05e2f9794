// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors that the PCI core reports (AER): while it works on the link nobody
 * touches the card; then it is reset and brought up as at probe.
 */
#include "mlx4_core/pci.h"

static pci_ers_result_t error_detected(struct pci_dev *pdev,
				       pci_channel_state_t state)
{
	struct cx_core *core = pci_get_drvdata(pdev);

	/* First: the report is not to start a recovery. */
	WRITE_ONCE(core->held, true);
	cx_adapter_report_error(&core->adapter, "error on the PCI link");
	mutex_lock(&core->state_lock);
	if (core->running) {
		cx_ports_suspend(core);
		cx_core_stop(core);
	}
	mutex_unlock(&core->state_lock);
	if (state == pci_channel_io_perm_failure)
		return PCI_ERS_RESULT_DISCONNECT;
	/* An earlier error may have been past repair. */
	if (pci_is_enabled(pdev))
		pci_disable_device(pdev);
	return PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t slot_reset(struct pci_dev *pdev)
{
	struct cx_core *core = pci_get_drvdata(pdev);

	if (pci_enable_device_mem(pdev) || cx_config_restore(core))
		return PCI_ERS_RESULT_DISCONNECT;
	/* Newer kernels restore before a reset what was saved here last. */
	pci_save_state(pdev);
	return PCI_ERS_RESULT_RECOVERED;
}

static void resume(struct pci_dev *pdev)
{
	struct cx_core *core = pci_get_drvdata(pdev);
	int error = -ENODEV;

	mutex_lock(&core->state_lock);
	core->held = false;
	if (!core->leaving && !core->running)
		error = cx_core_start(core);
	if (!error) {
		cx_ports_resume(core);
		cx_reporter_healthy(core);
	}
	mutex_unlock(&core->state_lock);
	if (error)
		dev_err(&pdev->dev,
			"the adapter stays down after the error (%d)\n", error);
	else
		dev_info(&pdev->dev, "back after the error\n");
}

const struct pci_error_handlers cx_error_handlers = {
	.error_detected = error_detected,
	.slot_reset = slot_reset,
	.resume = resume,
};
