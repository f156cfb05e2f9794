/* SPDX-License-Identifier: GPL-2.0-only */
/* Time stamps and the clock behind them. */
#ifndef COMPAT_TIMESTAMP_H
#define COMPAT_TIMESTAMP_H

#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <linux/netdevice.h>
#include <linux/ptp_clock_kernel.h>
#include <linux/timecounter.h>
#include <linux/uaccess.h>

/* What struct cyclecounter's read() is given a pointer to */
#if COMPAT_HAS_CYCLECOUNTER_CONST
typedef const struct cyclecounter compat_cyclecounter;
#else
typedef struct cyclecounter compat_cyclecounter;
#endif

#if !COMPAT_HAS_ADJUST_BY_SCALED_PPM
/* A rate's @base, changed by @scaled_ppm / 65536 millionths */
static inline u64 adjust_by_scaled_ppm(u64 base, long scaled_ppm)
{
	u64 part = mul_u64_u64_div_u64(base, abs(scaled_ppm), 1000000ULL << 16);

	return scaled_ppm < 0 ? base - part : base + part;
}
#endif

/* The members that both have are called the same. */
#if !COMPAT_HAS_KERNEL_TS_INFO
#define kernel_ethtool_ts_info ethtool_ts_info
#endif

/*
 * COMPAT_DEFINE_HWTSTAMP(get, set); ahead of the net_device_ops with
 * COMPAT_HWTSTAMP_OPS(get, set), for functions of ndo_hwtstamp_get's and
 * ndo_hwtstamp_set's types
 */
#if COMPAT_HAS_HWTSTAMP_OPS
#define COMPAT_DEFINE_HWTSTAMP(get, set) COMPAT_NOTHING
#define COMPAT_HWTSTAMP_OPS(get, set) \
	.ndo_hwtstamp_get = get, .ndo_hwtstamp_set = set
#else
struct kernel_hwtstamp_config {
	int flags;
	int tx_type;
	int rx_filter;
};

typedef int compat_hwtstamp_get_t(struct net_device *dev,
				  struct kernel_hwtstamp_config *config);
typedef int compat_hwtstamp_set_t(struct net_device *dev,
				  struct kernel_hwtstamp_config *config,
				  struct netlink_ext_ack *extack);

static inline int compat_hwtstamp_ioctl(struct net_device *dev,
					struct ifreq *ifr, int cmd,
					compat_hwtstamp_get_t *get,
					compat_hwtstamp_set_t *set)
{
	struct kernel_hwtstamp_config config = {};
	struct hwtstamp_config user = {};
	int err;

	switch (cmd) {
	case SIOCGHWTSTAMP:
		err = get(dev, &config);
		break;
	case SIOCSHWTSTAMP:
		if (copy_from_user(&user, ifr->ifr_data, sizeof(user)))
			return -EFAULT;
		config.flags = user.flags;
		config.tx_type = user.tx_type;
		config.rx_filter = user.rx_filter;
		err = set(dev, &config, NULL);
		break;
	default:
		return -EOPNOTSUPP;
	}
	if (err)
		return err;
	user.flags = config.flags;
	user.tx_type = config.tx_type;
	user.rx_filter = config.rx_filter;
	if (copy_to_user(ifr->ifr_data, &user, sizeof(user)))
		return -EFAULT;
	return 0;
}

#define COMPAT_DEFINE_HWTSTAMP(get, set)                                   \
	static int compat_##set(struct net_device *dev, struct ifreq *ifr, \
				int cmd)                                   \
	{                                                                  \
		return compat_hwtstamp_ioctl(dev, ifr, cmd, get, set);     \
	}                                                                  \
	COMPAT_NOTHING
#define COMPAT_HWTSTAMP_OPS(get, set) .ndo_eth_ioctl = compat_##set
#endif

#endif
