// SPDX-License-Identifier: GPL-2.0-only
/* Frames of ours go to the AF_XDP socket of their queue. */
#include <linux/bpf.h>

#include "frame.h"

#define QUEUES 64

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
	if (!is_ours(FRAME(context), END(context)))
		return XDP_PASS;
	return bpf_redirect_map(&sockets, context->rx_queue_index, XDP_PASS);
}

SECTION("license") char program_license[] = "GPL";
