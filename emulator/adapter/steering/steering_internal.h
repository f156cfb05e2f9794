/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of steering share; nobody else includes it.
 */
#ifndef EMULATOR_ADAPTER_STEERING_STEERING_INTERNAL_H
#define EMULATOR_ADAPTER_STEERING_STEERING_INTERNAL_H

#include "connectx/field.h"
#include "connectx/steering.h"
#include "emulator/adapter/adapter.h"

/* What a guest can make this process hold */
#define MCG_ENTRIES_MAX 8192
#define MCG_LOG_TABLE_MAX 17
#define RULES_MAX 16384
#define RULE_SHAPES_MAX 64
#define RULE_DEFAULTS_MAX 256

/* A list of distinct QPNs being collected */
struct qpn_list {
	u32 *qpns;
	unsigned int count, max;
};

/* Adds a QPN unless it is there or the list is full. */
void qpn_list_add(struct qpn_list *list, u32 qpn);

/* A key whose entry (or absence) was found since the table last changed */
struct mcg_cache_line {
	u64 generation;
	u64 key_high, key_low;
	const u8 *entry;
};

#define MCG_CACHE_LINES 64

struct mcg_default {
	unsigned int count;
	u32 qpns[STEERING_MEMBERS_MAX];
};

/* The multicast group table of A0 and B0. An absent entry reads as zeros. */
struct mcg_table {
	bool present;
	unsigned int log_entry, log_hash, log_table;
	u8 **entries;
	unsigned int used;
	u64 generation; /* grows with each change; never 0 */
	struct mcg_cache_line cache[MCG_CACHE_LINES];
	struct mcg_default defaults[PORTS_MAX][2]; /* by CX_STEER_* */
};

/* What a rule compares, packed; see steering_rule.c */
#define FLOW_WORDS 5

struct flow_key {
	u64 word[FLOW_WORDS];
};

struct rule {
	struct rule *next; /* of its bucket, or of its list of defaults */
	u64 id;
	u32 qpn;
	u16 priority;
	u8 type, port;
	bool allow_loopback;
	unsigned int shape;
	s64 order; /* smaller is earlier among equal priorities */
	struct flow_key key;
};

/* Rules that compare the same fields share a shape: one look-up a shape. */
struct rule_shape {
	struct flow_key mask;
	unsigned int rules;
};

#define RULE_BUCKETS 16384

struct rule_table {
	struct rule **slots; /* RULES_MAX, by the low half of the id */
	struct rule **buckets;
	unsigned int count, limit;
	unsigned int free_hint;
	unsigned int vxlan_rules;
	u32 generation; /* high half of an id */
	s64 sequence;
	struct rule_shape shapes[RULE_SHAPES_MAX];
	unsigned int shape_count; /* shapes up to the last one in use */
	struct rule *defaults[PORTS_MAX][2]; /* all; multicast */
	unsigned int default_count[PORTS_MAX][2];
};

struct steering {
	enum steering_mode mode;
	struct mcg_table mcg;
	struct rule_table rules;
};

/* steering_a0.c */
void a0_lookup(struct adapter *adapter, struct port *port, const u8 *frame,
	       const struct packet_info *info, struct qpn_list *list);

/* steering_mcg.c */
/* Return: a status; the table is empty and of the sizes that INIT_HCA says. */
u8 mcg_init(struct mcg_table *table, const u8 *init_hca, bool required);
void mcg_clear(struct mcg_table *table);
/* Return: the entry of an Ethernet address with its members, or NULL. */
const u8 *mcg_find(struct mcg_table *table, unsigned int port,
		   unsigned int steer, const u8 mac[6]);
void mcg_members(const u8 *entry, bool loopback, struct qpn_list *list);
/* Return: false if neither an entry nor a default list had the frame. */
bool b0_lookup(struct adapter *adapter, struct port *port, const u8 *frame,
	       bool loopback, struct qpn_list *list);

/* steering_dmfs.c */
u8 rules_init(struct rule_table *table, const u8 *init_hca);
void rules_clear(struct rule_table *table);
void rules_lookup(struct adapter *adapter, struct port *port, const u8 *frame,
		  const struct packet_info *info, bool loopback,
		  struct qpn_list *list);
bool rules_have_mac(struct adapter *adapter, unsigned int port,
		    const u8 mac[6]);

/* steering_rule.c: rules and frames as flow keys */
/*
 * Reads control segment and specifications.
 *
 * Return: CX_STATUS_OK with type, port, priority, QPN, key and *mask filled
 * in, or BAD_PARAM.
 */
u8 rule_parse(const u8 *mailbox, u32 dwords, struct rule *rule,
	      struct flow_key *mask);
bool flow_mask_has_vxlan(const struct flow_key *mask);
void flow_key_of_frame(const struct adapter *adapter, unsigned int port,
		       const u8 *frame, const struct packet_info *info,
		       struct flow_key *key);
/* Key and mask of a rule that compares port and destination MAC only */
void flow_key_of_mac(unsigned int port, const u8 mac[6], struct flow_key *key,
		     struct flow_key *mask);

#endif
