// SPDX-License-Identifier: GPL-2.0-only
/*
 * The multicast table: hashed entries, each the head of a chain that goes on
 * in the overflow half (docs/hardware/steering.md, E3.3). Software walks the
 * chains; the adapter computes the hash, and is asked to read and write.
 *
 * Each entry of ours has one member.
 */
#include "mlx4_core/steer.h"

/* Where the entry of a key is, or where it would have to be */
struct place {
	u32 index;
	u32 previous; /* in the chain; the same as index at its head */
	bool found;
	bool free; /* the head, and nobody's; else index is the chain's end */
};

static void fill_key(const struct cx_steer_port *port, const u8 *mac, void *key)
{
	memset(key, 0, CX_MCG_GID_SIZE);
	cx_set(key, CX_MCG_KEY_PORT, port->number);
	cx_set(key, CX_MCG_KEY_STEER,
	       is_multicast_ether_addr(mac) ? CX_STEER_MULTICAST :
					      CX_STEER_UNICAST);
	cx_set(key, CX_MCG_KEY_MAC, ether_addr_to_u64(mac));
}

static int hash(struct cx_core *core, const void *key,
		struct cx_mailbox *mailbox, u32 *index)
{
	u64 out;
	int err;

	memset(mailbox->data, 0, CX_MAILBOX_SIZE);
	memcpy(mailbox->data, key, CX_MCG_GID_SIZE);
	/* A mailbox in, a value out */
	err = cx_command_immediate(core, CX_CMD_MGID_HASH,
				   CX_MGID_HASH_ETHERNET, 0, mailbox->dma,
				   &out);
	if (err)
		return err;
	*index = out & CX_MGID_HASH_MASK;
	return *index < 1u << core->limits->log_mcg_hash ? 0 : -EIO;
}

static int read_entry(struct cx_core *core, u32 index,
		      struct cx_mailbox *mailbox)
{
	return cx_command(core, CX_CMD_READ_MCG, 0, index, NULL, mailbox);
}

static int write_entry(struct cx_core *core, u32 index,
		       const struct cx_mailbox *mailbox)
{
	return cx_command(core, CX_CMD_WRITE_MCG, CX_WRITE_MCG_ENTRY, index,
			  mailbox, NULL);
}

static bool is_entry_of(const void *entry, const void *key)
{
	return cx_get(entry, CX_MCG_PROTOCOL) == CX_MCG_PROTOCOL_ETHERNET &&
	       !memcmp(entry + CX_MCG_GID, key, CX_MCG_GID_SIZE);
}

/* @mailbox: the entry at place->index, on return */
static int find(struct cx_core *core, const void *key,
		struct cx_mailbox *mailbox, struct place *place)
{
	u32 entries = core->limits->count[CX_ICM_MCG];
	u32 steps;
	u32 next;
	int err;

	err = hash(core, key, mailbox, &place->index);
	place->previous = place->index;
	place->found = false;
	place->free = false;
	/* A chain that is longer than the table is a ring. */
	for (steps = 0; !err && steps < entries; steps++) {
		err = read_entry(core, place->index, mailbox);
		if (err)
			return err;
		if (!cx_get(mailbox->data, CX_MCG_MEMBERS)) {
			place->free = true;
			return steps ? -EIO : 0;
		}
		if (is_entry_of(mailbox->data, key)) {
			place->found = true;
			return 0;
		}
		next = cx_get(mailbox->data, CX_MCG_NEXT_INDEX);
		if (!next)
			return 0;
		if (next >= entries)
			return -EIO;
		place->previous = place->index;
		place->index = next;
	}
	return err ?: -EIO;
}

static void set_member(struct cx_mailbox *mailbox, u32 qpn)
{
	void *entry = mailbox->data;

	cx_set(entry, CX_MCG_PROTOCOL, CX_MCG_PROTOCOL_ETHERNET);
	cx_set(entry, CX_MCG_MEMBERS, 1);
	cx_store_be32(entry + CX_MCG_MEMBER_ARRAY, 0);
	cx_set(entry + CX_MCG_MEMBER_ARRAY, CX_MCG_MEMBER_QPN, qpn);
}

/* A new entry behind the last one of a chain */
static int append(struct cx_core *core, const void *key, u32 last, u32 qpn,
		  struct cx_mailbox *mailbox)
{
	struct ida *overflow = &core->steering->mcg_overflow;
	u32 first = 1u << core->limits->log_mcg_hash;
	u32 entries = core->limits->count[CX_ICM_MCG];
	int index;
	int err;

