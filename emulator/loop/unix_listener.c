// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/loop/unix_listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_KIND (SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)

/* Makes room: the file of a server that has ended goes, others stay. */
static int clear_path(const struct sockaddr_un *address)
{
	struct stat status;
	int fd, error = 0;

	if (lstat(address->sun_path, &status) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(status.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCKET_KIND, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		error = errno;
	close(fd);
	if (error != ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int bind_and_listen(struct unix_listener *listener,
			   const struct sockaddr_un *address)
{
	struct stat status;

	listener->fd = socket(AF_UNIX, SOCKET_KIND, 0);
	if (listener->fd < 0)
		return -errno;
	if (bind(listener->fd, (const struct sockaddr *)address,
		 sizeof(*address)) < 0)
		return -errno;
	listener->path = strdup(address->sun_path);
	if (!listener->path)
		return -ENOMEM;
	if (stat(listener->path, &status) < 0)
		return -errno;
	listener->device = status.st_dev;
	listener->inode = status.st_ino;
	return listen(listener->fd, SOMAXCONN) < 0 ? -errno : 0;
}

int unix_listener_open(struct unix_listener *listener, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int error;

	*listener = (struct unix_listener){ .fd = -1 };
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	error = clear_path(&address);
	if (!error)
		error = bind_and_listen(listener, &address);
	if (error)
		unix_listener_close(listener);
	return error;
}

void unix_listener_close(struct unix_listener *listener)
{
	struct stat status;

	if (listener->fd >= 0)
		close(listener->fd);
	listener->fd = -1;
	if (listener->path && stat(listener->path, &status) == 0 &&
	    status.st_dev == listener->device &&
	    status.st_ino == listener->inode)
		unlink(listener->path);
	free(listener->path);
	listener->path = NULL;
}
