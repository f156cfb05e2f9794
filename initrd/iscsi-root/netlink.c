// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/netlink.h"

#include "initrd/iscsi-root/settings.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
	struct nlmsghdr header;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
		struct rtmsg route;
	};
	char attributes[256];
};

static void add_attribute(struct request *r, unsigned short type,
			  const void *data, size_t size)
{
	struct rtattr *attribute =
		(struct rtattr *)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(attribute), data, size);
	r->header.nlmsg_len = NLMSG_ALIGN(r->header.nlmsg_len) +
			      RTA_ALIGN(attribute->rta_len);
}

/* What is added until end_nest belongs into the attribute. */
static struct rtattr *begin_nest(struct request *r, unsigned short type)
{
	struct rtattr *nest =
		(struct rtattr *)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len));

	add_attribute(r, type, NULL, 0);
	return nest;
}

static void end_nest(struct request *r, struct rtattr *nest)
{
	nest->rta_len = (char *)r + r->header.nlmsg_len - (char *)nest;
}

static void begin(struct request *r, unsigned short type, unsigned short flags,
		  size_t body)
{
	memset(r, 0, sizeof(*r));
	r->header.nlmsg_len = NLMSG_LENGTH(body);
	r->header.nlmsg_type = type;
	r->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
}

static int answer(int fd)
{
	char text[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *header = (struct nlmsghdr *)text;
	ssize_t size = recv(fd, text, sizeof(text), 0);

	if (size < 0)
		return -errno;
	if (!NLMSG_OK(header, (size_t)size) ||
	    header->nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return ((struct nlmsgerr *)NLMSG_DATA(header))->error;
}

static int send_request(struct request *r)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int err;

	if (fd < 0)
		return -errno;
	if (send(fd, r, r->header.nlmsg_len, 0) < 0)
		err = -errno;
	else
		err = answer(fd);
	close(fd);
	return err;
}

int net_set_up(unsigned int index, bool up)
{
	struct request r;

	begin(&r, RTM_NEWLINK, 0, sizeof(r.link));
	r.link.ifi_index = index;
	r.link.ifi_change = IFF_UP;
	r.link.ifi_flags = up ? IFF_UP : 0;
	return send_request(&r);
}

int net_set_mtu(unsigned int index, unsigned int mtu)
{
	struct request r;

	begin(&r, RTM_NEWLINK, 0, sizeof(r.link));
	r.link.ifi_index = index;
	add_attribute(&r, IFLA_MTU, &mtu, sizeof(mtu));
	return send_request(&r);
}

int net_add_vlan(unsigned int index, unsigned int vlan, const char *name)
{
	unsigned short id = vlan;
	struct rtattr *info;
	struct rtattr *data;
	struct request r;
	int err;

	begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(r.link));
	add_attribute(&r, IFLA_LINK, &index, sizeof(index));
	add_attribute(&r, IFLA_IFNAME, name, strlen(name) + 1);
	info = begin_nest(&r, IFLA_LINKINFO);
	add_attribute(&r, IFLA_INFO_KIND, "vlan", strlen("vlan"));
	data = begin_nest(&r, IFLA_INFO_DATA);
	add_attribute(&r, IFLA_VLAN_ID, &id, sizeof(id));
	end_nest(&r, data);
	end_nest(&r, info);
	err = send_request(&r);
	return err == -EEXIST ? 0 : err;
}

static int change_address(unsigned int index, const struct net_address *a,
			  unsigned short type, unsigned short flags)
{
	size_t size = a->family == AF_INET ? 4 : 16;
	struct request r;

	begin(&r, type, flags, sizeof(r.address));
	r.address.ifa_family = a->family;
	r.address.ifa_prefixlen = a->length;
	r.address.ifa_index = index;
	/* A second host of this address would have been noticed by DHCP. */
	r.address.ifa_flags = a->family == AF_INET6 ? IFA_F_NODAD : 0;
	add_attribute(&r, IFA_LOCAL, a->address, size);
	add_attribute(&r, IFA_ADDRESS, a->address, size);
	return send_request(&r);
}

static int add_default_route(unsigned int index, const struct net_address *a)
{
	struct request r;

	begin(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(r.route));
	r.route.rtm_family = a->family;
	r.route.rtm_table = RT_TABLE_MAIN;
	r.route.rtm_protocol = RTPROT_BOOT;
	r.route.rtm_scope = RT_SCOPE_UNIVERSE;
	r.route.rtm_type = RTN_UNICAST;
	/* A gateway outside of the network is reached over this link as well. */
	r.route.rtm_flags = RTNH_F_ONLINK;
	add_attribute(&r, RTA_GATEWAY, a->gateway,
		      a->family == AF_INET ? 4 : 16);
	add_attribute(&r, RTA_OIF, &index, sizeof(index));
	return send_request(&r);
}

int net_add_address(unsigned int index, const struct net_address *address)
{
	int err;

	err = change_address(index, address, RTM_NEWADDR,
			     NLM_F_CREATE | NLM_F_REPLACE);
	if (!err && address->has_gateway)
		err = add_default_route(index, address);
	return err == -EEXIST ? 0 : err;
}

int net_remove_address(unsigned int index, const struct net_address *address)
{
	return change_address(index, address, RTM_DELADDR, 0);
}

int net_watch_links(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK,
	};
	int fd;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -errno;
	}
	return fd;
}
