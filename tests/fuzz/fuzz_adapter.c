// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile guest: the input is a script of commands, doorbells, descriptors,
 * memory contents, frames, faults, resets and time, played on a whole adapter.
 * Sanitizers see what is wrong in memory; the checks here see a card that does
 * not answer NOP after a reset, whatever happened before.
 *
 * The first byte chooses the card, the steering mode, and whether the script
 * begins at power-on or on a card that is up. Then come steps: a byte that says
 * which, and what the step takes. An input that ends reads on as zeros.
 */
#include <stdlib.h>

#include "connectx/access_reg.h"
#include "connectx/device.h"
#include "connectx/mad.h"
#include "connectx/port.h"
#include "connectx/steering.h"
#include "tests/fuzz/adapter_rig.h"
#include "tests/unit/emulator_packet/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS_MAX 64
#define NS_PER_US 1000ULL

struct script {
	struct rig *rig;
	const u8 *at;
	size_t left;
};

static u8 take8(struct script *script)
{
	if (!script->left)
		return 0;
	script->left--;
	return *script->at++;
}

static u16 take16(struct script *script)
{
	u16 high = take8(script);

	return high << 8 | take8(script);
}

static u32 take32(struct script *script)
{
	u32 high = take16(script);

	return high << 16 | take16(script);
}

static u64 take64(struct script *script)
{
	u64 high = take32(script);

	return high << 32 | take32(script);
}

static void take_bytes(struct script *script, u8 *to, size_t length)
{
	size_t part = length < script->left ? length : script->left;

	memcpy(to, script->at, part);
	memset(to + part, 0, length - part);
	script->at += part;
	script->left -= part;
}

/* Numbers that mean something somewhere, or any number */
static u32 take_number(struct script *script)
{
	static const u32 known[] = {
		0,
		1,
		2,
		3,
		RIG_EQN,
		RIG_EQN + 1,
		RIG_QPN,
		RIG_QPN + 1,
		RIG_CQN,
		RIG_CQN + 1,
		RIG_LKEY >> 8,
		0xff,
		0x100,
		0x101,
		0x201,
		0x301,
		0x801,
		0x901,
		0xb01,
		0x10001,
		0x10002,
		1u << 31 | RIG_EQN,
		1u << 20 | RIG_CQN,
		1u << 20 | RIG_QPN,
		0x1001,
		0xfffffff8,
		0xffffffff,
		12,
		16,
		28,
		66,
		32,
	};
	u8 which = take8(script);

	return which < sizeof(known) / sizeof(known[0]) ? known[which] :
							  take32(script);
}

/* Places in guest memory that mean something, or anywhere */
static u64 take_address(struct script *script)
{
	static const u32 places[] = { RIG_IN_BOX,  RIG_OUT_BOX, RIG_MTT,
				      RIG_EQ,	   RIG_CQ,	RIG_QP,
				      RIG_RECORDS, RIG_BUFFERS };
	u8 which = take8(script);

	if (which & 0x80)
		return take64(script);
	return RIG_MEMORY + places[which % 8] + take16(script);
}

/* --- mailboxes --- */

/* Where frames go, and what groups and rules are made for */
static u64 take_mac(struct script *script)
{
	static const u64 macs[] = { 0x0002c90000bbULL, 0x01005e000001ULL,
				    0xffffffffffffULL, 0x525400aabbccULL };

	return macs[take8(script) & 3];
}

