// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/transport/vfio_user.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emulator/loop/container_of.h"
#include "emulator/loop/log.h"
#include "emulator/transport/server.h"

/* How long a refused client may take to say VERSION */
#define REFUSED_NS 2000000000ULL
#define ACCEPT_RETRY_NS 1000000000ULL

static void client_closed(struct connection *connection)
{
	struct vfio_user_server *server =
		container_of(connection, struct vfio_user_server, connection);
	bool negotiated = server->negotiated;

	server->negotiated = false;
	server->dma = (struct vfio_user_dma){ 0 };
	if (negotiated && server->ops->disconnected)
		server->ops->disconnected(server->device);
}

static void client_message(struct connection *connection,
			   struct message *message)
{
	vfio_user_handle(container_of(connection, struct vfio_user_server,
				      connection),
			 message);
}

static void refused_close(struct refused_client *client)
{
	if (!client->open)
		return;
	client->open = false;
	loop_timer_stop(&client->timeout);
	loop_fd_remove(&client->watch);
	close(client->watch.fd);
}

static void refused_timeout(struct loop_timer *timer)
{
	refused_close(container_of(timer, struct refused_client, timeout));
}

static void refused_ready(struct loop_fd *watch, uint32_t events)
{
	struct vfio_user_header header;
	uint8_t bytes[4096];
	ssize_t count = recv(watch->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count >= (ssize_t)sizeof(header)) {
		memcpy(&header, bytes, sizeof(header));
		header.size = sizeof(header);
		header.flags = VFIO_USER_TYPE_REPLY | VFIO_USER_ERROR;
		header.error = EBUSY;
		/* a client that does not take 16 bytes need not have them */
		if (send(watch->fd, &header, sizeof(header),
			 MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			log_limited("vfio-user: a second client left at once");
	}
	refused_close(container_of(watch, struct refused_client, watch));
}

static void refuse(struct vfio_user_server *server, int fd)
{
	log_limited("vfio-user: %s has a client already, refusing a second",
		    server->socket.path ? server->socket.path : "the adapter");
	for (unsigned int i = 0; i < VFIO_USER_REFUSED; i++) {
		struct refused_client *client = &server->refused[i];

		if (client->open)
			continue;
		*client = (struct refused_client){
			.watch = { .fd = fd,
				   .events = EPOLLIN,
				   .ready = refused_ready },
			.timeout = { .expired = refused_timeout },
		};
		if (loop_fd_add(server->loop, &client->watch))
			break;
		client->open = true;
		loop_timer_start(server->loop, &client->timeout, REFUSED_NS);
		return;
	}
	close(fd);
}

int vfio_user_server_attach(struct vfio_user_server *server, int fd)
{
	struct connection *connection = &server->connection;

	/* one that has gone, which the loop has not come to notice yet */
	if (connection->open && connection_hung_up(connection))
		connection_close(connection);
	if (connection->open)
		return -EBUSY;
	return connection_open(connection, fd);
}

static void retry_accept(struct loop_timer *timer)
{
	struct vfio_user_server *server =
		container_of(timer, struct vfio_user_server, retry);

	loop_fd_set_events(&server->listener, EPOLLIN);
}

static void listener_ready(struct loop_fd *watch, uint32_t events)
{
	struct vfio_user_server *server =
		container_of(watch, struct vfio_user_server, listener);
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int error;

	if (fd < 0) {
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
			return;
		log_limited("vfio-user: accept: %s", strerror(errno));
		loop_fd_set_events(watch, 0);
		loop_timer_start(server->loop, &server->retry, ACCEPT_RETRY_NS);
		return;
	}
	error = vfio_user_server_attach(server, fd);
	if (error == -EBUSY) {
		refuse(server, fd);
	} else if (error) {
		log_limited("vfio-user: %s", strerror(-error));
		close(fd);
	}
}

static int listen_at(struct vfio_user_server *server, const char *path)
{
	int error = unix_listener_open(&server->socket, path);

	if (error)
		return error;
	server->listener.fd = server->socket.fd;
	server->listener.events = EPOLLIN;
	return loop_fd_add(server->loop, &server->listener);
}

struct vfio_user_server *
vfio_user_server_create(struct event_loop *loop, const char *path,
			const struct vfio_user_ops *ops, void *device)
{
	struct vfio_user_server *server = calloc(1, sizeof(*server));
	int error;

	if (!server)
		return NULL;
	server->loop = loop;
	server->ops = ops;
	server->device = device;
	server->socket.fd = -1;
	server->listener.ready = listener_ready;
	server->retry.expired = retry_accept;
	signal(SIGPIPE, SIG_IGN);
	error = connection_init(&server->connection, loop);
	server->connection.handle = client_message;
	server->connection.closed = client_closed;
	if (!error && path)
		error = listen_at(server, path);
	if (error) {
		vfio_user_server_destroy(server);
		errno = -error;
		return NULL;
	}
	return server;
}

void vfio_user_server_destroy(struct vfio_user_server *server)
{
	if (!server)
		return;
	connection_close(&server->connection);
	connection_release(&server->connection);
	for (unsigned int i = 0; i < VFIO_USER_REFUSED; i++)
		refused_close(&server->refused[i]);
	loop_timer_stop(&server->retry);
	loop_fd_remove(&server->listener);
	unix_listener_close(&server->socket);
	free(server);
}

bool vfio_user_server_connected(const struct vfio_user_server *server)
{
	return server->negotiated;
}
