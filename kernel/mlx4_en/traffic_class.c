// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traffic classes of the stack: each has transmit queues of its own, and is
 * one of the adapter's priorities (docs/hardware/offloads.md, E5.14).
 */
#include <net/pkt_sched.h>

#include "mlx4_en/dcb.h"

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
	/* The stack forgets where queues are used when it is told of classes */
	en_spread_queues(en);
}

int en_set_traffic_classes(struct en_netdev *en, u8 classes)
{
	struct en_config next = en->config;
	int err;

	/* A class is one of the adapter's eight priorities, or there is none */
	if (classes && classes != CX_PRIORITIES)
		return -EINVAL;
	if (classes * next.tx_channels > EN_MAX_TX_QUEUES)
		return -EINVAL;
	if (next.traffic_classes == classes)
		return 0;
	next.traffic_classes = classes;
	/* Classes of queues that go are a complaint of the stack's */
	netdev_reset_tc(en->dev);
	err = en_reconfigure(en, &next);
	en_tc_sync(en);
	return err;
}

static int en_setup_mqprio(struct en_netdev *en, struct tc_mqprio_qopt *mqprio)
{
	mqprio->hw = TC_MQPRIO_HW_OFFLOAD_TCS;
	return en_set_traffic_classes(en, mqprio->num_tc);
}

/* ndo_setup_tc */
int en_setup_tc(struct net_device *dev, enum tc_setup_type type, void *data)
{
	if (type != TC_SETUP_QDISC_MQPRIO)
		return -EOPNOTSUPP;
	return en_setup_mqprio(netdev_priv(dev), data);
}
