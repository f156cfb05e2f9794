// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive side scaling of ethtool. The adapter has no indirection table: it
 * takes the low bits of the hash as the number of a queue, so that only
 * "queue i mod 2^k" can be had (docs/hardware/steering.md, E4.3).
 */
#include "mlx4_en/en_ethtool.h"

#define EN_HASH_ADDRESSES (RXH_IP_SRC | RXH_IP_DST)
#define EN_HASH_PORTS (RXH_L4_B_0_1 | RXH_L4_B_2_3)

u32 en_get_rx_ring_count(struct net_device *dev)
{
	const struct en_netdev *en = netdev_priv(dev);

	return en->config.rx_channels;
}

u32 en_get_rxfh_key_size(struct net_device *dev)
{
	return CX_RSS_KEY_SIZE;
}

u32 en_get_rxfh_indir_size(struct net_device *dev)
{
	const struct en_netdev *en = netdev_priv(dev);

	return rounddown_pow_of_two(en->config.rx_channels);
}

/* How many queues the hash chooses from */
static u32 en_hashed_queues(struct net_device *dev)
{
	const struct en_netdev *en = netdev_priv(dev);
	u32 most = en_get_rxfh_indir_size(dev);

	return en->config.rss.queues ? min_t(u32, en->config.rss.queues, most) :
				       most;
}

int en_get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *rxfh)
{
	const struct en_netdev *en = netdev_priv(dev);
	u32 queues = en_hashed_queues(dev);
	u32 i;

	rxfh->hfunc = en->config.rss.function == CX_RSS_HASH_XOR ?
			      ETH_RSS_HASH_XOR :
			      ETH_RSS_HASH_TOP;
	if (rxfh->indir)
		for (i = 0; i < en_get_rxfh_indir_size(dev); i++)
			rxfh->indir[i] = ethtool_rxfh_indir_default(i, queues);
	if (rxfh->key)
		memcpy(rxfh->key, en->config.rss.key, CX_RSS_KEY_SIZE);
	return 0;
}

static int en_take_indir(struct net_device *dev, const u32 *indir, u16 *queues,
			 struct netlink_ext_ack *extack)
{
	u32 size = en_get_rxfh_indir_size(dev);
	u32 count = 0;
	u32 i;

	while (count < size && indir[count] == count)
		count++;
	for (i = 0; count && i < size; i++)
		if (indir[i] != i % count)
			count = 0;
	if (!count || !is_power_of_2(count)) {
		NL_SET_ERR_MSG_MOD(
			extack,
			"The adapter has no indirection table: it spreads equally over a power of two of queues, from 0 on");
		return -EINVAL;
	}
	*queues = count;
	return 0;
}

static int en_take_function(const struct cx_caps *caps, u8 hfunc, u8 *function,
			    struct netlink_ext_ack *extack)
{
	switch (hfunc) {
	case ETH_RSS_HASH_NO_CHANGE:
		return 0;
	case ETH_RSS_HASH_TOP:
		if (!caps->rss_toeplitz)
			break;
		*function = CX_RSS_HASH_TOEPLITZ;
		return 0;
	case ETH_RSS_HASH_XOR:
		if (!caps->rss_xor)
			break;
		*function = CX_RSS_HASH_XOR;
		return 0;
	}
	NL_SET_ERR_MSG_MOD(extack, "The adapter has no such hash function");
	return -EOPNOTSUPP;
}

int en_set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *rxfh,
		struct netlink_ext_ack *extack)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_config next = en->config;
	int err;

	if (rxfh->rss_context) {
		NL_SET_ERR_MSG_MOD(extack, "One RSS context is all there is");
		return -EOPNOTSUPP;
	}
	err = en_take_function(&en->adapter->caps, rxfh->hfunc,
			       &next.rss.function, extack);
	if (!err && rxfh->indir)
		err = en_take_indir(dev, rxfh->indir, &next.rss.queues, extack);
	if (err)
		return err;
	/* All of them: let it follow the number of channels */
	if (next.rss.queues == en_get_rxfh_indir_size(dev))
		next.rss.queues = 0;
	if (rxfh->key)
		memcpy(next.rss.key, rxfh->key, CX_RSS_KEY_SIZE);
	if (!memcmp(&next.rss, &en->config.rss, sizeof(next.rss)))
		return 0;
	return en_reconfigure(en, &next);
}

int en_get_rxfh_fields(struct net_device *dev,
		       struct ethtool_rxfh_fields *fields)
{
	const struct en_netdev *en = netdev_priv(dev);

	fields->data = EN_HASH_ADDRESSES;
	switch (fields->flow_type) {
	case TCP_V4_FLOW:
	case TCP_V6_FLOW:
		fields->data |= EN_HASH_PORTS;
		return 0;
	case UDP_V4_FLOW:
	case UDP_V6_FLOW:
		if (en->config.rss.udp)
			fields->data |= EN_HASH_PORTS;
		return 0;
	case SCTP_V4_FLOW:
	case SCTP_V6_FLOW:
	case AH_ESP_V4_FLOW:
	case AH_ESP_V6_FLOW:
	case AH_V4_FLOW:
	case AH_V6_FLOW:
	case ESP_V4_FLOW:
	case ESP_V6_FLOW:
	case IPV4_FLOW:
	case IPV6_FLOW:
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

int en_set_rxfh_fields(struct net_device *dev,
		       const struct ethtool_rxfh_fields *fields,
		       struct netlink_ext_ack *extack)
{
	struct en_netdev *en = netdev_priv(dev);
	struct ethtool_rxfh_fields now = { .flow_type = fields->flow_type };
	struct en_config next = en->config;
	int err;

	err = en_get_rxfh_fields(dev, &now);
	if (err || now.data == fields->data)
		return err;
	next.rss.udp = !en->config.rss.udp;
	if ((fields->flow_type != UDP_V4_FLOW &&
	     fields->flow_type != UDP_V6_FLOW) ||
	    fields->data !=
		    (EN_HASH_ADDRESSES | (next.rss.udp ? EN_HASH_PORTS : 0))) {
		NL_SET_ERR_MSG_MOD(
			extack,
			"Only UDP's ports can be hashed or not, both of them");
		return -EINVAL;
	}
	if (next.rss.udp && !en->adapter->caps.udp_rss) {
		NL_SET_ERR_MSG_MOD(extack,
				   "The adapter does not hash UDP's ports");
		return -EOPNOTSUPP;
	}
	err = en_reconfigure(en, &next);
	if (!err)
		netdev_info(dev, "UDP's ports are %s over IPv4 and IPv6\n",
			    next.rss.udp ? "hashed" : "not hashed");
	return err;
}
