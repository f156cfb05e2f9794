// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands about the card as a whole.
 */
#include <string.h>

#include "emulator/control/internal.h"

#define NS_PER_MS 1000000LL
#define MS_MAX 3600000
/* Location codes of a real buffer are not public: any value that is not 0 */
#define CATASTROPHIC_DEFAULT 0xdead0001u
#define CELSIUS_DEFAULT 105

static const char *generation_text(enum cx_generation generation)
{
	switch (generation) {
	case CX_GENERATION_CONNECTX:
		return "ConnectX";
	case CX_GENERATION_CONNECTX_2:
		return "ConnectX-2";
	case CX_GENERATION_CONNECTX_3:
		return "ConnectX-3";
	case CX_GENERATION_CONNECTX_3_PRO:
		return "ConnectX-3 Pro";
	}
	return "unknown";
}

static const char *steering_text(const struct adapter *adapter)
{
	if (!adapter->hca_up)
		return "none";
	switch (steering_mode(adapter)) {
	case STEERING_A0:
		return "A0";
	case STEERING_B0:
		return "B0";
	case STEERING_DEVICE_MANAGED:
		return "device-managed";
	}
	return "unknown";
}

static u64 frames_of(const struct statistics_column *columns,
		     unsigned int count)
{
	u64 frames = 0;

	for (unsigned int i = 0; i < count; i++)
		frames += columns[i].frames;
	return frames;
}

static json_object *port_status(const struct adapter *adapter,
				unsigned int number)
{
	const struct port *port = &adapter->ports[number - 1];
	const struct net_backend *backend = adapter->backends[number - 1];
	const struct port_statistics *statistics = &port->statistics;
	json_object *object = json_object_new_object();

	json_set_number(object, "port", number);
	json_set_text(object, "link", port->link_up ? "up" : "down");
	json_set_number(object, "speed", port->speed);
	json_set_mac(object, "mac", port->burnt_mac);
	json_set_flag(object, "open", port->open);
	json_set_flag(object, "phv", port->phv);
	json_set_text(object, "backend",
		      !backend	  ? "none" :
		      backend->up ? "up" :
				    "down");
	json_set_flag(object, "plugged", !adapter->unplugged[number - 1]);
	json_set_flag(object, "module", port->module_present);
	json_set_counter(object, "rx_frames",
			 frames_of(statistics->rx, STATISTICS_RX_COLUMNS));
	json_set_counter(object, "tx_frames",
			 frames_of(statistics->tx, STATISTICS_TX_COLUMNS));
	json_set_counter(object, "rx_dropped", statistics->dropped);
	json_set_counter(object, "tx_dropped", statistics->tx_dropped);
	return object;
}

static void run_status(struct request *request)
{
	const struct adapter *adapter = request->adapter;
	const struct profile *profile = &adapter->ethernet.profile;
	json_object *out = request->out;
	json_object *ports = json_object_new_array();
	unsigned int eqs = 0;

	for (unsigned int i = 0; i < EQS_MAX; i++)
		eqs += adapter->queues.eq[i] != NULL;
	json_set_number(out, "device", profile->device_id);
	json_set_text(out, "generation", generation_text(profile->generation));
	json_set_text(out, "description", profile->description);
	json_set_flag(out, "connected", pci_function_connected(adapter->pci));
	json_set_flag(out, "present", pci_function_present(adapter->pci));
	json_set_flag(out, "removed", adapter->removed);
	json_set_flag(out, "dead", adapter->dead);
	json_set_flag(out, "firmware_running", adapter->running);
	json_set_flag(out, "hca_up", adapter->hca_up);
	json_set_text(out, "steering", steering_text(adapter));
	json_set_counter(out, "commands_done", adapter->commands_done);
	json_set_number(out, "eqs", eqs);
	json_set_number(out, "cqs", adapter->queues.cqs.count);
	json_set_number(out, "qps", adapter->queues.qps.count);
	for (unsigned int i = 1; i <= ADAPTER_PORTS; i++)
		json_object_array_add(ports, port_status(adapter, i));
	json_set(out, "ports", ports);
}

static void run_catastrophic(struct request *request)
{
	adapter_catastrophic_error(request->adapter,
				   (u32)request_number(request, "code",
						       CATASTROPHIC_DEFAULT));
}

