// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device-managed flow steering: the store of rules, and the look-up.
 * FLOW_STEERING_ATTACH, FLOW_STEERING_DETACH.
 *
 * A frame costs one hash look-up for each shape of rule in use, however many
 * rules there are.
 */
#include <stdlib.h>
#include <string.h>

#include "connectx/hca.h"
#include "emulator/adapter/ethernet_commands.h"
#include "emulator/adapter/steering/steering_internal.h"

enum default_list {
	DEFAULT_ALL,
	DEFAULT_MULTICAST,
};

void rules_clear(struct rule_table *table)
{
	u32 generation = table->generation;

	if (table->slots)
		for (unsigned int i = 0; i < RULES_MAX; i++)
			free(table->slots[i]);
	free(table->slots);
	free(table->buckets);
	memset(table, 0, sizeof(*table));
	table->generation = generation;
}

u8 rules_init(struct rule_table *table, const u8 *init_hca)
{
	u64 log_table = cx_get(init_hca, CX_INIT_HCA_FS_LOG_TABLE);

	table->limit = 1ULL << log_table < RULES_MAX ? 1u << log_table :
						       RULES_MAX;
	table->slots = calloc(RULES_MAX, sizeof(struct rule *));
	table->buckets = calloc(RULE_BUCKETS, sizeof(struct rule *));
	if (table->slots && table->buckets)
		return CX_STATUS_OK;
	rules_clear(table);
	return CX_STATUS_INTERNAL_ERR;
}

