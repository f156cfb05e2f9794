// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module: mlx4_core offers each Ethernet port as an auxiliary device, and
 * each becomes a network device here.
 */
#include <linux/module.h>

#include "mlx4_en/en.h"

#define EN_AUX_NAME CX_AUX_MODULE "." CX_AUX_PORT

static int en_probe(struct auxiliary_device *aux,
		    const struct auxiliary_device_id *id)
{
	struct en_netdev *en = en_netdev_create(cx_port_of(aux));

	if (IS_ERR(en))
		return PTR_ERR(en);
	auxiliary_set_drvdata(aux, en);
	return 0;
}

static void en_remove(struct auxiliary_device *aux)
{
	en_netdev_destroy(auxiliary_get_drvdata(aux));
}

static const struct auxiliary_device_id en_ids[] = {
	{ .name = EN_AUX_NAME },
	{},
};
MODULE_DEVICE_TABLE(auxiliary, en_ids);

static struct auxiliary_driver en_driver = {
	.name = CX_AUX_PORT,
	.probe = en_probe,
	.remove = en_remove,
	.id_table = en_ids,
};

module_auxiliary_driver(en_driver);

MODULE_DESCRIPTION("Mellanox ConnectX EN network device");
MODULE_LICENSE("GPL");
MODULE_VERSION(CX_DRIVER_VERSION);
