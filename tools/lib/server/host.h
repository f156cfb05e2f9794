/* SPDX-License-Identifier: GPL-2.0-only */
/* A host without a disk, and the target that holds its disk. */
#ifndef TOOLS_LIB_SERVER_HOST_H
#define TOOLS_LIB_SERVER_HOST_H

#include "tools/lib/iscsi/root_path.h"

#include <stdbool.h>
#include <stdint.h>

struct chap;
struct failure;

/* What may be said of a host; the names stand in host_field_names. */
enum host_field {
	FIELD_HOST,
	FIELD_MAC,
	FIELD_ADDRESS,
	FIELD_ROOT_PATH,
	FIELD_INITIATOR,
	FIELD_FILENAME,
	FIELD_NEXT_SERVER,
	FIELD_BACKING,
	FIELD_SIZE,
	FIELD_PORTAL,
	FIELD_READ_ONLY,
	FIELD_CHAP,
	HOST_FIELDS,
};

/* As a column of a CSV file is called; an option has '-' for the '_'. */
extern const char *const host_field_names[HOST_FIELDS];

#define MAC_TEXT 18

struct boot_host {
	unsigned long line; /* of the CSV file; 0: the command line */
	char *text[HOST_FIELDS]; /* as the user wrote it; NULL: not said */
	unsigned int unread; /* a bit for each field that is malformed */
	char mac[MAC_TEXT];
	struct root_path root_path;
	char portal[ISCSI_HOST_MAX + 1];
	enum iscsi_host portal_kind;
	uint16_t portal_port; /* 0: not said */
	uint64_t size; /* of the backing file, in bytes; 0: not said */
	bool read_only;
	const struct chap *chap; /* owned by whoever read it; NULL: none */
	/* Set by host_table_check: hosts that share a target make a chain. */
	bool first_of_target;
	struct boot_host *next_of_target;
};

/*
 * Takes @text for a field of the host; a copy is kept. An empty text says
 * nothing. 0, or -errno with a message that does not name the field.
 */
int host_set(struct boot_host *host, enum host_field field, const char *text,
	     struct failure *why);

void host_free(struct boot_host *host);

/*
 * Reads a MAC address in any usual writing (00:02:c9:00:00:bb, with '-', or
 * 0002c90000bb as flint prints it) into the first. 0, or -EINVAL, also for
 * one that no adapter can have.
 */
int mac_read(const char *text, char mac[MAC_TEXT], struct failure *why);

/* A number of bytes, with K, M, G or T (powers of 1024) or without. */
int size_read(const char *text, uint64_t *size, struct failure *why);

#endif
