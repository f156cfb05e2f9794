// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands about a port: link, speed, address, module, statistics.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/control/internal.h"

#define NS_PER_MS 1000000ULL
#define FLAPS_MAX 1000000
#define FLAP_PERIOD_DEFAULT_MS 1000
#define FLAP_PERIOD_MAX_MS 3600000
#define SPEED_MAX 1000000

static bool has_backend(struct request *request)
{
	s64 number = request_number(request, "port", 1);

	if (request->adapter->backends[number - 1])
		return true;
	request_fail(request, "port %lld has nothing at its other end",
		     (long long)number);
	return false;
}

void flap_stop(struct control *control, unsigned int port)
{
	loop_timer_stop(&control->flaps[port - 1].timer);
	control->flaps[port - 1].left = 0;
}

static void flap_expired(struct loop_timer *timer)
{
	struct flap *flap = container_of(timer, struct flap, timer);

	flap->left--;
	adapter_plug_cable(flap->adapter, flap->port, !(flap->left & 1));
	if (flap->left)
		loop_timer_start(timer->loop, timer, flap->half_period_ns);
}

void flaps_init(struct control *control)
{
	for (unsigned int i = 0; i < ADAPTER_PORTS; i++) {
		struct flap *flap = &control->flaps[i];

		flap->adapter = control->adapter;
		flap->port = i + 1;
		flap->timer.expired = flap_expired;
		flap->timer.loop = control->loop;
	}
}

static void run_link(struct request *request)
{
	unsigned int port = request_port(request)->number;

	if (!has_backend(request))
		return;
	flap_stop(request->control, port);
	adapter_plug_cable(request->adapter, port,
			   request_flag(request, "up", true));
	json_set_flag(request->out, "physical",
		      request->adapter->ports[port - 1].physical_up);
}

/* The first change comes at once, the last one plugs the cable in. */
static void run_flap(struct request *request)
{
	unsigned int port = request_port(request)->number;
	struct flap *flap = &request->control->flaps[port - 1];

	if (!has_backend(request))
		return;
	flap_stop(request->control, port);
	flap->left = 2 * (unsigned int)request_number(request, "count", 1);
	flap->half_period_ns = (u64)request_number(request, "period_ms",
						   FLAP_PERIOD_DEFAULT_MS) *
			       NS_PER_MS / 2;
	flap_expired(&flap->timer);
}

static void run_speed(struct request *request)
{
	struct port *port = request_port(request);
	s64 speed = request_number(request, "mbps", 0);

	if (port_set_speed(port, (u32)speed))
		request_fail(request, "the card has no speed of %lld Mbit/s",
			     (long long)speed);
}

static bool parse_mac(const char *text, u8 mac[6])
{
	for (unsigned int i = 0; i < 6; i++, text += 3) {
		char digits[3] = { text[0], text[0] ? text[1] : 0, 0 };

		if (!isxdigit((unsigned char)digits[0]) ||
		    !isxdigit((unsigned char)digits[1]) ||
		    text[2] != (i < 5 ? ':' : 0))
			return false;
		mac[i] = (u8)strtoul(digits, NULL, 16);
	}
	return true;
}

static void run_mac(struct request *request)
{
	static const u8 zero[6];
	u8 mac[6];

	if (!parse_mac(request_text(request, "address"), mac) || mac[0] & 1 ||
	    !memcmp(mac, zero, sizeof(mac))) {
		request_fail(
			request,
			"address is not a unicast one like 00:02:c9:00:00:bb");
		return;
	}
	port_set_burnt_mac(request_port(request), mac);
}

static void run_module(struct request *request)
{
	if (adapter_plug_module(request->adapter, request_port(request)->number,
				request_flag(request, "present", true)))
		request_fail(request, "the card's ports take no modules");
}

static const char *const size_names[STATISTICS_SIZES] = {
	"up_to_64",   "up_to_127",  "up_to_255",  "up_to_511", "up_to_1023",
	"up_to_1518", "up_to_1522", "up_to_1548", "up_to_mtu", "above_mtu",
};

