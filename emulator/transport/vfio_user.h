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

/* Names of the indices, as VFIO numbers regions and interrupts of PCI */
#define VFIO_USER_REGION_ROM 6
#define VFIO_USER_REGION_CONFIG 7
#define VFIO_USER_IRQ_INTX 0
#define VFIO_USER_IRQ_MSI 1
#define VFIO_USER_IRQ_MSIX 2
#define VFIO_USER_IRQ_ERROR 3
#define VFIO_USER_IRQ_REQUEST 4

/* Flags of struct vfio_user_region */
#define VFIO_USER_READABLE 1u
#define VFIO_USER_WRITABLE 2u
/* Flags of struct vfio_user_irq */
#define VFIO_USER_IRQ_EVENTFD 1u
#define VFIO_USER_IRQ_MASKABLE 2u
#define VFIO_USER_IRQ_AUTOMASKED 4u
/* Flags of set_irqs: one of the data kinds and one of the actions */
#define VFIO_USER_IRQ_DATA_NONE 0x01u
#define VFIO_USER_IRQ_DATA_BOOL 0x02u
#define VFIO_USER_IRQ_DATA_EVENTFD 0x04u
#define VFIO_USER_IRQ_ACTION_MASK 0x08u
#define VFIO_USER_IRQ_ACTION_UNMASK 0x10u
#define VFIO_USER_IRQ_ACTION_TRIGGER 0x20u
/* Flags of dma_map */
#define VFIO_USER_DMA_READ 1u
#define VFIO_USER_DMA_WRITE 2u

struct vfio_user_region {
	uint64_t size;
	uint32_t flags; /* 1 readable, 2 writable */
};

struct vfio_user_irq {
	uint32_t count;
	uint32_t flags;
};

/*
 * What the device answers. All return 0 or -errno, which becomes the error
 * reply. The server has checked indices, bounds and lengths before it asks.
 */
struct vfio_user_ops {
	int (*region_info)(void *device, unsigned int index,
			   struct vfio_user_region *info);
	int (*irq_info)(void *device, unsigned int index,
			struct vfio_user_irq *info);
	int (*region_read)(void *device, unsigned int index, uint64_t offset,
			   void *data, size_t length);
	int (*region_write)(void *device, unsigned int index, uint64_t offset,
			    const void *data, size_t length);
	/*
	 * @data: @count bytes with DATA_BOOL, else NULL. @fds: @count of them
	 * with DATA_EVENTFD, or none, which takes the old ones away; the
	 * callee keeps one by setting its entry to -1. NONE, TRIGGER and a
	 * count of 0 switch the interrupt off.
	 */
	int (*set_irqs)(void *device, uint32_t flags, unsigned int index,
			uint32_t start, uint32_t count, const uint8_t *data,
			int *fds, unsigned int fd_count);
	/* @fd: stays the caller's; -1 if only messages reach the range */
	int (*dma_map)(void *device, uint64_t address, uint64_t size,
		       uint64_t offset, uint32_t flags, int fd);
	int (*dma_unmap)(void *device, uint64_t address, uint64_t size,
			 bool all);
	int (*reset)(void *device);
	/*
	 * Optional: whether such a write would reset the device. While it
	 * waits in vfio_user_server_dma_read() or _write() no other write than
	 * these is put off.
	 */
	bool (*write_resets)(void *device, unsigned int index, uint64_t offset,
			     const void *data, size_t length);
	void (*connected)(void *device);
	void (*disconnected)(void *device);
};

/**
 * vfio_user_server_create - listen on @path
 * @path: of the unix socket; NULL listens nowhere, see
 *	vfio_user_server_attach()
 *
 * Ignores SIGPIPE from now on: a descriptor that the client gives for an
 * interrupt can be any.
 *
 * Return: the server, or NULL with errno set. An existing socket file that
 * nobody listens on is replaced; any other file is left alone (EEXIST), so is
 * the socket of a server that runs (EADDRINUSE).
 */
struct vfio_user_server *
vfio_user_server_create(struct event_loop *loop, const char *path,
			const struct vfio_user_ops *ops, void *device);
/*
 * Makes a connected stream socket the client, as if it had been accepted.
 * Return: 0, after which the server owns it, or -EBUSY, or -errno.
 */
int vfio_user_server_attach(struct vfio_user_server *server, int fd);
/* Leaves the client, removes the socket file, closes everything. */
void vfio_user_server_destroy(struct vfio_user_server *server);
bool vfio_user_server_connected(const struct vfio_user_server *server);

/*
 * Copy from or to the guest's memory through the client, by DMA_READ and
 * DMA_WRITE messages: for memory that is not mapped. They return when the
 * client has answered, and handle what else it sends meanwhile (its vCPU may
 * wait for an answer of ours before the client can give its own); resets and
 * the end of the connection cancel them.
 *
 * Return: 0; -EAGAIN from within a function of struct vfio_user_ops, where the
 * client itself may be waiting, and while the replies that it has not read
 * fill the queue; -ENOTCONN; -ETIMEDOUT if it does not answer within two
 * seconds, and at once for as long as that answer is owed;
 * -ECANCELED; -EPROTO for an answer that is none; or the client's error.
 */
int vfio_user_server_dma_read(struct vfio_user_server *server, uint64_t address,
			      void *to, size_t length);
int vfio_user_server_dma_write(struct vfio_user_server *server,
			       uint64_t address, const void *from,
			       size_t length);

#endif
