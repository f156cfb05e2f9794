# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_NET_SOURCES := $(addprefix emulator/net/,cable.c capture.c \
	net_backend.c segment_queue.c stream.c tap.c tap_open.c \
	virtio_net_header.c)
