// SPDX-License-Identifier: GPL-2.0-only
/*
 * The link of a port: INIT_PORT, CLOSE_PORT, training, QUERY_PORT.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "connectx/access_reg.h"
#include "connectx/field.h"
#include "connectx/port.h"
#include "emulator/adapter/ethernet_commands.h"
#include "emulator/adapter/port/module_eeprom.h"

static const struct link_mode {
	uint32_t mode, speed;
} link_modes[] = {
#define LINK_MODE(name, bit, mbps) { CX_LINK_MODE_##name, mbps },
	CX_LINK_MODES(LINK_MODE)
#undef LINK_MODE
};

#define LINK_MODE_COUNT (sizeof(link_modes) / sizeof(link_modes[0]))

uint32_t port_modes_up_to(uint32_t modes, uint32_t limit)
{
	uint32_t found = 0;

	for (size_t i = 0; i < LINK_MODE_COUNT; i++)
		if (link_modes[i].speed <= limit)
			found |= link_modes[i].mode;
	return found & modes;
}

/* Return: the fastest speed among @modes, 0 if there is none. */
static uint32_t fastest(uint32_t modes)
{
	uint32_t speed = 0;

	for (size_t i = 0; i < LINK_MODE_COUNT; i++)
		if ((link_modes[i].mode & modes) && link_modes[i].speed > speed)
			speed = link_modes[i].speed;
	return speed;
}

static const struct profile *port_profile(const struct port *port)
{
	return &port->adapter->ethernet.profile;
}

uint32_t port_link_mode(const struct port *port)
{
	/* What the modules of module_eeprom.c speak, then the others */
	static const uint32_t preferred = CX_LINK_MODE_10GBASE_SR |
					  CX_LINK_MODE_40GBASE_SR4 |
					  CX_LINK_MODE_56GBASE_SR4;
	uint32_t candidates = 0;

	if (!port->link_up)
		return 0;
	for (size_t i = 0; i < LINK_MODE_COUNT; i++)
		if (link_modes[i].speed == port->speed)
			candidates |= link_modes[i].mode;
	candidates &= port->link_modes_admin & port_profile(port)->link_modes;
	if (candidates & preferred)
		candidates &= preferred;
	return candidates & -candidates;
}

/* Return: the speed that the two ends agree on, 0 if they do not. */
static uint32_t negotiate(const struct port *port)
{
	return fastest(port_modes_up_to(port->link_modes_admin &
						port_profile(port)->link_modes,
					port->speed_limit));
}

static void link_down(struct port *port)
{
	loop_timer_stop(&port->training);
	if (!port->link_up)
		return;
	port->link_up = false;
	adapter_port_event(port->adapter, port->number, false);
}

static void link_trained(struct loop_timer *timer)
{
	struct port *port = container_of(timer, struct port, training);
	uint32_t speed = negotiate(port);

	if (!port->open || !port->physical_up || port->link_up || !speed)
		return;
	port->speed = speed;
	port->link_up = true;
	adapter_port_event(port->adapter, port->number, true);
}

static void link_train(struct port *port)
{
	if (port->open && port->physical_up && !port->link_up &&
	    !loop_timer_running(&port->training))
		loop_timer_start(port->training.loop, &port->training,
				 port->training_ns);
}

void port_set_physical_link(struct port *port, bool up)
{
	port->physical_up = up;
	if (up)
		link_train(port);
	else
		link_down(port);
}

static void link_retrain(struct port *port)
{
	link_down(port);
	port->speed = negotiate(port) ?: port->speed;
	link_train(port);
}

int port_set_speed(struct port *port, uint32_t speed)
{
	uint32_t exact =
		port_modes_up_to(port_profile(port)->link_modes, speed) &
		~port_modes_up_to(~0u, speed - 1);

	if (!speed || !exact)
		return -EINVAL;
	port->speed_limit = speed;
	port->link_modes_admin |= exact;
	link_retrain(port);
	return 0;
}

void port_set_link_modes(struct port *port, uint32_t modes)
{
	port->link_modes_admin = modes;
	if (!port->link_up)
		port->speed = negotiate(port) ?: port->speed;
}

void port_set_burnt_mac(struct port *port, const uint8_t mac[6])
{
	uint64_t vendor = 0, serial = 0;

	memcpy(port->burnt_mac, mac, 6);
	for (unsigned int i = 0; i < 3; i++) {
		vendor = vendor << 8 | mac[i];
		serial = serial << 8 | mac[i + 3];
	}
	port->guid = vendor << 40 | 0x0300ULL << 24 | serial;
}

struct port *port_find(struct adapter *adapter, uint32_t number)
{
	return number >= 1 && number <= PORTS_MAX ?
		       &adapter->ports[number - 1] :
		       NULL;
}

void port_init(struct port *port, struct adapter *adapter, unsigned int number,
	       struct event_loop *loop, const struct port_config *config)
{
	port->adapter = adapter;
	port->number = number;
	port->training_ns = config->training_ns;
	port->training.loop = loop;
	port->training.expired = link_trained;
	port->speed_limit = config->speed ?:
				    fastest(port_profile(port)->link_modes);
	memcpy(port->factory_mac, config->mac, sizeof(config->mac));
	port_set_burnt_mac(port, config->mac);
	module_eeprom_init(port);
	port_reset(port);
}

