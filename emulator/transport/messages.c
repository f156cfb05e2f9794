// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands. Each handler finds a payload of at least its structure's
 * length and returns the length of the reply's payload or -errno.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/loop/log.h"
#include "emulator/transport/server.h"

/* QEMU 11.1 takes at most 194 bytes, with the NUL. */
static const char capabilities[] = "{\"capabilities\":{"
				   "\"max_msg_fds\":16,"
				   "\"max_data_xfer_size\":1048576,"
				   "\"pgsizes\":4096,"
				   "\"max_dma_maps\":65535}}";
_Static_assert(sizeof(capabilities) <= 194, "QEMU refuses a longer reply");

/*
 * The one thing that a client announces and this server must keep to: how much
 * data it takes with one message. A number that makes no sense is none.
 */
static uint32_t announced_max_data(const char *text)
{
	static const char key[] = "\"max_data_xfer_size\"";
	const char *found = strstr(text, key);
	unsigned long long value;

	if (!found)
		return VFIO_USER_MAX_DATA;
	found += strlen(key);
	found += strspn(found, " \t\r\n");
	if (*found++ != ':')
		return VFIO_USER_MAX_DATA;
	value = strtoull(found, NULL, 10);
	return value && value < VFIO_USER_MAX_DATA ? (uint32_t)value :
						     VFIO_USER_MAX_DATA;
}

static int handle_version(struct vfio_user_server *server,
			  struct message *message)
{
	struct vfio_user_version *reply =
		connection_payload(&server->connection);
	struct vfio_user_version request;

	memcpy(&request, message->payload, sizeof(request));
	if (server->negotiated)
		return -EINVAL;
	if (request.major != 0 ||
	    (message->length > sizeof(request) &&
	     message->payload[message->length - 1] != '\0')) {
		log_limited("vfio-user: refusing a client: version %u.%u%s",
			    request.major, request.minor,
			    request.major ? "" : ", text without end");
		return -EINVAL;
	}
	server->negotiated = true;
	server->max_data = VFIO_USER_MAX_DATA;
	if (message->length > sizeof(request))
		server->max_data = announced_max_data(
			(const char *)message->payload + sizeof(request));
	reply->major = 0;
	reply->minor = 0;
	memcpy(reply + 1, capabilities, sizeof(capabilities));
	if (server->ops->connected)
		server->ops->connected(server->device);
	return sizeof(*reply) + sizeof(capabilities);
}

static int handle_get_info(struct vfio_user_server *server,
			   struct message *message)
{
	struct vfio_user_device_info *reply =
		connection_payload(&server->connection);

	memcpy(reply, message->payload, sizeof(*reply));
	if (reply->argsz < sizeof(*reply))
		return -EINVAL;
	*reply = (struct vfio_user_device_info){
		.argsz = sizeof(*reply),
		.flags = VFIO_USER_DEVICE_RESETTABLE | VFIO_USER_DEVICE_PCI,
		.num_regions = VFIO_USER_REGIONS,
		.num_irqs = VFIO_USER_IRQS,
	};
	return sizeof(*reply);
}

static int handle_get_region_info(struct vfio_user_server *server,
				  struct message *message)
{
	struct vfio_user_region_info *reply =
		connection_payload(&server->connection);
	struct vfio_user_region region = { 0 };
	int error;

	memcpy(reply, message->payload, sizeof(*reply));
	if (reply->argsz < sizeof(*reply) || reply->index >= VFIO_USER_REGIONS)
		return -EINVAL;
	error = server->ops->region_info(server->device, reply->index, &region);
	if (error)
		return error;
	*reply = (struct vfio_user_region_info){
		.argsz = sizeof(*reply),
		.flags = region.flags,
		.index = reply->index,
		.size = region.size,
	};
	return sizeof(*reply);
}

static int handle_get_irq_info(struct vfio_user_server *server,
			       struct message *message)
{
	struct vfio_user_irq_info *reply =
		connection_payload(&server->connection);
	struct vfio_user_irq irq = { 0 };
	int error;

	memcpy(reply, message->payload, sizeof(*reply));
	if (reply->argsz < sizeof(*reply) || reply->index >= VFIO_USER_IRQS)
		return -EINVAL;
	error = server->ops->irq_info(server->device, reply->index, &irq);
	if (error)
		return error;
	*reply = (struct vfio_user_irq_info){
		.argsz = sizeof(*reply),
		.flags = irq.flags,
		.index = reply->index,
		.count = irq.count,
	};
	return sizeof(*reply);
}

static bool one_bit(uint32_t value)
{
	return value && !(value & (value - 1));
}

