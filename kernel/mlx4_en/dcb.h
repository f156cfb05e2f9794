/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of data centre bridging share: a file a subject. */
#ifndef MLX4_EN_DCB_H
#define MLX4_EN_DCB_H

#include <net/dcbnl.h>

#include "mlx4_en/en.h"

/* Flow control of a priority as CEE's tools count */
enum en_cee_pfc {
	EN_CEE_PFC_OFF,
	EN_CEE_PFC_FULL,
	EN_CEE_PFC_TX,
	EN_CEE_PFC_RX,
};

struct en_dcb {
	u8 mode; /* DCB_CAP_DCBX_... */
	struct ieee_ets ets;
	u64 kbps[CX_TRAFFIC_CLASSES]; /* 0: no limit */
	bool qcn_set; /* and has to be set again after a reset */
	struct ieee_qcn qcn; /* as it was set last */
	struct {
		bool enabled;
		bool pfc_enabled;
		u8 pfc[CX_PRIORITIES]; /* enum en_cee_pfc */
	} cee;
};

static inline bool en_dcb_speaks(const struct en_netdev *en, u8 version)
{
	return en->dcb->mode & version;
}

/* dcb_pfc.c: both directions of all priorities; also 0 while away */
int en_pfc_set(struct en_netdev *en, u8 rx, u8 tx);
int en_ieee_getpfc(struct net_device *dev, struct ieee_pfc *pfc);
int en_ieee_setpfc(struct net_device *dev, struct ieee_pfc *pfc);

/* dcb_ets.c */
void en_ets_default(struct en_dcb *dcb);
/* Sends what was set, if anything was, or if @always */
int en_ets_sync(struct en_netdev *en, bool always);
int en_ieee_getets(struct net_device *dev, struct ieee_ets *ets);
int en_ieee_setets(struct net_device *dev, struct ieee_ets *ets);
int en_ieee_getmaxrate(struct net_device *dev, struct ieee_maxrate *maxrate);
int en_ieee_setmaxrate(struct net_device *dev, struct ieee_maxrate *maxrate);

/* dcb_qcn.c */
int en_qcn_sync(struct en_netdev *en);
int en_ieee_getqcn(struct net_device *dev, struct ieee_qcn *qcn);
int en_ieee_setqcn(struct net_device *dev, struct ieee_qcn *qcn);
int en_ieee_getqcnstats(struct net_device *dev, struct ieee_qcn_stats *stats);

/* dcb_cee.c */
u8 en_cee_getstate(struct net_device *dev);
u8 en_cee_setstate(struct net_device *dev, u8 state);
void en_cee_getpfccfg(struct net_device *dev, int priority, u8 *setting);
void en_cee_setpfccfg(struct net_device *dev, int priority, u8 setting);
u8 en_cee_getpfcstate(struct net_device *dev);
void en_cee_setpfcstate(struct net_device *dev, u8 state);
u8 en_cee_setall(struct net_device *dev);
u8 en_cee_getcap(struct net_device *dev, int id, u8 *capability);
int en_cee_getnumtcs(struct net_device *dev, int id, u8 *number);
int en_cee_getapp(struct net_device *dev, u8 type, u16 id);
int en_cee_setapp(struct net_device *dev, u8 type, u16 id, u8 priorities);

/* traffic_class.c: 0 or CX_PRIORITIES of them */
int en_set_traffic_classes(struct en_netdev *en, u8 classes);

#endif
