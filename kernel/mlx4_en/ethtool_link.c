// SPDX-License-Identifier: GPL-2.0-only
/*
 * Link settings: the modes by register PTYS (docs/hardware/management.md,
 * E7.4) where the card has it, speed and connector by QUERY_PORT.
 */
#include "connectx/access_reg.h"
#include "connectx/mad.h"
#include "mlx4_en/en_ethtool.h"

#define EN_MODE(mode) ETHTOOL_LINK_MODE_##mode##_BIT
#define EN_NO_MODE (-1)

/* What ethtool calls the adapter's link modes; 20GBASE-KR2 has two names */
static const struct en_link_mode {
	u32 mode; /* a CX_LINK_MODE_* bit */
	int ethtool[2];
	u32 speed;
} en_link_modes[] = {
#define EN_LINK_MODE(name, first, second, mbps)              \
	{                                                    \
		CX_LINK_MODE_##name, { first, second }, mbps \
	}
	EN_LINK_MODE(1000BASE_CX, EN_MODE(1000baseX_Full), EN_NO_MODE, 1000),
	EN_LINK_MODE(1000BASE_KX, EN_MODE(1000baseKX_Full), EN_NO_MODE, 1000),
	EN_LINK_MODE(10GBASE_CX4, EN_MODE(10000baseKX4_Full), EN_NO_MODE,
		     10000),
	EN_LINK_MODE(10GBASE_KX4, EN_MODE(10000baseKX4_Full), EN_NO_MODE,
		     10000),
	EN_LINK_MODE(10GBASE_KR, EN_MODE(10000baseKR_Full), EN_NO_MODE, 10000),
	EN_LINK_MODE(20GBASE_KR2, EN_MODE(20000baseMLD2_Full),
		     EN_MODE(20000baseKR2_Full), 20000),
	EN_LINK_MODE(40GBASE_CR4, EN_MODE(40000baseCR4_Full), EN_NO_MODE,
		     40000),
	EN_LINK_MODE(40GBASE_KR4, EN_MODE(40000baseKR4_Full), EN_NO_MODE,
		     40000),
	EN_LINK_MODE(56GBASE_KR4, EN_MODE(56000baseKR4_Full), EN_NO_MODE,
		     56000),
	EN_LINK_MODE(10GBASE_CR, EN_MODE(10000baseCR_Full), EN_NO_MODE, 10000),
	EN_LINK_MODE(10GBASE_SR, EN_MODE(10000baseSR_Full), EN_NO_MODE, 10000),
	EN_LINK_MODE(40GBASE_SR4, EN_MODE(40000baseSR4_Full), EN_NO_MODE,
		     40000),
	EN_LINK_MODE(56GBASE_CR4, EN_MODE(56000baseCR4_Full), EN_NO_MODE,
		     56000),
	EN_LINK_MODE(56GBASE_SR4, EN_MODE(56000baseSR4_Full), EN_NO_MODE,
		     56000),
	EN_LINK_MODE(100BASE_TX, EN_MODE(100baseT_Full), EN_NO_MODE, 100),
	EN_LINK_MODE(1000BASE_T, EN_MODE(1000baseT_Full), EN_NO_MODE, 1000),
	EN_LINK_MODE(10GBASE_T, EN_MODE(10000baseT_Full), EN_NO_MODE, 10000),
#undef EN_LINK_MODE
};

/* Modes by what they run over */
#define EN_TWISTED_PAIR_MODES                                \
	(CX_LINK_MODE_100BASE_TX | CX_LINK_MODE_1000BASE_T | \
	 CX_LINK_MODE_10GBASE_T)
#define EN_OPTICAL_MODES                                      \
	(CX_LINK_MODE_10GBASE_SR | CX_LINK_MODE_40GBASE_SR4 | \
	 CX_LINK_MODE_56GBASE_SR4 | CX_LINK_MODE_1000BASE_CX)
#define EN_DIRECT_ATTACH_MODES                                \
	(CX_LINK_MODE_10GBASE_CR | CX_LINK_MODE_40GBASE_CR4 | \
	 CX_LINK_MODE_56GBASE_CR4)
#define EN_BACKPLANE_MODES                                     \
	(CX_LINK_MODE_1000BASE_KX | CX_LINK_MODE_10GBASE_KX4 | \
	 CX_LINK_MODE_10GBASE_KR | CX_LINK_MODE_20GBASE_KR2 |  \
	 CX_LINK_MODE_40GBASE_KR4 | CX_LINK_MODE_56GBASE_KR4)
/* Of these ethtool lists the supported connector as fibre */
#define EN_FIBRE_MODES                                         \
	(CX_LINK_MODE_10GBASE_CR | CX_LINK_MODE_10GBASE_SR |   \
	 CX_LINK_MODE_56GBASE_SR4 | CX_LINK_MODE_40GBASE_CR4 | \
	 CX_LINK_MODE_40GBASE_SR4 | CX_LINK_MODE_1000BASE_CX)

