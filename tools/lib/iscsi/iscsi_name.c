// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/iscsi/iscsi_name.h"

#include "tools/lib/base/failure.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int wrong(struct failure *why, size_t *column, size_t at,
		 const char *what)
{
	*column = at;
	return fail(why, -EINVAL, "%s", what);
}

static bool all_hex(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!isxdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

/* Letters, digits, '-', '.' and ':'; what is above ASCII has to be UTF-8. */
static bool name_character(unsigned char c)
{
	return c >= 0x80 || isalnum(c) || c == '-' || c == '.' || c == ':';
}

/* The size of the UTF-8 character that begins there, or 0 */
static size_t utf8_size(const unsigned char *p, size_t left)
{
	/* The smallest number that takes two, three and four bytes */
	static const unsigned int least[] = { 0x80, 0x800, 0x10000 };
	size_t more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : 1;
	unsigned int value = *p & (0x3f >> more);

	if (*p < 0x80)
		return 1;
	if (*p < 0xc2 || *p > 0xf4 || more >= left)
		return 0;
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (p[i] & 0x3f);
	}
	/* Neither half of a UTF-16 pair, nor behind the last one there is */
	if (value < least[more - 1] || value > 0x10ffff ||
	    (value >= 0xd800 && value < 0xe000))
		return 0;
	return more + 1;
}

/* iqn.YYYY-MM.AUTHORITY[:ANYTHING] */
static int check_iqn(const char *name, size_t size, size_t *column,
		     struct failure *why)
{
	const char *colon = memchr(name, ':', size);
	size_t end = colon ? (size_t)(colon - name) : size;

	for (size_t i = 4; i < 11; i++) {
		if (i >= size || (i == 8 ? name[i] != '-' :
					   !isdigit((unsigned char)name[i])))
			return wrong(why, column, i < size ? i : size,
				     "an iqn name begins with iqn.YYYY-MM.");
	}
	if ((name[9] != '0' || name[10] == '0') &&
	    (name[9] != '1' || name[10] > '2'))
		return wrong(why, column, 9, "no such month in the iqn name");
	if (size < 12 || name[11] != '.')
		return wrong(why, column, 11,
			     "an iqn name begins with iqn.YYYY-MM.");
	for (size_t i = 12; i <= end; i++) {
		/* An empty label: "..", or one at either end */
		if ((i == end || name[i] == '.') && name[i - 1] == '.')
			return wrong(why, column, i,
				     "the iqn name's domain is not complete");
	}
	if (colon && end + 1 == size)
		return wrong(why, column, size,
			     "nothing behind the iqn name's colon");
	return 0;
}

int iscsi_name_check(const char *name, size_t size, size_t *column,
		     struct failure *why)
{
	if (!size)
		return wrong(why, column, 0, "the name is empty");
	for (size_t i = 0, step; i < size; i += step) {
		step = utf8_size((const unsigned char *)name + i, size - i);
		if (!step || !name_character(name[i]))
			return wrong(why, column, i,
				     "a character that no iSCSI name has");
	}
	if (size > ISCSI_NAME_MAX)
		return wrong(why, column, ISCSI_NAME_MAX,
			     "the name is longer than 223 bytes");
	if (size >= 4 && !memcmp(name, "iqn.", 4))
		return check_iqn(name, size, column, why);
	if (size >= 4 && !memcmp(name, "eui.", 4)) {
		if (size != 20 || !all_hex(name + 4, size - 4))
			return wrong(why, column, 4,
				     "an eui name has 16 hexadecimal digits");
		return 0;
	}
	if (size >= 4 && !memcmp(name, "naa.", 4)) {
		if ((size != 20 && size != 36) || !all_hex(name + 4, size - 4))
			return wrong(why, column, 4,
				     "an naa name has 16 or 32 hexadecimal"
				     " digits");
		return 0;
	}
	return wrong(why, column, 0,
		     "an iSCSI name begins with iqn., eui. or naa.");
}

static bool is_dns_name(const char *host, size_t size)
{
	size_t label = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = host[i];

		if (c == '.') {
			if (!label || host[i - 1] == '-')
				return false;
			label = 0;
		} else if (isalnum(c) || (c == '-' && label)) {
			if (++label > 63)
				return false;
		} else {
			return false;
		}
	}
	return label && host[size - 1] != '-';
}

/* Only digits and dots: then it has to be an address. */
static bool looks_like_ipv4(const char *host)
{
	return host[strspn(host, "0123456789.")] == '\0';
}

