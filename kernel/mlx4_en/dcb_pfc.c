// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flow control of priorities, 802.1Qbb. Where a direction has any, the pause
 * frames of the whole link are off (docs/hardware/ports.md, E1.6).
 */
#include "mlx4_en/dcb.h"
#include "mlx4_en/port_stats.h"

int en_pfc_set(struct en_netdev *en, u8 rx, u8 tx)
{
	u8 rx_before = en->pfc_rx, tx_before = en->pfc_tx;
	int err;

	en->pfc_rx = rx;
	en->pfc_tx = tx;
	err = en_apply_port_settings(en);
	if (err) {
		en->pfc_rx = rx_before;
		en->pfc_tx = tx_before;
	}
	return err;
}

int en_ieee_getpfc(struct net_device *dev, struct ieee_pfc *pfc)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_port_counters *port = NULL;
	int i;

	pfc->pfc_cap = IEEE_8021QAZ_MAX_TCS;
	pfc->pfc_en = en->pfc_tx;
	if (en->adapter->caps.flow_statistics)
		port = en_port_stats_snapshot(en);
	for (i = 0; port && i < CX_PRIORITIES; i++) {
		pfc->requests[i] =
			en_flow_counter(port, i, CX_FLOW_STATS_TX_PAUSE);
		pfc->indications[i] =
			en_flow_counter(port, i, CX_FLOW_STATS_RX_PAUSE);
	}
	kfree(port);
	return 0;
}

int en_ieee_setpfc(struct net_device *dev, struct ieee_pfc *pfc)
{
	struct en_netdev *en = netdev_priv(dev);

	if (!en_dcb_speaks(en, DCB_CAP_DCBX_VER_IEEE))
		return -EINVAL;
	return en_pfc_set(en, pfc->pfc_en, pfc->pfc_en);
}
