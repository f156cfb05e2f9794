/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A frame into a receive queue, and its completion.
 */
#ifndef EMULATOR_ADAPTER_DATA_DELIVER_H
#define EMULATOR_ADAPTER_DATA_DELIVER_H

#include "emulator/adapter/adapter.h"

enum delivery {
	DELIVERY_DONE,
	DELIVERY_DROPPED,
	DELIVERY_NO_BUFFER,
};

/* A frame on its way in, as it is on the wire, without FCS */
struct inbound {
	unsigned int port; /* 1 or 2 */
	const u8 *frame;
	u32 length;
	struct packet_info info;
	u16 inner_offset; /* of the frame in a VXLAN packet; 0 = no tunnel */
	struct packet_info inner;
	bool bad_fcs; /* and the port takes such frames */
	bool checksums_known; /* L4 checksum was computed here: good */
	u32 hash;
	struct queue_pair *queue_pair; /* the one that it went to last */
	const struct queue_pair *sender; /* of a frame that loops back */
};

enum delivery deliver(struct adapter *adapter, struct queue_pair *qp,
		      struct inbound *inbound);

#endif
