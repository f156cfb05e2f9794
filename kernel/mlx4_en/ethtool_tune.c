// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ethtool calls tunables: up to which size frames are copied into their
 * descriptors; and what it calls private flags.
 */
#include "mlx4_en/en_ethtool.h"
#include "mlx4_en/tx_ring.h"

int en_get_tunable(struct net_device *dev,
		   const struct ethtool_tunable *tunable, void *data)
{
	const struct en_netdev *en = netdev_priv(dev);

	if (tunable->id != ETHTOOL_TX_COPYBREAK)
		return -EOPNOTSUPP;
	*(u32 *)data = en->config.tx_copybreak;
	return 0;
}

/* The next frame of each ring is treated so: nothing has to be built anew */
static void en_set_copybreak(struct en_netdev *en, u16 bytes)
{
	struct en_channels *channels = en->channels;
	u16 i;

	en->config.tx_copybreak = bytes;
	if (!channels)
		return;
	channels->config.tx_copybreak = bytes;
	for (i = 0; i < channels->tx_count; i++)
		WRITE_ONCE(channels->tx[i]->inline_max, bytes);
}

int en_set_tunable(struct net_device *dev,
		   const struct ethtool_tunable *tunable, const void *data)
{
	u32 bytes = *(const u32 *)data;

	if (tunable->id != ETHTOOL_TX_COPYBREAK)
		return -EOPNOTSUPP;
	if (bytes > EN_INLINE_MAX)
		return -EINVAL;
	en_set_copybreak(netdev_priv(dev), bytes);
	return 0;
}

static const char en_priv_flags[][ETH_GSTRING_LEN] = {
	"phv-bit", /* the port may insert service tags */
};

int en_priv_flags_count(struct en_netdev *en)
{
	return en->adapter->caps.svlan_insertion ? ARRAY_SIZE(en_priv_flags) :
						   0;
}

void en_priv_flags_strings(struct en_netdev *en, u8 *data)
{
	memcpy(data, en_priv_flags,
	       en_priv_flags_count(en) * sizeof(*en_priv_flags));
}

u32 en_get_priv_flags(struct net_device *dev)
{
	const struct en_netdev *en = netdev_priv(dev);

	return en->phv ? BIT(0) : 0;
}

int en_set_priv_flags(struct net_device *dev, u32 flags)
{
	return en_set_phv(netdev_priv(dev), flags & BIT(0));
}