static void rule_mailbox(struct script *script, u8 *box)
{
	static const u8 types[] = { CX_RULE_REGULAR, CX_RULE_ALL_DEFAULT,
				    CX_RULE_MULTICAST_DEFAULT,
				    CX_RULE_REGULAR };
	u8 *spec = box + CX_RULE_CONTROL_SIZE;

	cx_set(box, CX_RULE_CONTROL_TYPE, types[take8(script) & 3]);
	cx_set(box, CX_RULE_CONTROL_PRIORITY, 0x5000);
	cx_set(box, CX_RULE_CONTROL_PORT, 1);
	cx_set(box, CX_RULE_CONTROL_QPN, RIG_QPN);
	cx_set(box, CX_RULE_CONTROL_ALLOW_LOOPBACK, 1);
	cx_set(spec, CX_RULE_SPEC_DWORDS, CX_RULE_SPEC_ETHERNET_SIZE / 4);
	cx_set(spec, CX_RULE_SPEC_ID, CX_RULE_SPEC_ETHERNET);
	cx_set(spec, CX_RULE_ETHERNET_DMAC, take_mac(script));
	cx_set(spec, CX_RULE_ETHERNET_DMAC_MASK, 0xffffffffffffULL);
	spec += CX_RULE_SPEC_ETHERNET_SIZE;
	cx_set(spec, CX_RULE_SPEC_DWORDS, CX_RULE_SPEC_IPV4_SIZE / 4);
	cx_set(spec, CX_RULE_SPEC_ID, CX_RULE_SPEC_IPV4);
	spec += CX_RULE_SPEC_IPV4_SIZE;
	cx_set(spec, CX_RULE_SPEC_DWORDS, CX_RULE_SPEC_TCP_SIZE / 4);
	cx_set(spec, CX_RULE_SPEC_ID,
	       take8(script) & 1 ? CX_RULE_SPEC_UDP : CX_RULE_SPEC_TCP);
}

static void group_mailbox(struct script *script, u8 *box)
{
	u64 mac = take_mac(script);

	cx_set(box + CX_MCG_GID, CX_MCG_KEY_MAC, mac);
	cx_set(box + CX_MCG_GID, CX_MCG_KEY_STEER,
	       mac >> 40 & 1 ? CX_STEER_MULTICAST : CX_STEER_UNICAST);
	cx_set(box, CX_MCG_PROTOCOL, CX_MCG_PROTOCOL_ETHERNET);
	cx_set(box, CX_MCG_MEMBERS, 2);
	cx_set(box + CX_MCG_GID, CX_MCG_KEY_PORT, 1);
	cx_set(box + CX_MCG_MEMBER_ARRAY, CX_MCG_MEMBER_QPN, RIG_QPN);
	cx_set(box + CX_MCG_MEMBER_ARRAY + CX_MCG_MEMBER_SIZE,
	       CX_MCG_MEMBER_QPN, RIG_QPN + 1);
}

/* A module's memory, or a port's link modes */
static void management_mailbox(struct script *script, u16 opcode, u8 *box)
{
	if (opcode == CX_CMD_MAD_IFC) {
		cx_set(box, CX_MAD_METHOD, CX_MAD_METHOD_GET);
		cx_set(box, CX_MAD_ATTRIBUTE, CX_MAD_ATTRIBUTE_CABLE_INFO);
		cx_set(box, CX_MAD_CABLE_I2C_ADDRESS, CX_MAD_CABLE_I2C);
		cx_set(box, CX_MAD_CABLE_ADDRESS, take16(script));
		cx_set(box, CX_MAD_CABLE_SIZE, take8(script));
		return;
	}
	cx_set(box, CX_ACCESS_REG_REGISTER, CX_REGISTER_PTYS);
	cx_set(box, CX_ACCESS_REG_METHOD, 1 + (take8(script) & 1));
	box += CX_ACCESS_REG_DATA;
	cx_set(box, CX_PTYS_PORT, 1);
	cx_set(box, CX_PTYS_PROTOCOL, CX_PTYS_ETHERNET);
	cx_set(box, CX_PTYS_ADMIN, take32(script));
}

/* Bit 0: which queue pair's rings; 1: a parent of both, with a hash */
static void queue_pair_mailbox(struct script *script, u8 *box)
{
	u8 *context = box + CX_QP_MAILBOX_CONTEXT;
	u8 *rss = context + CX_QPC_RSS_CONTEXT;
	u8 how = take8(script);

	rig_qp_mailbox(box, RIG_QPN + (how & 1));
	if (!(how & 2))
		return;
	cx_set(context, CX_QPC_RSS, 1);
	cx_set(rss, CX_RSS_LOG_QUEUES, 1);
	cx_set(rss, CX_RSS_BASE_QPN, RIG_QPN);
	cx_set(rss, CX_RSS_BASE_QPN_UDP, RIG_QPN);
	cx_set(rss, CX_RSS_DEFAULT_QPN, RIG_QPN);
	cx_set(rss, CX_RSS_HASH_FUNCTION, how >> 2 & 1);
	cx_set(rss, CX_RSS_HASH_FIELDS, take8(script));
}

