// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an XDP program may ask of the frame it was given: read from the
 * completion, which lies in its queue as long as the program runs.
 */
#include "mlx4_en/rx.h"

static const struct en_xdp_buff *en_xdp_buff_of(const struct xdp_md *context)
{
	return (const void *)context;
}

static int en_xdp_timestamp(const struct xdp_md *context, u64 *timestamp)
{
	const struct en_xdp_buff *buff = en_xdp_buff_of(context);

	if (!(READ_ONCE(buff->ring->features) & EN_RX_TIMESTAMP))
		return -ENODATA;
	*timestamp = ktime_to_ns(en_clock_to_ktime(
		buff->ring->channel->en, en_cqe_timestamp(buff->cqe)));
	return 0;
}

static enum xdp_rss_hash_type en_xdp_hash_type(u32 status, bool udp)
{
	bool v6 = cx_word_get(status, CX_CQE_IPV6);

	if (cx_word_get(status, CX_CQE_TCP))
		return v6 ? XDP_RSS_TYPE_L4_IPV6_TCP : XDP_RSS_TYPE_L4_IPV4_TCP;
	if (cx_word_get(status, CX_CQE_UDP) && udp)
		return v6 ? XDP_RSS_TYPE_L4_IPV6_UDP : XDP_RSS_TYPE_L4_IPV4_UDP;
	if (v6)
		return XDP_RSS_TYPE_L3_IPV6;
	if (cx_word_get(status, CX_CQE_IPV4))
		return XDP_RSS_TYPE_L3_IPV4;
	return XDP_RSS_TYPE_NONE;
}

static int en_xdp_hash(const struct xdp_md *context, u32 *hash,
		       enum xdp_rss_hash_type *type)
{
	const struct en_xdp_buff *buff = en_xdp_buff_of(context);
	const struct en_rx_ring *ring = buff->ring;

	if (!(READ_ONCE(ring->features) & EN_RX_HASH))
		return -ENODATA;
	*hash = be32_to_cpu(cx_load(buff->cqe, CX_CQE_RSS_HASH));
	*type = en_xdp_hash_type(
		be32_to_cpu(cx_load(buff->cqe, CX_CQE_IP_GOOD)),
		ring->hash_l4 & cx_be32_mask(CX_CQE_UDP));
	return 0;
}

static int en_xdp_vlan_tag(const struct xdp_md *context, __be16 *proto,
			   u16 *tci)
{
	const struct en_xdp_buff *buff = en_xdp_buff_of(context);
	u32 word = be32_to_cpu(cx_load(buff->cqe, CX_CQE_CVLAN));
	bool outer = cx_word_get(word, CX_CQE_SVLAN);

	if (!(READ_ONCE(buff->ring->features) & EN_RX_VLAN) ||
	    !(outer || cx_word_get(word, CX_CQE_CVLAN)))
		return -ENODATA;
	*proto = outer ? htons(ETH_P_8021AD) : htons(ETH_P_8021Q);
	*tci = cx_word_get(be32_to_cpu(cx_load(buff->cqe, CX_CQE_VLAN_TCI)),
			   CX_CQE_VLAN_TCI);
	return 0;
}

static const struct xdp_metadata_ops en_xdp_metadata_ops = {
	.xmo_rx_timestamp = en_xdp_timestamp,
	.xmo_rx_hash = en_xdp_hash,
	.xmo_rx_vlan_tag = en_xdp_vlan_tag,
};

/**
 * en_xdp_metadata_init - let programs ask
 * @dev: the device, not registered
 */
void en_xdp_metadata_init(struct net_device *dev)
{
	compat_set_xdp_metadata_ops(dev, &en_xdp_metadata_ops);
}
