// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver says of a frame when an XDP program asks: of each UDP datagram
 * to port 9, by its source port, into a map.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include "frame.h"

#define KERNEL __attribute__((section(".ksyms")))

#define ENTRIES 256

/* libbpf compares names, not values. */
enum xdp_rss_hash_type { XDP_RSS_TYPE_NONE };

extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *context,
					 __u64 *timestamp) KERNEL;
extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *context, __u32 *hash,
				    enum xdp_rss_hash_type *type) KERNEL;
extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *context,
					__be16 *protocol, __u16 *tci) KERNEL;

/* helper 1 */
static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;

struct answer {
	__u64 timestamp;
	__u32 hash;
	__u32 hash_type;
	__u16 tag_protocol;
	__u16 tci;
	__s16 timestamp_error;
	__s16 hash_error;
	__s16 tag_error;
	__u16 seen;
};

struct {
	int (*type)[BPF_MAP_TYPE_ARRAY];
	int (*max_entries)[ENTRIES];
	__u32 *key;
	struct answer *value;
} answers SECTION(".maps");

SECTION("xdp") int metadata(struct xdp_md *context)
{
	const unsigned char *frame = FRAME(context);
	enum xdp_rss_hash_type type = XDP_RSS_TYPE_NONE;
	struct answer *answer;
	__be16 protocol = 0;
	__u64 timestamp = 0;
	__u32 hash = 0, key;
	__u16 tci = 0;

	if (!is_ours(frame, END(context)))
		return XDP_PASS;
	key = frame[SOURCE_PORT_AT + 1];
	answer = bpf_map_lookup_elem(&answers, &key);
	if (!answer)
		return XDP_PASS;
	answer->timestamp_error =
		bpf_xdp_metadata_rx_timestamp(context, &timestamp);
	answer->hash_error = bpf_xdp_metadata_rx_hash(context, &hash, &type);
	answer->tag_error =
		bpf_xdp_metadata_rx_vlan_tag(context, &protocol, &tci);
	answer->timestamp = timestamp;
	answer->hash = hash;
	answer->hash_type = type;
	answer->tag_protocol = __builtin_bswap16(protocol);
	answer->tci = tci;
	answer->seen++;
	return XDP_DROP;
}

SECTION("license") char program_license[] = "GPL";
