// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules and frames in one form, the flow key, so that matching is comparing
 * masked words:
 *
 *	word 0	destination MAC << 16 | ethertype
 *	word 1	IPv4 destination << 32 | source
 *	word 2	L4 destination << 48 | source << 32 | VID << 16 |
 *		port << 8 | headers present
 *	word 3	inner destination MAC << 16 | inner ethertype
 *	word 4	VNI << 32
 *
 * A mask holds whole fields only: the hardware has no partial masks.
 */
#include <string.h>

#include "emulator/adapter/steering/steering_internal.h"

enum header {
	HEADER_TAG = 1 << 0,
	HEADER_IPV4 = 1 << 1,
	HEADER_TCP = 1 << 2,
	HEADER_UDP = 1 << 3,
	HEADER_VXLAN = 1 << 4,
	HEADER_INNER_ETHERNET = 1 << 5,
};

#define MAC_MASK 0xffffffffffffULL
#define VID_MASK 0xfffULL
#define DMAC_SHIFT 16
#define IPV4_DST_SHIFT 32
#define DST_PORT_SHIFT 48
#define SRC_PORT_SHIFT 32
#define VID_SHIFT 16
#define PORT_SHIFT 8
#define VNI_SHIFT 32

#define UDP_HEADER 8
#define VXLAN_HEADER 8
#define VXLAN_VNI_VALID 0x08

struct rule_parser {
	struct rule *rule;
	struct flow_key *mask;
	bool tunnel; /* behind a VXLAN specification */
};

static void require(struct rule_parser *parser, enum header header)
{
	parser->rule->key.word[2] |= header;
	parser->mask->word[2] |= header;
}

/*
 * Adds a field to key and mask. Return: false for a mask that is neither
 * nothing nor the whole field.
 */
static bool compare(struct rule_parser *parser, unsigned int word,
		    unsigned int shift, u64 value, u64 mask, u64 whole)
{
	if (!mask)
		return true;
	if (mask != whole)
		return false;
	parser->rule->key.word[word] |= (value & whole) << shift;
	parser->mask->word[word] |= whole << shift;
	return true;
}

static bool parse_ethernet(struct rule_parser *parser, const u8 *spec)
{
	unsigned int word = parser->tunnel ? 3 : 0;
	u64 vid_mask = cx_get(spec, CX_RULE_ETHERNET_VLAN_MASK);

	if (cx_get(spec, CX_RULE_ETHERNET_SMAC_MASK))
		return false;
	if (parser->tunnel)
		require(parser, HEADER_INNER_ETHERNET);
	if (!compare(parser, word, DMAC_SHIFT,
		     cx_get(spec, CX_RULE_ETHERNET_DMAC),
		     cx_get(spec, CX_RULE_ETHERNET_DMAC_MASK), MAC_MASK))
		return false;
	if (cx_get(spec, CX_RULE_ETHERNET_ETHERTYPE_VALID) &&
	    !compare(parser, word, 0, cx_get(spec, CX_RULE_ETHERNET_ETHERTYPE),
		     0xffff, 0xffff))
		return false;
	if (!vid_mask)
		return true;
	if (parser->tunnel)
		return false;
	require(parser, HEADER_TAG);
	return compare(parser, 2, VID_SHIFT,
		       cx_get(spec, CX_RULE_ETHERNET_VLAN), vid_mask, VID_MASK);
}

static bool parse_ipv4(struct rule_parser *parser, const u8 *spec)
{
	require(parser, HEADER_IPV4);
	return compare(parser, 1, IPV4_DST_SHIFT,
		       cx_get(spec, CX_RULE_IPV4_DST),
		       cx_get(spec, CX_RULE_IPV4_DST_MASK), 0xffffffff) &&
	       compare(parser, 1, 0, cx_get(spec, CX_RULE_IPV4_SRC),
		       cx_get(spec, CX_RULE_IPV4_SRC_MASK), 0xffffffff);
}

static bool parse_l4(struct rule_parser *parser, const u8 *spec,
		     enum header header)
{
	require(parser, header);
	return compare(parser, 2, DST_PORT_SHIFT,
		       cx_get(spec, CX_RULE_L4_DST_PORT),
		       cx_get(spec, CX_RULE_L4_DST_PORT_MASK), 0xffff) &&
	       compare(parser, 2, SRC_PORT_SHIFT,
		       cx_get(spec, CX_RULE_L4_SRC_PORT),
		       cx_get(spec, CX_RULE_L4_SRC_PORT_MASK), 0xffff);
}

static bool parse_vxlan(struct rule_parser *parser, const u8 *spec)
{
	require(parser, HEADER_VXLAN);
	parser->tunnel = true;
	return compare(parser, 4, VNI_SHIFT, cx_get(spec, CX_RULE_VXLAN_VNI),
		       cx_get(spec, CX_RULE_VXLAN_VNI_MASK), 0xffffff);
}

/* Return: bytes of the specification, 0 if it is unknown or malformed. */
static u32 parse_spec(struct rule_parser *parser, const u8 *spec, u32 room)
{
	u32 size = (u32)cx_get(spec, CX_RULE_SPEC_DWORDS) * 4;
	bool good, inner = parser->tunnel;
	u32 wanted;

	switch (cx_get(spec, CX_RULE_SPEC_ID)) {
#define SPEC(name, parse)                                         \
	case CX_RULE_SPEC_##name:                                 \
		wanted = CX_RULE_SPEC_##name##_SIZE;              \
		good = size == wanted && size <= room && (parse); \
		break
		SPEC(ETHERNET, parse_ethernet(parser, spec));
		SPEC(IPV4, !inner && parse_ipv4(parser, spec));
		SPEC(TCP, !inner && parse_l4(parser, spec, HEADER_TCP));
		SPEC(UDP, !inner && parse_l4(parser, spec, HEADER_UDP));
		SPEC(VXLAN, !inner && parse_vxlan(parser, spec));
#undef SPEC
	default:
		/* IPv6 and InfiniBand: the hardware has no such Ethernet rule */
		return 0;
	}
	return good ? size : 0;
}

