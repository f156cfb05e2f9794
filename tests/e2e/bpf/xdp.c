// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP programs of the tests, a section each. They act on UDP over IPv4 to
 * port 9 and pass everything else. Built with -DREDIRECT_TO=INTERFACE-INDEX.
 */
#define SECTION(name) __attribute__((section(name), used))

#ifndef REDIRECT_TO
#define REDIRECT_TO 0
#endif

enum { XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_TX, XDP_REDIRECT };

enum {
	ETHERTYPE_AT = 12,
	PROTOCOL_AT = 14 + 9,
	UDP_PORT_AT = 14 + 20 + 2,
	HEADERS = 14 + 20 + 8,
	UDP = 17,
	PORT = 9,
};

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

static inline int is_ours(const unsigned char *frame, const unsigned char *end)
{
	if (frame + HEADERS > end)
		return 0;
	return frame[ETHERTYPE_AT] == 0x08 && frame[ETHERTYPE_AT + 1] == 0x00 &&
	       frame[PROTOCOL_AT] == UDP && frame[UDP_PORT_AT] == 0 &&
	       frame[UDP_PORT_AT + 1] == PORT;
}

#define FRAME(context) ((unsigned char *)(unsigned long)(context)->data)
#define END(context) ((unsigned char *)(unsigned long)(context)->data_end)

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
