// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP programs: attached, replaced and detached. Only the first and the last
 * of these need other rings: those that send XDP frames.
 */
#include <linux/bpf.h>

#include "mlx4_en/en.h"

/**
 * en_xdp_features - tell the stack what XDP can do with the device now
 * @en: the device. Under rtnl.
 *
 * Other devices may send here once there are rings for it.
 */
void en_xdp_features(struct en_netdev *en)
{
	if (en->channels && en->channels->config.xdp)
		xdp_features_set_redirect_target(en->dev, true);
	else
		xdp_features_clear_redirect_target(en->dev);
}

/**
 * en_xdp_init - what holds with and without a program
 * @en: the device, not registered
 */
void en_xdp_init(struct en_netdev *en)
{
	xdp_set_features_flag(en->dev, NETDEV_XDP_ACT_BASIC |
					       NETDEV_XDP_ACT_REDIRECT |
					       NETDEV_XDP_ACT_RX_SG);
	en_xdp_metadata_init(en->dev);
}

static void en_xdp_exchange(struct en_netdev *en, struct bpf_prog *prog)
{
	struct en_channels *channels = en->channels;
	int i;

	en->config.xdp = prog;
	if (!channels)
		return;
	channels->config.xdp = prog;
	for (i = 0; i < channels->config.rx_channels; i++)
		WRITE_ONCE(channels->channel[i]->rx->xdp, prog);
}

static int en_xdp_set(struct en_netdev *en, struct bpf_prog *prog,
		      struct netlink_ext_ack *extack)
{
	struct bpf_prog *before = en->config.xdp;
	struct en_config config = en->config;
	int err;

	if (prog && !prog->aux->xdp_has_frags &&
	    en->config.mtu > EN_XDP_ONE_PAGE_MTU) {
		NL_SET_ERR_MSG_MOD(extack,
				   "MTU needs a program that takes fragments");
		return -EOPNOTSUPP;
	}
	if (!!before == !!prog) {
		en_xdp_exchange(en, prog);
	} else {
		config.xdp = prog;
		err = en_reconfigure(en, &config);
		if (err) {
			NL_SET_ERR_MSG_MOD(extack, "no rings for XDP");
			return err;
		}
	}
	/* Polls that still run the one before hold it by RCU */
	if (before)
		bpf_prog_put(before);
	return 0;
}

/* ndo_bpf */
int en_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	struct en_netdev *en = netdev_priv(dev);

	switch (bpf->command) {
	case XDP_SETUP_PROG:
		return en_xdp_set(en, bpf->prog, bpf->extack);
	default:
		return -EINVAL;
	}
}