void port_hca_init(struct port *port)
{
	memset(&port->rqp_calc, 0, sizeof(port->rqp_calc));
	memset(port->mac_table, 0, sizeof(port->mac_table));
	port->mac_table_used = 0;
	memset(port->vlan_table, 0, sizeof(port->vlan_table));
	port->vlan_filter_set = false;
	memset(port->vlan_filter, 0, sizeof(port->vlan_filter));
	port->multicast_filter_enabled = false;
	port->multicast_count = 0;
}

void port_reset(struct port *port)
{
	const struct profile *profile = port_profile(port);

	loop_timer_stop(&port->training);
	port->open = false;
	port->link_up = false;
	port->autoneg_disabled = false;
	port->link_modes_admin =
		port_modes_up_to(profile->link_modes, profile->speed);
	port->speed = negotiate(port) ?: profile->speed;

	port_hca_init(port);
	port->frame_limit = PORT_MTU_MAX + CX_PORT_MTU_OVERHEAD;
	port->pause_tx = false;
	port->pause_rx = false;
	port->pfc_tx = 0;
	port->pfc_rx = 0;
	port->ignore_fcs = false;
	port->phv = false;
	port->user_mtu = 0;
	memset(port->user_mac, 0, sizeof(port->user_mac));
	port->beacon = false;
	memset(port->traffic_class, 0, sizeof(port->traffic_class));
	memset(port->scheduler, 0, sizeof(port->scheduler));
	port->vxlan_enabled = false;
	port->vxlan_steering = 0;
	memset(port->congestion, 0, sizeof(port->congestion));
	memset(port->virtual_pipes, 0, sizeof(port->virtual_pipes));
	memset(port->vport_qos, 0, sizeof(port->vport_qos));
	memset(&port->statistics, 0, sizeof(port->statistics));
}

static uint8_t speed_code(uint32_t speed)
{
	static const struct {
		uint8_t code;
		uint32_t speed;
	} codes[] = {
#define SPEED(name, code, mbps) { code, mbps },
		CX_PORT_SPEEDS(SPEED)
#undef SPEED
	};

	if (speed == 10000)
		return CX_PORT_SPEED_10G_XFI;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].speed == speed)
			return codes[i].code;
	return CX_PORT_SPEED_MASK;
}

static u8 query_port(struct adapter *adapter, struct command *command)
{
	const struct port *port = port_find(adapter, command->in_mod);
	u8 *out = command->out;

	if (!port)
		return CX_STATUS_BAD_INDEX;
	cx_set(out, CX_QUERY_PORT_LINK_UP, port->link_up);
	cx_set(out, CX_QUERY_PORT_ETHERNET, 1);
	cx_set(out, CX_QUERY_PORT_SUGGEST_ETHERNET, 1);
	cx_set(out, CX_QUERY_PORT_ETH_MTU, PORT_MTU_MAX);
	cx_set(out, CX_QUERY_PORT_SPEED, speed_code(port->speed));
	cx_set(out, CX_QUERY_PORT_LOG_MAX_GIDS, 7);
	cx_set(out, CX_QUERY_PORT_LOG_MAX_PKEYS, 7);
	cx_set(out, CX_QUERY_PORT_LOG_MAX_VLANS, CX_LOG_VLAN_TABLE);
	cx_set(out, CX_QUERY_PORT_LOG_MAX_MACS, CX_LOG_MAC_TABLE);
	cx_set(out, CX_QUERY_PORT_MAX_TRAFFIC_CLASSES, CX_TRAFFIC_CLASSES);
	cx_set(out, CX_QUERY_PORT_MAX_VL, 8);
	memcpy(out + CX_FIELD_OFFSET(CX_QUERY_PORT_MAC) + 2, port->burnt_mac,
	       sizeof(port->burnt_mac));
	if (port_profile(port)->twisted_pair)
		cx_set(out, CX_QUERY_PORT_TRANSCEIVER_TYPE,
		       CX_TRANSCEIVER_TWISTED_PAIR);
	else if (port->module_present)
		cx_set(out, CX_QUERY_PORT_TRANSCEIVER_TYPE,
		       CX_TRANSCEIVER_FIBRE);
	command->out_length = CX_QUERY_PORT_SIZE;
	return CX_STATUS_OK;
}

/* Drivers open a port again without closing it, and close closed ones. */
static u8 init_port(struct adapter *adapter, struct command *command)
{
	struct port *port = port_find(adapter, command->in_mod);

	if (!port)
		return CX_STATUS_BAD_INDEX;
	if (!adapter->hca_up)
		return CX_STATUS_BAD_SYS_STATE;
	if (!port->open) {
		port->open = true;
		link_train(port);
	}
	return CX_STATUS_OK;
}

static u8 close_port(struct adapter *adapter, struct command *command)
{
	struct port *port = port_find(adapter, command->in_mod);

	if (!port)
		return CX_STATUS_BAD_INDEX;
	port->open = false;
	link_down(port);
	return CX_STATUS_OK;
}

static u8 sense_port(struct adapter *adapter, struct command *command)
{
	const struct port *port = port_find(adapter, command->in_mod);

	if (!port)
		return CX_STATUS_BAD_INDEX;
	command->out_imm = port->physical_up ? CX_SENSE_ETHERNET :
					       CX_SENSE_NOTHING;
	return CX_STATUS_OK;
}

const struct command_binding port_commands[] = {
	{ CX_CMD_QUERY_PORT, query_port },
	{ CX_CMD_INIT_PORT, init_port },
	{ CX_CMD_CLOSE_PORT, close_port },
	{ CX_CMD_SENSE_PORT, sense_port },
	{ 0, NULL },
};
