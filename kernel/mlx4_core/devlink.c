// SPDX-License-Identifier: GPL-2.0-only
/*
 * devlink: what the card is, and taking it down and up again.
 */
#include "mlx4_core/health.h"

#define VERSION_SIZE 32
#define SERIAL_SIZE 64

/* The card's serial number, of its vital product data */
static int put_serial(struct pci_dev *pdev, struct devlink_info_req *req)
{
	char serial[SERIAL_SIZE] = "";
	unsigned int vpd_size, length;
	void *vpd = pci_vpd_alloc(pdev, &vpd_size);
	int at;

	if (IS_ERR(vpd))
		return 0; /* not every card has it */
	at = pci_vpd_find_ro_info_keyword(vpd, vpd_size,
					  PCI_VPD_RO_KEYWORD_SERIALNO, &length);
	if (at >= 0)
		strscpy(serial, vpd + at,
			min_t(size_t, length + 1, sizeof(serial)));
	kfree(vpd);
	strim(serial);
	return serial[0] ? devlink_info_serial_number_put(req, serial) : 0;
}

static int info_get(struct devlink *devlink, struct devlink_info_req *req,
		    struct netlink_ext_ack *extack)
{
	struct cx_core *core = devlink_priv(devlink);
	struct cx_caps *caps = &core->adapter.caps;
	char version[VERSION_SIZE];
	int error;

	error = compat_devlink_info_driver(req, KBUILD_MODNAME);
	if (!error)
		error = put_serial(core->adapter.pdev, req);
	if (error)
		return error;
	snprintf(version, sizeof(version), "%u.%u.%u", caps->fw_major,
		 caps->fw_minor, caps->fw_subminor);
	error = devlink_info_version_running_put(
		req, DEVLINK_INFO_VERSION_GENERIC_FW, version);
	if (error || !caps->board_id[0])
		return error;
	return devlink_info_version_fixed_put(
		req, DEVLINK_INFO_VERSION_GENERIC_FW_PSID, caps->board_id);
}

static int reload_down(struct devlink *devlink, bool netns_change,
		       enum devlink_reload_action action,
		       enum devlink_reload_limit limit,
		       struct netlink_ext_ack *extack)
{
	struct cx_core *core = devlink_priv(devlink);

	if (netns_change) {
		NL_SET_ERR_MSG(extack, "move the network devices one by one");
		return -EOPNOTSUPP;
	}
	cx_ports_destroy(core);
	mutex_lock(&core->state_lock);
	if (core->running)
		cx_core_stop(core);
	mutex_unlock(&core->state_lock);
	return 0;
}

static int reload_up(struct devlink *devlink, enum devlink_reload_action action,
		     enum devlink_reload_limit limit, u32 *actions_performed,
		     struct netlink_ext_ack *extack)
{
	struct cx_core *core = devlink_priv(devlink);
	int error = 0;

	*actions_performed = BIT(DEVLINK_RELOAD_ACTION_DRIVER_REINIT);
	mutex_lock(&core->state_lock);
	/* The PCI core may have given up on it and left it disabled. */
	core->held = false;
	cx_params_take(core);
	if (!pci_is_enabled(core->adapter.pdev))
		error = pci_enable_device_mem(core->adapter.pdev);
	if (!error && !core->running)
		error = cx_core_start(core);
	core->health->in_row = 0;
	mutex_unlock(&core->state_lock);
	if (error) {
		NL_SET_ERR_MSG(extack, "the adapter does not start");
		return error;
	}
	cx_reporter_healthy(core);
	return cx_ports_create(core);
}

const struct devlink_ops cx_devlink_ops = {
	.reload_actions = BIT(DEVLINK_RELOAD_ACTION_DRIVER_REINIT),
	.reload_down = reload_down,
	.reload_up = reload_up,
	.info_get = info_get,
};

static int init_parts(struct cx_core *core)
{
	int error = cx_params_register(core);

	if (error)
		return error;
	error = cx_regions_init(core);
	if (error)
		goto no_regions;
	error = cx_reporter_init(core);
	if (error)
		goto no_reporter;
	return 0;

no_reporter:
	cx_regions_exit(core);
no_regions:
	cx_params_unregister(core);
	return error;
}

/**
 * cx_devlink_init - offer the adapter to devlink
 * @core: the adapter, running, with its ports
 *
 * Return: 0 or -errno.
 */
int cx_devlink_init(struct cx_core *core)
{
	int error;

	devl_lock(core->devlink);
	error = init_parts(core);
	devl_unlock(core->devlink);
	if (error)
		return error;
	compat_devlink_enable_reload(core->devlink);
	devlink_register(core->devlink);
	return 0;
}

/** cx_devlink_exit - undo cx_devlink_init() */
void cx_devlink_exit(struct cx_core *core)
{
	devlink_unregister(core->devlink);
	devl_lock(core->devlink);
	cx_reporter_exit(core);
	cx_regions_exit(core);
	cx_params_unregister(core);
	devl_unlock(core->devlink);
}
