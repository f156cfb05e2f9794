// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a rule of ethtool. The adapter compares a field whole or not at all,
 * and knows destination address, VLAN identifier, EtherType, IPv4 addresses, and
 * ports of TCP and UDP (docs/hardware/steering.md, E3.4).
 */
#include <linux/in.h>
#include <linux/ip.h>
#include <net/ip.h>

#include "mlx4_en/flow.h"

static bool en_whole_or_none_16(__be16 mask)
{
	return !mask || mask == htons(U16_MAX);
}

static bool en_whole_or_none_32(__be32 mask)
{
	return !mask || mask == htonl(U32_MAX);
}

static int en_parse_ether(const struct ethtool_rx_flow_spec *spec,
			  struct cx_flow_rule *rule)
{
	const struct ethhdr *mask = &spec->m_u.ether_spec;

	if (!is_zero_ether_addr(mask->h_source) ||
	    !en_whole_or_none_16(mask->h_proto))
		return -EOPNOTSUPP;
	rule->match_ethertype = mask->h_proto;
	rule->ethertype = spec->h_u.ether_spec.h_proto & mask->h_proto;
	if (rule->match_ethertype && is_zero_ether_addr(mask->h_dest))
		return 0;
	if (!is_broadcast_ether_addr(mask->h_dest))
		return -EOPNOTSUPP;
	rule->match_dmac = true;
	ether_addr_copy(rule->dmac, spec->h_u.ether_spec.h_dest);
	eth_broadcast_addr(rule->dmac_mask);
	return 0;
}

static int en_parse_addresses(__be32 src, __be32 src_mask, __be32 dst,
			      __be32 dst_mask, struct cx_flow_rule *rule)
{
	if (!en_whole_or_none_32(src_mask) || !en_whole_or_none_32(dst_mask))
		return -EOPNOTSUPP;
	rule->match_ipv4 = true;
	rule->src_ip = src & src_mask;
	rule->src_ip_mask = src_mask;
	rule->dst_ip = dst & dst_mask;
	rule->dst_ip_mask = dst_mask;
	return 0;
}

static int en_parse_ip(const struct ethtool_rx_flow_spec *spec,
		       struct cx_flow_rule *rule)
{
	const struct ethtool_usrip4_spec *value = &spec->h_u.usr_ip4_spec;
	const struct ethtool_usrip4_spec *mask = &spec->m_u.usr_ip4_spec;

	if (value->ip_ver != ETH_RX_NFC_IP4 || !(mask->ip4src || mask->ip4dst))
		return -EINVAL;
	if (mask->l4_4_bytes || mask->tos || mask->ip_ver || mask->proto)
		return -EOPNOTSUPP;
	return en_parse_addresses(value->ip4src, mask->ip4src, value->ip4dst,
				  mask->ip4dst, rule);
}

static int en_parse_l4(const struct ethtool_rx_flow_spec *spec, bool tcp,
		       struct cx_flow_rule *rule)
{
	/* Both have the same layout */
	const struct ethtool_tcpip4_spec *value = &spec->h_u.tcp_ip4_spec;
	const struct ethtool_tcpip4_spec *mask = &spec->m_u.tcp_ip4_spec;

	if (mask->tos || !en_whole_or_none_16(mask->psrc) ||
	    !en_whole_or_none_16(mask->pdst))
		return -EOPNOTSUPP;
	rule->match_tcp = tcp;
	rule->match_udp = !tcp;
	rule->src_port = value->psrc & mask->psrc;
	rule->src_port_mask = mask->psrc;
	rule->dst_port = value->pdst & mask->pdst;
	rule->dst_port_mask = mask->pdst;
	return en_parse_addresses(value->ip4src, mask->ip4src, value->ip4dst,
				  mask->ip4dst, rule);
}

static int en_parse_vlan(const struct ethtool_rx_flow_spec *spec,
			 struct cx_flow_rule *rule)
{
	__be16 mask = spec->m_ext.vlan_tci & htons(VLAN_VID_MASK);

	if (!(spec->flow_type & FLOW_EXT))
		return 0;
	if (spec->m_ext.vlan_etype || spec->m_ext.data[0] ||
	    spec->m_ext.data[1])
		return -EOPNOTSUPP;
	if (!mask)
		return spec->m_ext.vlan_tci ? -EOPNOTSUPP : 0;
	if (mask != htons(VLAN_VID_MASK))
		return -EOPNOTSUPP;
	rule->match_vlan = true;
	rule->vlan = spec->h_ext.vlan_tci & mask;
	rule->vlan_mask = mask;
	return 0;
}

/* Where none is named: that of the IP address, or the port's own */
static int en_parse_destination(const struct ethtool_rx_flow_spec *spec,
				const u8 *own, struct cx_flow_rule *rule)
{
	if (rule->match_dmac)
		return spec->flow_type & FLOW_MAC_EXT ? -EINVAL : 0;
	rule->match_dmac = true;
	eth_broadcast_addr(rule->dmac_mask);
	if (spec->flow_type & FLOW_MAC_EXT) {
		if (!is_broadcast_ether_addr(spec->m_ext.h_dest))
			return -EOPNOTSUPP;
		ether_addr_copy(rule->dmac, spec->h_ext.h_dest);
	} else if (rule->dst_ip_mask && ipv4_is_multicast(rule->dst_ip)) {
		ip_eth_mc_map(rule->dst_ip, rule->dmac);
	} else {
		ether_addr_copy(rule->dmac, own);
	}
	return 0;
}

int en_flow_parse(const struct ethtool_rx_flow_spec *spec, const u8 *own,
		  struct cx_flow_rule *rule)
{
	int err;

	switch (spec->flow_type & ~(FLOW_EXT | FLOW_MAC_EXT)) {
	case ETHER_FLOW:
		err = en_parse_ether(spec, rule);
		break;
	case IP_USER_FLOW:
		err = en_parse_ip(spec, rule);
		break;
	case TCP_V4_FLOW:
		err = en_parse_l4(spec, true, rule);
		break;
	case UDP_V4_FLOW:
		err = en_parse_l4(spec, false, rule);
		break;
	default:
		return -EOPNOTSUPP;
	}
	if (!err)
		err = en_parse_vlan(spec, rule);
	if (!err)
		err = en_parse_destination(spec, own, rule);
	return err;
}
