// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/net/net_backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/net/backends.h"

/* No cable is plugged in. */
static int none_send(struct net_backend *backend, const struct net_frame *frame)
{
	return -ENETDOWN;
}

static void none_pause(struct net_backend *backend, bool paused)
{
}

static void none_destroy(struct net_backend *backend)
{
	free(backend);
}

static const struct net_backend_ops none_ops = {
	.send = none_send,
	.pause = none_pause,
	.destroy = none_destroy,
};

static struct net_backend *none_open(struct event_loop *loop,
				     const char **error)
{
	struct net_backend *backend = calloc(1, sizeof(*backend));

	if (!backend) {
		*error = "out of memory";
		return NULL;
	}
	backend->ops = &none_ops;
	backend->loop = loop;
	return backend;
}

static struct net_backend *fail(const char **error, const char *what)
{
	*error = what;
	errno = EINVAL;
	return NULL;
}

static struct net_backend *open_kind(struct event_loop *loop, const char *text,
				     const char *option, const char **error)
{
	bool gso = true;

	if (!strncmp(text, "tap:", 4)) {
		if (option && !strcmp(option, "gso=off"))
			gso = false;
		else if (option && strcmp(option, "gso=on"))
			return fail(error,
				    "unknown option of tap: use gso=on|off");
		return net_tap_open(loop, text + 4, gso, error);
	}
	if (option)
		return fail(error, "only tap takes an option");
	if (!strcmp(text, "none"))
		return none_open(loop, error);
	if (!strncmp(text, "stream:listen:", 14))
		return net_stream_open(loop, text + 14, true, error);
	if (!strncmp(text, "stream:", 7))
		return net_stream_open(loop, text + 7, false, error);
	return fail(error, "unknown kind of network: use tap:NAME, tap:fd=N, "
			   "stream:SOCKET, stream:listen:SOCKET or none");
}

struct net_backend *net_backend_open(struct event_loop *loop,
				     const char *description,
				     const char **error)
{
	struct net_backend *backend;
	char *text = strdup(description);
	char *option;
	int saved;

	if (!text) {
		*error = "out of memory";
		return NULL;
	}
	option = strchr(text, ',');
	if (option)
		*option++ = '\0';
	backend = open_kind(loop, text, option, error);
	saved = errno;
	free(text);
	errno = saved;
	return backend;
}
