// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data centre bridging by IEEE 802.1Qaz and Qbb: traffic classes with shares
 * and limits, flow control of priorities (docs/hardware/offloads.md, E5.13).
 * The host decides: there is no protocol agent in the adapter.
 */
#include <net/dcbnl.h>
#include <net/pkt_sched.h>

#include "mlx4_en/port_stats.h"

struct en_dcb {
	struct ieee_ets ets;
	u64 kbps[CX_TRAFFIC_CLASSES]; /* 0: no limit */
};

/* What the port does before anyone asks: one class, no limit */
static void en_dcb_default(struct en_dcb *dcb)
{
	int i;

	dcb->ets.willing = 0;
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

static int en_ieee_getets(struct net_device *dev, struct ieee_ets *ets)
{
	const struct en_netdev *en = netdev_priv(dev);

	*ets = en->dcb->ets;
	return 0;
}

static int en_ieee_setets(struct net_device *dev, struct ieee_ets *ets)
{
	struct en_netdev *en = netdev_priv(dev);
	int err;

	err = en_check_ets(ets);
	if (!err)
		err = en_send_classes(en, ets, en->dcb->kbps);
	if (err)
		return err;
	en->dcb->ets = *ets;
	en->dcb->ets.ets_cap = IEEE_8021QAZ_MAX_TCS;
	return 0;
}

static int en_ieee_getmaxrate(struct net_device *dev,
			      struct ieee_maxrate *maxrate)
{
	const struct en_netdev *en = netdev_priv(dev);

	memcpy(maxrate->tc_maxrate, en->dcb->kbps, sizeof(en->dcb->kbps));
	return 0;
}

static int en_ieee_setmaxrate(struct net_device *dev,
			      struct ieee_maxrate *maxrate)
{
	struct en_netdev *en = netdev_priv(dev);
	int err;

	err = en_send_classes(en, &en->dcb->ets, maxrate->tc_maxrate);
	if (!err)
		memcpy(en->dcb->kbps, maxrate->tc_maxrate,
		       sizeof(en->dcb->kbps));
	return err;
}

static int en_ieee_getpfc(struct net_device *dev, struct ieee_pfc *pfc)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_port_counters *port = NULL;
	int i;

	pfc->pfc_cap = IEEE_8021QAZ_MAX_TCS;
	pfc->pfc_en = en->pfc_tx;
	if (en->adapter->caps.flow_statistics)
		port = en_port_stats_snapshot(en);
	for (i = 0; port && i < CX_PRIORITIES; i++) {
		pfc->requests[i] =
			en_flow_counter(port, i, CX_FLOW_STATS_TX_PAUSE);
		pfc->indications[i] =
			en_flow_counter(port, i, CX_FLOW_STATS_RX_PAUSE);
	}
	kfree(port);
	return 0;
}

static int en_ieee_setpfc(struct net_device *dev, struct ieee_pfc *pfc)
{
	struct en_netdev *en = netdev_priv(dev);
	u8 rx = en->pfc_rx, tx = en->pfc_tx;
	int err;

	en->pfc_rx = pfc->pfc_en;
	en->pfc_tx = pfc->pfc_en;
	err = en_apply_port_settings(en);
	if (err) {
		en->pfc_rx = rx;
		en->pfc_tx = tx;
	}
	return err;
}

static u8 en_getdcbx(struct net_device *dev)
{
	return DCB_CAP_DCBX_HOST | DCB_CAP_DCBX_VER_IEEE;
}

/* 0 is yes */
static u8 en_setdcbx(struct net_device *dev, u8 mode)
{
	return mode != en_getdcbx(dev);
}

static const struct dcbnl_rtnl_ops en_dcb_ops = {
	.ieee_getets = en_ieee_getets,
	.ieee_setets = en_ieee_setets,
	.ieee_getmaxrate = en_ieee_getmaxrate,
	.ieee_setmaxrate = en_ieee_setmaxrate,
	.ieee_getpfc = en_ieee_getpfc,
	.ieee_setpfc = en_ieee_setpfc,
	.getdcbx = en_getdcbx,
	.setdcbx = en_setdcbx,
};

/* For adapters that cannot be told how classes share the wire */
static const struct dcbnl_rtnl_ops en_pfc_ops = {
	.ieee_getpfc = en_ieee_getpfc,
	.ieee_setpfc = en_ieee_setpfc,
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
	en_dcb_default(en->dcb);
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
	bool set = false;
	int i;

	for (i = 0; i < CX_TRAFFIC_CLASSES; i++)
		set |= en->dcb->kbps[i] || en->dcb->ets.prio_tc[i] ||
		       en->dcb->ets.tc_tsa[i] != IEEE_8021QAZ_TSA_VENDOR;
	if (set && en_send_classes(en, &en->dcb->ets, en->dcb->kbps))
		netdev_warn(en->dev,
			    "the adapter refused its traffic classes\n");
}

/**
 * en_tc_sync - tell the stack which queues belong to which class
 * @en: the device; its number of transmit queues is set. Under rtnl.
 */
void en_tc_sync(struct en_netdev *en)
{
	u8 classes = en->config.traffic_classes;
	u16 queues = en->config.tx_channels;
	u8 i;

	netdev_set_num_tc(en->dev, classes);
	for (i = 0; i < classes; i++)
		netdev_set_tc_queue(en->dev, i, queues, i * queues);
}

static int en_setup_mqprio(struct en_netdev *en, struct tc_mqprio_qopt *mqprio)
{
	struct en_config next = en->config;
	int err;

	/* A class is one of the adapter's eight priorities, or there is none */
	if (mqprio->num_tc && mqprio->num_tc != CX_PRIORITIES)
		return -EINVAL;
	if (mqprio->num_tc * next.tx_channels > EN_MAX_TX_QUEUES)
		return -EINVAL;
	mqprio->hw = TC_MQPRIO_HW_OFFLOAD_TCS;
	if (next.traffic_classes == mqprio->num_tc)
		return 0;
	next.traffic_classes = mqprio->num_tc;
	/* Classes of queues that go are a complaint of the stack's */
	netdev_reset_tc(en->dev);
	err = en_reconfigure(en, &next);
	en_tc_sync(en);
	return err;
}

/* ndo_setup_tc */
int en_setup_tc(struct net_device *dev, enum tc_setup_type type, void *data)
{
	if (type != TC_SETUP_QDISC_MQPRIO)
		return -EOPNOTSUPP;
	return en_setup_mqprio(netdev_priv(dev), data);
}
