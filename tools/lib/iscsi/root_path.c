// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/iscsi/root_path.h"

#include "tools/lib/base/failure.h"

#include <stdio.h>
#include <string.h>

#define PREFIX "iscsi:"
#define PROTOCOL_TCP "6"

struct cursor {
	const char *text;
	size_t size;
	size_t at;
	struct failure *why;
};

static int wrong_at(const struct cursor *c, size_t column)
{
	return fail_in(c->why, -EINVAL, "root-path, column %zu", column + 1);
}

/* The field up to the next colon, which must be there. */
static int next_field(struct cursor *c, const char *what, size_t *begin,
		      size_t *size)
{
	const char *from = c->text + c->at;
	const char *colon = memchr(from, ':', c->size - c->at);

	if (!colon) {
		fail(c->why, -EINVAL,
		     "no ':' behind the %s (iscsi:SERVER:"
		     "PROTOCOL:PORT:LUN:NAME)",
		     what);
		return wrong_at(c, c->size);
	}
	*begin = c->at;
	*size = colon - from;
	c->at += *size + 1;
	return 0;
}

static int read_server(struct root_path *path, struct cursor *c)
{
	bool brackets = c->at < c->size && c->text[c->at] == '[';
	size_t begin;
	size_t size;

	if (brackets) {
		const char *from = c->text + c->at + 1;
		const char *close = memchr(from, ']', c->size - c->at - 1);

		if (!close || close + 1 == c->text + c->size ||
		    close[1] != ':') {
			fail(c->why, -EINVAL, "an IPv6 address ends with ']:'");
			return wrong_at(c, c->at);
		}
		begin = c->at + 1;
		size = close - from;
		c->at = begin + size + 2;
	} else if (next_field(c, "server", &begin, &size)) {
		return -EINVAL;
	}
	if (!size && !brackets) {
		path->server[0] = '\0';
		path->kind = ISCSI_HOST_NAME;
		return 0;
	}
	if (iscsi_host_check(c->text + begin, size, &path->kind, c->why))
		return wrong_at(c, begin);
	if (brackets != (path->kind == ISCSI_HOST_IPV6)) {
		fail(c->why, -EINVAL,
		     "brackets are for IPv6 addresses, and for them only");
		return wrong_at(c, begin);
	}
	memcpy(path->server, c->text + begin, size);
	path->server[size] = '\0';
	return 0;
}

static int read_protocol_and_port(struct root_path *path, struct cursor *c)
{
	size_t begin;
	size_t size;

	if (next_field(c, "protocol", &begin, &size))
		return -EINVAL;
	if (size && (size != strlen(PROTOCOL_TCP) ||
		     c->text[begin] != PROTOCOL_TCP[0])) {
		fail(c->why, -EINVAL,
		     "the protocol is empty or 6 (TCP), nothing else");
		return wrong_at(c, begin);
	}
	if (next_field(c, "port", &begin, &size))
		return -EINVAL;
	path->port = ISCSI_PORT;
	path->port_given = size;
	if (size && iscsi_port_read(c->text + begin, size, &path->port, c->why))
		return wrong_at(c, begin);
	return 0;
}

int root_path_read(struct root_path *path, const char *text, size_t size,
		   struct failure *why)
{
	struct cursor c = { .text = text, .size = size, .why = why };
	size_t column;
	size_t begin;
	size_t length;

	memset(path, 0, sizeof(*path));
	if (size < strlen(PREFIX) || memcmp(text, PREFIX, strlen(PREFIX))) {
		fail(why, -EINVAL, "it has to begin with iscsi:");
		return wrong_at(&c, 0);
	}
	c.at = strlen(PREFIX);
	if (read_server(path, &c) || read_protocol_and_port(path, &c) ||
	    next_field(&c, "LUN", &begin, &length))
		return -EINVAL;
	path->lun_given = length;
	if (length &&
	    iscsi_lun_read(text + begin, length, &path->lun, &column, why))
		return wrong_at(&c, begin + column);
	if (iscsi_name_check(text + c.at, size - c.at, &column, why))
		return wrong_at(&c, c.at + column);
	memcpy(path->name, text + c.at, size - c.at);
	path->name[size - c.at] = '\0';
	return 0;
}

/* Groups without leading zeroes, and none of zeroes at the end (RFC 4173) */
static void short_lun(uint64_t lun, char text[ISCSI_LUN_TEXT])
{
	size_t used = 0;

	text[0] = '\0';
	while (lun) {
		used += snprintf(text + used, ISCSI_LUN_TEXT - used, "%s%x",
				 used ? "-" : "", (unsigned int)(lun >> 48));
		lun <<= 16;
	}
}

void root_path_write(const struct root_path *path, char text[ROOT_PATH_MAX])
{
	bool ipv6 = path->kind == ISCSI_HOST_IPV6;
	char lun[ISCSI_LUN_TEXT];
	char port[8] = "";

	short_lun(path->lun, lun);
	if (path->port != ISCSI_PORT)
		snprintf(port, sizeof(port), "%u", path->port);
	snprintf(text, ROOT_PATH_MAX, PREFIX "%s%s%s::%s:%s:%s",
		 ipv6 ? "[" : "", path->server, ipv6 ? "]" : "", port, lun,
		 path->name);
}
