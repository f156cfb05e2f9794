/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vfio-user server for one device: listens on a unix socket, serves one
 * client at a time, and starts clean for the next.
 */
#ifndef EMULATOR_TRANSPORT_VFIO_USER_H
#define EMULATOR_TRANSPORT_VFIO_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emulator/loop/event_loop.h"

struct vfio_user_server;

#define VFIO_USER_REGIONS 9
#define VFIO_USER_IRQS 5

struct vfio_user_region {
	uint64_t size;
	uint32_t flags; /* 1 readable, 2 writable */
};

struct vfio_user_irq {
	uint32_t count;
	uint32_t flags;
};

/* All return 0 or -errno, which becomes the error reply. */
struct vfio_user_ops {
	int (*region_info)(void *device, unsigned int index,
			   struct vfio_user_region *info);
	int (*irq_info)(void *device, unsigned int index,
			struct vfio_user_irq *info);
	int (*region_read)(void *device, unsigned int index, uint64_t offset,
			   void *data, size_t length);
	int (*region_write)(void *device, unsigned int index, uint64_t offset,
			    const void *data, size_t length);
	/* @fds: @count of them, or none; the callee takes those it keeps by
	 * setting the array's entry to -1
	 */
	int (*set_irqs)(void *device, uint32_t flags, unsigned int index,
			uint32_t start, uint32_t count, const uint8_t *data,
			int *fds, unsigned int fd_count);
	int (*dma_map)(void *device, uint64_t address, uint64_t size,
		       uint64_t offset, uint32_t flags, int fd);
	int (*dma_unmap)(void *device, uint64_t address, uint64_t size,
			 bool all);
	int (*reset)(void *device);
	void (*connected)(void *device);
	void (*disconnected)(void *device);
};

/**
 * vfio_user_server_create - listen on @path
 *
 * Return: the server, or NULL with errno set. An existing socket file that
 * nobody listens on is replaced; any other file is left alone (EEXIST).
 */
struct vfio_user_server *vfio_user_server_create(struct event_loop *loop,
						 const char *path,
						 const struct vfio_user_ops *ops,
						 void *device);
void vfio_user_server_destroy(struct vfio_user_server *server);
bool vfio_user_server_connected(const struct vfio_user_server *server);

#endif
