/* SPDX-License-Identifier: GPL-2.0-only */
/* The root-path of RFC 4173: iscsi:SERVER:PROTOCOL:PORT:LUN:TARGETNAME */
#ifndef TOOLS_LIB_ROOT_PATH_H
#define TOOLS_LIB_ROOT_PATH_H

#include "tools/lib/iscsi/iscsi_name.h"

#include <stdbool.h>
#include <stdint.h>

struct failure;

struct root_path {
	/* Without brackets; empty: left to a discovery service */
	char server[ISCSI_HOST_MAX + 1];
	enum iscsi_host kind;
	uint16_t port;
	uint64_t lun; /* its first byte is the most significant one */
	char name[ISCSI_NAME_MAX + 1];
	bool port_given;
	bool lun_given;
};

/*
 * Reads a root-path of @size bytes; empty fields get their defaults (TCP,
 * 3260, LUN 0). 0, or -EINVAL with a message that names the column (from 1).
 */
int root_path_read(struct root_path *path, const char *text, size_t size,
		   struct failure *why);

/* The shortest root-path that means the same. */
#define ROOT_PATH_MAX 640
void root_path_write(const struct root_path *path, char text[ROOT_PATH_MAX]);

#endif
