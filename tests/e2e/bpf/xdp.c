// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP programs of the tests, a section each. Built with
 * -DREDIRECT_TO=INTERFACE-INDEX.
 */
#include "frame.h"

#ifndef REDIRECT_TO
#define REDIRECT_TO 0
#endif

enum { XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_TX, XDP_REDIRECT };

struct xdp_context {
	unsigned int data;
	unsigned int data_end;
	unsigned int data_meta;
	unsigned int ingress_ifindex;
	unsigned int rx_queue_index;
	unsigned int egress_ifindex;
};

/* helper 23 */
static long (*bpf_redirect)(unsigned int ifindex,
			    unsigned long long flags) = (void *)23;

SECTION("pass") int xdp_pass(struct xdp_context *context)
{
	return XDP_PASS;
}

SECTION("drop") int xdp_drop(struct xdp_context *context)
{
	return is_ours(FRAME(context), END(context)) ? XDP_DROP : XDP_PASS;
}

static inline int send_back(unsigned char *frame, unsigned char *end)
{
	if (!is_ours(frame, end))
		return XDP_PASS;
	for (int i = 0; i < 6; i++) {
		unsigned char byte = frame[i];

		frame[i] = frame[6 + i];
		frame[6 + i] = byte;
	}
	return XDP_TX;
}

/* Sends the frame back: addresses swapped, the rest as it is */
SECTION("tx") int xdp_tx(struct xdp_context *context)
{
	return send_back(FRAME(context), END(context));
}

/* The same; by the section's name, libbpf says that it takes fragments. */
SECTION("xdp.frags") int xdp_fragments(struct xdp_context *context)
{
	return send_back(FRAME(context), END(context));
}

SECTION("redirect") int xdp_redirect(struct xdp_context *context)
{
	if (!is_ours(FRAME(context), END(context)))
		return XDP_PASS;
	return bpf_redirect(REDIRECT_TO, 0);
}

SECTION("license") char program_license[] = "GPL";
