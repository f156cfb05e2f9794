// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/login.h"

#include "initrd/iscsi-root/say.h"
#include "initrd/iscsi-root/seconds.h"
#include "initrd/iscsi-root/settings.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX 24

const char *login_program(void)
{
	static const char *const places[] = {
		"/sbin/iscsistart",
		"/usr/sbin/iscsistart",
		"/bin/iscsistart",
		"/connectx-en/iscsistart",
	};
	const char *other = getenv("CONNECTX_EN_ISCSISTART");

	if (other)
		return other;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!access(places[i], X_OK))
			return places[i];
	}
	return NULL;
}

/* iscsistart takes addresses only. */
static int find_address(const struct portal *portal, char *text, size_t room)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	int err;

	if (portal->kind != ISCSI_HOST_NAME) {
		snprintf(text, room, "%s", portal->host);
		return 0;
	}
	if (getaddrinfo(portal->host, NULL, &hints, &found))
		return -ENOENT;
	err = getnameinfo(found->ai_addr, found->ai_addrlen, text, room, NULL,
			  0, NI_NUMERICHOST);
	freeaddrinfo(found);
	return err ? -ENOENT : 0;
}

/* Ends what has not ended by then. */
static int wait_end(pid_t child, double end)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int status;

	while (waitpid(child, &status, WNOHANG) == 0) {
		if (seconds_now() >= end) {
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			return -ETIMEDOUT;
		}
		nanosleep(&pause, NULL);
	}
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

static unsigned int add_chap(const char **words, unsigned int n,
			     const struct chap *chap, const char *user,
			     const char *secret)
{
	if (!*chap->user)
		return n;
	words[n++] = user;
	words[n++] = chap->user;
	words[n++] = secret;
	words[n++] = chap->secret;
	return n;
}

int login_at(const struct settings *s, const struct portal *portal,
	     unsigned int timeout)
{
	double end = seconds_now() + timeout;
	char address[ISCSI_HOST_MAX + 1];
	const char *words[WORDS_MAX];
	unsigned int n = 0;
	char port[8];
	pid_t child;
	int err;

	err = find_address(portal, address, sizeof(address));
	if (err)
		return err;
	snprintf(port, sizeof(port), "%u",
		 portal->port ? portal->port : ISCSI_PORT);
	words[n++] = login_program();
	words[n++] = "-i";
	words[n++] = s->initiator;
	words[n++] = "-t";
	words[n++] = s->name;
	words[n++] = "-g";
	words[n++] = "1";
	words[n++] = "-a";
	words[n++] = address;
	words[n++] = "-p";
	words[n++] = port;
	n = add_chap(words, n, &s->chap, "-u", "-w");
	n = add_chap(words, n, &s->chap_in, "-U", "-W");
	words[n] = NULL;
	child = fork();
	if (child < 0)
		return -errno;
	if (!child) {
		execv(words[0], (char **)words);
		_exit(127);
	}
	return wait_end(child, end);
}