	if (first >= entries)
		return -ENOSPC;
	index = ida_alloc_range(overflow, first, entries - 1, GFP_KERNEL);
	if (index < 0)
		return index;
	memset(mailbox->data, 0, CX_MAILBOX_SIZE);
	memcpy(mailbox->data + CX_MCG_GID, key, CX_MCG_GID_SIZE);
	set_member(mailbox, qpn);
	err = write_entry(core, index, mailbox);
	if (!err)
		err = read_entry(core, last, mailbox);
	if (!err) {
		cx_set(mailbox->data, CX_MCG_NEXT_INDEX, index);
		err = write_entry(core, last, mailbox);
	}
	if (err)
		ida_free(overflow, index);
	return err;
}

static int write_locked(struct cx_core *core, const void *key, u32 qpn,
			struct cx_mailbox *mailbox)
{
	struct place place;
	int err = find(core, key, mailbox, &place);

	if (err)
		return err;
	if (!place.found && !place.free)
		return append(core, key, place.index, qpn, mailbox);
	if (place.free) {
		memset(mailbox->data, 0, CX_MAILBOX_SIZE);
		memcpy(mailbox->data + CX_MCG_GID, key, CX_MCG_GID_SIZE);
	}
	set_member(mailbox, qpn);
	return write_entry(core, place.index, mailbox);
}

/**
 * cx_mcg_write - have frames for an address go to a queue pair
 * @port: the port that receives them
 * @mac: the address; its entry is made, or given another member at once
 * @qpn: the queue pair
 *
 * Return: 0; -ENOSPC; -EIO if the table is broken; what a command returned.
 */
int cx_mcg_write(struct cx_steer_port *port, const u8 *mac, u32 qpn)
{
	struct cx_core *core = port->core;
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	u8 key[CX_MCG_GID_SIZE];
	int err;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	fill_key(port, mac, key);
	mutex_lock(&core->steering->mcg_lock);
	err = write_locked(core, key, qpn, mailbox);
	mutex_unlock(&core->steering->mcg_lock);
	cx_mailbox_put(core, mailbox);
	return err;
}

/* The head of a chain: what follows takes its place, or it is empty then. */
static int remove_head(struct cx_core *core, u32 head,
		       struct cx_mailbox *mailbox)
{
	u32 next = cx_get(mailbox->data, CX_MCG_NEXT_INDEX);
	int err = 0;

	if (next)
		err = read_entry(core, next, mailbox);
	else
		memset(mailbox->data, 0, CX_MAILBOX_SIZE);
	if (!err)
		err = write_entry(core, head, mailbox);
	if (!err && next)
		ida_free(&core->steering->mcg_overflow, next);
	return err;
}

static int remove_from_chain(struct cx_core *core, const struct place *place,
			     struct cx_mailbox *mailbox)
{
	u32 next = cx_get(mailbox->data, CX_MCG_NEXT_INDEX);
	int err = read_entry(core, place->previous, mailbox);

	if (err)
		return err;
	cx_set(mailbox->data, CX_MCG_NEXT_INDEX, next);
	err = write_entry(core, place->previous, mailbox);
	if (!err)
		ida_free(&core->steering->mcg_overflow, place->index);
	return err;
}

/**
 * cx_mcg_remove - have frames for an address go nowhere
 * @port: the port
 * @mac: the address
 *
 * Return: 0, also if it has no entry; what a command returned.
 */
int cx_mcg_remove(struct cx_steer_port *port, const u8 *mac)
{
	struct cx_core *core = port->core;
	struct cx_mailbox *mailbox;
	u8 key[CX_MCG_GID_SIZE];
	struct place place;
	int err;

	/* The table went with the adapter. */
	if (cx_adapter_failed(&core->adapter))
		return 0;
	mailbox = cx_mailbox_get(core);
	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	fill_key(port, mac, key);
	mutex_lock(&core->steering->mcg_lock);
	err = find(core, key, mailbox, &place);
	if (!err && place.found)
		err = place.index == place.previous ?
			      remove_head(core, place.index, mailbox) :
			      remove_from_chain(core, &place, mailbox);
	mutex_unlock(&core->steering->mcg_lock);
	cx_mailbox_put(core, mailbox);
	return cx_adapter_failed(&core->adapter) ? 0 : err;
}

/**
 * cx_mcg_set_default - where frames go whose address has no entry
 * @port: the port
 * @steer: CX_STEER_UNICAST or CX_STEER_MULTICAST
 * @qpn: the queue pair; 0: nowhere
 *
 * Return: 0 or what the command returned.
 */
int cx_mcg_set_default(struct cx_steer_port *port, int steer, u32 qpn)
{
	struct cx_core *core = port->core;
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	int err;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_set(mailbox->data, CX_MCG_PROTOCOL, CX_MCG_PROTOCOL_ETHERNET);
	if (qpn)
		set_member(mailbox, qpn);
	err = cx_command(core, CX_CMD_WRITE_MCG, CX_WRITE_MCG_DEFAULT,
			 port->number << CX_WRITE_MCG_PORT_SHIFT |
				 steer << CX_WRITE_MCG_STEER_SHIFT,
			 mailbox, NULL);
	cx_mailbox_put(core, mailbox);
	return err;
}
