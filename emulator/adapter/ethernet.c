// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Ethernet half of an adapter as a whole: power-on, reset, INIT_HCA.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connectx/device.h"
#include "connectx/field.h"
#include "emulator/adapter/ethernet_commands.h"

static void defaults(struct ethernet *ethernet)
{
	ethernet->vxlan_port = 0;
	ethernet->port_check_disabled = false;
	ethernet->special_qpn = 0;
	ethernet->counters_enabled = false;
	for (unsigned int i = 0; i < PORTS_MAX; i++)
		ethernet->port_map[i] = (uint8_t)(i + 1);
	if (ethernet->counter_count)
		memset(ethernet->counters, 0,
		       ethernet->counter_count * sizeof(*ethernet->counters));
}

int ethernet_init(struct adapter *adapter, struct event_loop *loop,
		  const struct ethernet_config *config)
{
	struct ethernet *ethernet = &adapter->ethernet;
	struct profile *profile = &ethernet->profile;
	int err;

	err = profile_init(profile, config->device_id);
	if (err)
		return err;

	if (profile_cap(profile, CX_DEV_CAP_COUNTERS)) {
		ethernet->counter_count = (unsigned int)profile_cap(
			profile, CX_DEV_CAP_MAX_COUNTERS);
		ethernet->counters = calloc(ethernet->counter_count,
					    sizeof(*ethernet->counters));
	}
	ethernet->rx_checksum_mode =
		profile_cap(profile, CX_DEV_CAP_CONFIG_DEV) ?
			CX_RX_CHECKSUM_ANY_IP :
			CX_RX_CHECKSUM_CLASSIC;
	ethernet->steering = steering_create();
	if (!ethernet->steering ||
	    (ethernet->counter_count && !ethernet->counters)) {
		ethernet_destroy(adapter);
		return -ENOMEM;
	}
	defaults(ethernet);
	for (unsigned int i = 0; i < PORTS_MAX; i++)
		port_init(&adapter->ports[i], adapter, i + 1, loop,
			  &config->ports[i]);
	return 0;
}

void ethernet_destroy(struct adapter *adapter)
{
	struct ethernet *ethernet = &adapter->ethernet;

	for (unsigned int i = 0; i < PORTS_MAX; i++)
		if (adapter->ports[i].adapter)
			loop_timer_stop(&adapter->ports[i].training);
	steering_destroy(ethernet->steering);
	ethernet->steering = NULL;
	free(ethernet->counters);
	ethernet->counters = NULL;
	ethernet->counter_count = 0;
}

void ethernet_reset(struct adapter *adapter)
{
	defaults(&adapter->ethernet);
	steering_clear(adapter);
	for (unsigned int i = 0; i < PORTS_MAX; i++)
		port_reset(&adapter->ports[i]);
}

uint8_t ethernet_hca_init(struct adapter *adapter)
{
	uint8_t status = steering_hca_init(adapter);

	if (status != CX_STATUS_OK)
		return status;
	for (unsigned int i = 0; i < PORTS_MAX; i++)
		port_hca_init(&adapter->ports[i]);
	adapter->ethernet.counters_enabled =
		cx_get(adapter->init_hca, CX_INIT_HCA_COUNTERS);
	return CX_STATUS_OK;
}

void ethernet_hca_close(struct adapter *adapter)
{
	steering_clear(adapter);
	/* No event: the queues that would carry it are gone or going */
	for (unsigned int i = 0; i < PORTS_MAX; i++) {
		struct port *port = &adapter->ports[i];

		loop_timer_stop(&port->training);
		port->open = false;
		port->link_up = false;
	}
}
