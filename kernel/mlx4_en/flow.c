// SPDX-License-Identifier: GPL-2.0-only
/*
 * n-tuple rules of ethtool, on adapters that manage steering themselves
 * (docs/hardware/steering.md, E3.4). A rule is kept as the user gave it, and
 * stands in the adapter while the device is open: going over to other rings
 * writes it anew.
 */
#include "mlx4_en/en_ethtool.h"
#include "mlx4_en/flow.h"

/* Rules before rules of aRFS, both before the port's addresses */
#define EN_FLOW_PRIORITY 0x1000

struct en_flow {
	struct ethtool_rx_flow_spec spec;
	u64 id;
	bool installed;
};

/* Where a rule's frames go; -ENOENT if the queue does not exist any more */
static int en_flow_queue(const struct en_netdev *en, u64 cookie, u32 *qpn)
{
	const struct en_channels *channels = en->channels;

	if (cookie == RX_CLS_FLOW_DISC) {
		*qpn = channels->drop_qpn;
		return 0;
	}
	if (cookie >= channels->count || !channels->channel[cookie]->rx)
		return -ENOENT;
	*qpn = channels->channel[cookie]->rx->qp.number;
	return 0;
}

static void en_flow_uninstall(struct en_netdev *en, struct en_flow *flow)
{
	if (flow->installed)
		cx_rule_remove(en->port, flow->id);
	flow->installed = false;
}

/* The new rule stands before the old one goes: no frame meets neither */
static int en_flow_install(struct en_netdev *en, struct en_flow *flow)
{
	struct cx_flow_rule rule = {};
	u64 id;
	int err;

	err = en_flow_parse(&flow->spec, en->dev->dev_addr, &rule);
	if (err)
		return err;
	err = en_flow_queue(en, flow->spec.ring_cookie, &rule.qpn);
	if (err)
		return err;
	rule.priority = EN_FLOW_PRIORITY + flow->spec.location;
	err = cx_rule_add(en->port, &rule, &id);
	if (err)
		return err;
	en_flow_uninstall(en, flow);
	flow->id = id;
	flow->installed = true;
	return 0;
}

static bool en_flows_can_install(const struct en_netdev *en)
{
	return en->channels && !en->suspended;
}

static int en_flow_insert(struct en_netdev *en,
			  const struct ethtool_rx_flow_spec *spec)
{
	struct cx_flow_rule rule = {};
	struct en_flow *flow, *old;
	int err;

	if (spec->location >= EN_FLOW_LOCATIONS)
		return -EINVAL;
	if (spec->ring_cookie != RX_CLS_FLOW_DISC &&
	    spec->ring_cookie >= en->config.rx_channels)
		return -EINVAL;
	err = en_flow_parse(spec, en->dev->dev_addr, &rule);
	if (err)
		return err;
	flow = kzalloc_obj(*flow);
	if (!flow)
		return -ENOMEM;
	flow->spec = *spec;
	if (en_flows_can_install(en)) {
		err = en_flow_install(en, flow);
		if (err) {
			kfree(flow);
			return err;
		}
	}
	old = en->flows->flow[spec->location];
	en->flows->flow[spec->location] = flow;
	if (old) {
		en_flow_uninstall(en, old);
		kfree(old);
	} else {
		en->flows->count++;
	}
	return 0;
}

static int en_flow_delete(struct en_netdev *en, u32 location)
{
	struct en_flow *flow;

	if (location >= EN_FLOW_LOCATIONS || !en->flows->flow[location])
		return -ENOENT;
	flow = en->flows->flow[location];
	en->flows->flow[location] = NULL;
	en->flows->count--;
	en_flow_uninstall(en, flow);
	kfree(flow);
	return 0;
}

static int en_flow_show(struct en_netdev *en, struct ethtool_rx_flow_spec *spec)
{
	u32 location = spec->location;

	if (location >= EN_FLOW_LOCATIONS || !en->flows->flow[location])
		return -ENOENT;
	*spec = en->flows->flow[location]->spec;
	return 0;
}

static int en_flow_list(struct en_netdev *en, struct ethtool_rxnfc *command,
			u32 *locations)
{
	u32 i, count = 0;

	command->data = EN_FLOW_LOCATIONS;
	for (i = 0; i < EN_FLOW_LOCATIONS; i++) {
		if (!en->flows->flow[i])
			continue;
		if (count == command->rule_cnt)
			return -EMSGSIZE;
		locations[count++] = i;
	}
	command->rule_cnt = count;
	return 0;
}

int en_get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *command,
		 u32 *locations)
{
	struct en_netdev *en = netdev_priv(dev);

	if (!en->flows)
		return -EOPNOTSUPP;
	switch (command->cmd) {
	case ETHTOOL_GRXCLSRLCNT:
		command->rule_cnt = en->flows->count;
		command->data = EN_FLOW_LOCATIONS;
		return 0;
	case ETHTOOL_GRXCLSRULE:
		return en_flow_show(en, &command->fs);
	case ETHTOOL_GRXCLSRLALL:
		return en_flow_list(en, command, locations);
	default:
		return -EOPNOTSUPP;
	}
}

int en_set_rxnfc(struct net_device *dev, struct ethtool_rxnfc *command)
{
	struct en_netdev *en = netdev_priv(dev);

	if (!en->flows)
		return -EOPNOTSUPP;
	switch (command->cmd) {
	case ETHTOOL_SRXCLSRLINS:
		return en_flow_insert(en, &command->fs);
	case ETHTOOL_SRXCLSRLDEL:
		return en_flow_delete(en, command->fs.location);
	default:
		return -EOPNOTSUPP;
	}
}

/**
 * en_flows_create - give a device its table of rules
 * @en: the device, new
 *
 * Return: 0, with en->flows NULL if the adapter has no rules; or -ENOMEM.
 */
int en_flows_create(struct en_netdev *en)
{
	if (en->adapter->caps.steering != CX_STEERING_MANAGED)
		return 0;
	en->flows = kzalloc_obj(*en->flows);
	return en->flows ? 0 : -ENOMEM;
}

/**
 * en_flows_destroy - forget all rules
 * @en: the device, closed
 */
void en_flows_destroy(struct en_netdev *en)
{
	int i;

	if (!en->flows)
		return;
	for (i = 0; i < EN_FLOW_LOCATIONS; i++)
		if (en->flows->flow[i])
			en_flow_delete(en, i);
	kfree(en->flows);
	en->flows = NULL;
}

/**
 * en_flows_restore - write all rules to the adapter, for the rings that are
 * @en: the device, open. Under rtnl.
 *
 * A rule that cannot be had is said and stays in the table.
 */
void en_flows_restore(struct en_netdev *en)
{
	int i, err;

	if (!en->flows || !en_flows_can_install(en))
		return;
	for (i = 0; i < EN_FLOW_LOCATIONS; i++) {
		struct en_flow *flow = en->flows->flow[i];

		err = flow ? en_flow_install(en, flow) : 0;
		if (!err)
			continue;
		en_flow_uninstall(en, flow);
		netdev_warn(en->dev, "rule %d is without effect (%d)\n", i,
			    err);
	}
}

/**
 * en_flows_release - take all rules out of the adapter
 * @en: the device, about to be closed. Under rtnl.
 */
void en_flows_release(struct en_netdev *en)
{
	int i;

	if (!en->flows)
		return;
	for (i = 0; i < EN_FLOW_LOCATIONS; i++)
		if (en->flows->flow[i])
			en_flow_uninstall(en, en->flows->flow[i]);
}
