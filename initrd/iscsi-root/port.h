/* SPDX-License-Identifier: GPL-2.0-only */
/* The adapter's ports, and which of them has a link. */
#ifndef INITRD_ISCSI_ROOT_PORT_H
#define INITRD_ISCSI_ROOT_PORT_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct settings;

#define PORTS_MAX 16

struct port {
	unsigned int index; /* of the interface */
	char name[IF_NAMESIZE]; /* when it was looked at */
	uint8_t mac[6];
	unsigned int number; /* 1, 2; of its adapter */
	char device[64]; /* the adapter's place, such as 0000:01:00.0 */
	bool tried; /* without success in this round */
};

struct ports {
	struct port list[PORTS_MAX];
	unsigned int count;
};

/*
 * Fills in the ports that the settings allow (all of our drivers' if no MAC is
 * named; whatever has that MAC otherwise), in the order in which they are
 * tried: by adapter, port 1 first. @sys is /sys, but for tests.
 */
void ports_find(struct ports *ports, const struct settings *s, const char *sys);

/* Whether the port has a link now. */
bool port_has_link(const struct port *port, const char *sys);

/*
 * Brings the ports up and waits until one that was not tried yet has a link;
 * where a later one has it first, the ones before it get a little longer.
 * NULL: none within @timeout seconds, or all are tried.
 */
struct port *ports_wait_link(struct ports *ports, unsigned int timeout,
			     const char *sys);

#endif