int iscsi_host_check(const char *host, size_t size, enum iscsi_host *kind,
		     struct failure *why)
{
	char text[ISCSI_HOST_MAX + 1];
	struct in6_addr address;

	if (!size || size > ISCSI_HOST_MAX || memchr(host, 0, size))
		return fail(why, -EINVAL, "no address");
	memcpy(text, host, size);
	text[size] = '\0';
	if (inet_pton(AF_INET, text, &address) == 1)
		*kind = ISCSI_HOST_IPV4;
	else if (inet_pton(AF_INET6, text, &address) == 1)
		*kind = ISCSI_HOST_IPV6;
	else if (!looks_like_ipv4(text) && is_dns_name(text, size))
		*kind = ISCSI_HOST_NAME;
	else
		return fail(why, -EINVAL, "%s: no address", text);
	return 0;
}

int iscsi_port_read(const char *text, size_t size, uint16_t *port,
		    struct failure *why)
{
	unsigned int value = 0;

	for (size_t i = 0; i < size; i++) {
		if (!isdigit((unsigned char)text[i]) || i == 5)
			return fail(why, -EINVAL, "%.*s: no port number",
				    size < 40 ? (int)size : 40, text);
		value = value * 10 + text[i] - '0';
	}
	if (!size || !value || value > 65535)
		return fail(why, -EINVAL, "%.*s: no port number", (int)size,
			    text);
	*port = value;
	return 0;
}

int iscsi_portal_read(const char *text, char host[ISCSI_HOST_MAX + 1],
		      enum iscsi_host *kind, uint16_t *port,
		      struct failure *why)
{
	const char *colon = strchr(text, ':');
	const char *begin = text;
	size_t size = strlen(text);
	const char *rest = "";
	int err = 0;

	*port = 0;
	if (*text == '[') {
		const char *close = strchr(text, ']');

		if (!close)
			return fail(why, -EINVAL, "%s: no ']'", text);
		begin = text + 1;
		size = close - begin;
		rest = close + 1;
	} else if (colon && !strchr(colon + 1, ':')) {
		/* More colons than one: an IPv6 address without a port */
		size = colon - text;
		rest = colon;
	}
	if (*rest == ':')
		err = iscsi_port_read(rest + 1, strlen(rest + 1), port, why);
	else if (*rest)
		err = fail(why, -EINVAL, "%s: ':PORT' was expected", rest);
	if (!err)
		err = iscsi_host_check(begin, size, kind, why);
	if (!err && (*text == '[') && *kind != ISCSI_HOST_IPV6)
		err = fail(why, -EINVAL, "no IPv6 address in the brackets");
	if (err)
		return fail_in(why, err, "%s", text);
	memcpy(host, begin, size);
	host[size] = '\0';
	return 0;
}

int iscsi_lun_read(const char *text, size_t size, uint64_t *lun, size_t *column,
		   struct failure *why)
{
	unsigned int groups = 0;
	unsigned int digits = 0;
	uint64_t value = 0;
	uint64_t group = 0;

	for (size_t i = 0; i <= size; i++) {
		unsigned char c = i < size ? text[i] : '-';

		if (c == '-') {
			if (!digits)
				return wrong(why, column, i,
					     "a group of the LUN is empty");
			if (++groups > 4)
				return wrong(why, column, i,
					     "a LUN has four groups at most");
			value |= group << (64 - 16 * groups);
			group = 0;
			digits = 0;
		} else if (!isxdigit(c)) {
			return wrong(why, column, i,
				     "a LUN is written in hexadecimal");
		} else if (++digits > 4) {
			return wrong(why, column, i,
				     "a group of the LUN has four digits at"
				     " most");
		} else {
			group = group << 4 |
				(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
		}
	}
	*lun = value;
	return 0;
}

long iscsi_lun_number(uint64_t lun)
{
	if (lun & 0xffffffffffffULL)
		return -1;
	return lun >> 48;
}

void iscsi_lun_text(uint64_t lun, char text[ISCSI_LUN_TEXT])
{
	snprintf(text, ISCSI_LUN_TEXT, "%04x-%04x-%04x-%04x",
		 (unsigned int)(lun >> 48), (unsigned int)(lun >> 32 & 0xffff),
		 (unsigned int)(lun >> 16 & 0xffff),
		 (unsigned int)(lun & 0xffff));
}

void iscsi_lun_udev(uint64_t lun, char text[ISCSI_LUN_TEXT])
{
	unsigned int number = lun >> 48;

	snprintf(text, ISCSI_LUN_TEXT,
		 number < 256 ? "%u" : "0x%04x000000000000", number);
}
