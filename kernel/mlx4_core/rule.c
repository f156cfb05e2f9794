// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of device-managed steering (docs/hardware/steering.md, E3.4): their
 * parts, attaching and detaching, and the rules that clients ask for.
 */
#include <linux/if_vlan.h>

#include "mlx4_core/rule.h"

void cx_rule_begin(struct cx_rule *rule, struct cx_mailbox *mailbox, u8 port,
		   enum cx_rule_type type, u16 priority, u32 qpn)
{
	void *control = mailbox->data;

	memset(control, 0, CX_MAILBOX_SIZE);
	rule->mailbox = mailbox;
	rule->size = CX_RULE_CONTROL_SIZE;
	cx_set(control, CX_RULE_CONTROL_PRIORITY, priority);
	cx_set(control, CX_RULE_CONTROL_TYPE, type);
	cx_set(control, CX_RULE_CONTROL_ALLOW_LOOPBACK, 1);
	cx_set(control, CX_RULE_CONTROL_PORT, port);
	cx_set(control, CX_RULE_CONTROL_QPN, qpn);
}

/* The next specification: its fields are 0, which matches any such header */
void *cx_rule_append(struct cx_rule *rule, u16 id, u32 size)
{
	void *spec = rule->mailbox->data + rule->size;

	cx_set(spec, CX_RULE_SPEC_DWORDS, size / sizeof(u32));
	cx_set(spec, CX_RULE_SPEC_ID, id);
	rule->size += size;
	return spec;
}

void cx_rule_match_destination(struct cx_rule *rule, const u8 *mac)
{
	void *spec = cx_rule_append(rule, CX_RULE_SPEC_ETHERNET,
				    CX_RULE_SPEC_ETHERNET_SIZE);

	cx_set(spec, CX_RULE_ETHERNET_DMAC, ether_addr_to_u64(mac));
	cx_set(spec, CX_RULE_ETHERNET_DMAC_MASK, U64_MAX);
}

void cx_rule_match_any_vxlan(struct cx_rule *rule)
{
	cx_rule_append(rule, CX_RULE_SPEC_VXLAN, CX_RULE_SPEC_VXLAN_SIZE);
	cx_rule_append(rule, CX_RULE_SPEC_ETHERNET, CX_RULE_SPEC_ETHERNET_SIZE);
}

int cx_rule_attach(struct cx_core *core, const struct cx_rule *rule, u64 *id)
{
	struct device *dev = cx_dma_device(&core->adapter);
	u8 status;
	int err;

	err = cx_command_status(core, CX_CMD_FLOW_STEERING_ATTACH, 0,
				rule->size / sizeof(u32), rule->mailbox, id,
				&status);
	if (!err && *id)
		return 0;
	*id = 0;
	if (!err)
		return -EIO;
	if (status == CX_STATUS_EXCEED_LIM || status == CX_STATUS_BAD_SIZE)
		err = -ENOSPC;
	if (!cx_adapter_failed(&core->adapter))
		dev_warn_ratelimited(dev, "a steering rule is refused (%d)\n",
				     err);
	return err;
}

void cx_rule_detach(struct cx_core *core, u64 *id)
{
	int tries = 2;

	if (!*id)
		return;
	while (cx_command_immediate(core, CX_CMD_FLOW_STEERING_DETACH, 0, 0,
				    *id, NULL))
		if (!--tries) {
			cx_adapter_report_error(
				&core->adapter,
				"a steering rule could not be removed");
			break;
		}
	*id = 0;
}

/* The hardware compares a field as a whole, or not at all. */
static bool whole_or_none(u32 mask, u32 all)
{
	return !mask || mask == all;
}

static bool masks_are_known(const struct cx_flow_rule *rule)
{
	return (is_zero_ether_addr(rule->dmac_mask) ||
		is_broadcast_ether_addr(rule->dmac_mask)) &&
	       whole_or_none(be16_to_cpu(rule->vlan_mask), VLAN_VID_MASK) &&
	       whole_or_none(be32_to_cpu(rule->src_ip_mask), U32_MAX) &&
	       whole_or_none(be32_to_cpu(rule->dst_ip_mask), U32_MAX) &&
	       whole_or_none(be16_to_cpu(rule->src_port_mask), U16_MAX) &&
	       whole_or_none(be16_to_cpu(rule->dst_port_mask), U16_MAX);
}

