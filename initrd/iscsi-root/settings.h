/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of the root disk and of the way to it, and from where: the
 * kernel's command line counts more than what mkinitrd-en has baked in, that more
 * than the firmware's table (iBFT), that more than a DHCP lease.
 */
#ifndef INITRD_ISCSI_ROOT_SETTINGS_H
#define INITRD_ISCSI_ROOT_SETTINGS_H

#include "tools/lib/iscsi/chap.h"
#include "tools/lib/iscsi/iscsi_name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORTALS_MAX 2

enum address_method { ADDRESS_DHCP, ADDRESS_STATIC };

/* An address of a port, and the way out of its network */
struct net_address {
	int family; /* AF_INET, AF_INET6 */
	uint8_t address[16];
	uint8_t length; /* of the network's prefix, in bits */
	bool has_gateway;
	uint8_t gateway[16];
};

struct portal {
	char host[ISCSI_HOST_MAX + 1]; /* empty: none */
	enum iscsi_host kind;
	uint16_t port; /* 0: not given */
};

struct settings {
	struct portal portals[PORTALS_MAX];
	char name[ISCSI_NAME_MAX + 1]; /* empty: not known */
	bool has_lun;
	uint64_t lun;
	char initiator[ISCSI_NAME_MAX + 1];
	struct chap chap; /* we prove who we are */
	struct chap chap_in; /* the target proves who it is */
	enum address_method method;
	struct net_address address; /* of ADDRESS_STATIC */
	unsigned int device_port; /* 1, 2; 0: any */
	bool has_mac;
	uint8_t mac[6];
	unsigned int vlan; /* 0: none */
	unsigned int mtu; /* 0: as it is */
	unsigned int link_timeout; /* seconds */
	unsigned int timeout; /* seconds for all tries together */
	bool ignore_ibft;
};

/* The defaults */
void settings_init(struct settings *s);

/*
 * Takes one setting. 0; -ENOENT: no such key; -EINVAL: no such value, then
 * nothing is changed. The keys are those of `settings_keys`.
 */
int settings_set(struct settings *s, const char *key, const char *value);

/* Every key, ended by NULL: help, mkinitrd-en and tests go by it. */
extern const char *const settings_keys[];

/*
 * Reads lines of KEY=VALUE; '#' begins a comment. Returns how many lines were
 * not understood; @wrong is called for each.
 */
unsigned int settings_read(struct settings *s, const char *text, size_t size,
			   void (*wrong)(const char *line));

/*
 * Takes what the kernel's command line says: connectx-en.KEY=VALUE, and the words
 * of initramfs-tools (iscsi_*) and dracut (netroot=iscsi:, rd.iscsi.*).
 */
void settings_read_command_line(struct settings *s, const char *line,
				void (*wrong)(const char *word));

/*
 * Takes name, LUN and (if there are none) portals of a root-path (RFC 4173).
 * 0 or -EINVAL, then nothing is changed.
 */
int settings_take_root_path(struct settings *s, const char *text, size_t size);

/*
 * Reads 12 hexadecimal digits with ':' or '-' between two or without.
 * 0 or -EINVAL.
 */
int mac_address_read(const char *text, uint8_t mac[6]);

#endif
