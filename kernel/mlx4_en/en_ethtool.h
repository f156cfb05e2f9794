/* SPDX-License-Identifier: GPL-2.0-only */
/* The ethtool operations, a file a subject; ethtool.c has the table of them */
#ifndef MLX4_EN_EN_ETHTOOL_H
#define MLX4_EN_EN_ETHTOOL_H

#include <linux/ethtool.h>

#include "mlx4_en/en.h"

/* ethtool_link.c */
int en_get_link_ksettings(struct net_device *dev,
			  struct ethtool_link_ksettings *settings);
int en_set_link_ksettings(struct net_device *dev,
			  const struct ethtool_link_ksettings *settings);
int en_get_link_ext_state(struct net_device *dev,
			  struct ethtool_link_ext_state_info *info);

/* ethtool_queues.c */
void en_get_ringparam(struct net_device *dev, struct ethtool_ringparam *param,
		      struct kernel_ethtool_ringparam *kernel_param,
		      struct netlink_ext_ack *extack);
int en_set_ringparam(struct net_device *dev, struct ethtool_ringparam *param,
		     struct kernel_ethtool_ringparam *kernel_param,
		     struct netlink_ext_ack *extack);
void en_get_channels(struct net_device *dev, struct ethtool_channels *channels);
int en_set_channels(struct net_device *dev, struct ethtool_channels *channels);

/* ethtool_coalesce.c */
int en_get_coalesce(struct net_device *dev, struct ethtool_coalesce *coalesce,
		    struct kernel_ethtool_coalesce *kernel_coalesce,
		    struct netlink_ext_ack *extack);
int en_set_coalesce(struct net_device *dev, struct ethtool_coalesce *coalesce,
		    struct kernel_ethtool_coalesce *kernel_coalesce,
		    struct netlink_ext_ack *extack);
int en_get_per_queue_coalesce(struct net_device *dev, u32 queue,
			      struct ethtool_coalesce *coalesce);
int en_set_per_queue_coalesce(struct net_device *dev, u32 queue,
			      struct ethtool_coalesce *coalesce);

/* ethtool_rss.c */
u32 en_get_rx_ring_count(struct net_device *dev);
u32 en_get_rxfh_key_size(struct net_device *dev);
u32 en_get_rxfh_indir_size(struct net_device *dev);
int en_get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *rxfh);
int en_set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *rxfh,
		struct netlink_ext_ack *extack);
int en_get_rxfh_fields(struct net_device *dev,
		       struct ethtool_rxfh_fields *fields);
int en_set_rxfh_fields(struct net_device *dev,
		       const struct ethtool_rxfh_fields *fields,
		       struct netlink_ext_ack *extack);

/* flow.c */
int en_get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *command,
		 u32 *locations);
int en_set_rxnfc(struct net_device *dev, struct ethtool_rxnfc *command);

/* ethtool_stats.c: the strings and values of ETH_SS_STATS */
int en_stats_count(struct en_netdev *en);
void en_stats_strings(struct en_netdev *en, u8 *data);
void en_get_ethtool_stats(struct net_device *dev, struct ethtool_stats *stats,
			  u64 *data);

/* ethtool_standard.c: counters that the kernel defines */
void en_get_pause_stats(struct net_device *dev,
			struct ethtool_pause_stats *stats);
void en_get_eth_phy_stats(struct net_device *dev,
			  struct ethtool_eth_phy_stats *stats);
void en_get_eth_mac_stats(struct net_device *dev,
			  struct ethtool_eth_mac_stats *stats);
void en_get_eth_ctrl_stats(struct net_device *dev,
			   struct ethtool_eth_ctrl_stats *stats);
void en_get_rmon_stats(struct net_device *dev, struct ethtool_rmon_stats *stats,
		       const struct ethtool_rmon_hist_range **ranges);

/* ethtool_module.c */
int en_get_module_info(struct net_device *dev, struct ethtool_modinfo *info);
int en_get_module_eeprom(struct net_device *dev, struct ethtool_eeprom *eeprom,
			 u8 *data);
int en_get_module_eeprom_by_page(struct net_device *dev,
				 const struct ethtool_module_eeprom *page,
				 struct netlink_ext_ack *extack);

/* ethtool_regs.c */
int en_get_regs_len(struct net_device *dev);
void en_get_regs(struct net_device *dev, struct ethtool_regs *regs, void *data);

/* ethtool_tune.c */
int en_get_tunable(struct net_device *dev,
		   const struct ethtool_tunable *tunable, void *data);
int en_set_tunable(struct net_device *dev,
		   const struct ethtool_tunable *tunable, const void *data);
int en_priv_flags_count(struct en_netdev *en);
void en_priv_flags_strings(struct en_netdev *en, u8 *data);
u32 en_get_priv_flags(struct net_device *dev);
int en_set_priv_flags(struct net_device *dev, u32 flags);

/* self_test.c */
int en_test_count(struct en_netdev *en);
void en_test_strings(struct en_netdev *en, u8 *data);
void en_self_test(struct net_device *dev, struct ethtool_test *test, u64 *data);

#endif