/* Everything to the queue pair of that number */
static void port_mailbox(struct script *script, u8 *box)
{
	cx_set(box, CX_RQP_CALC_UC_PROMISC, 1);
	cx_set(box, CX_RQP_CALC_PROMISC_QPN, take_number(script));
	cx_set(box, CX_RQP_CALC_MC_MODE, take8(script) & 3);
	cx_set(box, CX_RQP_CALC_DEFAULT_MC_QPN, RIG_QPN);
}

/* What a decent driver would write; the caller changes some bytes of it. */
static void decent_mailbox(struct script *script, u16 opcode, u8 *box)
{
	switch (opcode) {
	case CX_CMD_INIT_HCA:
		rig_init_hca(box, take8(script) % RIG_STEERINGS);
		break;
	case CX_CMD_SW2HW_EQ:
		rig_eq_context(box, take8(script) & 1);
		break;
	case CX_CMD_SW2HW_CQ:
	case CX_CMD_MODIFY_CQ:
		rig_cq_context(box, take8(script) & 1);
		cx_set(box, CX_CQC_PERIOD, take8(script));
		cx_set(box, CX_CQC_MAX_COUNT, take8(script) & 7);
		break;
	case CX_CMD_SW2HW_MPT:
		rig_region(box);
		break;
	case CX_CMD_FLOW_STEERING_ATTACH:
		rule_mailbox(script, box);
		break;
	case CX_CMD_WRITE_MCG:
		group_mailbox(script, box);
		break;
	case CX_CMD_MAP_ICM:
	case CX_CMD_MAP_ICM_AUX:
	case CX_CMD_MAP_FA:
		cx_set(box, CX_MAP_ENTRY_VIRTUAL_PAGE, RIG_MTT_BASE >> 12);
		cx_set(box, CX_MAP_ENTRY_PHYSICAL_PAGE,
		       (RIG_MEMORY + RIG_MTT) >> 12);
		cx_set(box, CX_MAP_ENTRY_LOG_PAGES, take8(script) & 7);
		break;
	case CX_CMD_MAD_IFC:
	case CX_CMD_ACCESS_REG:
		management_mailbox(script, opcode, box);
		break;
	case CX_CMD_SET_PORT:
		port_mailbox(script, box);
		break;
	default:
		queue_pair_mailbox(script, box);
		break;
	}
}

static u16 take_opcode(struct script *script)
{
#define OPCODE(name, opcode, in, out, bytes) (opcode),
	static const u16 opcodes[] = { CX_COMMANDS(OPCODE) };
	u8 which = take8(script);

	if (which < sizeof(opcodes) / sizeof(opcodes[0]))
		return opcodes[which];
	return take16(script) & 0xfff;
}

/* Bit 0: raw mailbox; 1: by event; 2: the parameter is no mailbox;
 * 3: no output mailbox
 */
static void step_command(struct script *script)
{
	struct rig *rig = script->rig;
	u8 *box = rig->memory + RIG_IN_BOX;
	u16 opcode = take_opcode(script);
	u8 how = take8(script);
	u8 op_mod = how >> 4;
	u32 in_mod = take_number(script);
	u64 in_param = RIG_MEMORY + RIG_IN_BOX;

	if (how & 4) {
		in_param = take64(script);
	} else if (how & 1) {
		take_bytes(script, box, take8(script));
	} else {
		u8 changes = take8(script) & 15;

		memset(box, 0, CX_MAILBOX_SIZE);
		decent_mailbox(script, opcode, box);
		while (changes--) {
			u16 at = take16(script) % 0x400;

			box[at] = take8(script);
		}
	}
	rig_command(rig, opcode, op_mod, in_mod, in_param,
		    how & 8 ? 0 : RIG_MEMORY + RIG_OUT_BOX, how & 2);
}

