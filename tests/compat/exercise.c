// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses everything that kernel/compat/ offers, as a driver would: it must
 * compile and link for every kernel of the lab. Nothing ever runs it.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/ptp_clock_kernel.h>
#include <linux/unaligned.h>
#include <net/page_pool/helpers.h>

struct thing {
	struct cyclecounter cc;
	struct dim dim;
	unsigned int count;
};

static u64 read_cc(compat_cyclecounter *cc)
{
	return container_of(cc, struct thing, cc)->count;
}

static int t_hwget(struct net_device *dev, struct kernel_hwtstamp_config *c)
{
	c->tx_type = HWTSTAMP_TX_ON;
	return 0;
}

static int t_hwset(struct net_device *dev, struct kernel_hwtstamp_config *c,
		   struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "no");
	return -ERANGE;
}

COMPAT_DEFINE_HWTSTAMP(t_hwget, t_hwset);
COMPAT_DEFINE_GET_DEVLINK_PORT(t_port, netdev_priv(dev));

static int t_steer(struct net_device *dev, const struct sk_buff *skb, u16 queue,
		   u32 flow_id)
{
	return compat_rps_may_expire_flow(dev, queue, flow_id, 3);
}

static const struct net_device_ops t_ops = {
	COMPAT_DEVLINK_PORT_OPS(t_port) COMPAT_RFS_OPS(t_steer)
		COMPAT_HWTSTAMP_OPS(t_hwget, t_hwset),
};

static int t_getrxfh(struct net_device *dev, struct ethtool_rxfh_param *p)
{
	p->hfunc = ETH_RSS_HASH_TOP;
	return 0;
}

static int t_setrxfh(struct net_device *dev, struct ethtool_rxfh_param *p,
		     struct netlink_ext_ack *extack)
{
	return p->hfunc == ETH_RSS_HASH_NO_CHANGE ? 0 : -EINVAL;
}

static int t_getnfc(struct net_device *dev, struct ethtool_rxnfc *i, u32 *r)
{
	return -EOPNOTSUPP;
}

static int t_setnfc(struct net_device *dev, struct ethtool_rxnfc *i)
{
	return -EOPNOTSUPP;
}

static u32 t_rings(struct net_device *dev)
{
	return 1;
}

static int t_getf(struct net_device *dev, struct ethtool_rxfh_fields *f)
{
	f->data = 0;
	return 0;
}

static int t_setf(struct net_device *dev, const struct ethtool_rxfh_fields *f,
		  struct netlink_ext_ack *extack)
{
	return f->data ? -EINVAL : 0;
}

static int t_ts(struct net_device *dev, struct kernel_ethtool_ts_info *info)
{
	info->phc_index = -1;
	return 0;
}

COMPAT_DEFINE_RXFH(t_getrxfh, t_setrxfh);
COMPAT_DEFINE_RXNFC(t_getnfc, t_setnfc, t_rings, t_getf, t_setf);

static const struct ethtool_ops t_ethtool_ops = {
	.get_ts_info = t_ts,
	COMPAT_RXFH_OPS(t_getrxfh, t_setrxfh),
	COMPAT_RXNFC_OPS(t_getnfc, t_setnfc, t_rings, t_getf, t_setf),
};

static void t_qrx(struct net_device *dev, int i,
		  struct netdev_queue_stats_rx *s)
{
	s->packets = 1;
	s->csum_none = 2;
	compat_set_csum_complete(s, 3);
}

static const struct netdev_stat_ops t_stat_ops = { .get_queue_stats_rx =
							   t_qrx };

static int t_hash(const struct xdp_md *ctx, u32 *hash,
		  enum xdp_rss_hash_type *t)
{
	*t = XDP_RSS_TYPE_L4_IPV4_TCP;
	return 0;
}

static const struct xdp_metadata_ops t_xmo = { .xmo_rx_hash = t_hash };
static const struct devlink_health_reporter_ops t_hops = { .name = "x" };
static const struct udp_tunnel_nic_info t_udp = {
	.flags = UDP_TUNNEL_NIC_INFO_MAY_SLEEP | UDP_TUNNEL_NIC_INFO_OPEN_ONLY,
};

static int t_poll(struct napi_struct *n, int b)
{
	return 0;
}

static int t_info(struct devlink *d, struct devlink_info_req *req,
		  struct netlink_ext_ack *extack)
{
	return compat_devlink_info_driver(req, "x");
}

static int t_pget(struct devlink *d, u32 id, struct devlink_param_gset_ctx *c,
		  struct netlink_ext_ack *extack)
{
	c->val.vbool = true;
	return 0;
}

static int t_pset(struct devlink *d, u32 id, struct devlink_param_gset_ctx *c,
		  struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "no");
	return c->val.vbool ? -EINVAL : 0;
}