/* Sums columns @first to @last - 1. */
static json_object *direction(const struct statistics_column *columns,
			      unsigned int first, unsigned int last)
{
	struct statistics_column sum = { 0 };
	json_object *object = json_object_new_object();
	json_object *sizes = json_object_new_object();

	for (unsigned int i = first; i < last; i++) {
		const struct statistics_column *column = &columns[i];

		for (unsigned int size = 0; size < STATISTICS_SIZES; size++)
			sum.size[size] += column->size[size];
		sum.frames += column->frames;
		sum.octets += column->octets;
		sum.unicast += column->unicast;
		sum.multicast += column->multicast;
		sum.broadcast += column->broadcast;
		sum.tagged += column->tagged;
	}
	json_set_counter(object, "frames", sum.frames);
	json_set_counter(object, "octets", sum.octets);
	json_set_counter(object, "unicast", sum.unicast);
	json_set_counter(object, "multicast", sum.multicast);
	json_set_counter(object, "broadcast", sum.broadcast);
	json_set_counter(object, "tagged", sum.tagged);
	for (unsigned int size = 0; size < STATISTICS_SIZES; size++)
		json_set_counter(sizes, size_names[size], sum.size[size]);
	json_set(object, "sizes", sizes);
	return object;
}

static json_object *errors(const struct port_statistics *statistics)
{
	json_object *object = json_object_new_object();

	json_set_counter(object, "rx_dropped", statistics->dropped);
	json_set_counter(object, "rx_dropped_overflow",
			 statistics->dropped_overflow);
	json_set_counter(object, "rx_dropped_length",
			 statistics->dropped_length);
	json_set_counter(object, "rx_crc", statistics->crc_errors);
	json_set_counter(object, "rx_too_long", statistics->too_long);
	json_set_counter(object, "rx_jabbers", statistics->jabbers);
	json_set_counter(object, "rx_runts", statistics->runts);
	json_set_counter(object, "rx_in_range_length",
			 statistics->in_range_length_errors);
	json_set_counter(object, "rx_out_range_length",
			 statistics->out_range_length_errors);
	json_set_counter(object, "tx_dropped", statistics->tx_dropped);
	json_set_counter(object, "filtered_vlan", statistics->filtered_vlan);
	json_set_counter(object, "filtered_multicast",
			 statistics->filtered_multicast);
	json_set_counter(object, "unmatched", statistics->unmatched);
	return object;
}

static void run_statistics(struct request *request)
{
	struct port *port = request_port(request);
	struct port_statistics *statistics = &port->statistics;

	json_set_number(request->out, "port", port->number);
	json_set(request->out, "rx",
		 direction(statistics->rx, 0, STATISTICS_RX_COLUMNS));
	json_set(request->out, "tx",
		 direction(statistics->tx, 0, STATISTICS_LOOPBACK));
	json_set(request->out, "loopback",
		 direction(statistics->tx, STATISTICS_LOOPBACK,
			   STATISTICS_TX_COLUMNS));
	json_set(request->out, "errors", errors(statistics));
	if (request_flag(request, "reset", false))
		memset(statistics, 0, sizeof(*statistics));
}

const struct control_command port_control_commands[] = {
	{ "link",
	  "pull (false) or plug (true) the cable",
	  run_link,
	  { NEEDS_PORT, NEEDS_BOOL("up") } },
	{ "flap",
	  "pull and plug the cable count times",
	  run_flap,
	  { NEEDS_PORT, TAKES_NUMBER("count", 1, FLAPS_MAX),
	    TAKES_NUMBER("period_ms", 2, FLAP_PERIOD_MAX_MS) } },
	{ "speed",
	  "what the other end speaks; the link trains again",
	  run_speed,
	  { NEEDS_PORT, NEEDS_NUMBER("mbps", 1, SPEED_MAX) } },
	{ "mac",
	  "the burnt-in address; seen at the next QUERY_PORT",
	  run_mac,
	  { NEEDS_PORT, NEEDS_TEXT("address") } },
	{ "module",
	  "pull (false) or plug (true) the module",
	  run_module,
	  { NEEDS_PORT, NEEDS_BOOL("present") } },
	{ "statistics",
	  "counters of a port; reset clears them afterwards",
	  run_statistics,
	  { NEEDS_PORT, TAKES_BOOL("reset") } },
	{ 0 },
};
