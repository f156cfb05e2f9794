// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/boot.h"

#include "initrd/iscsi-root/dhcp_client.h"
#include "initrd/iscsi-root/disk.h"
#include "initrd/iscsi-root/identity.h"
#include "initrd/iscsi-root/login.h"
#include "initrd/iscsi-root/netlink.h"
#include "initrd/iscsi-root/port.h"
#include "initrd/iscsi-root/result.h"
#include "initrd/iscsi-root/say.h"
#include "initrd/iscsi-root/seconds.h"
#include "initrd/iscsi-root/text_file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* On each port, before the other one gets its turn (the manual: 30 s) */
#define DHCP_SECONDS 30
#define LOGIN_SECONDS 20
#define DISK_SECONDS 30
/* For a router's announcement, where the target has an IPv6 address */
#define ROUTER_SECONDS 15

static void rest(void)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };

	nanosleep(&pause, NULL);
}

/* A driver may still be at it, or udev be loading it. */
static int wait_ports(const struct boot *boot, struct ports *ports)
{
	double end = seconds_now() + boot->settings.link_timeout;

	for (;;) {
		ports_find(ports, &boot->settings, boot->sys);
		if (ports->count)
			return 0;
		if (seconds_now() >= end)
			break;
		rest();
	}
	if (boot->settings.has_mac || boot->settings.device_port)
		complain("no port of an adapter that the settings allow (mac, "
			 "device_port)");
	else
		complain("no ConnectX adapter: is its driver loaded?");
	return -ENODEV;
}

static void set_mtu(const struct boot *boot, const struct ports *ports)
{
	for (unsigned int i = 0; boot->settings.mtu && i < ports->count; i++) {
		int err = net_set_mtu(ports->list[i].index, boot->settings.mtu);

		if (err)
			complain("%s: no MTU of %u: %s", ports->list[i].name,
				 boot->settings.mtu, strerror(-err));
	}
}

/* The interface that has the address: the port's, or that of its VLAN. */
static int choose_interface(struct boot *boot, const struct port *port,
			    unsigned int *index)
{
	unsigned int vlan = boot->settings.vlan;
	char name[IF_NAMESIZE];
	int err;

	*index = port->index;
	if (!if_indextoname(port->index, boot->interface))
		return -ENODEV;
	if (!vlan)
		return 0;
	text_format(name, sizeof(name), "%.10s.%u", boot->interface, vlan);
	err = net_add_vlan(port->index, vlan, name);
	if (err) {
		complain("%s: no VLAN %u: %s", boot->interface, vlan,
			 strerror(-err));
		return err;
	}
	strcpy(boot->interface, name);
	*index = if_nametoindex(name);
	return *index ? net_set_up(*index, true) : -ENODEV;
}

static void say_address(const struct boot *boot, const struct net_address *a,
			const char *from)
{
	char text[INET6_ADDRSTRLEN];

	say("%s: address %s/%u %s", boot->interface,
	    inet_ntop(a->family, a->address, text, sizeof(text)), a->length,
	    from);
}

/* Completes what is known by what the lease says. */
static void take_lease(struct boot *boot)
{
	struct settings *s = &boot->found;
	size_t column;

	if (!*s->name &&
	    !settings_take_root_path(s, boot->lease.root_path,
				     strlen(boot->lease.root_path)))
		say("target %s from the lease's root-path", s->name);
	if (!*s->initiator &&
	    !iscsi_name_check(boot->lease.initiator,
			      strlen(boot->lease.initiator), &column, NULL))
		strcpy(s->initiator, boot->lease.initiator);
}

static int set_address_by_dhcp(struct boot *boot, const struct port *port,
			       unsigned int index)
{
	int err;

	err = dhcp_get_lease(index, port->mac, DHCP_SECONDS, &boot->lease);
	if (err) {
		complain("%s: no DHCP lease: %s", boot->interface,
			 strerror(-err));
		return err;
	}
	err = net_add_address(index, &boot->lease.address);
	if (err) {
		complain("%s: the lease's address cannot be set: %s",
			 boot->interface, strerror(-err));
		return err;
	}
	say_address(boot, &boot->lease.address, "by DHCP");
	if (!boot->settings.mtu && boot->lease.mtu >= 1500)
		net_set_mtu(index, boot->lease.mtu);
	result_write_resolver(&boot->lease);
	take_lease(boot);
	result_write_network(boot->run, boot->interface, &boot->lease.address,
			     &boot->lease);
	return 0;
}

