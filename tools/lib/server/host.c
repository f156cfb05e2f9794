// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/server/host.h"

#include "tools/lib/base/failure.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 2131: 128 bytes with a NUL at the end */
#define FILENAME_MAX_SIZE 127

const char *const host_field_names[HOST_FIELDS] = {
	[FIELD_HOST] = "host",
	[FIELD_MAC] = "mac",
	[FIELD_ADDRESS] = "address",
	[FIELD_ROOT_PATH] = "root_path",
	[FIELD_INITIATOR] = "initiator",
	[FIELD_FILENAME] = "filename",
	[FIELD_NEXT_SERVER] = "next_server",
	[FIELD_BACKING] = "backing",
	[FIELD_SIZE] = "size",
	[FIELD_PORTAL] = "portal",
	[FIELD_READ_ONLY] = "read_only",
	[FIELD_CHAP] = "chap",
};

int mac_read(const char *text, char mac[MAC_TEXT], struct failure *why)
{
	unsigned int digits = 0;
	bool zero = true;
	size_t used = 0;

	for (const char *p = text; *p; p++) {
		bool separator = *p == ':' || *p == '-';

		/* All separators or none, and each behind two digits */
		if (separator && (p - text) % 3 == 2 && p[1])
			continue;
		if (!isxdigit((unsigned char)*p) || digits == 12)
			return fail(why, -EINVAL, "%s: no MAC address", text);
		if (digits && digits % 2 == 0)
			mac[used++] = ':';
		zero = zero && *p == '0';
		mac[used++] = tolower((unsigned char)*p);
		digits++;
	}
	if (digits != 12 || (strlen(text) != 12 && strlen(text) != 17))
		return fail(why, -EINVAL, "%s: no MAC address", text);
	mac[used] = '\0';
	/* Bit 0 of the first byte: a group address */
	if (zero || strchr("13579bdf", mac[1]))
		return fail(why, -EINVAL,
			    "%s: no adapter has such a MAC"
			    " address",
			    text);
	return 0;
}

int size_read(const char *text, uint64_t *size, struct failure *why)
{
	static const char units[] = "KMGT";
	size_t digits = strspn(text, "0123456789");
	const char *unit = text[digits] ? strchr(units, text[digits]) : NULL;
	unsigned int shift = unit ? 10 * (unit - units + 1) : 0;

	/* 15 digits fit into 64 bits; the shift is checked apart. */
	if (!digits || digits > 15 || (text[digits] && !unit) ||
	    (unit && text[digits + 1]))
		return fail(why, -EINVAL,
			    "%s: no size (a number of bytes, or one with K, M,"
			    " G or T)",
			    text);
	*size = strtoull(text, NULL, 10);
	if (!*size || *size > (uint64_t)INT64_MAX >> shift ||
	    (!unit && *size % 512))
		return fail(why, -EINVAL,
			    "%s: a disk has a whole number of 512-byte blocks,"
			    " and less than 8 EiB",
			    text);
	*size <<= shift;
	return 0;
}

/* What dhcpd takes without quotes, and what a DNS label may hold anyway */
static int check_host_name(const char *name, struct failure *why)
{
	bool good = isalpha((unsigned char)*name) && strlen(name) < 64;

	for (const char *p = name; *p; p++)
		good = good &&
		       (isalnum((unsigned char)*p) || (*p == '-' && p[1]));
	return good ? 0 :
		      fail(why, -EINVAL,
			   "%s: a host's name begins with a letter, has"
			   " letters, digits and '-', and 63 of them at most",
			   name);
}

static int check_ipv4(const char *text, struct failure *why)
{
	enum iscsi_host kind;

	if (iscsi_host_check(text, strlen(text), &kind, NULL) ||
	    kind != ISCSI_HOST_IPV4)
		return fail(why, -EINVAL, "%s: no IPv4 address", text);
	return 0;
}

static int check_initiator(const char *text, struct failure *why)
{
	size_t column = 0;

	if (iscsi_name_check(text, strlen(text), &column, why))
		return fail_in(why, -EINVAL, "%s: column %zu", text,
			       column + 1);
	return 0;
}

static bool printable(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	}
	return true;
}

/* A name, a path or a URL for boot firmware */
static int check_filename(const char *text, struct failure *why)
{
	if (!printable(text) || strpbrk(text, "\"\\"))
		return fail(why, -EINVAL,
			    "%s: no configuration can hold this name", text);
	if (strlen(text) > FILENAME_MAX_SIZE)
		return fail(why, -EINVAL,
			    "longer than the %d bytes that DHCP has for it",
			    FILENAME_MAX_SIZE);
	return 0;
}

static int check_backing(const char *text, struct failure *why)
{
	if (*text != '/')
		return fail(why, -EINVAL, "%s: an absolute path is needed",
			    text);
	if (!printable(text))
		return fail(why, -EINVAL,
			    "%s: no configuration can hold this name", text);
	return 0;
}

static int read_flag(const char *text, bool *flag, struct failure *why)
{
	*flag = !strcmp(text, "yes");
	if (!*flag && strcmp(text, "no"))
		return fail(why, -EINVAL, "%s: neither yes nor no", text);
	return 0;
}

static int read_field(struct boot_host *host, enum host_field field,
		      const char *text, struct failure *why)
{
	switch (field) {
	case FIELD_HOST:
		return check_host_name(text, why);
	case FIELD_MAC:
		return mac_read(text, host->mac, why);
	case FIELD_ADDRESS:
	case FIELD_NEXT_SERVER:
		return check_ipv4(text, why);
	case FIELD_ROOT_PATH:
		return root_path_read(&host->root_path, text, strlen(text),
				      why);
	case FIELD_INITIATOR:
		return check_initiator(text, why);
	case FIELD_FILENAME:
		return check_filename(text, why);
	case FIELD_BACKING:
		return check_backing(text, why);
	case FIELD_SIZE:
		return size_read(text, &host->size, why);
	case FIELD_PORTAL:
		return iscsi_portal_read(text, host->portal, &host->portal_kind,
					 &host->portal_port, why);
	case FIELD_READ_ONLY:
		return read_flag(text, &host->read_only, why);
	default:
		return 0;
	}
}

int host_set(struct boot_host *host, enum host_field field, const char *text,
	     struct failure *why)
{
	int err;

	/* An empty cell says nothing, but an empty root-path is a mistake. */
	if (!*text && (host->line || field == FIELD_FILENAME))
		return 0;
	err = read_field(host, field, text, why);
	if (err) {
		host->unread |= 1U << field;
		return err;
	}
	free(host->text[field]);
	host->text[field] = strdup(text);
	return host->text[field] ? 0 : fail(why, -ENOMEM, "out of memory");
}

void host_free(struct boot_host *host)
{
	for (size_t i = 0; i < HOST_FIELDS; i++)
		free(host->text[i]);
	memset(host, 0, sizeof(*host));
}