static struct rule **bucket_of(struct rule_table *table,
			       const struct flow_key *key, unsigned int shape)
{
	u64 hash = shape;

	for (unsigned int i = 0; i < FLOW_WORDS; i++) {
		hash = (hash ^ key->word[i]) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	return &table->buckets[hash % RULE_BUCKETS];
}

static bool keys_equal(const struct flow_key *a, const struct flow_key *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Whether @a is matched before @b */
static bool earlier(const struct rule *a, const struct rule *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return a->order < b->order;
}

/* Return: the shape's number, or -1 if there are too many. */
static int shape_take(struct rule_table *table, const struct flow_key *mask)
{
	int unused = -1;

	for (unsigned int i = 0; i < RULE_SHAPES_MAX; i++) {
		struct rule_shape *shape = &table->shapes[i];

		if (shape->rules && keys_equal(&shape->mask, mask)) {
			shape->rules++;
			return (int)i;
		}
		if (!shape->rules && unused < 0)
			unused = (int)i;
	}
	if (unused >= 0) {
		table->shapes[unused].mask = *mask;
		table->shapes[unused].rules = 1;
		if ((unsigned int)unused >= table->shape_count)
			table->shape_count = (unsigned int)unused + 1;
	}
	return unused;
}

static void shape_release(struct rule_table *table, unsigned int shape)
{
	table->shapes[shape].rules--;
	while (table->shape_count &&
	       !table->shapes[table->shape_count - 1].rules)
		table->shape_count--;
}

static struct rule **list_of(struct rule_table *table, const struct rule *rule)
{
	if (rule->type == CX_RULE_REGULAR)
		return bucket_of(table, &rule->key, rule->shape);
	return &table->defaults[rule->port - 1]
			       [rule->type == CX_RULE_MULTICAST_DEFAULT ?
					DEFAULT_MULTICAST :
					DEFAULT_ALL];
}

static unsigned int *default_count(struct rule_table *table,
				   const struct rule *rule)
{
	return &table->default_count[rule->port - 1]
				    [rule->type == CX_RULE_MULTICAST_DEFAULT ?
					     DEFAULT_MULTICAST :
					     DEFAULT_ALL];
}

static void link_rule(struct rule_table *table, struct rule *rule)
{
	struct rule **at = list_of(table, rule);

	while (*at && earlier(*at, rule))
		at = &(*at)->next;
	rule->next = *at;
	*at = rule;
}

static void unlink_rule(struct rule_table *table, struct rule *rule)
{
	struct rule **at = list_of(table, rule);

	while (*at != rule)
		at = &(*at)->next;
	*at = rule->next;
}

static unsigned int free_slot(struct rule_table *table)
{
	while (table->slots[table->free_hint])
		table->free_hint = (table->free_hint + 1) % RULES_MAX;
	return table->free_hint;
}

/* Return: a status; the table owns @rule when it is CX_STATUS_OK. */
static u8 add_rule(struct rule_table *table, struct rule *rule,
		   const struct flow_key *mask, bool newest_first)
{
	unsigned int slot;
	int shape = 0;

	if (table->count >= table->limit)
		return CX_STATUS_EXCEED_LIM;
	if (rule->type == CX_RULE_REGULAR) {
		shape = shape_take(table, mask);
		if (shape < 0)
			return CX_STATUS_EXCEED_LIM;
		rule->shape = (unsigned int)shape;
		table->vxlan_rules += flow_mask_has_vxlan(mask);
	} else {
		if (*default_count(table, rule) == RULE_DEFAULTS_MAX)
			return CX_STATUS_EXCEED_LIM;
		++*default_count(table, rule);
	}
	table->sequence++;
	rule->order = newest_first ? -table->sequence : table->sequence;
	slot = free_slot(table);
	table->slots[slot] = rule;
	table->count++;
	/* Never 0, and not soon the same again: software may be late */
	rule->id = (u64)++table->generation << 32 | (slot + 1);
	link_rule(table, rule);
	return CX_STATUS_OK;
}

static u8 attach(struct adapter *adapter, struct command *command)
{
	struct steering *steering = adapter->ethernet.steering;
	struct flow_key mask;
	struct rule *rule;
	u8 status;

	if (steering->mode != STEERING_DEVICE_MANAGED)
		return CX_STATUS_BAD_SYS_STATE;
	rule = calloc(1, sizeof(*rule));
	if (!rule)
		return CX_STATUS_INTERNAL_ERR;
	status = rule_parse(command->in, command->in_mod, rule, &mask);
	if (status == CX_STATUS_OK) {
		switch (rule->type) {
		case CX_RULE_REGULAR:
		case CX_RULE_ALL_DEFAULT:
		case CX_RULE_MULTICAST_DEFAULT:
			status = add_rule(&steering->rules, rule, &mask,
					  cx_get(command->in,
						 CX_RULE_CONTROL_LIFO));
			break;
		default:
			/* Mirrors and sniffers are not advertised */
			status = CX_STATUS_BAD_PARAM;
			break;
		}
	}
	if (status == CX_STATUS_OK)
		command->out_imm = rule->id;
	else
		free(rule);
	return status;
}

static u8 detach(struct adapter *adapter, struct command *command)
{
	struct steering *steering = adapter->ethernet.steering;
	struct rule_table *table = &steering->rules;
	u32 slot = (u32)command->in_param - 1;
	struct rule *rule;

	if (steering->mode != STEERING_DEVICE_MANAGED)
		return CX_STATUS_BAD_SYS_STATE;
	rule = slot < RULES_MAX ? table->slots[slot] : NULL;
	if (!rule || rule->id != command->in_param)
		return CX_STATUS_BAD_INDEX;
	unlink_rule(table, rule);
	if (rule->type == CX_RULE_REGULAR) {
		table->vxlan_rules -=
			flow_mask_has_vxlan(&table->shapes[rule->shape].mask);
		shape_release(table, rule->shape);
	} else {
		--*default_count(table, rule);
	}
	table->slots[slot] = NULL;
	table->count--;
	free(rule);
	return CX_STATUS_OK;
}

/* Return: the earliest rule of a shape that has this masked key, or NULL. */
static struct rule *first_match(struct rule_table *table, unsigned int shape,
				const struct flow_key *key, bool loopback)
{
	struct rule *rule = *bucket_of(table, key, shape);

	for (; rule; rule = rule->next)
		if (rule->shape == shape && keys_equal(&rule->key, key) &&
		    (!loopback || rule->allow_loopback))
			return rule;
	return NULL;
}

static void mask_key(const struct flow_key *key, const struct flow_key *mask,
		     struct flow_key *masked)
{
	for (unsigned int i = 0; i < FLOW_WORDS; i++)
		masked->word[i] = key->word[i] & mask->word[i];
}

/* All rules of a shape that are as early as @priority: group members */
static void add_equals(struct rule_table *table, unsigned int shape,
		       const struct flow_key *key, u16 priority, bool loopback,
		       struct qpn_list *list)
{
	struct rule *rule = first_match(table, shape, key, loopback);
	unsigned int looked_at = 0;

	for (; rule && looked_at < RULE_DEFAULTS_MAX; rule = rule->next) {
		if (rule->shape != shape || !keys_equal(&rule->key, key))
			continue;
		if (rule->priority != priority)
			break;
		looked_at++;
		if (!loopback || rule->allow_loopback)
			qpn_list_add(list, rule->qpn);
	}
}

/* Return: the earliest regular rule that matches, or NULL. */
static struct rule *best_match(struct rule_table *table,
			       const struct flow_key *key, bool loopback)
{
	struct rule *best = NULL;

	for (unsigned int i = 0; i < table->shape_count; i++) {
		struct flow_key masked;
		struct rule *rule;

		if (!table->shapes[i].rules)
			continue;
		mask_key(key, &table->shapes[i].mask, &masked);
		rule = first_match(table, i, &masked, loopback);
		if (rule && (!best || earlier(rule, best)))
			best = rule;
	}
	return best;
}

static void add_defaults(const struct rule *rule, bool loopback,
			 struct qpn_list *list)
{
	for (; rule; rule = rule->next)
		if (!loopback || rule->allow_loopback)
			qpn_list_add(list, rule->qpn);
}

void rules_lookup(struct adapter *adapter, struct port *port, const u8 *frame,
		  const struct packet_info *info, bool loopback,
		  struct qpn_list *list)
{
	struct rule_table *table = &adapter->ethernet.steering->rules;
	bool multicast = frame[0] & 1;
	struct flow_key key, masked;
	const struct rule *best;

	flow_key_of_frame(adapter, port->number, frame, info, &key);
	best = best_match(table, &key, loopback);
	if (best && !multicast) {
		qpn_list_add(list, best->qpn);
		return;
	}
	if (best) {
		/* A group: every queue pair that asked as early as the first */
		for (unsigned int i = 0; i < table->shape_count; i++) {
			if (!table->shapes[i].rules)
				continue;
			mask_key(&key, &table->shapes[i].mask, &masked);
			add_equals(table, i, &masked, best->priority, loopback,
				   list);
		}
		return;
	}
	if (multicast)
		add_defaults(
			table->defaults[port->number - 1][DEFAULT_MULTICAST],
			loopback, list);
	if (!list->count)
		add_defaults(table->defaults[port->number - 1][DEFAULT_ALL],
			     loopback, list);
}

bool rules_have_mac(struct adapter *adapter, unsigned int port, const u8 mac[6])
{
	struct rule_table *table = &adapter->ethernet.steering->rules;
	struct flow_key key, mask;

	flow_key_of_mac(port, mac, &key, &mask);
	for (unsigned int i = 0; i < table->shape_count; i++)
		if (table->shapes[i].rules &&
		    keys_equal(&table->shapes[i].mask, &mask))
			return first_match(table, i, &key, true);
	return false;
}

const struct command_binding steering_rule_commands[] = {
	{ CX_CMD_FLOW_STEERING_ATTACH, attach },
	{ CX_CMD_FLOW_STEERING_DETACH, detach },
	{ 0, NULL },
};