static int t_pvalid(struct devlink *d, u32 id, union devlink_param_value *val,
		    struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "no");
	return val->vbool ? -EINVAL : 0;
}

COMPAT_DEFINE_PARAM_GET(t_pget);
COMPAT_DEFINE_PARAM_SET(t_pset);
COMPAT_DEFINE_PARAM_VALIDATE(t_pvalid);

static const struct devlink_param t_params[] = {
	DEVLINK_PARAM_GENERIC(REGION_SNAPSHOT, BIT(DEVLINK_PARAM_CMODE_RUNTIME),
			      COMPAT_PARAM_GET(t_pget),
			      COMPAT_PARAM_SET(t_pset),
			      COMPAT_PARAM_VALIDATE(t_pvalid)),
};

static void t_use_params(struct devlink *devlink)
{
	union devlink_param_value value = { .vbool = true };
	u32 id = DEVLINK_PARAM_GENERIC_ID_REGION_SNAPSHOT;

	if (devl_params_register(devlink, t_params, ARRAY_SIZE(t_params)))
		return;
	devl_param_driverinit_value_set(devlink, id, &value);
	devl_param_driverinit_value_get(devlink, id, &value);
	devl_params_unregister(devlink, t_params, ARRAY_SIZE(t_params));
}

static const struct devlink_ops t_dops = { .info_get = t_info };

int compat_exercise(struct pci_dev *pdev, struct devlink_port *port);
int compat_exercise(struct pci_dev *pdev, struct devlink_port *port)
{
	struct net_device *dev = alloc_etherdev_mqs(64, 1, 1);
	struct thing *thing = kzalloc_obj(*thing);
	u32 *words = kmalloc_obj(*words);
	u32 *more = kzalloc_obj(u32, GFP_ATOMIC);
	struct devlink *devlink = devlink_alloc(&t_dops, 0, &pdev->dev);
	struct page_pool_params params = { .pool_size = 3 };
	struct napi_struct *napi = kzalloc_obj(*napi);
	struct thing *large = kvzalloc_obj(*large);
	struct devlink_health_reporter *r;
	struct dim_sample sample = {};
	struct dcb_app app = { .protocol = 3 };
	skb_frag_t frag;
	struct cpu_rmap *rmap = compat_cpu_rmap_new(3);
	struct page_pool *pool;

	compat_cpu_rmap_update(rmap, 1, cpu_online_mask);
	compat_set_rx_cpu_rmap(dev, rmap);
	compat_cpu_rmap_put(rmap);
	thing->count = get_unaligned(words);
	dev->netdev_ops = &t_ops;
	dev->ethtool_ops = &t_ethtool_ops;
	dev->udp_tunnel_nic_info = &t_udp;
	compat_set_stat_ops(dev, &t_stat_ops);
	compat_set_xdp_metadata_ops(dev, &t_xmo);
	compat_set_dcbnl_ops(dev, NULL);
	if (compat_dcb_setapp(dev, &app) || !compat_dcb_getapp(dev, &app))
		return -EINVAL;
	xdp_set_features_flag(dev, NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_RX_SG);
	xdp_features_set_redirect_target(dev, true);
	xdp_features_clear_redirect_target(dev);
	SET_NETDEV_DEVLINK_PORT(dev, port);
	compat_devlink_port_bind(dev, port);
	compat_devlink_port_unbind(port);
	netif_napi_add_config(dev, napi, t_poll, 0);
	netif_napi_set_irq(napi, 3);
	netif_queue_set_napi(dev, 0, NETDEV_QUEUE_TYPE_RX, napi);
	compat_page_pool_owner(&params, dev, napi, 0);
	pool = page_pool_create(&params);
	page_pool_dma_sync_for_cpu(pool, NULL, 0, 64);
	skb_frag_fill_page_desc(&frag, NULL, 0, 3);
	thing->cc.read = read_cc;
	thing->cc.mult = adjust_by_scaled_ppm(1 << 20, 3);
	net_dim(&thing->dim, &sample);
	compat_devlink_enable_reload(devlink);
	t_use_params(devlink);
	r = devl_health_reporter_create(devlink, &t_hops, thing);
	devl_health_reporter_destroy(r);
	kfree(more);
	kfree(kvcalloc_node(3, 5, GFP_KERNEL, NUMA_NO_NODE));
	if (dma_need_unmap(&pdev->dev) && dma_dev_need_sync(&pdev->dev))
		__netif_txq_completed_wake(netdev_get_tx_queue(dev, 0),
					   thing->count, 60, 3, 4, false);
	netif_set_tso_max_size(dev, COMPAT_TSO_MAX_SIZE);
	return pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSIX | PCI_IRQ_INTX);
}
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Exercise of the compatibility layer");
