// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/port.h"

#include "initrd/iscsi-root/netlink.h"
#include "initrd/iscsi-root/say.h"
#include "initrd/iscsi-root/settings.h"
#include "initrd/iscsi-root/text_file.h"
#include "initrd/iscsi-root/seconds.h"

#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ports of one adapter get their links within this time of each other. */
#define GRACE 2.0

/* The last part of what a link in sysfs leads to */
static bool link_name(const char *path, char *name, size_t room)
{
	char target[PATH_MAX];
	ssize_t size = readlink(path, target, sizeof(target) - 1);
	const char *last;

	if (size < 0)
		return false;
	target[size] = '\0';
	last = strrchr(target, '/');
	text_format(name, room, "%s", last ? last + 1 : target);
	return true;
}

static bool is_ours(const char *interface)
{
	char driver[64];
	char path[PATH_MAX];

	text_format(path, sizeof(path), "%s/device/driver", interface);
	return link_name(path, driver, sizeof(driver)) &&
	       !strcmp(driver, "mlx4_core");
}

/* The interface in the folder, if the settings allow it. */
static bool read_port(struct port *port, const struct settings *s,
		      const char *folder)
{
	char path[PATH_MAX];
	char text[80];

	memset(port, 0, sizeof(*port));
	if (!text_file_line(text, sizeof(text), "%s/address", folder) ||
	    mac_address_read(text, port->mac))
		return false;
	if (s->has_mac ? memcmp(s->mac, port->mac, 6) : !is_ours(folder))
		return false;
	if (!text_file_line(text, sizeof(text), "%s/ifindex", folder))
		return false;
	port->index = strtoul(text, NULL, 10);
	port->number = 1;
	if (text_file_line(text, sizeof(text), "%s/dev_port", folder))
		port->number = strtoul(text, NULL, 10) + 1;
	text_format(path, sizeof(path), "%s/device", folder);
	link_name(path, port->device, sizeof(port->device));
	return !s->device_port || s->device_port == port->number;
}

static int in_order(const void *a, const void *b)
{
	const struct port *one = a;
	const struct port *two = b;
	int order = strcmp(one->device, two->device);

	return order ? order : (int)one->number - (int)two->number;
}

void ports_find(struct ports *ports, const struct settings *s, const char *sys)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *folder;

	memset(ports, 0, sizeof(*ports));
	text_format(path, sizeof(path), "%s/class/net", sys);
	folder = opendir(path);
	while (folder && (entry = readdir(folder)) &&
	       ports->count < PORTS_MAX) {
		struct port *port = &ports->list[ports->count];

		if (entry->d_name[0] == '.')
			continue;
		text_format(path, sizeof(path), "%s/class/net/%s", sys,
			    entry->d_name);
		if (!read_port(port, s, path))
			continue;
		text_format(port->name, sizeof(port->name), "%s",
			    entry->d_name);
		ports->count++;
	}
	if (folder)
		closedir(folder);
	qsort(ports->list, ports->count, sizeof(ports->list[0]), in_order);
}

bool port_has_link(const struct port *port, const char *sys)
{
	char text[8];
	char name[IF_NAMESIZE];

	return if_indextoname(port->index, name) &&
	       text_file_line(text, sizeof(text), "%s/class/net/%s/carrier",
			      sys, name) &&
	       text[0] == '1';
}

static struct port *first_with_link(struct ports *ports, bool *first,
				    const char *sys)
{
	*first = true;
	for (unsigned int i = 0; i < ports->count; i++) {
		if (ports->list[i].tried)
			continue;
		if (port_has_link(&ports->list[i], sys))
			return &ports->list[i];
		*first = false;
	}
	return NULL;
}

/* Until any link has changed, a little while at most. */
static void wait_change(int watch)
{
	struct pollfd poll_one = { .fd = watch, .events = POLLIN };
	char text[8192];

	poll(&poll_one, watch >= 0, 500);
	while (watch >= 0 && read(watch, text, sizeof(text)) > 0)
		;
}

struct port *ports_wait_link(struct ports *ports, unsigned int timeout,
			     const char *sys)
{
	double end = seconds_now() + timeout;
	/* Before the ports are up: no change is missed */
	int watch = net_watch_links();
	struct port *found = NULL;
	double grace = 0;
	bool first;

	for (unsigned int i = 0; i < ports->count; i++) {
		int err = net_set_up(ports->list[i].index, true);

		if (err)
			say("%s does not come up: %s", ports->list[i].name,
			    strerror(-err));
	}
	for (;;) {
		double now = seconds_now();

		found = first_with_link(ports, &first, sys);
		if (found && !grace)
			grace = now + GRACE;
		if ((found && (first || now >= grace)) || now >= end)
			break;
		wait_change(watch);
	}
	if (watch >= 0)
		close(watch);
	return found;
}
