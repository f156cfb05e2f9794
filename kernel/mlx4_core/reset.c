// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking the card, in whatever state it was left: ownership, semaphore,
 * reset, and waiting until it answers again, as long as it takes and no longer
 * (docs/hardware/registers.md, C2.4 and C2.5).
 */
#include <linux/delay.h>

#include "mlx4_core/core.h"

#define SEMAPHORE_TIMEOUT_MS 5000
/* From the reset until configuration space and command register answer */
#define READY_TIMEOUT_MS 8000
#define READY_PAUSE_MIN 500
#define READY_PAUSE_MAX 1000
#define NO_CARD 0xffffffffu

/* Free after the reset, whoever had it before; if not, that stops nobody. */
static void owner_claim(struct cx_core *core)
{
	if (ioread32be(core->bar0 + CX_REG_OWNER))
		dev_info(&core->adapter.pdev->dev,
			 "the card belongs to somebody even after its reset\n");
}

/** cx_owner_release - let the next driver take the card */
void cx_owner_release(struct cx_core *core)
{
	if (!pci_channel_offline(core->adapter.pdev))
		iowrite32be(0, core->bar0 + CX_REG_OWNER);
}

/*
 * Flash tools hold it while they write. In a kdump kernel nobody else is left
 * who could give it back.
 */
static int semaphore_take(struct cx_core *core)
{
	unsigned long deadline =
		jiffies + msecs_to_jiffies(SEMAPHORE_TIMEOUT_MS);

	while (ioread32be(core->bar0 + CX_REG_SEMAPHORE)) {
		if (core->adapter.small_memory)
			break;
		if (time_after(jiffies, deadline)) {
			dev_err(&core->adapter.pdev->dev,
				"another tool holds the reset semaphore\n");
			return -EBUSY;
		}
		usleep_range(READY_PAUSE_MIN, READY_PAUSE_MAX);
	}
	return 0;
}

static bool config_answers(struct pci_dev *pdev)
{
	u16 vendor = 0;

	/* 0xffff, or 0x0001 of a retry status: not yet */
	pci_read_config_word(pdev, PCI_VENDOR_ID, &vendor);
	return vendor == pdev->vendor;
}

static bool config_intact(struct pci_dev *pdev)
{
	u16 command = 0;

	pci_read_config_word(pdev, PCI_COMMAND, &command);
	return (command & PCI_COMMAND_MEMORY) && (command & PCI_COMMAND_MASTER);
}

/**
 * cx_config_restore - configuration space as it was at probe, and bus master
 * @core: the adapter; its configuration space answers
 *
 * Dwords 0x58 and 0x5c are a gateway into the card; what the PCI core saves
 * and restores does not touch them (docs/hardware/pci.md, C1.5).
 *
 * Return: 0 or -errno.
 */
int cx_config_restore(struct cx_core *core)
{
	struct pci_dev *pdev = core->adapter.pdev;
	int error = pci_load_saved_state(pdev, core->saved_config);

	if (error)
		return error;
	pci_restore_state(pdev);
	pci_set_master(pdev);
	return 0;
}

/* Whether the card behind BAR 0 is there and its register idle */
static bool registers_ready(struct cx_core *core)
{
	u32 word =
		ioread32be(core->bar0 + CX_REG_HCR + CX_HCR_TRIGGER_DWORD * 4);

	return word != NO_CARD && !cx_word_get(word, CX_HCR_GO);
}

/*
 * A card may answer once more before its reset begins, and then lose what was
 * restored: all of it is looked at until all of it is right.
 */
static int wait_ready(struct cx_core *core)
{
	unsigned long deadline = jiffies + msecs_to_jiffies(READY_TIMEOUT_MS);
	struct pci_dev *pdev = core->adapter.pdev;
	bool late;
	int error;

	do {
		late = time_after(jiffies, deadline);
		if (pci_channel_offline(pdev) || READ_ONCE(core->leaving))
			return -EIO;
		if (!config_answers(pdev)) {
			usleep_range(READY_PAUSE_MIN, READY_PAUSE_MAX);
			continue;
		}
		if (!config_intact(pdev)) {
			error = cx_config_restore(core);
			if (error)
				return error;
		}
		if (registers_ready(core))
			return 0;
		usleep_range(READY_PAUSE_MIN, READY_PAUSE_MAX);
	} while (!late);
	dev_err(&pdev->dev, "the card does not answer after a reset\n");
	return -ENODEV;
}

/**
 * cx_reset - reset the card and wait for it
 * @core: the adapter; nothing uses its queues
 * @settle_ms: time to leave it alone after it answers
 *
 * On return the card is as after power-on, the adapter has not failed, and
 * commands are polled.
 *
 * Return: 0; -EBUSY, -ENODEV, -EIO.
 */
int cx_reset(struct cx_core *core, unsigned int settle_ms)
{
	struct pci_dev *pdev = core->adapter.pdev;
	int error;

	if (!config_answers(pdev)) {
		/* Still at an earlier reset: then this one comes for nothing. */
		error = wait_ready(core);
		if (error)
			return error;
	}
	error = semaphore_take(core);
	if (error)
		return error;
	/*
	 * Bus master goes off before, and comes back with the rest of the
	 * configuration: by it wait_ready() sees that the reset was.
	 */
	pci_clear_master(pdev);
	iowrite32be(CX_RESET_BIT, core->bar0 + CX_REG_RESET);
	error = wait_ready(core);
	if (error)
		return error;
	/* The reset has given it back; one that did not take place has not. */
	iowrite32be(0, core->bar0 + CX_REG_SEMAPHORE);
	if (settle_ms)
		msleep(settle_ms);
	owner_claim(core);
	WRITE_ONCE(core->failed, 0);
	cx_commands_reset(core);
	return 0;
}
