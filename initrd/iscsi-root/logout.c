// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a session by the kernel's own orders (NETLINK_ISCSI): iscsistart,
 * which has begun it, has no word for that. The target sees the connection close.
 */
#include "initrd/iscsi-root/logout.h"

#include "initrd/iscsi-root/say.h"
#include "initrd/iscsi-root/text_file.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* docs/hardware/initrd.md, "The kernel's iSCSI orders" */
enum order_type {
	ORDER_DESTROY_SESSION = 12,
	ORDER_DESTROY_CONNECTION = 14,
	ORDER_STOP_CONNECTION = 18,
};

#define STOP_FOR_GOOD 1
/* The kernel takes no order that is shorter than its own structure. */
#define ORDER_ROOM 192

struct order {
	struct nlmsghdr head;
	uint32_t type;
	uint32_t error;
	uint64_t transport;
	uint32_t session;
	uint32_t connection;
	uint64_t handle;
	uint32_t flag;
	uint8_t rest[ORDER_ROOM];
};

/* The kernel carries it out before send returns, and answers with its error. */
static int give(int fd, struct order *order, enum order_type type)
{
	const struct timeval patience = { .tv_sec = 10 };
	struct order answer;
	ssize_t size;

	order->head.nlmsg_len = sizeof(*order);
	order->head.nlmsg_type = type;
	order->head.nlmsg_flags = NLM_F_REQUEST;
	order->type = type;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (send(fd, order, sizeof(*order), 0) < 0)
		return -errno;
	size = recv(fd, &answer, sizeof(answer), 0);
	if (size < 0)
		return -errno;
	if ((size_t)size < offsetof(struct order, transport))
		return -EIO;
	return (int32_t)answer.error;
}

static int end_session(int fd, uint64_t transport, unsigned int session)
{
	struct order order = { .transport = transport,
			       .session = session,
			       .flag = STOP_FOR_GOOD };
	int err;

	err = give(fd, &order, ORDER_STOP_CONNECTION);
	order.flag = 0;
	if (!err)
		err = give(fd, &order, ORDER_DESTROY_CONNECTION);
	return err ? err : give(fd, &order, ORDER_DESTROY_SESSION);
}

int logout_all(const char *sys)
{
	uint64_t transport = 0;
	unsigned int session;
	struct dirent *entry;
	int first = 0;
	char text[32];
	int count = 0;
	DIR *folder;
	int fd;

	if (text_file_line(text, sizeof(text),
			   "%s/class/iscsi_transport/tcp/handle", sys))
		sscanf(text, "%" SCNu64, &transport);
	text_format(text, sizeof(text), "%s/class/iscsi_session", sys);
	folder = opendir(text);
	if (!folder)
		return 0;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ISCSI);
	while (fd >= 0 && (entry = readdir(folder))) {
		int err;

		if (sscanf(entry->d_name, "session%u", &session) != 1)
			continue;
		err = end_session(fd, transport, session);
		if (err)
			complain("%s does not end: %s", entry->d_name,
				 strerror(-err));
		else
			count++;
		if (!first)
			first = err;
	}
	if (fd < 0)
		first = -errno;
	else
		close(fd);
	closedir(folder);
	return first ? first : count;
}
