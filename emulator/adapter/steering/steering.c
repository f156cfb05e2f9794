// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steering as a whole: which mode INIT_HCA chose, and the way of a frame
 * through filters and the mode's tables.
 */
#include <stdlib.h>
#include <string.h>

#include "connectx/device.h"
#include "emulator/adapter/steering/steering_internal.h"

struct steering *steering_create(void)
{
	return calloc(1, sizeof(struct steering));
}

void steering_destroy(struct steering *steering)
{
	if (!steering)
		return;
	mcg_clear(&steering->mcg);
	rules_clear(&steering->rules);
	free(steering);
}

void steering_clear(struct adapter *adapter)
{
	struct steering *steering = adapter->ethernet.steering;

	mcg_clear(&steering->mcg);
	rules_clear(&steering->rules);
	steering->mode = STEERING_A0;
}

uint8_t steering_hca_init(struct adapter *adapter)
{
	struct steering *steering = adapter->ethernet.steering;
	const struct profile *profile = &adapter->ethernet.profile;
	const u8 *init_hca = adapter->init_hca;

	steering_clear(adapter);
	if (cx_get(init_hca, CX_INIT_HCA_DEVICE_MANAGED_STEERING)) {
		if (!profile_cap(profile, CX_DEV_CAP_FS))
			return CX_STATUS_BAD_PARAM;
		steering->mode = STEERING_DEVICE_MANAGED;
		return rules_init(&steering->rules, init_hca);
	}
	if (cx_get(init_hca, CX_INIT_HCA_UC_STEERING)) {
		if (!profile_cap(profile, CX_DEV_CAP_VEP_UC_STEERING))
			return CX_STATUS_BAD_PARAM;
		steering->mode = STEERING_B0;
	}
	return mcg_init(&steering->mcg, init_hca,
			steering->mode == STEERING_B0);
}

enum steering_mode steering_mode(const struct adapter *adapter)
{
	return adapter->ethernet.steering->mode;
}

void qpn_list_add(struct qpn_list *list, u32 qpn)
{
	for (unsigned int i = 0; i < list->count; i++)
		if (list->qpns[i] == qpn)
			return;
	if (list->count < list->max)
		list->qpns[list->count++] = qpn;
}

static unsigned int lookup(struct adapter *adapter, unsigned int number,
			   const u8 *frame, const struct packet_info *info,
			   bool loopback, struct qpn_list *list)
{
	struct port *port = &adapter->ports[number - 1];
	struct steering *steering = adapter->ethernet.steering;

	if (!port_vlan_passes(port, info)) {
		port->statistics.filtered_vlan++;
		return 0;
	}
	switch (steering->mode) {
	case STEERING_A0:
		if (!port_multicast_passes(port, frame) && (frame[0] & 1)) {
			port->statistics.filtered_multicast++;
			return 0;
		}
		a0_lookup(adapter, port, frame, info, list);
		break;
	case STEERING_B0:
		/*
		 * Software that never writes an entry but computes its QPNs
		 * gets its frames in this mode too.
		 */
		if (!b0_lookup(adapter, port, frame, loopback, list))
			a0_lookup(adapter, port, frame, info, list);
		break;
	case STEERING_DEVICE_MANAGED:
		rules_lookup(adapter, port, frame, info, loopback, list);
		break;
	}
	if (!list->count)
		port->statistics.unmatched++;
	return list->count;
}

unsigned int steering_lookup(struct adapter *adapter, unsigned int port,
			     const uint8_t *frame,
			     const struct packet_info *info, uint32_t *qpns,
			     unsigned int max)
{
	struct qpn_list list = { .qpns = qpns, .max = max };

	return lookup(adapter, port, frame, info, false, &list);
}

unsigned int steering_lookup_loopback(struct adapter *adapter,
				      unsigned int port, const uint8_t *frame,
				      const struct packet_info *info,
				      uint32_t *qpns, unsigned int max)
{
	struct qpn_list list = { .qpns = qpns, .max = max };

	return lookup(adapter, port, frame, info, true, &list);
}

bool steering_is_local(struct adapter *adapter, unsigned int port,
		       const uint8_t dmac[6])
{
	struct steering *steering = adapter->ethernet.steering;

	if (dmac[0] & 1)
		return false;
	switch (steering->mode) {
	case STEERING_B0:
		return mcg_find(&steering->mcg, port, CX_STEER_UNICAST, dmac);
	case STEERING_DEVICE_MANAGED:
		return rules_have_mac(adapter, port, dmac);
	default:
		return port_mac_index(&adapter->ports[port - 1], dmac) >= 0;
	}
}