/* --- doorbells, registers, memory --- */

static void uar_write32(struct script *script, u64 offset, u32 value)
{
	u8 word[4];

	cx_store_be32(word, value);
	adapter_uar_write(script->rig->adapter, offset, word, sizeof(word));
}

static void step_send_doorbell(struct script *script)
{
	uar_write32(script, 0x81000 + CX_UAR_SEND_DOORBELL,
		    take_number(script) << 8);
	rig_turn(script->rig);
}

static void step_cq_doorbell(struct script *script)
{
	u8 word[8] = { 0 };

	cx_set(word, CX_CQ_DOORBELL_COMMAND, take8(script) & 7);
	cx_set(word, CX_CQ_DOORBELL_CQN, take_number(script));
	cx_set(word, CX_CQ_DOORBELL_CONSUMER_INDEX, take_number(script));
	adapter_uar_write(script->rig->adapter, 0x81000 + CX_UAR_CQ_DOORBELL,
			  word, sizeof(word));
	rig_turn(script->rig);
}

static void step_eq_doorbell(struct script *script)
{
	u32 eqn = take_number(script) % 512;

	uar_write32(script,
		    (u64)(eqn / CX_UAR_EQS_PER_PAGE) * CX_UAR_PAGE_SIZE +
			    CX_UAR_EQ_DOORBELL +
			    eqn % CX_UAR_EQS_PER_PAGE *
				    CX_UAR_EQ_DOORBELL_STRIDE,
		    take_number(script));
	rig_turn(script->rig);
}

/* An aligned access of 1 to 8 bytes anywhere in a BAR, as PCI allows it */
static void step_bar_access(struct script *script)
{
	struct adapter *adapter = script->rig->adapter;
	u8 how = take8(script), data[8];
	unsigned int length = 1u << (how & 3);
	u64 offset = take32(script);

	offset -= offset % length;
	take_bytes(script, data, length);
	if (how & 8)
		adapter_bar0_read(adapter, offset % CX_BAR0_SIZE, data, length);
	else if (how & 4)
		adapter_uar_write(adapter, offset % CX_BAR2_SIZE, data, length);
	else
		adapter_bar0_write(adapter, offset % CX_BAR0_SIZE, data,
				   length);
	rig_turn(script->rig);
	rig_map(script->rig, script->rig->mapped);
}

static void step_memory(struct script *script)
{
	u64 at = take_address(script) - RIG_MEMORY;
	u8 length = take8(script);

	if (at < RIG_MEMORY_SIZE - 256)
		take_bytes(script, script->rig->memory + at, length);
}

/* --- descriptors --- */

/* Returns the units used. Kinds: pointer, inline, raw bytes */
static u32 put_segment(struct script *script, u8 *at, u32 room)
{
	u8 kind = take8(script);
	u32 length, units;

	if ((kind & 3) == 0) {
		cx_set(at, CX_DATA_LENGTH, take16(script));
		cx_set(at, CX_DATA_LKEY,
		       kind & 4 ? take_number(script) : RIG_LKEY);
		cx_set(at, CX_DATA_ADDRESS, take_address(script));
		return 1;
	}
	if ((kind & 3) == 1) {
		length =
			take8(script) % (room * CX_WQE_UNIT - CX_INLINE_HEADER);
		units = (length + CX_INLINE_HEADER + CX_WQE_UNIT - 1) /
			CX_WQE_UNIT;
		cx_set(at, CX_DATA_LENGTH, length);
		cx_set(at, CX_DATA_INLINE, 1);
		take_bytes(script, at + CX_INLINE_HEADER, length);
		return units;
	}
	take_bytes(script, at, CX_WQE_UNIT);
	return 1;
}