static int check_irq_set(const struct vfio_user_irq_set *set,
			 const struct vfio_user_irq *irq,
			 const struct message *message)
{
	const uint32_t kinds = VFIO_USER_IRQ_DATA_NONE |
			       VFIO_USER_IRQ_DATA_BOOL |
			       VFIO_USER_IRQ_DATA_EVENTFD;
	const uint32_t actions = VFIO_USER_IRQ_ACTION_MASK |
				 VFIO_USER_IRQ_ACTION_UNMASK |
				 VFIO_USER_IRQ_ACTION_TRIGGER;
	size_t data = message->length - sizeof(*set);

	if (set->flags & ~(kinds | actions) || !one_bit(set->flags & kinds) ||
	    !one_bit(set->flags & actions))
		return -EINVAL;
	if (set->start > irq->count || set->count > irq->count - set->start)
		return -EINVAL;
	if (!set->count &&
	    (set->start || set->flags != (VFIO_USER_IRQ_DATA_NONE |
					  VFIO_USER_IRQ_ACTION_TRIGGER)))
		return -EINVAL;
	if (set->flags & VFIO_USER_IRQ_DATA_BOOL && data != set->count)
		return -EINVAL;
	if (message->fd_count && (!(set->flags & VFIO_USER_IRQ_DATA_EVENTFD) ||
				  message->fd_count != set->count))
		return -EINVAL;
	return 0;
}

static int handle_set_irqs(struct vfio_user_server *server,
			   struct message *message)
{
	struct vfio_user_irq_set set;
	struct vfio_user_irq irq = { 0 };
	const uint8_t *data = NULL;
	int error;

	memcpy(&set, message->payload, sizeof(set));
	if (set.index >= VFIO_USER_IRQS)
		return -EINVAL;
	error = server->ops->irq_info(server->device, set.index, &irq);
	if (!error)
		error = check_irq_set(&set, &irq, message);
	if (error)
		return error;
	if (set.flags & VFIO_USER_IRQ_DATA_BOOL)
		data = message->payload + sizeof(set);
	return server->ops->set_irqs(server->device, set.flags, set.index,
				     set.start, set.count, data, message->fds,
				     message->fd_count);
}

static int check_access(struct vfio_user_server *server, uint64_t offset,
			uint32_t index, uint32_t count, uint32_t needed)
{
	struct vfio_user_region region = { 0 };
	int error;

	if (index >= VFIO_USER_REGIONS || count > VFIO_USER_MAX_DATA)
		return -EINVAL;
	error = server->ops->region_info(server->device, index, &region);
	if (error)
		return error;
	if (offset > region.size || count > region.size - offset)
		return -EINVAL;
	if (count && !(region.flags & needed))
		return -EINVAL;
	return 0;
}

static int handle_region_read(struct vfio_user_server *server,
			      struct message *message)
{
	struct vfio_user_region_access *reply =
		connection_payload(&server->connection);
	int error;

	memcpy(reply, message->payload, sizeof(*reply));
	error = check_access(server, reply->offset, reply->region, reply->count,
			     VFIO_USER_READABLE);
	if (!error && reply->count)
		error = server->ops->region_read(server->device, reply->region,
						 reply->offset, reply + 1,
						 reply->count);
	return error ? error : (int)(sizeof(*reply) + reply->count);
}

static int handle_region_write(struct vfio_user_server *server,
			       struct message *message)
{
	struct vfio_user_region_access access;
	int error;

	memcpy(&access, message->payload, sizeof(access));
	if (message->length - sizeof(access) != access.count)
		return -EINVAL;
	error = check_access(server, access.offset, access.region, access.count,
			     VFIO_USER_WRITABLE);
	if (!error && access.count)
		error = server->ops->region_write(
			server->device, access.region, access.offset,
			message->payload + sizeof(access), access.count);
	if (error)
		return error;
	memcpy(connection_payload(&server->connection), &access,
	       sizeof(access));
	return sizeof(access);
}

/*
 * Each entry stands for a posted write of its own: one that is wrong is left
 * out and does not keep the others from being done.
 */
static int handle_write_multi(struct vfio_user_server *server,
			      struct message *message)
{
	struct vfio_user_write_multi multi;
	const uint8_t *next = message->payload + sizeof(multi);
	int result = sizeof(multi);

	memcpy(&multi, message->payload, sizeof(multi));
	if (multi.number > VFIO_USER_MAX_MULTI ||
	    message->length <
		    sizeof(multi) +
			    multi.number *
				    sizeof(struct vfio_user_write_multi_entry))
		return -EINVAL;
	for (uint64_t i = 0; i < multi.number; i++) {
		struct vfio_user_write_multi_entry entry;
		int error = -EINVAL;

		memcpy(&entry, next, sizeof(entry));
		next += sizeof(entry);
		if (entry.count <= sizeof(entry.data))
			error = check_access(server, entry.offset, entry.region,
					     entry.count, VFIO_USER_WRITABLE);
		if (!error && entry.count)
			error = server->ops->region_write(
				server->device, entry.region, entry.offset,
				entry.data, entry.count);
		if (error)
			result = error;
	}
	memcpy(connection_payload(&server->connection), &multi, sizeof(multi));
	return result;
}

