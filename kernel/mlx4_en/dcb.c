// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data centre bridging: which operations a port has, whose protocol counts,
 * and what has to be sent again after a reset. The host decides: there is no
 * protocol agent in the adapter.
 */
#include "mlx4_en/dcb.h"

#define EN_YES 0
#define EN_NO 1
#define EN_VERSIONS (DCB_CAP_DCBX_VER_CEE | DCB_CAP_DCBX_VER_IEEE)

static u8 en_getdcbx(struct net_device *dev)
{
	const struct en_netdev *en = netdev_priv(dev);

	return en->dcb->mode;
}

/* What the protocol before has set goes with it. */
static int en_forget(struct en_netdev *en)
{
	struct en_dcb *dcb = en->dcb;

	if (dcb->cee.enabled && en_set_traffic_classes(en, 0))
		return -EIO;
	memset(&dcb->cee, 0, sizeof(dcb->cee));
	en_ets_default(dcb);
	if (en->adapter->caps.ets_cfg && en_ets_sync(en, true))
		return -EIO;
	return en_pfc_set(en, 0, 0);
}

static u8 en_setdcbx(struct net_device *dev, u8 mode)
{
	struct en_netdev *en = netdev_priv(dev);

	if (mode & ~(DCB_CAP_DCBX_HOST | EN_VERSIONS) ||
	    !(mode & DCB_CAP_DCBX_HOST))
		return EN_NO;
	if (mode == en->dcb->mode)
		return EN_YES;
	if (en_forget(en))
		return EN_NO;
	en->dcb->mode = mode;
	return EN_YES;
}

static const struct dcbnl_rtnl_ops en_dcb_ops = {
	.ieee_getets = en_ieee_getets,
	.ieee_setets = en_ieee_setets,
	.ieee_getmaxrate = en_ieee_getmaxrate,
	.ieee_setmaxrate = en_ieee_setmaxrate,
	.ieee_getqcn = en_ieee_getqcn,
	.ieee_setqcn = en_ieee_setqcn,
	.ieee_getqcnstats = en_ieee_getqcnstats,
	.ieee_getpfc = en_ieee_getpfc,
	.ieee_setpfc = en_ieee_setpfc,
	.getstate = en_cee_getstate,
	.setstate = en_cee_setstate,
	.getpfccfg = en_cee_getpfccfg,
	.setpfccfg = en_cee_setpfccfg,
	.getpfcstate = en_cee_getpfcstate,
	.setpfcstate = en_cee_setpfcstate,
	.setall = en_cee_setall,
	.getcap = en_cee_getcap,
	.getnumtcs = en_cee_getnumtcs,
	.getapp = en_cee_getapp,
	.setapp = en_cee_setapp,
	.getdcbx = en_getdcbx,
	.setdcbx = en_setdcbx,
};

/* For adapters that cannot be told how classes share the wire */
static const struct dcbnl_rtnl_ops en_pfc_ops = {
	.ieee_getpfc = en_ieee_getpfc,
	.ieee_setpfc = en_ieee_setpfc,
	.getpfccfg = en_cee_getpfccfg,
	.setpfccfg = en_cee_setpfccfg,
	.getpfcstate = en_cee_getpfcstate,
	.setpfcstate = en_cee_setpfcstate,
	.setall = en_cee_setall,
	.getnumtcs = en_cee_getnumtcs,
	.getapp = en_cee_getapp,
	.setapp = en_cee_setapp,
	.getdcbx = en_getdcbx,
	.setdcbx = en_setdcbx,
};

/**
 * en_dcb_create - offer what the adapter can of DCB
 * @en: the device, before it is registered
 *
 * Return: 0 or -ENOMEM.
 */
int en_dcb_create(struct en_netdev *en)
{
	en->dcb = kzalloc_obj(*en->dcb);
	if (!en->dcb)
		return -ENOMEM;
	en->dcb->mode = DCB_CAP_DCBX_HOST | EN_VERSIONS;
	en_ets_default(en->dcb);
	compat_set_dcbnl_ops(en->dev, en->adapter->caps.ets_cfg ? &en_dcb_ops :
								  &en_pfc_ops);
	return 0;
}

/**
 * en_dcb_destroy - forget what was set
 * @en: the device, unregistered
 */
void en_dcb_destroy(struct en_netdev *en)
{
	kfree(en->dcb);
	en->dcb = NULL;
}

/**
 * en_dcb_sync - tell the adapter what was set: it may have been reset
 * @en: the device. Under rtnl.
 */
void en_dcb_sync(struct en_netdev *en)
{
	if (en_ets_sync(en, false))
		netdev_warn(en->dev,
			    "the adapter refused its traffic classes\n");
	if (en_qcn_sync(en))
		netdev_warn(en->dev,
			    "the adapter refused its congestion control\n");
}