static void append_ethernet(struct cx_rule *to, const struct cx_flow_rule *rule)
{
	void *spec = cx_rule_append(to, CX_RULE_SPEC_ETHERNET,
				    CX_RULE_SPEC_ETHERNET_SIZE);

	if (rule->match_dmac) {
		cx_set(spec, CX_RULE_ETHERNET_DMAC,
		       ether_addr_to_u64(rule->dmac));
		cx_set(spec, CX_RULE_ETHERNET_DMAC_MASK,
		       ether_addr_to_u64(rule->dmac_mask));
	}
	if (rule->match_vlan) {
		cx_set(spec, CX_RULE_ETHERNET_VLAN, be16_to_cpu(rule->vlan));
		cx_set(spec, CX_RULE_ETHERNET_VLAN_MASK,
		       be16_to_cpu(rule->vlan_mask));
	}
	if (rule->match_ethertype) {
		cx_set(spec, CX_RULE_ETHERNET_ETHERTYPE_VALID, 1);
		cx_set(spec, CX_RULE_ETHERNET_ETHERTYPE,
		       be16_to_cpu(rule->ethertype));
	}
}

static void append_ipv4(struct cx_rule *to, const struct cx_flow_rule *rule)
{
	void *spec =
		cx_rule_append(to, CX_RULE_SPEC_IPV4, CX_RULE_SPEC_IPV4_SIZE);

	cx_set(spec, CX_RULE_IPV4_SRC, be32_to_cpu(rule->src_ip));
	cx_set(spec, CX_RULE_IPV4_SRC_MASK, be32_to_cpu(rule->src_ip_mask));
	cx_set(spec, CX_RULE_IPV4_DST, be32_to_cpu(rule->dst_ip));
	cx_set(spec, CX_RULE_IPV4_DST_MASK, be32_to_cpu(rule->dst_ip_mask));
}

static void append_l4(struct cx_rule *to, const struct cx_flow_rule *rule)
{
	void *spec = rule->match_tcp ? cx_rule_append(to, CX_RULE_SPEC_TCP,
						      CX_RULE_SPEC_TCP_SIZE) :
				       cx_rule_append(to, CX_RULE_SPEC_UDP,
						      CX_RULE_SPEC_UDP_SIZE);

	cx_set(spec, CX_RULE_L4_SRC_PORT, be16_to_cpu(rule->src_port));
	cx_set(spec, CX_RULE_L4_SRC_PORT_MASK,
	       be16_to_cpu(rule->src_port_mask));
	cx_set(spec, CX_RULE_L4_DST_PORT, be16_to_cpu(rule->dst_port));
	cx_set(spec, CX_RULE_L4_DST_PORT_MASK,
	       be16_to_cpu(rule->dst_port_mask));
}

/**
 * cx_rule_add - let frames that look like this go to a queue pair
 * @port: the port that receives them
 * @rule: what they look like; it wins over the ports' own addresses
 * @id: for cx_rule_remove()
 *
 * Return: 0; -EOPNOTSUPP without managed steering; -EINVAL if the adapter
 * cannot compare so; -ENOSPC when the table is full; what the command
 * returned.
 */
int cx_rule_add(struct cx_port *port, const struct cx_flow_rule *rule, u64 *id)
{
	struct cx_core *core = cx_core_of(port->adapter);
	struct cx_mailbox *mailbox;
	struct cx_rule to;
	int err;

	if (core->adapter.caps.steering != CX_STEERING_MANAGED)
		return -EOPNOTSUPP;
	if (!masks_are_known(rule) || (rule->match_tcp && rule->match_udp) ||
	    rule->priority >=
		    CX_RULE_PRIORITY_CLIENT_END - CX_RULE_PRIORITY_CLIENT)
		return -EINVAL;
	mailbox = cx_mailbox_get(core);
	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_rule_begin(&to, mailbox, port->number, CX_RULE_REGULAR,
		      CX_RULE_PRIORITY_CLIENT + rule->priority, rule->qpn);
	append_ethernet(&to, rule);
	if (rule->match_ipv4 || rule->match_tcp || rule->match_udp)
		append_ipv4(&to, rule);
	if (rule->match_tcp || rule->match_udp)
		append_l4(&to, rule);
	err = cx_rule_attach(core, &to, id);
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_rule_add);

/**
 * cx_rule_remove - take back what cx_rule_add() did
 * @port: the same port
 * @id: of the rule
 */
void cx_rule_remove(struct cx_port *port, u64 id)
{
	cx_rule_detach(cx_core_of(port->adapter), &id);
}
EXPORT_SYMBOL_GPL(cx_rule_remove);