static int handle_dma_map(struct vfio_user_server *server,
			  struct message *message)
{
	struct vfio_user_dma_map map;

	memcpy(&map, message->payload, sizeof(map));
	/* newer clients set flags that say how to reach the file: no matter */
	map.flags &= VFIO_USER_DMA_READ | VFIO_USER_DMA_WRITE;
	return server->ops->dma_map(server->device, map.address, map.size,
				    map.offset, map.flags,
				    message->fd_count ? message->fds[0] : -1);
}

static int handle_dma_unmap(struct vfio_user_server *server,
			    struct message *message)
{
	struct vfio_user_dma_unmap unmap;
	int error;

	memcpy(&unmap, message->payload, sizeof(unmap));
	if (unmap.flags & VFIO_USER_UNMAP_DIRTY_BITMAP)
		return -EINVAL;
	error = server->ops->dma_unmap(server->device, unmap.address,
				       unmap.size,
				       unmap.flags & VFIO_USER_UNMAP_ALL);
	if (error)
		return error;
	memcpy(connection_payload(&server->connection), &unmap, sizeof(unmap));
	return sizeof(unmap);
}

static int handle_reset(struct vfio_user_server *server,
			struct message *message)
{
	return server->ops->reset(server->device);
}

static const struct {
	int (*handle)(struct vfio_user_server *server, struct message *message);
	unsigned int payload; /* bytes at least */
	unsigned int fds; /* at most */
} commands[VFIO_USER_COMMANDS] = {
	[VFIO_USER_VERSION] = { handle_version,
				sizeof(struct vfio_user_version), 0 },
	[VFIO_USER_DMA_MAP] = { handle_dma_map,
				sizeof(struct vfio_user_dma_map), 1 },
	/* SPDK passes a descriptor that nobody needs */
	[VFIO_USER_DMA_UNMAP] = { handle_dma_unmap,
				  sizeof(struct vfio_user_dma_unmap), 1 },
	[VFIO_USER_DEVICE_GET_INFO] = { handle_get_info,
					sizeof(struct vfio_user_device_info),
					0 },
	[VFIO_USER_DEVICE_GET_REGION_INFO] = { handle_get_region_info,
					       sizeof(struct vfio_user_region_info),
					       0 },
	[VFIO_USER_DEVICE_GET_IRQ_INFO] = { handle_get_irq_info,
					    sizeof(struct vfio_user_irq_info),
					    0 },
	[VFIO_USER_DEVICE_SET_IRQS] = { handle_set_irqs,
					sizeof(struct vfio_user_irq_set),
					VFIO_USER_MAX_FDS },
	[VFIO_USER_REGION_READ] = { handle_region_read,
				    sizeof(struct vfio_user_region_access), 0 },
	[VFIO_USER_REGION_WRITE] = { handle_region_write,
				     sizeof(struct vfio_user_region_access),
				     0 },
	[VFIO_USER_DEVICE_RESET] = { handle_reset, 0, 0 },
	[VFIO_USER_REGION_WRITE_MULTI] = { handle_write_multi,
					   sizeof(struct vfio_user_write_multi),
					   0 },
};

static int dispatch(struct vfio_user_server *server, struct message *message)
{
	unsigned int command = message->header.command;

	if (command >= VFIO_USER_COMMANDS || !commands[command].handle) {
		log_limited("vfio-user: command %u is not supported", command);
		return -ENOTSUP;
	}
	if (message->length < commands[command].payload ||
	    message->fd_count > commands[command].fds || message->fds_lost)
		return -EINVAL;
	return commands[command].handle(server, message);
}

void vfio_user_handle(struct vfio_user_server *server, struct message *message)
{
	struct connection *connection = &server->connection;
	int result;

	if (!connection->waiting)
		server->dma.cancelled = false;
	if ((message->header.flags & VFIO_USER_TYPE_MASK) !=
	    VFIO_USER_TYPE_REQUEST) {
		if (!vfio_user_dma_reply(server, message))
			log_limited("vfio-user: a reply to nothing, command %u",
				    message->header.command);
		return;
	}
	if (!server->negotiated &&
	    message->header.command != VFIO_USER_VERSION) {
		log_limited("vfio-user: closing: command %u before VERSION",
			    message->header.command);
		connection_close(connection);
		return;
	}
	server->handling = true;
	result = dispatch(server, message);
	server->handling = false;
	/* whoever has the answer can rely on it that they are closed */
	message_close_fds(message);
	if (result < 0)
		connection_fail(connection, message, -result);
	else
		connection_reply(connection, message, (size_t)result);
	if (!server->negotiated)
		connection_finish(connection);
}
