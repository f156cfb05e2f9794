// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who hears of which event (docs/hardware/queues.md, Q3.4). What an entry says
 * is the adapter's word: numbers are looked up, never used as they are.
 */
#include "mlx4_core/events.h"

static void port_changed(struct cx_core *core, const void *eqe)
{
	u64 port = cx_get(eqe, CX_EQE_PORT);
	u64 subtype = cx_get(eqe, CX_EQE_SUBTYPE);

	if (port < 1 || port > CX_PORTS)
		return;
	cx_port_event(core, port, subtype == CX_PORT_CHANGE_UP);
}

static void warn(struct cx_core *core, enum cx_event type, const void *eqe)
{
	struct device *dev = cx_dma_device(&core->adapter);
	u32 subtype = cx_get(eqe, CX_EQE_SUBTYPE);

	if (type == CX_EVENT_FATAL_WARNING && subtype == CX_WARNING_TEMPERATURE)
		dev_warn_ratelimited(dev,
				     "temperature of %u degrees C, limit %u\n",
				     (u32)cx_get(eqe, CX_EQE_TEMPERATURE),
				     (u32)cx_get(eqe, CX_EQE_THRESHOLD));
	else if (type == CX_EVENT_RECOVERABLE_ERROR)
		dev_warn_ratelimited(dev, "port %u: %s cable\n",
				     (u32)cx_get(eqe, CX_EQE_MANAGEMENT_PORT),
				     subtype == CX_RECOVERABLE_BAD_CABLE ?
					     "bad" :
					     "unsupported");
	else
		dev_warn_ratelimited(dev, "event %#x (%#x) is not handled\n",
				     type, subtype);
}

/**
 * cx_event_dispatch - tell of one event
 * @eq: the queue that it came by
 * @eqe: its entry
 */
void cx_event_dispatch(struct cx_eq *eq, const void *eqe)
{
	struct cx_core *core = eq->core;
	u32 number = cx_get(eqe, CX_EQE_NUMBER);
	enum cx_event type = cx_get(eqe, CX_EQE_TYPE);

	switch (type) {
	case CX_EVENT_COMPLETION:
		cx_cq_event_completed(core, number);
		break;
	case CX_EVENT_COMMAND:
		WRITE_ONCE(eq->commands, eq->commands + 1);
		cx_command_event(core, cx_get(eqe, CX_EQE_TOKEN),
				 cx_get(eqe, CX_EQE_STATUS),
				 cx_get(eqe, CX_EQE_OUT_PARAM));
		break;
	case CX_EVENT_PORT_CHANGE:
		port_changed(core, eqe);
		break;
	case CX_EVENT_CQ_ERROR:
		cx_cq_event_error(core, number, cx_get(eqe, CX_EQE_STATUS));
		break;
	case CX_EVENT_COMMUNICATION:
	case CX_EVENT_SQ_DRAINED:
		break; /* nobody waits for them */
	case CX_EVENT_WQ_CATASTROPHIC:
	case CX_EVENT_WQ_INVALID_REQUEST:
	case CX_EVENT_WQ_ACCESS_VIOLATION:
		cx_qp_event(core, number, type);
		break;
	case CX_EVENT_LOCAL_CATASTROPHIC:
		cx_adapter_report_error(&core->adapter,
					"event of an internal error");
		break;
	case CX_EVENT_EQ_OVERFLOW:
		cx_adapter_report_error(&core->adapter,
					"an event queue overran");
		break;
	case CX_EVENT_OPERATION_REQUIRED:
	case CX_EVENT_FATAL_WARNING:
	case CX_EVENT_RECOVERABLE_ERROR:
	default:
		warn(core, type, eqe);
		break;
	}
}
