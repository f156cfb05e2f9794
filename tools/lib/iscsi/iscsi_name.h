/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of an iSCSI address: names (RFC 3720), portals, LUNs. */
#ifndef TOOLS_LIB_ISCSI_NAME_H
#define TOOLS_LIB_ISCSI_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

#define ISCSI_NAME_MAX 223
#define ISCSI_HOST_MAX 255
#define ISCSI_PORT 3260

/*
 * Checks an iqn., eui. or naa. name of @size bytes. 0, or -EINVAL with
 * *@column (from 0) where it goes wrong and a message without it.
 */
int iscsi_name_check(const char *name, size_t size, size_t *column,
		     struct failure *why);

/* How a host is written: what decides whether it stands in brackets. */
enum iscsi_host { ISCSI_HOST_IPV4, ISCSI_HOST_IPV6, ISCSI_HOST_NAME };

/*
 * Checks an address or DNS name (IPv6 without its brackets).
 * 0 or -EINVAL.
 */
int iscsi_host_check(const char *host, size_t size, enum iscsi_host *kind,
		     struct failure *why);

/*
 * Reads ADDRESS[:PORT], an IPv6 address with a port in brackets, into
 * @host (without brackets) and *@port (0 if not given). 0 or -EINVAL.
 */
int iscsi_portal_read(const char *text, char host[ISCSI_HOST_MAX + 1],
		      enum iscsi_host *kind, uint16_t *port,
		      struct failure *why);

/* A decimal port, 1 to 65535, of @size digits. 0 or -EINVAL. */
int iscsi_port_read(const char *text, size_t size, uint16_t *port,
		    struct failure *why);

/*
 * Reads a LUN as RFC 4173 writes it: hexadecimal, one to four groups of one
 * to four digits with '-' between. *@lun is the 8-byte LUN, its first byte
 * the most significant one. 0 or -EINVAL with *@column.
 */
int iscsi_lun_read(const char *text, size_t size, uint64_t *lun, size_t *column,
		   struct failure *why);

/*
 * The number under which Linux knows a LUN of one level, or -1 when it has
 * more levels.
 */
long iscsi_lun_number(uint64_t lun);

/* The long form, four groups of four digits. */
#define ISCSI_LUN_TEXT 20
void iscsi_lun_text(uint64_t lun, char text[ISCSI_LUN_TEXT]);

/* What udev writes behind "-lun-" in by-path names; only of one level. */
void iscsi_lun_udev(uint64_t lun, char text[ISCSI_LUN_TEXT]);

#endif
