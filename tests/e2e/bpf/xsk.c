// SPDX-License-Identifier: GPL-2.0-only
/* UDP to port 9 goes to the AF_XDP socket of its queue, all else to the stack. */
#include <linux/bpf.h>

#define SECTION(name) __attribute__((section(name), used))

enum {
	ETHERTYPE_AT = 12,
	PROTOCOL_AT = 14 + 9,
	UDP_PORT_AT = 14 + 20 + 2,
	HEADERS = 14 + 20 + 8,
	UDP = 17,
	PORT = 9,
	QUEUES = 64,
};

/* helper 51 */
static long (*bpf_redirect_map)(void *map, __u64 key, __u64 flags) = (void *)51;

struct {
	int (*type)[BPF_MAP_TYPE_XSKMAP];
	int (*max_entries)[QUEUES];
	__u32 *key;
	__u32 *value;
} sockets SECTION(".maps");

SECTION("xdp") int to_socket(struct xdp_md *context)
{
	const unsigned char *frame = (void *)(long)context->data;
	const unsigned char *end = (void *)(long)context->data_end;

	if (frame + HEADERS > end || frame[ETHERTYPE_AT] != 0x08 ||
	    frame[ETHERTYPE_AT + 1] || frame[PROTOCOL_AT] != UDP ||
	    frame[UDP_PORT_AT] || frame[UDP_PORT_AT + 1] != PORT)
		return XDP_PASS;
	return bpf_redirect_map(&sockets, context->rx_queue_index, XDP_PASS);
}

SECTION("license") char program_license[] = "GPL";