/* Autonegotiation can be left off in these, if the card says so */
#define EN_FORCED_MODES (CX_LINK_MODE_1000BASE_CX | CX_LINK_MODE_1000BASE_KX)

static int en_access_ptys(struct en_netdev *en, bool write, void *ptys)
{
	return cx_access_register(en->adapter, CX_REGISTER_PTYS, write, ptys,
				  CX_PTYS_SIZE);
}

static int en_query_ptys(struct en_netdev *en, void *ptys)
{
	if (!en->adapter->caps.eth_prot_ctrl)
		return -EOPNOTSUPP;
	memset(ptys, 0, CX_PTYS_SIZE);
	cx_set(ptys, CX_PTYS_PORT, en->port->number);
	cx_set(ptys, CX_PTYS_PROTOCOL, CX_PTYS_ETHERNET);
	return en_access_ptys(en, false, ptys);
}

static void en_modes_to_ethtool(u32 modes, unsigned long *mask)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(en_link_modes); i++) {
		const struct en_link_mode *mode = &en_link_modes[i];

		if (!(modes & mode->mode))
			continue;
		__set_bit(mode->ethtool[0], mask);
		if (mode->ethtool[1] != EN_NO_MODE)
			__set_bit(mode->ethtool[1], mask);
	}
}

static u32 en_modes_of_ethtool(const unsigned long *mask)
{
	u32 modes = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(en_link_modes); i++) {
		const struct en_link_mode *mode = &en_link_modes[i];

		if (test_bit(mode->ethtool[0], mask) ||
		    (mode->ethtool[1] != EN_NO_MODE &&
		     test_bit(mode->ethtool[1], mask)))
			modes |= mode->mode;
	}
	return modes;
}

static u32 en_modes_of_speed(u32 speed)
{
	u32 modes = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(en_link_modes); i++)
		if (en_link_modes[i].speed == speed)
			modes |= en_link_modes[i].mode;
	return modes;
}

static u8 en_connector(u32 modes)
{
	if (modes & EN_TWISTED_PAIR_MODES)
		return PORT_TP;
	if (modes & EN_OPTICAL_MODES)
		return PORT_FIBRE;
	if (modes & EN_DIRECT_ATTACH_MODES)
		return PORT_DA;
	if (modes & EN_BACKPLANE_MODES)
		return PORT_NONE;
	return PORT_OTHER;
}

static void en_show_ptys(const void *ptys,
			 struct ethtool_link_ksettings *settings)
{
	u32 capable = cx_get(ptys, CX_PTYS_CAPABLE);
	u32 active = cx_get(ptys, CX_PTYS_OPERATIONAL);

	en_modes_to_ethtool(capable, settings->link_modes.supported);
	en_modes_to_ethtool(cx_get(ptys, CX_PTYS_ADMIN),
			    settings->link_modes.advertising);
	en_modes_to_ethtool(cx_get(ptys, CX_PTYS_PARTNER),
			    settings->link_modes.lp_advertising);
	if (capable & EN_TWISTED_PAIR_MODES)
		ethtool_link_ksettings_add_link_mode(settings, supported, TP);
	else if (capable & EN_FIBRE_MODES)
		ethtool_link_ksettings_add_link_mode(settings, supported,
						     FIBRE);
	else if (capable & EN_BACKPLANE_MODES)
		ethtool_link_ksettings_add_link_mode(settings, supported,
						     Backplane);
	settings->base.port = en_connector(active ? active : capable);
}

/* E7.5: a card that does not tell its modes */
static void en_show_plain(u8 transceiver,
			  struct ethtool_link_ksettings *settings)
{
	ethtool_link_ksettings_add_link_mode(settings, supported,
					     10000baseT_Full);
	ethtool_link_ksettings_add_link_mode(settings, advertising,
					     10000baseT_Full);
	if (transceiver == CX_TRANSCEIVER_NONE ||
	    transceiver == CX_TRANSCEIVER_TWISTED_PAIR) {
		settings->base.port = PORT_TP;
		ethtool_link_ksettings_add_link_mode(settings, supported, TP);
	} else if (transceiver <= CX_TRANSCEIVER_FIBRE_LAST) {
		settings->base.port = PORT_FIBRE;
		ethtool_link_ksettings_add_link_mode(settings, supported,
						     FIBRE);
	} else {
		settings->base.port = PORT_OTHER;
	}
}

