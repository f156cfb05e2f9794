/* SPDX-License-Identifier: GPL-2.0-only */
/* n-tuple rules: the table, and reading a rule of the user */
#ifndef MLX4_EN_FLOW_H
#define MLX4_EN_FLOW_H

#include <linux/ethtool.h>

#include "mlx4_en/en.h"

#define EN_FLOW_LOCATIONS 256

struct en_flow;

struct en_flows {
	struct en_flow *flow[EN_FLOW_LOCATIONS]; /* by location */
	u32 count;
};

/*
 * What of a frame a rule names, and whether the adapter can compare that.
 * @own: the port's address, which a rule means unless it names another.
 * @rule: zeroed. 0, -EINVAL for nonsense, -EOPNOTSUPP for what it cannot.
 */
int en_flow_parse(const struct ethtool_rx_flow_spec *spec, const u8 *own,
		  struct cx_flow_rule *rule);

#endif