static void run_remove(struct request *request)
{
	adapter_remove(request->adapter);
}

static void run_insert(struct request *request)
{
	adapter_insert(request->adapter);
}

/* Says whether software has asked for events of this type. */
static void raise_event(struct request *request, u8 type,
			const u8 eqe[CX_EQE_SIZE])
{
	s64 route = request->adapter->queues.route[type];
	bool routed = route >= 0 && eq_find(request->adapter, (u32)route);

	json_set_flag(request->out, "delivered", routed);
	if (routed)
		adapter_event(request->adapter, type, eqe);
}

static void run_temperature(struct request *request)
{
	u8 eqe[CX_EQE_SIZE] = { 0 };
	s64 celsius = request_number(request, "celsius", 0);

	cx_set(eqe, CX_EQE_TYPE, CX_EVENT_FATAL_WARNING);
	cx_set(eqe, CX_EQE_SUBTYPE, CX_WARNING_TEMPERATURE);
	cx_set(eqe, CX_EQE_TEMPERATURE, (u64)celsius);
	cx_set(eqe, CX_EQE_THRESHOLD,
	       (u64)request_number(request, "threshold", CELSIUS_DEFAULT));
	raise_event(request, CX_EVENT_FATAL_WARNING, eqe);
}

static void run_cable(struct request *request)
{
	const char *state = request_text(request, "state");
	u8 eqe[CX_EQE_SIZE] = { 0 };

	if (strcmp(state, "bad") && strcmp(state, "unsupported")) {
		request_fail(request,
			     "state is not \"bad\" or \"unsupported\"");
		return;
	}
	if (!cx_get(request->adapter->init_hca,
		    CX_INIT_HCA_RECOVERABLE_ERROR_EVENT)) {
		json_set_flag(request->out, "delivered", false);
		return;
	}
	cx_set(eqe, CX_EQE_TYPE, CX_EVENT_RECOVERABLE_ERROR);
	cx_set(eqe, CX_EQE_SUBTYPE,
	       strcmp(state, "bad") ? CX_RECOVERABLE_UNSUPPORTED_CABLE :
				      CX_RECOVERABLE_BAD_CABLE);
	cx_set(eqe, CX_EQE_MANAGEMENT_PORT,
	       (u64)request_number(request, "port", 1));
	raise_event(request, CX_EVENT_RECOVERABLE_ERROR, eqe);
}

static void run_ready_ms(struct request *request)
{
	request->adapter->config.ready_ns =
		(u64)(request_number(request, "ms", 0) * NS_PER_MS);
}

static void run_training_ms(struct request *request)
{
	u64 ns = (u64)(request_number(request, "ms", 0) * NS_PER_MS);
	s64 only = request_number(request, "port", 0);

	for (unsigned int i = 1; i <= ADAPTER_PORTS; i++)
		if (!only || only == i)
			request->adapter->ports[i - 1].training_ns = ns;
}

const struct control_command card_commands[] = {
	{ "status",
	  "the card, its ports, how many queues live",
	  run_status,
	  { { 0 } } },
	{ "catastrophic",
	  "stop the card and fill its error buffer",
	  run_catastrophic,
	  { TAKES_NUMBER("code", 1, UINT32_MAX) } },
	{ "remove",
	  "surprise removal: every read answers ones",
	  run_remove,
	  { { 0 } } },
	{ "insert", "put a removed card back", run_insert, { { 0 } } },
	{ "temperature",
	  "warn of too much heat",
	  run_temperature,
	  { NEEDS_NUMBER("celsius", 0, UINT16_MAX),
	    TAKES_NUMBER("threshold", 0, UINT16_MAX) } },
	{ "cable",
	  "report a \"bad\" or \"unsupported\" cable",
	  run_cable,
	  { NEEDS_PORT, NEEDS_TEXT("state") } },
	{ "ready_ms",
	  "from a reset until the card answers",
	  run_ready_ms,
	  { NEEDS_NUMBER("ms", 0, MS_MAX) } },
	{ "training_ms",
	  "from plugged to link up; of both ports without port",
	  run_training_ms,
	  { NEEDS_NUMBER("ms", 0, MS_MAX),
	    TAKES_NUMBER("port", 1, ADAPTER_PORTS) } },
	{ 0 },
};
