// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traffic classes with shares and limits, 802.1Qaz
 * (docs/hardware/offloads.md, E5.13).
 */
#include "mlx4_en/dcb.h"

/* What the port does before anyone asks: one class */
void en_ets_default(struct en_dcb *dcb)
{
	int i;

	memset(&dcb->ets, 0, sizeof(dcb->ets));
	dcb->ets.ets_cap = IEEE_8021QAZ_MAX_TCS;
	for (i = 0; i < IEEE_8021QAZ_MAX_TCS; i++)
		dcb->ets.tc_tsa[i] = IEEE_8021QAZ_TSA_VENDOR;
}

/*
 * Strict classes are groups of their own, the highest class first; classes
 * with shares are one group behind all of them.
 */
static void en_fill_classes(const struct ieee_ets *ets, const u64 *kbps,
			    struct cx_traffic_class *classes)
{
	u16 group = 0;
	int i;

	for (i = CX_TRAFFIC_CLASSES - 1; i >= 0; i--) {
		struct cx_traffic_class *class = &classes[i];

		class->bandwidth = 100;
		class->limit_mbps =
			min_t(u64, DIV_ROUND_UP_ULL(kbps[i], 1000), U32_MAX);
		switch (ets->tc_tsa[i]) {
		case IEEE_8021QAZ_TSA_STRICT:
			class->group = group++;
			break;
		case IEEE_8021QAZ_TSA_ETS:
			class->group = CX_SCHEDULER_GROUP_ETS;
			/* The adapter knows no share of nothing */
			class->bandwidth = max_t(u16, 1, ets->tc_tx_bw[i]);
			break;
		default:
			class->group = 0;
			break;
		}
	}
}

static int en_send_classes(struct en_netdev *en, const struct ieee_ets *ets,
			   const u64 *kbps)
{
	struct cx_traffic_class classes[CX_TRAFFIC_CLASSES];
	int err;

	if (en->suspended)
		return 0;
	en_fill_classes(ets, kbps, classes);
	err = cx_port_set_prio2tc(en->port, ets->prio_tc);
	if (err)
		return err;
	return cx_port_set_scheduler(en->port, classes);
}

int en_ets_sync(struct en_netdev *en, bool always)
{
	const struct en_dcb *dcb = en->dcb;
	bool set = always;
	int i;

	for (i = 0; i < CX_TRAFFIC_CLASSES; i++)
		set |= dcb->kbps[i] || dcb->ets.prio_tc[i] ||
		       dcb->ets.tc_tsa[i] != IEEE_8021QAZ_TSA_VENDOR;
	return set ? en_send_classes(en, &dcb->ets, dcb->kbps) : 0;
}

static int en_check_ets(const struct ieee_ets *ets)
{
	bool shares = false;
	int sum = 0;
	int i;

	for (i = 0; i < IEEE_8021QAZ_MAX_TCS; i++) {
		if (ets->prio_tc[i] >= IEEE_8021QAZ_MAX_TCS)
			return -EINVAL;
		switch (ets->tc_tsa[i]) {
		case IEEE_8021QAZ_TSA_VENDOR:
		case IEEE_8021QAZ_TSA_STRICT:
			break;
		case IEEE_8021QAZ_TSA_ETS:
			shares = true;
			sum += ets->tc_tx_bw[i];
			break;
		default:
			return -EOPNOTSUPP;
		}
	}
	return shares && sum != 100 ? -EINVAL : 0;
}

int en_ieee_getets(struct net_device *dev, struct ieee_ets *ets)
{
	const struct en_netdev *en = netdev_priv(dev);

	*ets = en->dcb->ets;
	return 0;
}

int en_ieee_setets(struct net_device *dev, struct ieee_ets *ets)
{
	struct en_netdev *en = netdev_priv(dev);
	int err;

	if (!en_dcb_speaks(en, DCB_CAP_DCBX_VER_IEEE))
		return -EINVAL;
	err = en_check_ets(ets);
	if (!err)
		err = en_send_classes(en, ets, en->dcb->kbps);
	if (err)
		return err;
	en->dcb->ets = *ets;
	en->dcb->ets.ets_cap = IEEE_8021QAZ_MAX_TCS;
	return 0;
}

int en_ieee_getmaxrate(struct net_device *dev, struct ieee_maxrate *maxrate)
{
	const struct en_netdev *en = netdev_priv(dev);

	memcpy(maxrate->tc_maxrate, en->dcb->kbps, sizeof(en->dcb->kbps));
	return 0;
}

int en_ieee_setmaxrate(struct net_device *dev, struct ieee_maxrate *maxrate)
{
	struct en_netdev *en = netdev_priv(dev);
	int err;

	err = en_send_classes(en, &en->dcb->ets, maxrate->tc_maxrate);
	if (!err)
		memcpy(en->dcb->kbps, maxrate->tc_maxrate,
		       sizeof(en->dcb->kbps));
	return err;
}
