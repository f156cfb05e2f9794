// SPDX-License-Identifier: GPL-2.0-only
/*
 * A DHCP client that needs no address, and nothing of the image: Linux sends
 * from 0.0.0.0 and takes broadcasts on an interface that has no address.
 */
#include "initrd/iscsi-root/dhcp_client.h"

#include "initrd/iscsi-root/dhcp_message.h"
#include "initrd/iscsi-root/seconds.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

/* RFC 2131 begins with 4 s: a diskless host on a switched network need not. */
#define FIRST_WAIT 1.0
#define LAST_WAIT 16.0
/* For a server that takes no REQUEST, before all begins anew */
#define REQUESTS_MAX 4

struct client {
	int fd;
	const uint8_t *mac;
	uint32_t id;
	double end;
};

static int open_socket(unsigned int index)
{
	struct sockaddr_in here = {
		.sin_family = AF_INET,
		.sin_port = htons(DHCP_CLIENT_PORT),
	};
	char name[IF_NAMESIZE] = "";
	const int on = 1;
	int fd;

	if (!if_indextoname(index, name))
		return -errno;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name,
		       strlen(name) + 1) ||
	    bind(fd, (struct sockaddr *)&here, sizeof(here))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int send_message(struct client *c, const struct dhcp_lease *offer)
{
	struct sockaddr_in all = {
		.sin_family = AF_INET,
		.sin_port = htons(DHCP_SERVER_PORT),
		.sin_addr.s_addr = htonl(INADDR_BROADCAST),
	};
	uint8_t message[DHCP_MESSAGE_MAX];
	size_t size = dhcp_message_write(message, c->id, c->mac, offer);

	if (sendto(c->fd, message, size, 0, (struct sockaddr *)&all,
		   sizeof(all)) < 0)
		return -errno;
	return 0;
}

/* Whether an answer came until then; anything else is skipped. */
static bool wait_answer(struct client *c, double until,
			struct dhcp_lease *lease)
{
	struct pollfd poll_one = { .fd = c->fd, .events = POLLIN };
	uint8_t message[1500];
	double left;

	while ((left = until - seconds_now()) > 0) {
		ssize_t size;

		if (poll(&poll_one, 1, left * 1000 + 1) <= 0)
			continue;
		size = recv(c->fd, message, sizeof(message), MSG_DONTWAIT);
		if (size > 0 &&
		    !dhcp_message_read(message, size, c->id, c->mac, lease))
			return true;
	}
	return false;
}

static double earlier(double a, double b)
{
	return a < b ? a : b;
}

/* 0: granted; -EAGAIN: not, begin anew; -errno. */
static int take_offer(struct client *c, const struct dhcp_lease *offer,
		      struct dhcp_lease *lease)
{
	for (int i = 0; i < REQUESTS_MAX && seconds_now() < c->end; i++) {
		double until =
			earlier(seconds_now() + FIRST_WAIT * (1 << i), c->end);
		int err = send_message(c, offer);

		if (err)
			return err;
		while (wait_answer(c, until, lease)) {
			if (lease->type == DHCP_ACK)
				return 0;
			if (lease->type == DHCP_NAK)
				return -EAGAIN;
		}
	}
	return -EAGAIN;
}

static int get_lease(struct client *c, struct dhcp_lease *lease)
{
	double wait = FIRST_WAIT;
	struct dhcp_lease offer;

	while (seconds_now() < c->end) {
		double until = earlier(seconds_now() + wait, c->end);
		int err = send_message(c, NULL);

		if (err)
			return err;
		while (wait_answer(c, until, &offer)) {
			if (offer.type != DHCP_OFFER)
				continue;
			err = take_offer(c, &offer, lease);
			if (err != -EAGAIN)
				return err;
			break;
		}
		wait = earlier(wait * 2, LAST_WAIT);
	}
	return -ETIMEDOUT;
}

int dhcp_get_lease(unsigned int index, const uint8_t mac[6],
		   unsigned int timeout, struct dhcp_lease *lease)
{
	struct client c = { .mac = mac, .end = seconds_now() + timeout };
	int err;

	c.fd = open_socket(index);
	if (c.fd < 0)
		return c.fd;
	/* Early in a boot there may be no entropy: this must not wait for it. */
	if (getrandom(&c.id, sizeof(c.id), GRND_NONBLOCK) != sizeof(c.id))
		c.id = (uint32_t)(seconds_now() * 1e6) ^
		       (mac[2] << 24 | mac[3] << 16 | mac[4] << 8 | mac[5]);
	err = get_lease(&c, lease);
	close(c.fd);
	return err;
}
