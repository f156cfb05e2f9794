/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers and layouts of the vfio-user protocol, version 0.0, as QEMU 11.1
 * speaks it. All integers are in the host's byte order: both ends of a unix
 * socket are on one machine.
 */
#ifndef EMULATOR_TRANSPORT_PROTOCOL_H
#define EMULATOR_TRANSPORT_PROTOCOL_H

#include <stdint.h>

enum vfio_user_command {
	VFIO_USER_VERSION = 1,
	VFIO_USER_DMA_MAP = 2,
	VFIO_USER_DMA_UNMAP = 3,
	VFIO_USER_DEVICE_GET_INFO = 4,
	VFIO_USER_DEVICE_GET_REGION_INFO = 5,
	VFIO_USER_DEVICE_GET_IRQ_INFO = 7,
	VFIO_USER_DEVICE_SET_IRQS = 8,
	VFIO_USER_REGION_READ = 9,
	VFIO_USER_REGION_WRITE = 10,
	/* these two are the server's requests */
	VFIO_USER_SERVER_DMA_READ = 11,
	VFIO_USER_SERVER_DMA_WRITE = 12,
	VFIO_USER_DEVICE_RESET = 13,
	VFIO_USER_REGION_WRITE_MULTI = 15,
	VFIO_USER_COMMANDS
};

#define VFIO_USER_TYPE_MASK 0xfu
#define VFIO_USER_TYPE_REQUEST 0u
#define VFIO_USER_TYPE_REPLY 1u
#define VFIO_USER_NO_REPLY 0x10u
#define VFIO_USER_ERROR 0x20u

struct vfio_user_header {
	uint16_t id; /* the sender's; only ever echoed */
	uint16_t command;
	uint32_t size; /* of the message, with this header */
	uint32_t flags;
	uint32_t error; /* errno, in a reply with VFIO_USER_ERROR */
};

struct vfio_user_version {
	uint16_t major;
	uint16_t minor;
	/* JSON text with its terminating NUL follows */
};

struct vfio_user_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
};

#define VFIO_USER_DEVICE_RESETTABLE 1u
#define VFIO_USER_DEVICE_PCI 2u

struct vfio_user_region_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t cap_offset;
	uint64_t size;
	uint64_t offset;
};

struct vfio_user_irq_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
};

struct vfio_user_irq_set {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
	/* a byte each of DATA_BOOL follows */
};

struct vfio_user_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	/* the data follows: in a write's request, in a read's reply */
};

struct vfio_user_write_multi {
	uint64_t number;
	/* that many of the following */
};

struct vfio_user_write_multi_entry {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	uint8_t data[8];
};

struct vfio_user_dma_map {
	uint32_t argsz;
	uint32_t flags;
	uint64_t offset;
	uint64_t address;
	uint64_t size;
};

struct vfio_user_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t address;
	uint64_t size;
};

struct vfio_user_dma_access {
	uint64_t address;
	uint64_t count;
	/* the data follows: in a write's request, in a read's reply */
};

#define VFIO_USER_UNMAP_DIRTY_BITMAP 1u
#define VFIO_USER_UNMAP_ALL 2u

/* What this server announces and holds the client to */
#define VFIO_USER_MAX_DATA 1048576u
#define VFIO_USER_MAX_FDS 16u
#define VFIO_USER_MAX_MULTI 200u
#define VFIO_USER_MAX_MESSAGE              \
	(sizeof(struct vfio_user_header) + \
	 sizeof(struct vfio_user_region_access) + VFIO_USER_MAX_DATA)

#endif
