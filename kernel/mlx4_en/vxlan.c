// SPDX-License-Identifier: GPL-2.0-only
/*
 * VXLAN: the adapter looks into the frames of one UDP port, over IPv4
 * (docs/hardware/offloads.md, E5.8). The port is the adapter's, both of its
 * network devices name it.
 */
#include <net/udp_tunnel.h>
#include <net/vxlan.h>

#include "mlx4_en/en.h"

static int en_vxlan_sync_table(struct net_device *dev, unsigned int table)
{
	struct en_netdev *en = netdev_priv(dev);
	struct udp_tunnel_info tunnel = {};
	int err;

	udp_tunnel_nic_get_port(dev, table, 0, &tunnel);
	err = cx_vxlan_set_udp_port(en->adapter, tunnel.port);
	if (err)
		return err;
	return cx_port_set_vxlan(en->port, tunnel.port);
}

static const struct udp_tunnel_nic_info en_vxlan_info = {
	.sync_table = en_vxlan_sync_table,
	.flags = UDP_TUNNEL_NIC_INFO_IPV4_ONLY | UDP_TUNNEL_NIC_INFO_MAY_SLEEP,
	.tables = { { .n_entries = 1, .tunnel_types = UDP_TUNNEL_TYPE_VXLAN } },
};

/**
 * en_vxlan_init - ask the stack for VXLAN's port
 * @en: the device, before it is registered
 */
void en_vxlan_init(struct en_netdev *en)
{
	if (en->adapter->caps.vxlan)
		en->dev->udp_tunnel_nic_info = &en_vxlan_info;
}

/**
 * en_vxlan_sync - name the port to an adapter that has been reset
 * @en: the device. Under rtnl.
 */
void en_vxlan_sync(struct en_netdev *en)
{
	if (en->adapter->caps.vxlan)
		udp_tunnel_nic_reset_ntf(en->dev);
}

/* Whether the adapter finds the inner headers of an encapsulated packet */
static bool en_vxlan_known(struct en_netdev *en, struct sk_buff *skb)
{
	struct udp_tunnel_info tunnel = {};

	if (!en->adapter->caps.vxlan ||
	    vlan_get_protocol(skb) != htons(ETH_P_IP) ||
	    ip_hdr(skb)->protocol != IPPROTO_UDP ||
	    skb->inner_protocol_type != ENCAP_TYPE_ETHER ||
	    skb->inner_protocol != htons(ETH_P_TEB) ||
	    skb_inner_mac_header(skb) - skb_transport_header(skb) !=
		    sizeof(struct udphdr) + sizeof(struct vxlanhdr))
		return false;
	udp_tunnel_nic_get_port(en->dev, 0, 0, &tunnel);
	return tunnel.port && udp_hdr(skb)->dest == tunnel.port;
}

/* ndo_features_check */
netdev_features_t en_features_check(struct sk_buff *skb, struct net_device *dev,
				    netdev_features_t features)
{
	features = vlan_features_check(skb, features);
	if (likely(!skb->encapsulation))
		return features;
	features = vxlan_features_check(skb, features);
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    !en_vxlan_known(netdev_priv(dev), skb))
		features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	return features;
}
