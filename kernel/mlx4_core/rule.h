/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules of device-managed steering, written into a mailbox piece by piece */
#ifndef MLX4_CORE_RULE_H
#define MLX4_CORE_RULE_H

#include "connectx/steering.h"
#include "mlx4_core/core.h"

/*
 * Priorities by their users, smaller first: the order that every known driver
 * keeps (docs/hardware/steering.md, E3.4). Ports' own addresses come last.
 */
#define CX_RULE_PRIORITY_CLIENT 0x1000
#define CX_RULE_PRIORITY_CLIENT_END 0x4000
#define CX_RULE_PRIORITY_PORT 0x5000

struct cx_rule {
	struct cx_mailbox *mailbox;
	u32 size; /* bytes written */
};

void cx_rule_begin(struct cx_rule *rule, struct cx_mailbox *mailbox, u8 port,
		   enum cx_rule_type type, u16 priority, u32 qpn);
void *cx_rule_append(struct cx_rule *rule, u16 id, u32 size);
void cx_rule_match_destination(struct cx_rule *rule, const u8 *mac);
void cx_rule_match_any_vxlan(struct cx_rule *rule);
/* 0 with its id, never 0; -ENOSPC */
int cx_rule_attach(struct cx_core *core, const struct cx_rule *rule, u64 *id);
/* Sets *@id to 0; nothing happens if it is */
void cx_rule_detach(struct cx_core *core, u64 *id);

#endif
