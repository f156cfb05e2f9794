// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/settings.h"

#include "tools/lib/iscsi/root_path.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINK_TIMEOUT 30
#define TIMEOUT 180
#define VLAN_MAX 4094
#define MTU_MIN 576
#define MTU_MAX 65535

void settings_init(struct settings *s)
{
	memset(s, 0, sizeof(*s));
	s->link_timeout = LINK_TIMEOUT;
	s->timeout = TIMEOUT;
}

static int set_number(unsigned int *number, const char *value, unsigned int min,
		      unsigned int max)
{
	unsigned long read;
	char *end;

	if (!isdigit((unsigned char)*value))
		return -EINVAL;
	errno = 0;
	read = strtoul(value, &end, 10);
	if (errno || *end || read < min || read > max)
		return -EINVAL;
	*number = read;
	return 0;
}

static int set_text(char *text, size_t room, const char *value)
{
	if (strlen(value) >= room)
		return -EINVAL;
	strcpy(text, value);
	return 0;
}

static int set_name(char name[ISCSI_NAME_MAX + 1], const char *value)
{
	size_t column;

	if (iscsi_name_check(value, strlen(value), &column, NULL))
		return -EINVAL;
	return set_text(name, ISCSI_NAME_MAX + 1, value);
}

static int set_portal(struct portal *portal, const char *value)
{
	struct portal read;

	if (iscsi_portal_read(value, read.host, &read.kind, &read.port, NULL))
		return -EINVAL;
	*portal = read;
	return 0;
}

static int set_lun(struct settings *s, const char *value)
{
	size_t column;

	if (iscsi_lun_read(value, strlen(value), &s->lun, &column, NULL))
		return -EINVAL;
	s->has_lun = true;
	return 0;
}

static int read_address(const char *text, int family, uint8_t address[16])
{
	return inet_pton(family, text, address) == 1 ? 0 : -EINVAL;
}

/* dhcp, or ADDRESS/LENGTH[,GATEWAY] */
static int set_ip(struct settings *s, const char *value)
{
	struct net_address a = { 0 };
	unsigned int length;
	char text[120];
	char *gateway;
	char *slash;

	if (!strcmp(value, "dhcp")) {
		s->method = ADDRESS_DHCP;
		return 0;
	}
	if (set_text(text, sizeof(text), value))
		return -EINVAL;
	gateway = strchr(text, ',');
	if (gateway)
		*gateway++ = '\0';
	slash = strchr(text, '/');
	if (!slash)
		return -EINVAL;
	*slash++ = '\0';
	a.family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (set_number(&length, slash, 1, a.family == AF_INET ? 32 : 128) ||
	    read_address(text, a.family, a.address))
		return -EINVAL;
	a.length = length;
	a.has_gateway = gateway;
	if (gateway && read_address(gateway, a.family, a.gateway))
		return -EINVAL;
	s->address = a;
	s->method = ADDRESS_STATIC;
	return 0;
}

