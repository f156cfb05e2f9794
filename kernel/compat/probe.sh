#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Asks a kernel's headers what they have: probe.sh SRCTREE [OUTPUT].
#
# Writes one `#define COMPAT_HAS_NAME 0` or 1 a question, to OUTPUT if anything
# is new there (so that nothing is compiled again for nothing), else to standard
# output. The headers are asked, never a version: distributions carry functions
# back to older kernels, some of them in the middle of a release's life.
set -eu

include=$1/include
[ -d "$include/linux" ] || { echo "$0: no headers in $include" >&2; exit 1; }

answer()
{
	if "$2" "$3" "$4"; then value=1; else value=0; fi
	echo "#define COMPAT_HAS_$1 $value"
}

# text PATTERN HEADER: a line of the header matches (basic regular expression)
text()
{
	[ -e "$include/$2" ] && grep -q -e "$1" "$include/$2"
}

# member "STRUCT PATTERN" HEADER: a line of that structure does
member()
{
	[ -e "$include/$2" ] &&
		sed -n "/^struct ${1%% *} {/,/^}/p" "$include/$2" |
			grep -q -e "${1#* }"
}

# method "STRUCT MEMBER PATTERN" HEADER: a line of that function pointer does
method()
{
	struct=${1%% *} rest=${1#* }
	[ -e "$include/$2" ] &&
		sed -n "/^struct $struct {/,/^}/p" "$include/$2" |
			sed -n "/(\*${rest%% *})(/,/;/p" |
			grep -q -e "${rest#* }"
}

# argument "FUNCTION PATTERN" HEADER: a line of that function's prototype does
argument()
{
	[ -e "$include/$2" ] &&
		sed -n "/[^_a-z]${1%% *}(/,/;/p;/^${1%% *}(/,/;/p" \
			"$include/$2" | grep -q -e "${1#* }"
}

questions()
{
	# NAPI and queues
	answer NETIF_NAPI_SET_IRQ text 'netif_napi_set_irq(' linux/netdevice.h
	answer NETIF_QUEUE_SET_NAPI text 'netif_queue_set_napi(' \
		linux/netdevice.h
	answer NETIF_NAPI_ADD_CONFIG text '^netif_napi_add_config(' \
		linux/netdevice.h
	answer STAT_OPS text '^struct netdev_stat_ops {' net/netdev_queues.h
	answer STAT_CSUM_COMPLETE member \
		'netdev_queue_stats_rx u64 csum_complete;' net/netdev_queues.h
	answer TXQ_COMPLETED_WAKE text 'define __netif_txq_completed_wake(' \
		net/netdev_queues.h
	answer FRAG_FILL_PAGE_DESC text 'skb_frag_fill_page_desc(' \
		linux/skbuff.h

	answer DMA_DEV_NEED_SYNC text 'dma_dev_need_sync(' linux/dma-mapping.h
	answer HOP_JUMBO_HEADER text 'ipv6_has_hopopt_jumbo(' net/ipv6.h

	# page pools
	answer PAGE_POOL_NAPI text 'struct napi_struct \*napi;' \
		net/page_pool/types.h
	answer PAGE_POOL_NETDEV text 'struct net_device \*netdev;' \
		net/page_pool/types.h
	answer PAGE_POOL_QUEUE_IDX text 'queue_idx;' net/page_pool/types.h
	answer PAGE_POOL_SYNC_FOR_CPU text 'page_pool_dma_sync_for_cpu(' \
		net/page_pool/helpers.h

	# XDP
	answer XDP_FEATURES text 'xdp_set_features_flag(' net/xdp.h
	answer XDP_METADATA_OPS text '^struct xdp_metadata_ops {' net/xdp.h

	# time stamps, clocks
	answer HWTSTAMP_OPS text '(\*ndo_hwtstamp_get)(' linux/netdevice.h
	answer KERNEL_TS_INFO text '^struct kernel_ethtool_ts_info {' \
		linux/ethtool.h
	answer ADJUST_BY_SCALED_PPM text 'adjust_by_scaled_ppm(' \
		linux/ptp_clock_kernel.h
	answer CYCLECOUNTER_CONST text '(\*read)(const struct cyclecounter' \
		linux/timecounter.h

	# ethtool
	answer RXFH_PARAM text '^struct ethtool_rxfh_param {' linux/ethtool.h
	answer RXFH_FIELDS text '(\*get_rxfh_fields)(' linux/ethtool.h
	answer RX_RING_COUNT text '(\*get_rx_ring_count)(' linux/ethtool.h
	answer UDP_TUNNEL_MAY_SLEEP text 'UDP_TUNNEL_NIC_INFO_MAY_SLEEP' \
		net/udp_tunnel.h
	answer NET_DIM_POINTER argument 'net_dim dim_sample \*' linux/dim.h

	# devlink
	answer DEVL_PARAMS text 'devl_params_register(' net/devlink.h
	answer DRIVERINIT_POINTER argument \
		'devl_param_driverinit_value_set \*init_val' net/devlink.h
	answer PARAM_GET_EXTACK method 'devlink_param get extack' net/devlink.h
	answer PARAM_SET_EXTACK method 'devlink_param set extack' net/devlink.h
	answer PARAM_VALIDATE_POINTER method 'devlink_param validate value \*val' \
		net/devlink.h
	answer DEVL_HEALTH_REPORTER text 'devl_health_reporter_create(' \
		net/devlink.h
	answer REPORTER_PERIOD_ARGUMENT argument \
		'devl_health_reporter_create graceful_period' net/devlink.h
	answer SET_NETDEV_DEVLINK_PORT text 'define SET_NETDEV_DEVLINK_PORT' \
		linux/netdevice.h
	answer DEVLINK_FEATURES text 'devlink_set_features(' net/devlink.h
	answer DEVLINK_DRIVER_NAME text 'devlink_info_driver_name_put(' \
		net/devlink.h

	# the rest
	answer KVCALLOC_NODE text 'define kvcalloc_node(' linux/slab.h
	answer DMA_NEED_UNMAP text 'dma_need_unmap(' linux/dma-mapping.h
	answer KMALLOC_OBJ text 'define kmalloc_obj(' linux/slab.h
	answer PCI_IRQ_INTX text 'define PCI_IRQ_INTX' linux/pci.h
}

answers=$(questions)
if [ $# -lt 2 ]; then
	echo "$answers"
elif [ ! -e "$2" ] || [ "$answers" != "$(cat "$2")" ]; then
	echo "$answers" >"$2.new"
	mv "$2.new" "$2"
fi