static void en_show_pause(const struct en_netdev *en,
			  struct ethtool_link_ksettings *settings)
{
	ethtool_link_ksettings_add_link_mode(settings, supported, Pause);
	ethtool_link_ksettings_add_link_mode(settings, supported, Asym_Pause);
	if (en->pause_tx)
		ethtool_link_ksettings_add_link_mode(settings, advertising,
						     Pause);
	if (en->pause_tx != en->pause_rx)
		ethtool_link_ksettings_add_link_mode(settings, advertising,
						     Asym_Pause);
}

static void en_show_autoneg(const struct en_netdev *en,
			    const struct cx_link_state *state,
			    struct ethtool_link_ksettings *settings)
{
	settings->base.autoneg = state->autoneg_complete ? AUTONEG_ENABLE :
							   AUTONEG_DISABLE;
	if (!en->adapter->caps.backplane_autoneg || !state->autoneg)
		return;
	ethtool_link_ksettings_add_link_mode(settings, supported, Autoneg);
	ethtool_link_ksettings_add_link_mode(settings, advertising, Autoneg);
}

int en_get_link_ksettings(struct net_device *dev,
			  struct ethtool_link_ksettings *settings)
{
	struct en_netdev *en = netdev_priv(dev);
	struct cx_link_state state = {};
	u8 ptys[CX_PTYS_SIZE];
	int err;

	ethtool_link_ksettings_zero_link_mode(settings, supported);
	ethtool_link_ksettings_zero_link_mode(settings, advertising);
	ethtool_link_ksettings_zero_link_mode(settings, lp_advertising);
	err = cx_port_query(en->port, &state);
	if (err)
		return err;
	if (en_query_ptys(en, ptys))
		en_show_plain(state.transceiver, settings);
	else
		en_show_ptys(ptys, settings);
	en_show_pause(en, settings);
	en_show_autoneg(en, &state, settings);
	settings->base.speed = SPEED_UNKNOWN;
	settings->base.duplex = DUPLEX_UNKNOWN;
	if (netif_carrier_ok(dev)) {
		settings->base.speed = state.speed ? state.speed :
						     SPEED_UNKNOWN;
		settings->base.duplex = DUPLEX_FULL;
	}
	return 0;
}

/* The modes that the user asks for and the card can */
static u32 en_wanted_modes(const struct ethtool_link_ksettings *settings,
			   u32 capable)
{
	u32 modes = capable;

	if (settings->base.autoneg)
		modes = en_modes_of_ethtool(settings->link_modes.advertising);
	else if (settings->base.speed && settings->base.speed != SPEED_UNKNOWN)
		modes = en_modes_of_speed(settings->base.speed);
	return modes & capable;
}

int en_set_link_ksettings(struct net_device *dev,
			  const struct ethtool_link_ksettings *settings)
{
	struct en_netdev *en = netdev_priv(dev);
	u8 ptys[CX_PTYS_SIZE];
	bool forced;
	u32 modes;
	int err;

	if (settings->base.duplex == DUPLEX_HALF)
		return -EINVAL;
	err = en_query_ptys(en, ptys);
	if (err)
		return err;
	modes = en_wanted_modes(settings, cx_get(ptys, CX_PTYS_CAPABLE));
	if (!modes)
		return -EINVAL;
	forced = !settings->base.autoneg && (modes & EN_FORCED_MODES) &&
		 cx_get(ptys, CX_PTYS_AUTONEG_DISABLE_CAP);
	if (modes == cx_get(ptys, CX_PTYS_ADMIN) &&
	    forced == cx_get(ptys, CX_PTYS_AUTONEG_DISABLED))
		return 0;
	cx_set(ptys, CX_PTYS_PORT, en->port->number);
	cx_set(ptys, CX_PTYS_PROTOCOL, CX_PTYS_ETHERNET);
	cx_set(ptys, CX_PTYS_ADMIN, modes);
	cx_set(ptys, CX_PTYS_AUTONEG_DISABLED, forced);
	err = en_access_ptys(en, true, ptys);
	if (err || !en->port_up || en->suspended)
		return err;

	/* The modes hold from the next training on; rings may stay */
	err = cx_port_close(en->port);
	if (!err)
		err = cx_port_open(en->port);
	en_link_sync(en);
	return err;
}

/* Why there is no carrier, as far as the module tells */
int en_get_link_ext_state(struct net_device *dev,
			  struct ethtool_link_ext_state_info *info)
{
	struct en_netdev *en = netdev_priv(dev);
	u8 identifier;

	if (netif_carrier_ok(dev) || !en->port_up || en->suspended)
		return -ENODATA;
	if (cx_module_read(en->port, CX_MAD_CABLE_I2C, 0, 0, 1, &identifier) !=
	    -ENODEV)
		return -ENODATA;
	info->link_ext_state = ETHTOOL_LINK_EXT_STATE_NO_CABLE;
	return 0;
}
