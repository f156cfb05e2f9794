/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which frames the XDP programs of the tests act on: UDP over IPv4 to port 9;
 * they pass everything else.
 */
#ifndef TESTS_E2E_BPF_FRAME_H
#define TESTS_E2E_BPF_FRAME_H

#define SECTION(name) __attribute__((section(name), used))

enum {
	ETHERTYPE_AT = 12,
	PROTOCOL_AT = 14 + 9,
	SOURCE_PORT_AT = 14 + 20,
	PORT_AT = 14 + 20 + 2,
	HEADERS = 14 + 20 + 8,
	UDP = 17,
	PORT = 9,
};

#define FRAME(context) ((unsigned char *)(unsigned long)(context)->data)
#define END(context) ((unsigned char *)(unsigned long)(context)->data_end)

static inline int is_ours(const unsigned char *frame, const unsigned char *end)
{
	if (frame + HEADERS > end)
		return 0;
	return frame[ETHERTYPE_AT] == 0x08 && frame[ETHERTYPE_AT + 1] == 0x00 &&
	       frame[PROTOCOL_AT] == UDP && frame[PORT_AT] == 0 &&
	       frame[PORT_AT + 1] == PORT;
}

#endif
