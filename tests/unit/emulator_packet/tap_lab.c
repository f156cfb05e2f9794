// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/emulator_packet/tap_lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/emulator_packet/frames.h"

bool lab_enter_namespace(void)
{
	int flags = CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0);

	if (unshare(flags)) {
		fprintf(stderr, "no network namespace here: %s\n",
			strerror(errno));
		return false;
	}
	if (access("/dev/net/tun", R_OK | W_OK)) {
		fprintf(stderr, "no /dev/net/tun here: %s\n", strerror(errno));
		return false;
	}
	return true;
}

static void request(unsigned long code, struct ifreq *data)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(ioctl(fd, code, data), 0);
	close(fd);
}

static void set_flags(const char *name, int add, int drop)
{
	struct ifreq data = { 0 };

	strncpy(data.ifr_name, name, IFNAMSIZ - 1);
	request(SIOCGIFFLAGS, &data);
	data.ifr_flags = (short)((data.ifr_flags | add) & ~drop);
	request(SIOCSIFFLAGS, &data);
}

int lab_interface_up(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6",
		 name);
	fd = open(path, O_WRONLY);
	if (fd >= 0) {
		assert_int_equal(write(fd, "1", 1), 1);
		close(fd);
	}
	set_flags(name, IFF_UP, 0);
	return (int)if_nametoindex(name);
}

void lab_interface_down(const char *name)
{
	set_flags(name, 0, IFF_UP);
}

void lab_interface_address(const char *name, unsigned int host)
{
	struct ifreq data = { 0 };
	struct sockaddr_in *address = (struct sockaddr_in *)&data.ifr_addr;

	strncpy(data.ifr_name, name, IFNAMSIZ - 1);
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(0x0a4d0000 | host);
	request(SIOCSIFADDR, &data);
	address->sin_addr.s_addr = htonl(0xffffff00);
	request(SIOCSIFNETMASK, &data);
}

void lab_interface_delete(const char *name)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} message = {
		.header = { .nlmsg_len = sizeof(message),
			    .nlmsg_type = RTM_DELLINK,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.info = { .ifi_index = (int)if_nametoindex(name) },
	};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	char reply[4096];

	assert_int_equal(send(fd, &message, sizeof(message), 0),
			 sizeof(message));
	assert_true(recv(fd, reply, sizeof(reply), 0) > 0);
	assert_int_equal(if_nametoindex(name), 0);
	close(fd);
}

int lab_packet_socket(int index)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = index };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
	int one = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one,
				    sizeof(one)),
			 0);
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING,
				    &one, sizeof(one)),
			 0);
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one,
				    sizeof(one)),
			 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	return fd;
}

int lab_open_tap(const char *name, int header)
{
	struct ifreq data = { .ifr_flags = (short)(IFF_TAP | IFF_NO_PI) };
	int fd = open("/dev/net/tun", O_RDWR);

	assert_true(fd >= 0);
	if (header)
		data.ifr_flags |= IFF_VNET_HDR;
	strncpy(data.ifr_name, name, IFNAMSIZ - 1);
	assert_int_equal(ioctl(fd, TUNSETIFF, &data), 0);
	if (header)
		assert_int_equal(ioctl(fd, TUNSETVNETHDRSZ, &header), 0);
	return fd;
}