/* A line of /proc/net/if_inet6: address, index, length, scope, flags, name */
static bool has_ipv6(unsigned int index)
{
	char text[8192];
	char *line = text;

	if (text_file_read("/proc/net/if_inet6", text, sizeof(text)) < 0)
		return false;
	while (line) {
		unsigned int found;
		unsigned int length;
		unsigned int scope;
		unsigned int flags;

		/* Scope 0: global. 0x40: not yet known to be the only one */
		if (sscanf(line, "%*32s %x %x %x %x", &found, &length, &scope,
			   &flags) == 4 &&
		    found == index && !scope && !(flags & 0x40))
			return true;
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return false;
}

/* The kernel makes it of what a router announces. */
static int wait_ipv6(const struct boot *boot, unsigned int index)
{
	double end = seconds_now() + ROUTER_SECONDS;

	while (!has_ipv6(index)) {
		if (seconds_now() >= end) {
			complain("%s: no router announced an IPv6 network",
				 boot->interface);
			return -ETIMEDOUT;
		}
		rest();
	}
	say("%s: address by a router's announcement", boot->interface);
	return 0;
}

static int set_address(struct boot *boot, const struct port *port,
		       unsigned int index)
{
	const struct settings *s = &boot->settings;
	int err;

	if (s->method == ADDRESS_STATIC) {
		err = net_add_address(index, &s->address);
		if (err) {
			complain("%s: the address cannot be set: %s",
				 boot->interface, strerror(-err));
			return err;
		}
		say_address(boot, &s->address, "by the settings");
		result_write_network(boot->run, boot->interface, &s->address,
				     NULL);
		return 0;
	}
	/* A target that is known whole needs nothing of an IPv4 lease. */
	if (s->portals[0].kind == ISCSI_HOST_IPV6 && *s->portals[0].host &&
	    *s->name)
		return wait_ipv6(boot, index);
	err = set_address_by_dhcp(boot, port, index);
	if (!err && boot->found.portals[0].kind == ISCSI_HOST_IPV6 &&
	    *boot->found.portals[0].host)
		err = wait_ipv6(boot, index);
	return err;
}

static void remove_address(const struct boot *boot, unsigned int index)
{
	const struct settings *s = &boot->settings;

	if (s->method == ADDRESS_STATIC)
		net_remove_address(index, &s->address);
	else if (boot->lease.address.length)
		net_remove_address(index, &boot->lease.address);
}

static int check_target(const struct boot *boot)
{
	const struct settings *s = &boot->found;

	if (!*s->name) {
		complain("no target: mkinitrd-en had no --iscsi-iqn and the "
			 "lease has no good root-path ('%s')",
			 boot->lease.root_path);
		return -ENODATA;
	}
	if (!*s->portals[0].host) {
		complain("no target: nobody says where %s is", s->name);
		return -ENODATA;
	}
	return 0;
}

static int log_in(struct boot *boot)
{
	int err = -ENODATA;

	for (int i = 0; i < PORTALS_MAX; i++) {
		const struct portal *p = &boot->found.portals[i];

		if (!*p->host)
			continue;
		err = login_at(&boot->found, p, LOGIN_SECONDS);
		/* A second login is refused: the session is there. */
		if (!err || disk_has_session(&boot->found, boot->sys)) {
			say("logged in to %s at %s as %s", boot->found.name,
			    p->host, boot->found.initiator);
			return 0;
		}
		complain("%s at %s over %s: %s", boot->found.name, p->host,
			 boot->interface,
			 err == -EIO ? "no login" : strerror(-err));
	}
	return err;
}

static int wait_disk(struct boot *boot)
{
	double end = seconds_now() + DISK_SECONDS;
	char lun[ISCSI_LUN_TEXT];

	iscsi_lun_text(boot->found.lun, lun);
	while (!disk_find(&boot->found, boot->sys, boot->disk)) {
		if (seconds_now() >= end) {
			complain("no disk appeared at LUN %s of %s", lun,
				 boot->found.name);
			return -ETIMEDOUT;
		}
		rest();
	}
	say("disk %s: %s, LUN %s", boot->disk, boot->found.name,
	    boot->found.has_lun ? lun : "the first that is a disk");
	return 0;
}

/* Over one port that has a link */
static int try_port(struct boot *boot, const struct port *port)
{
	unsigned int index;
	int err;

	boot->found = boot->settings;
	memset(&boot->lease, 0, sizeof(boot->lease));
	err = choose_interface(boot, port, &index);
	if (err)
		return err;
	err = set_address(boot, port, index);
	if (!err && boot->network_only)
		return 0;
	if (!err)
		err = check_target(boot);
	if (!err) {
		if (!*boot->found.initiator)
			identity_make(&boot->found, port->mac);
		err = log_in(boot);
	}
	if (err)
		remove_address(boot, index);
	return err ? err : wait_disk(boot);
}

static void try_all_again(struct ports *ports)
{
	for (unsigned int i = 0; i < ports->count; i++)
		ports->list[i].tried = false;
}

int boot_find_disk(struct boot *boot)
{
	double end = seconds_now() + boot->settings.timeout;
	int last = -ENOLINK;
	struct ports ports;
	struct port *port;
	int err;

	err = wait_ports(boot, &ports);
	if (err)
		return err;
	set_mtu(boot, &ports);
	for (;;) {
		port = ports_wait_link(&ports, boot->settings.link_timeout,
				       boot->sys);
		if (port) {
			last = try_port(boot, port);
			port->tried = true;
			if (!last || last == -ENODATA)
				return last;
		} else if (last == -ENOLINK) {
			complain("no port has a link after %u s",
				 boot->settings.link_timeout);
		}
		if (seconds_now() >= end)
			return last;
		if (!port)
			try_all_again(&ports);
	}
}