int mac_address_read(const char *text, uint8_t mac[6])
{
	uint8_t read[6] = { 0 };
	unsigned int digits = 0;

	for (; *text; text++) {
		unsigned char c = *text;

		if ((c == ':' || c == '-') && digits && !(digits % 2) &&
		    digits < 12 && isxdigit((unsigned char)text[1]))
			continue;
		if (!isxdigit(c) || digits == 12)
			return -EINVAL;
		read[digits / 2] =
			read[digits / 2] << 4 |
			(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
		digits++;
	}
	if (digits != 12)
		return -EINVAL;
	memcpy(mac, read, sizeof(read));
	return 0;
}

static int set_mac(struct settings *s, const char *value)
{
	if (mac_address_read(value, s->mac))
		return -EINVAL;
	s->has_mac = true;
	return 0;
}

static int set_device_port(struct settings *s, const char *value)
{
	if (!strcmp(value, "any")) {
		s->device_port = 0;
		return 0;
	}
	return set_number(&s->device_port, value, 1, 2);
}

static int set_ibft(struct settings *s, const char *value)
{
	if (strcmp(value, "use") && strcmp(value, "ignore"))
		return -EINVAL;
	s->ignore_ibft = !strcmp(value, "ignore");
	return 0;
}

const char *const settings_keys[] = {
	"target",	  "target2",   "name",	       "lun",
	"initiator",	  "chap_user", "chap_secret",  "chap_user_in",
	"chap_secret_in", "ip",	       "device_port",  "mac",
	"vlan",		  "mtu",       "link_timeout", "timeout",
	"ibft",		  NULL,
};

int settings_set(struct settings *s, const char *key, const char *value)
{
	if (!strcmp(key, "target"))
		return set_portal(&s->portals[0], value);
	if (!strcmp(key, "target2"))
		return set_portal(&s->portals[1], value);
	if (!strcmp(key, "name"))
		return set_name(s->name, value);
	if (!strcmp(key, "lun"))
		return set_lun(s, value);
	if (!strcmp(key, "initiator"))
		return set_name(s->initiator, value);
	if (!strcmp(key, "chap_user"))
		return set_text(s->chap.user, CHAP_TEXT_MAX + 1, value);
	if (!strcmp(key, "chap_secret"))
		return set_text(s->chap.secret, CHAP_TEXT_MAX + 1, value);
	if (!strcmp(key, "chap_user_in"))
		return set_text(s->chap_in.user, CHAP_TEXT_MAX + 1, value);
	if (!strcmp(key, "chap_secret_in"))
		return set_text(s->chap_in.secret, CHAP_TEXT_MAX + 1, value);
	if (!strcmp(key, "ip"))
		return set_ip(s, value);
	if (!strcmp(key, "device_port"))
		return set_device_port(s, value);
	if (!strcmp(key, "mac"))
		return set_mac(s, value);
	if (!strcmp(key, "vlan"))
		return set_number(&s->vlan, value, 1, VLAN_MAX);
	if (!strcmp(key, "mtu"))
		return set_number(&s->mtu, value, MTU_MIN, MTU_MAX);
	if (!strcmp(key, "link_timeout"))
		return set_number(&s->link_timeout, value, 1, 3600);
	if (!strcmp(key, "timeout"))
		return set_number(&s->timeout, value, 1, 86400);
	if (!strcmp(key, "ibft"))
		return set_ibft(s, value);
	return -ENOENT;
}

static int set_line(struct settings *s, char *line)
{
	char *equals = strchr(line, '=');

	if (!*line || *line == '#')
		return 0;
	if (!equals)
		return -EINVAL;
	*equals = '\0';
	return settings_set(s, line, equals + 1);
}

unsigned int settings_read(struct settings *s, const char *text, size_t size,
			   void (*wrong)(const char *line))
{
	unsigned int count = 0;
	const char *end = text + size;
	char line[1024];

	while (text < end) {
		const char *stop = memchr(text, '\n', end - text);
		size_t length = (stop ? stop : end) - text;
		/* The key alone: the value may be a secret. */
		size_t key = 0;

		while (key < length && text[key] != '=')
			key++;
		if (length >= sizeof(line) || memchr(text, 0, length)) {
			snprintf(line, sizeof(line), "%.*s",
				 (int)(key < 40 ? key : 40), text);
			wrong(line);
			count++;
		} else {
			memcpy(line, text, length);
			line[length] = '\0';
			if (set_line(s, line)) {
				line[key] = '\0';
				wrong(line);
				count++;
			}
		}
		text = stop ? stop + 1 : end;
	}
	return count;
}

int settings_take_root_path(struct settings *s, const char *text, size_t size)
{
	struct root_path path;

	if (root_path_read(&path, text, size, NULL))
		return -EINVAL;
	strcpy(s->name, path.name);
	if (!s->has_lun && path.lun_given) {
		s->has_lun = true;
		s->lun = path.lun;
	}
	if (!*s->portals[0].host && *path.server) {
		strcpy(s->portals[0].host, path.server);
		s->portals[0].kind = path.kind;
	}
	if (!s->portals[0].port && path.port_given)
		s->portals[0].port = path.port;
	return 0;
}

/* A root-path on the command line is the whole of it. */
static int set_root_path(struct settings *s, const char *value)
{
	struct settings read = *s;

	memset(read.portals, 0, sizeof(read.portals));
	read.has_lun = false;
	read.lun = 0;
	if (settings_take_root_path(&read, value, strlen(value)))
		return -EINVAL;
	if (!*read.portals[0].host)
		memcpy(read.portals, s->portals, sizeof(read.portals));
	*s = read;
	return 0;
}

static int set_target_port(struct settings *s, const char *value)
{
	unsigned int port;

	if (set_number(&port, value, 1, 65535))
		return -EINVAL;
	s->portals[0].port = port;
	return 0;
}

/* An address without a port keeps the port that was given elsewhere. */
static int set_target_address(struct settings *s, const char *value)
{
	struct portal portal = { 0 };

	if (set_portal(&portal, value))
		return -EINVAL;
	if (!portal.port)
		portal.port = s->portals[0].port;
	s->portals[0] = portal;
	memset(&s->portals[1], 0, sizeof(s->portals[1]));
	return 0;
}

/* What others call our settings */
static const struct {
	const char *word;
	const char *key;
	int (*set)(struct settings *s, const char *value);
} others[] = {
	{ "iscsi_target_name", "name", NULL },
	{ "iscsi_target_ip", NULL, set_target_address },
	{ "iscsi_target_port", NULL, set_target_port },
	{ "iscsi_initiator", "initiator", NULL },
	{ "iscsi_username", "chap_user", NULL },
	{ "iscsi_password", "chap_secret", NULL },
	{ "iscsi_in_username", "chap_user_in", NULL },
	{ "iscsi_in_password", "chap_secret_in", NULL },
	{ "rd.iscsi.initiator", "initiator", NULL },
	{ "rd.iscsi.username", "chap_user", NULL },
	{ "rd.iscsi.password", "chap_secret", NULL },
	{ "rd.iscsi.in.username", "chap_user_in", NULL },
	{ "rd.iscsi.in.password", "chap_secret_in", NULL },
};

static int set_word(struct settings *s, const char *word, const char *value)
{
	static const char ours[] = "connectx-en.";

	if (!strncmp(word, ours, strlen(ours)))
		return settings_set(s, word + strlen(ours), value);
	if ((!strcmp(word, "netroot") || !strcmp(word, "root")) &&
	    !strncmp(value, "iscsi:", 6))
		return set_root_path(s, value);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (strcmp(word, others[i].word))
			continue;
		return others[i].set ? others[i].set(s, value) :
				       settings_set(s, others[i].key, value);
	}
	return 0;
}

/* Blanks within double quotes part nothing; the quotes go (kernel parameters). */
static const char *next_word(const char *line, char *word, size_t room)
{
	bool quoted = false;
	size_t used = 0;

	while (isspace((unsigned char)*line))
		line++;
	for (; *line && (quoted || !isspace((unsigned char)*line)); line++) {
		if (*line == '"')
			quoted = !quoted;
		else if (used < room - 1)
			word[used++] = *line;
	}
	word[used] = '\0';
	return line;
}

void settings_read_command_line(struct settings *s, const char *line,
				void (*wrong)(const char *word))
{
	char word[1024];
	char *equals;

	while (*line) {
		line = next_word(line, word, sizeof(word));
		equals = strchr(word, '=');
		if (!equals)
			continue;
		*equals = '\0';
		if (set_word(s, word, equals + 1))
			wrong(word);
	}
}