/* A TCP header in front of the segments, as LSO has it */
static u32 put_lso(struct script *script, u8 *at)
{
	static const u8 header[] = {
		0x52, 0x54, 0,	  0xaa, 0xbb, 0xcc, 0,	2,    0xc9, 1,	  2,
		3,    8,    0,	  0x45, 0,    0,    40, 0x12, 0x34, 0x40, 0,
		64,   6,    0,	  0,	192,  0,    2,	1,    192,  0,	  2,
		2,    0x9c, 0x40, 1,	0xbb, 1,    2,	3,    4,    0,	  0,
		0,    0,    0x50, 0x18, 1,    0xf5, 0,	0,    0,    0,
	};
	u8 changes = take8(script) & 7;

	cx_set(at, CX_LSO_MSS, take16(script));
	cx_set(at, CX_LSO_HEADER_LENGTH, sizeof(header));
	memcpy(at + CX_LSO_HEADER_BYTES, header, sizeof(header));
	while (changes--) {
		u8 where = take8(script) % (sizeof(header) + 4);

		at[where] = take8(script);
	}
	return (sizeof(header) + CX_LSO_HEADER_BYTES + CX_WQE_UNIT - 1) /
	       CX_WQE_UNIT;
}

/* Writes a WQE where queue pair RIG_QPN or the next one looks for it. */
static void step_post(struct script *script)
{
	struct rig *rig = script->rig;
	u8 which = take8(script);
	u32 second = which & 1, units = 1, segments = which >> 4;
	u8 wqe[1024] = { 0 };
	struct queue_pair *qp = qp_find(rig->adapter, RIG_QPN + second);
	u32 head = qp ? qp->sq_head : 0;
	u8 *ring = rig->memory + RIG_RING(second);

	if (which & 2)
		units += put_lso(script, wqe + CX_WQE_UNIT);
	while (segments-- && units < 50)
		units += put_segment(script, wqe + units * CX_WQE_UNIT,
				     60 - units);
	take_bytes(script, wqe, 12);
	cx_set(wqe, CX_SEND_OWNER, head >> RIG_LOG_SQ & 1);
	if (!(which & 4)) {
		cx_set(wqe, CX_SEND_OPCODE,
		       which & 2 ? CX_SEND_OP_LSO : CX_SEND_OP_SEND);
		cx_set(wqe, CX_SEND_UNITS, units);
	}
	for (u32 i = 0; i < units * CX_WQE_UNIT; i++)
		ring[((head % (1u << RIG_LOG_SQ)) * 64 + i) % RIG_RQ_OFFSET] =
			wqe[i];
	if (which & 8)
		return;
	uar_write32(script, 0x81000 + CX_UAR_SEND_DOORBELL,
		    (RIG_QPN + second) << 8);
	rig_turn(rig);
}

/* A receive buffer that may be anywhere, and one more in the record */
static void step_post_receive(struct script *script)
{
	struct rig *rig = script->rig;
	u8 which = take8(script);
	u32 second = which & 1;
	struct queue_pair *qp = qp_find(rig->adapter, RIG_QPN + second);
	u32 head = qp ? qp->rq_head : 0;
	u8 *entry = rig->memory + RIG_RING(second) + RIG_RQ_OFFSET +
		    (head % (1u << RIG_LOG_RQ)) * RIG_RQ_STRIDE;

	for (unsigned int i = 0; i < 2; i++, entry += CX_DATA_SIZE) {
		cx_set(entry, CX_DATA_LENGTH, take16(script));
		cx_set(entry, CX_DATA_LKEY,
		       which & 2 ? take_number(script) : RIG_LKEY);
		cx_set(entry, CX_DATA_ADDRESS, take_address(script));
	}
	cx_set(rig->memory + RIG_RECEIVE_RECORD(second), CX_RQ_RECORD_POSTED,
	       (head + 1 + (which >> 4)) & 0xffff);
}

/* --- frames --- */

