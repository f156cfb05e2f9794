// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server's own requests: DMA_READ and DMA_WRITE (docs/hardware/vfio-user.md,
 * V1.11 and V3.5).
 */
#include <errno.h>
#include <string.h>

#include "emulator/loop/container_of.h"
#include "emulator/loop/log.h"
#include "emulator/transport/server.h"

/* Less than the 5 s in which QEMU wants its own requests answered */
#define ANSWER_NS 2000000000ULL
/* What one message carries at most, whatever the client would take */
#define DMA_STEP 65536u

static bool write_resets(struct vfio_user_server *server, uint32_t region,
			 uint64_t offset, const void *data, size_t length)
{
	return server->ops->write_resets && region < VFIO_USER_REGIONS &&
	       server->ops->write_resets(server->device, region, offset, data,
					 length);
}

static bool writes_reset(struct vfio_user_server *server,
			 const struct message *message)
{
	struct vfio_user_write_multi_entry entry;
	struct vfio_user_region_access access;
	const uint8_t *payload = message->payload;
	size_t at = sizeof(struct vfio_user_write_multi);

	if (message->header.command == VFIO_USER_REGION_WRITE) {
		if (message->length < sizeof(access))
			return false;
		memcpy(&access, payload, sizeof(access));
		return access.count == message->length - sizeof(access) &&
		       write_resets(server, access.region, access.offset,
				    payload + sizeof(access), access.count);
	}
	for (; at + sizeof(entry) <= message->length; at += sizeof(entry)) {
		memcpy(&entry, payload + at, sizeof(entry));
		if (entry.count <= sizeof(entry.data) &&
		    write_resets(server, entry.region, entry.offset, entry.data,
				 entry.count))
			return true;
	}
	return false;
}

/*
 * Whatever takes the ground from under the work that waits for an answer: it
 * ends without one, and the message is handled when it has.
 */
static bool defers(struct connection *connection, const struct message *message)
{
	struct vfio_user_server *server =
		container_of(connection, struct vfio_user_server, connection);

	if ((message->header.flags & VFIO_USER_TYPE_MASK) !=
	    VFIO_USER_TYPE_REQUEST)
		return false;
	switch (message->header.command) {
	case VFIO_USER_DEVICE_RESET:
		return true;
	case VFIO_USER_REGION_WRITE:
	case VFIO_USER_REGION_WRITE_MULTI:
		return writes_reset(server, message);
	}
	return false;
}

/* Return: 0 or the error that the access ends with. */
static int take_answer(struct vfio_user_dma *dma, const struct message *message)
{
	bool read = dma->command == VFIO_USER_SERVER_DMA_READ;
	struct vfio_user_dma_access access;

	if (message->header.command != dma->command)
		return -EPROTO;
	if (message->header.flags & VFIO_USER_ERROR)
		return message->header.error && message->header.error < 4096 ?
			       -(int)message->header.error :
			       -EIO;
	if (message->length != sizeof(access) + (read ? dma->count : 0))
		return -EPROTO;
	memcpy(&access, message->payload, sizeof(access));
	if (access.address != dma->address || access.count != dma->count)
		return -EPROTO;
	if (read)
		memcpy(dma->to, message->payload + sizeof(access), dma->count);
	return 0;
}

bool vfio_user_dma_reply(struct vfio_user_server *server,
			 const struct message *message)
{
	struct vfio_user_dma *dma = &server->dma;

	if (message->header.id != dma->id)
		return false;
	if (dma->unanswered) {
		log_limited("vfio-user: the client answers again");
		dma->unanswered = false;
		return true;
	}
	if (!server->connection.waiting || dma->done)
		return false;
	dma->result = take_answer(dma, message);
	if (dma->result)
		log_limited("vfio-user: DMA by message at 0x%llx: %s",
			    (unsigned long long)dma->address,
			    strerror(-dma->result));
	dma->done = true;
	return true;
}

static int wait_for_answer(struct vfio_user_server *server)
{
	struct vfio_user_dma *dma = &server->dma;
	int error = connection_wait(&server->connection, &dma->done,
				    loop_now() + ANSWER_NS, defers);

	if (!error)
		return dma->result;
	/* an answer that still comes has an id that nobody waits for */
	dma->cancelled = error == -ECANCELED;
	dma->unanswered = error == -ETIMEDOUT;
	if (dma->unanswered)
		log_limited("vfio-user: the client does not answer DMA");
	return error;
}

/* @bytes: read into, or written from */
static int one_message(struct vfio_user_server *server, uint16_t command,
		       uint64_t address, uint8_t *bytes, size_t count)
{
	struct vfio_user_dma_access *access =
		connection_payload(&server->connection);
	struct vfio_user_dma *dma = &server->dma;
	bool write = command == VFIO_USER_SERVER_DMA_WRITE;

	if (!connection_has_room(&server->connection))
		return -EAGAIN;
	access->address = address;
	access->count = count;
	if (write)
		memcpy(access + 1, bytes, count);
	*dma = (struct vfio_user_dma){
		.id = (uint16_t)(dma->id + 1),
		.command = command,
		.address = address,
		.count = count,
		.to = write ? NULL : bytes,
	};
	connection_request(&server->connection, dma->id, command,
			   sizeof(*access) + (write ? count : 0));
	return wait_for_answer(server);
}

static int transfer(struct vfio_user_server *server, uint16_t command,
		    uint64_t address, uint8_t *bytes, size_t length)
{
	size_t step = server->max_data < DMA_STEP ? server->max_data : DMA_STEP;

	if (!server->negotiated)
		return -ENOTCONN;
	if (server->handling || server->connection.waiting)
		return -EAGAIN;
	while (length) {
		size_t part = length < step ? length : step;
		int error;

		if (server->dma.cancelled)
			return -ECANCELED;
		if (server->dma.unanswered)
			return -ETIMEDOUT;
		error = one_message(server, command, address, bytes, part);
		if (error)
			return error;
		address += part;
		bytes += part;
		length -= part;
	}
	return 0;
}

int vfio_user_server_dma_read(struct vfio_user_server *server, uint64_t address,
			      void *to, size_t length)
{
	return transfer(server, VFIO_USER_SERVER_DMA_READ, address, to, length);
}

int vfio_user_server_dma_write(struct vfio_user_server *server,
			       uint64_t address, const void *from,
			       size_t length)
{
	return transfer(server, VFIO_USER_SERVER_DMA_WRITE, address,
			(uint8_t *)from, length);
}
