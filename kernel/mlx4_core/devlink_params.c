// SPDX-License-Identifier: GPL-2.0-only
/*
 * devlink's parameters. What is set for the next start ("driverinit") is taken
 * at reload; what holds at once ("runtime") is asked for where it matters.
 */
#include <linux/log2.h>

#include "mlx4_core/core.h"

static bool *runtime_value(struct cx_core *core, u32 id)
{
	return id == DEVLINK_PARAM_GENERIC_ID_REGION_SNAPSHOT ?
		       &core->params.snapshot :
		       &core->params.reset_on_error;
}

static int get_runtime(struct devlink *devlink, u32 id,
		       struct devlink_param_gset_ctx *context,
		       struct netlink_ext_ack *extack)
{
	context->val.vbool =
		READ_ONCE(*runtime_value(devlink_priv(devlink), id));
	return 0;
}

static int set_runtime(struct devlink *devlink, u32 id,
		       struct devlink_param_gset_ctx *context,
		       struct netlink_ext_ack *extack)
{
	WRITE_ONCE(*runtime_value(devlink_priv(devlink), id),
		   context->val.vbool);
	return 0;
}

static int check_max_macs(struct devlink *devlink, u32 id,
			  union devlink_param_value *value,
			  struct netlink_ext_ack *extack)
{
	if (is_power_of_2(value->vu32) && value->vu32 <= CX_MAC_TABLE_ENTRIES)
		return 0;
	NL_SET_ERR_MSG(extack, "a power of two from 1 to 128 it must be");
	return -ERANGE;
}

COMPAT_DEFINE_PARAM_GET(get_runtime);
COMPAT_DEFINE_PARAM_SET(set_runtime);
COMPAT_DEFINE_PARAM_VALIDATE(check_max_macs);

#define DRIVERINIT BIT(DEVLINK_PARAM_CMODE_DRIVERINIT)
#define BOTH (DRIVERINIT | BIT(DEVLINK_PARAM_CMODE_RUNTIME))

static const struct devlink_param params[] = {
	DEVLINK_PARAM_GENERIC(INT_ERR_RESET, BOTH,
			      COMPAT_PARAM_GET(get_runtime),
			      COMPAT_PARAM_SET(set_runtime), NULL),
	DEVLINK_PARAM_GENERIC(REGION_SNAPSHOT, BOTH,
			      COMPAT_PARAM_GET(get_runtime),
			      COMPAT_PARAM_SET(set_runtime), NULL),
	DEVLINK_PARAM_GENERIC(MAX_MACS, DRIVERINIT, NULL, NULL,
			      COMPAT_PARAM_VALIDATE(check_max_macs)),
};

static void offer_bool(struct cx_core *core, u32 id, bool value)
{
	union devlink_param_value offered = { .vbool = value };

	devl_param_driverinit_value_set(core->devlink, id, &offered);
}

/**
 * cx_params_init - what holds until someone says otherwise
 * @core: the adapter, new
 */
void cx_params_init(struct cx_core *core)
{
	core->params.reset_on_error = true;
	core->params.max_macs = CX_MAC_TABLE_ENTRIES;
}

/**
 * cx_params_register - offer the parameters to devlink
 * @core: the adapter; devlink's lock is held, it is not registered yet
 *
 * Return: 0 or -errno.
 */
int cx_params_register(struct cx_core *core)
{
	union devlink_param_value macs = { .vu32 = core->params.max_macs };
	int error =
		devl_params_register(core->devlink, params, ARRAY_SIZE(params));

	if (error)
		return error;
	offer_bool(core, DEVLINK_PARAM_GENERIC_ID_INT_ERR_RESET,
		   core->params.reset_on_error);
	offer_bool(core, DEVLINK_PARAM_GENERIC_ID_REGION_SNAPSHOT,
		   core->params.snapshot);
	devl_param_driverinit_value_set(
		core->devlink, DEVLINK_PARAM_GENERIC_ID_MAX_MACS, &macs);
	return 0;
}

/** cx_params_unregister - undo cx_params_register(), under the same lock */
void cx_params_unregister(struct cx_core *core)
{
	devl_params_unregister(core->devlink, params, ARRAY_SIZE(params));
}

static void take_bool(struct cx_core *core, u32 id)
{
	union devlink_param_value value;

	if (!devl_param_driverinit_value_get(core->devlink, id, &value))
		WRITE_ONCE(*runtime_value(core, id), value.vbool);
}

/**
 * cx_params_take - let what was set for the next start hold
 * @core: the adapter, stopped; devlink's lock is held
 */
void cx_params_take(struct cx_core *core)
{
	union devlink_param_value macs;

	take_bool(core, DEVLINK_PARAM_GENERIC_ID_INT_ERR_RESET);
	take_bool(core, DEVLINK_PARAM_GENERIC_ID_REGION_SNAPSHOT);
	if (!devl_param_driverinit_value_get(
		    core->devlink, DEVLINK_PARAM_GENERIC_ID_MAX_MACS, &macs))
		core->params.max_macs = macs.vu32;
}
