// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data centre bridging as it was spoken before the standards (CEE): what is
 * set is collected, and holds once all of it is applied. 0 is yes.
 */
#include "mlx4_en/dcb.h"

#define EN_YES 0
#define EN_NO 1
/* The bit of "as many as eight" */
#define EN_EIGHT_CLASSES BIT(CX_TRAFFIC_CLASSES - 1)

u8 en_cee_getstate(struct net_device *dev)
{
	const struct en_netdev *en = netdev_priv(dev);

	return en->dcb->cee.enabled;
}

u8 en_cee_setstate(struct net_device *dev, u8 state)
{
	struct en_netdev *en = netdev_priv(dev);

	if (!en_dcb_speaks(en, DCB_CAP_DCBX_VER_CEE))
		return EN_NO;
	if (en->dcb->cee.enabled == !!state)
		return EN_YES;
	if (en_set_traffic_classes(en, state ? CX_PRIORITIES : 0))
		return EN_NO;
	en->dcb->cee.enabled = state;
	return EN_YES;
}

void en_cee_getpfccfg(struct net_device *dev, int priority, u8 *setting)
{
	const struct en_netdev *en = netdev_priv(dev);

	*setting = priority < CX_PRIORITIES ? en->dcb->cee.pfc[priority] : 0;
}

void en_cee_setpfccfg(struct net_device *dev, int priority, u8 setting)
{
	struct en_netdev *en = netdev_priv(dev);

	if (priority < CX_PRIORITIES && setting <= EN_CEE_PFC_RX)
		en->dcb->cee.pfc[priority] = setting;
}

u8 en_cee_getpfcstate(struct net_device *dev)
{
	const struct en_netdev *en = netdev_priv(dev);

	return en->dcb->cee.pfc_enabled;
}

void en_cee_setpfcstate(struct net_device *dev, u8 state)
{
	struct en_netdev *en = netdev_priv(dev);

	en->dcb->cee.pfc_enabled = state;
}

u8 en_cee_setall(struct net_device *dev)
{
	struct en_netdev *en = netdev_priv(dev);
	u8 rx = 0, tx = 0;
	int i;

	if (!en_dcb_speaks(en, DCB_CAP_DCBX_VER_CEE))
		return EN_NO;
	for (i = 0; en->dcb->cee.pfc_enabled && i < CX_PRIORITIES; i++) {
		u8 setting = en->dcb->cee.pfc[i];

		if (setting == EN_CEE_PFC_FULL || setting == EN_CEE_PFC_RX)
			rx |= BIT(i);
		if (setting == EN_CEE_PFC_FULL || setting == EN_CEE_PFC_TX)
			tx |= BIT(i);
	}
	return en_pfc_set(en, rx, tx) ? EN_NO : EN_YES;
}

u8 en_cee_getcap(struct net_device *dev, int id, u8 *capability)
{
	const struct en_netdev *en = netdev_priv(dev);

	switch (id) {
	case DCB_CAP_ATTR_PFC:
		*capability = true;
		break;
	case DCB_CAP_ATTR_PFC_TCS:
		*capability = EN_EIGHT_CLASSES;
		break;
	case DCB_CAP_ATTR_DCBX:
		*capability = en->dcb->mode;
		break;
	default:
		*capability = false;
		break;
	}
	return EN_YES;
}

int en_cee_getnumtcs(struct net_device *dev, int id, u8 *number)
{
	if (id != DCB_NUMTCS_ATTR_PFC && id != DCB_NUMTCS_ATTR_PG)
		return -EINVAL;
	*number = CX_TRAFFIC_CLASSES;
	return 0;
}

int en_cee_getapp(struct net_device *dev, u8 type, u16 id)
{
	struct dcb_app app = { .selector = type, .protocol = id };

	if (!en_dcb_speaks(netdev_priv(dev), DCB_CAP_DCBX_VER_CEE))
		return -EINVAL;
	return compat_dcb_getapp(dev, &app);
}

int en_cee_setapp(struct net_device *dev, u8 type, u16 id, u8 priorities)
{
	struct dcb_app app = {
		.selector = type,
		.protocol = id,
		.priority = priorities,
	};

	if (!en_dcb_speaks(netdev_priv(dev), DCB_CAP_DCBX_VER_CEE))
		return -EINVAL;
	return compat_dcb_setapp(dev, &app);
}