/* A right frame, as the byte chooses */
static size_t make_frame(u8 choice, size_t payload, u8 *bytes)
{
	struct frame_spec spec = {
		.tags = choice & 3,
		.ipv6 = choice & 4,
		.protocol = choice & 8	? 17 :
			    choice & 16 ? 1 :
					  6,
		.ipv4_fragment = choice & 32 ? 0x2000 : 0,
		.ipv4_option_words = choice & 64 ? 2 : 0,
		.tcp_option_words = choice & 128 ? 3 : 0,
		.payload = payload,
	};

	return frame_build(bytes, &spec);
}

/* Bit 0: port 2; 1: raw; 2: checksum wanted; 3: large, to be segmented */
static void step_frame(struct script *script)
{
	static u8 bytes[4096];
	u8 how = take8(script);
	struct net_frame frame = { .data = bytes };

	frame.length = take16(script) % sizeof(bytes);
	if (how & 2) {
		take_bytes(script, bytes, frame.length);
	} else {
		u8 changes = take8(script) & 15;

		frame.length =
			make_frame(take8(script), frame.length / 2, bytes);
		while (changes--) {
			u8 at = take8(script);

			bytes[at] = take8(script);
		}
	}
	frame.checksums_wanted = how & 4;
	if (how & 8) {
		frame.mss = take16(script);
		frame.header_length = take8(script);
		if (!frame.mss || frame.header_length > frame.length)
			return;
	}
	rig_frame(script->rig, 1 + (how & 1), &frame);
}

/* --- the world around --- */

static void step_world(struct script *script)
{
	struct rig *rig = script->rig;
	u8 what = take8(script);

	switch (what % 12) {
	case 0:
		adapter_reset(rig->adapter);
		rig_map(rig, rig->mapped);
		break;
	case 1:
		port_set_physical_link(&rig->adapter->ports[what >> 3 & 1],
				       what & 0x10);
		break;
	case 2:
		rig->ports_full = what & 8;
		if (!rig->ports_full)
			rig->ports[0].base.events.writable(
				rig->ports[0].base.events.context);
		break;
	case 3:
		rig->adapter->faults.data[take8(script) % DATA_FAULTS] =
			take8(script) & 3;
		break;
	case 4:
		rig_map(rig, what & 8);
		rig->adapter->memory_changed = what & 0x10 ? loop_now() : 0;
		break;
	case 5:
		adapter_catastrophic_error(rig->adapter, take32(script));
		break;
	case 6: {
		struct command_fault *fault = &rig->adapter->faults.command[0];

		fault->opcode = take_opcode(script);
		fault->kind = what >> 3 & 7;
		fault->status = take8(script);
		fault->count = 1;
		fault->skip = 0;
		fault->delay_ns = take16(script) * NS_PER_US;
		break;
	}
	case 7:
		adapter_plug_module(rig->adapter, 1 + (what >> 6 & 1),
				    what & 0x10);
		break;
	case 8:
		adapter_remove(rig->adapter);
		rig_turn(rig);
		adapter_insert(rig->adapter);
		rig_map(rig, rig->mapped);
		break;
	default:
		rig_clock_advance(take16(script) * NS_PER_US);
		break;
	}
	rig_turn(rig);
}

static void step(struct script *script)
{
	static void (*const steps[])(struct script * script) = {
		step_command,	  step_command,	      step_command,
		step_post,	  step_post,	      step_frame,
		step_frame,	  step_send_doorbell, step_cq_doorbell,
		step_eq_doorbell, step_bar_access,    step_memory,
		step_world,	  step_post_receive,
	};

	steps[take8(script) % (sizeof(steps) / sizeof(steps[0]))](script);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { .at = data, .left = size };
	u8 start = take8(&script);
	struct rig *rig = rig_get(start & 3);

	script.rig = rig;
	rig_power_on(rig);
	if (!(start & 0x80))
		rig_bring_up(rig, (start >> 2) % RIG_STEERINGS);
	for (unsigned int i = 0; script.left && i < STEPS_MAX; i++)
		step(&script);
	rig_power_on(rig);
	if (rig_command(rig, CX_CMD_NOP, 0, CX_NOP_AT_ONCE, 0, 0, false))
		abort();
	return 0;
}
