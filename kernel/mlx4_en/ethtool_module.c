// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of the module in the port's cage, flat as ethtool wants it of
 * old, and by page (docs/hardware/management.md, E7.6). Read only: what is
 * written there outlives the host.
 */
#include <linux/sfp.h>

#include "connectx/mad.h"
#include "mlx4_en/en_ethtool.h"

/* Upper half of SFF-8636 and SFF-8436 memory: pages of 128 bytes behind 256 */
#define EN_MODULE_PAGE ETH_MODULE_EEPROM_PAGE_LEN
#define EN_MODULE_FLAT CX_MAD_CABLE_MEMORY
/* SFF-8636's revision in byte 1: from here on, it is not SFF-8436 */
#define EN_SFF8636_REVISION 3

static int en_read_identifier(struct en_netdev *en, u8 identity[2])
{
	int err;

	err = cx_module_read(en->port, CX_MAD_CABLE_I2C, 0, 0, 2, identity);
	if (err)
		return err;
	switch (identity[0]) {
	case SFF8024_ID_SFP:
	case SFF8024_ID_QSFP_8438:
	case SFF8024_ID_QSFP_8436_8636:
	case SFF8024_ID_QSFP28_8636:
		return 0;
	default:
		return -EINVAL;
	}
}

int en_get_module_info(struct net_device *dev, struct ethtool_modinfo *info)
{
	struct en_netdev *en = netdev_priv(dev);
	u8 identity[2];
	int err;

	err = en_read_identifier(en, identity);
	if (err)
		return err;
	if (identity[0] == SFF8024_ID_SFP) {
		info->type = ETH_MODULE_SFF_8472;
		info->eeprom_len = ETH_MODULE_SFF_8472_LEN;
	} else if (identity[0] == SFF8024_ID_QSFP28_8636 ||
		   (identity[0] == SFF8024_ID_QSFP_8436_8636 &&
		    identity[1] >= EN_SFF8636_REVISION)) {
		info->type = ETH_MODULE_SFF_8636;
		info->eeprom_len = ETH_MODULE_SFF_8636_MAX_LEN;
	} else {
		info->type = ETH_MODULE_SFF_8436;
		info->eeprom_len = ETH_MODULE_SFF_8436_MAX_LEN;
	}
	return 0;
}

/* Reads from a flat offset up to @length bytes, not beyond a page's end */
static int en_read_flat(struct en_netdev *en, bool sfp, u32 offset, u32 length,
			u8 *data)
{
	u8 i2c = CX_MAD_CABLE_I2C, page = 0;
	int err;

	if (offset < EN_MODULE_FLAT) {
		length = min(length, EN_MODULE_FLAT - offset);
	} else if (sfp) {
		i2c = CX_MAD_CABLE_I2C_DIAGNOSTICS;
		offset -= EN_MODULE_FLAT;
		length = min(length, EN_MODULE_FLAT - offset);
	} else {
		page = 1 + (offset - EN_MODULE_FLAT) / EN_MODULE_PAGE;
		offset -= page * EN_MODULE_PAGE;
		length = min(length, EN_MODULE_FLAT - offset);
	}
	err = cx_module_read(en->port, i2c, page, offset, length, data);
	return err ? err : length;
}

int en_get_module_eeprom(struct net_device *dev, struct ethtool_eeprom *eeprom,
			 u8 *data)
{
	struct en_netdev *en = netdev_priv(dev);
	u32 done = 0;
	u8 identity[2];
	bool sfp;
	int got;

	got = en_read_identifier(en, identity);
	if (got)
		return got;
	sfp = identity[0] == SFF8024_ID_SFP;
	memset(data, 0, eeprom->len);
	while (done < eeprom->len) {
		got = en_read_flat(en, sfp, eeprom->offset + done,
				   eeprom->len - done, data + done);
		/* Modules without diagnostics have no second address */
		if (got < 0 && sfp && eeprom->offset + done >= EN_MODULE_FLAT)
			return 0;
		if (got < 0)
			return got;
		done += got;
	}
	return 0;
}

int en_get_module_eeprom_by_page(struct net_device *dev,
				 const struct ethtool_module_eeprom *page,
				 struct netlink_ext_ack *extack)
{
	struct en_netdev *en = netdev_priv(dev);
	int err;

	if (page->bank) {
		NL_SET_ERR_MSG_MOD(extack,
				   "Modules of this card have no banks");
		return -EINVAL;
	}
	if (page->offset + page->length > EN_MODULE_FLAT) {
		NL_SET_ERR_MSG_MOD(extack, "A page ends at byte 256");
		return -EINVAL;
	}
	err = cx_module_read(en->port, page->i2c_address, page->page,
			     page->offset, page->length, page->data);
	if (err == -ENODEV)
		NL_SET_ERR_MSG_MOD(extack, "There is no module");
	else if (err)
		NL_SET_ERR_MSG_MOD(extack, "The module cannot be read there");
	return err ? err : page->length;
}