u8 rule_parse(const u8 *mailbox, u32 dwords, struct rule *rule,
	      struct flow_key *mask)
{
	struct rule_parser parser = { .rule = rule, .mask = mask };
	u32 length = dwords * 4;
	u32 at = CX_RULE_CONTROL_SIZE;

	if (dwords > CX_MAILBOX_SIZE / 4 || length < CX_RULE_CONTROL_SIZE)
		return CX_STATUS_BAD_PARAM;
	memset(&rule->key, 0, sizeof(rule->key));
	memset(mask, 0, sizeof(*mask));
	rule->priority = (u16)cx_get(mailbox, CX_RULE_CONTROL_PRIORITY);
	rule->type = (u8)cx_get(mailbox, CX_RULE_CONTROL_TYPE);
	rule->port = (u8)cx_get(mailbox, CX_RULE_CONTROL_PORT);
	rule->qpn = (u32)cx_get(mailbox, CX_RULE_CONTROL_QPN);
	rule->allow_loopback = cx_get(mailbox, CX_RULE_CONTROL_ALLOW_LOOPBACK);
	if (rule->port < 1 || rule->port > PORTS_MAX)
		return CX_STATUS_BAD_PARAM;
	rule->key.word[2] = (u64)rule->port << PORT_SHIFT;
	mask->word[2] = 0xffULL << PORT_SHIFT;

	while (at < length) {
		u32 size = length - at < 4 ? 0 :
					     parse_spec(&parser, mailbox + at,
							length - at);

		if (!size)
			return CX_STATUS_BAD_PARAM;
		at += size;
	}
	return CX_STATUS_OK;
}

bool flow_mask_has_vxlan(const struct flow_key *mask)
{
	return mask->word[2] & HEADER_VXLAN;
}

static u64 mac_number(const u8 *mac)
{
	return cx_load_be64(mac) >> 16;
}

/* The six bytes at @mac may be the last that can be read. */
static u64 mac_number_at_end(const u8 *mac)
{
	u8 bytes[8] = { 0 };

	memcpy(bytes, mac, 6);
	return mac_number(bytes);
}

static void add_vxlan(const struct adapter *adapter, const u8 *frame,
		      const struct packet_info *info, struct flow_key *key)
{
	u32 vxlan = info->l4_offset + UDP_HEADER;
	u32 inner = vxlan + VXLAN_HEADER;
	u16 port = adapter->ethernet.vxlan_port;

	if (!adapter->ports[(key->word[2] >> PORT_SHIFT & 0xff) - 1]
		     .vxlan_enabled ||
	    !port || !info->udp || info->truncated ||
	    (key->word[2] >> DST_PORT_SHIFT) != port ||
	    inner + ETHERNET_HEADER > info->l3_end ||
	    !(frame[vxlan] & VXLAN_VNI_VALID))
		return;
	key->word[2] |= HEADER_VXLAN | HEADER_INNER_ETHERNET;
	key->word[3] = mac_number_at_end(frame + inner) << DMAC_SHIFT |
		       (cx_load_be32(frame + inner + 12 - 2) & 0xffff);
	key->word[4] = (u64)(cx_load_be32(frame + vxlan + 4) >> 8) << VNI_SHIFT;
}

void flow_key_of_frame(const struct adapter *adapter, unsigned int port,
		       const u8 *frame, const struct packet_info *info,
		       struct flow_key *key)
{
	memset(key, 0, sizeof(*key));
	key->word[0] = mac_number(frame) << DMAC_SHIFT | info->ethertype;
	key->word[2] = (u64)port << PORT_SHIFT;
	if (info->vlan_tags)
		key->word[2] |= (u64)(info->vlan_tci & VID_MASK) << VID_SHIFT |
				HEADER_TAG;
	if (!info->ipv4)
		return;
	key->word[1] = (u64)cx_load_be32(frame + info->l3_offset + 16)
			       << IPV4_DST_SHIFT |
		       cx_load_be32(frame + info->l3_offset + 12);
	key->word[2] |= HEADER_IPV4;
	if (!info->l4_offset || info->fragment || !(info->tcp || info->udp))
		return;
	key->word[2] |= info->tcp ? HEADER_TCP : HEADER_UDP;
	key->word[2] |= (u64)(cx_load_be32(frame + info->l4_offset) & 0xffff)
				<< DST_PORT_SHIFT |
			(u64)(cx_load_be32(frame + info->l4_offset) >> 16)
				<< SRC_PORT_SHIFT;
	if (adapter->ethernet.steering->rules.vxlan_rules)
		add_vxlan(adapter, frame, info, key);
}

void flow_key_of_mac(unsigned int port, const u8 mac[6], struct flow_key *key,
		     struct flow_key *mask)
{
	memset(key, 0, sizeof(*key));
	memset(mask, 0, sizeof(*mask));
	key->word[0] = mac_number_at_end(mac) << DMAC_SHIFT;
	key->word[2] = (u64)port << PORT_SHIFT;
	mask->word[0] = MAC_MASK << DMAC_SHIFT;
	mask->word[2] = 0xffULL << PORT_SHIFT;
}
