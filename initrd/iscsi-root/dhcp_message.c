// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/dhcp_message.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* RFC 2131, figure 1 */
#define AT_OP 0
#define AT_HARDWARE 1
#define AT_ID 4
#define AT_FLAGS 10
#define AT_YOUR_ADDRESS 16
#define AT_CLIENT_HARDWARE 28
#define AT_SERVER_NAME 44
#define AT_FILE 108
#define AT_COOKIE 236
#define AT_OPTIONS 240

#define BOOT_REQUEST 1
#define BOOT_REPLY 2
#define ETHERNET 1
/* We have no address yet that an answer could be sent to. */
#define FLAG_BROADCAST 0x80

enum option {
	OPTION_PAD = 0,
	OPTION_MASK = 1,
	OPTION_ROUTER = 3,
	OPTION_NAME_SERVER = 6,
	OPTION_HOST_NAME = 12,
	OPTION_DOMAIN = 15,
	OPTION_ROOT_PATH = 17,
	OPTION_MTU = 26,
	OPTION_REQUESTED_ADDRESS = 50,
	OPTION_LEASE_TIME = 51,
	OPTION_OVERLOAD = 52,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_WANTED = 55,
	OPTION_MAX_SIZE = 57,
	OPTION_CLIENT_ID = 61,
	OPTION_INITIATOR = 203,
	OPTION_END = 255,
};

#define OVERLOAD_FILE 1
#define OVERLOAD_SERVER_NAME 2

static const uint8_t cookie[4] = { 99, 130, 83, 99 };
static const uint8_t wanted[] = {
	OPTION_MASK,   OPTION_ROUTER,	 OPTION_NAME_SERVER, OPTION_HOST_NAME,
	OPTION_MTU,    OPTION_ROOT_PATH, OPTION_DOMAIN,	     OPTION_LEASE_TIME,
	OPTION_SERVER, OPTION_INITIATOR,
};

static uint8_t *put(uint8_t *at, enum option option, const void *data,
		    uint8_t size)
{
	*at++ = option;
	*at++ = size;
	memcpy(at, data, size);
	return at + size;
}

size_t dhcp_message_write(uint8_t message[DHCP_MESSAGE_MAX], uint32_t id,
			  const uint8_t mac[6], const struct dhcp_lease *offer)
{
	const uint8_t type = offer ? DHCP_REQUEST : DHCP_DISCOVER;
	const uint8_t max_size[] = { 1472 >> 8, 1472 & 0xff };
	/* The one that iPXE sends: both get the same lease. */
	uint8_t client[7] = { ETHERNET };
	uint32_t big_id = htonl(id);
	uint8_t *at;

	memset(message, 0, DHCP_MESSAGE_MAX);
	message[AT_OP] = BOOT_REQUEST;
	message[AT_HARDWARE] = ETHERNET;
	message[AT_HARDWARE + 1] = 6;
	memcpy(message + AT_ID, &big_id, sizeof(big_id));
	message[AT_FLAGS] = FLAG_BROADCAST;
	memcpy(message + AT_CLIENT_HARDWARE, mac, 6);
	memcpy(message + AT_COOKIE, cookie, sizeof(cookie));
	memcpy(client + 1, mac, 6);
	at = put(message + AT_OPTIONS, OPTION_TYPE, &type, 1);
	at = put(at, OPTION_CLIENT_ID, client, sizeof(client));
	at = put(at, OPTION_MAX_SIZE, max_size, sizeof(max_size));
	at = put(at, OPTION_WANTED, wanted, sizeof(wanted));
	if (offer) {
		at = put(at, OPTION_REQUESTED_ADDRESS, offer->address.address,
			 4);
		at = put(at, OPTION_SERVER, offer->server, 4);
	}
	*at++ = OPTION_END;
	/* BOOTP's least size: there are relays that drop what is shorter. */
	return at - message < 300 ? 300 : at - message;
}

/* A text option may come in several pieces (RFC 3396). */
static void add_text(char *text, size_t room, const uint8_t *data, size_t size)
{
	size_t used = strlen(text);

	while (size-- && *data && used < room - 1)
		text[used++] = *data++;
	text[used] = '\0';
}

static uint8_t prefix_length(const uint8_t mask[4])
{
	uint8_t length = 0;

	while (length < 32 && mask[length / 8] & 0x80 >> length % 8)
		length++;
	return length;
}

static void take_name_servers(struct dhcp_lease *l, const uint8_t *data,
			      size_t size)
{
	for (; size >= 4 && l->n_name_servers < 2; data += 4, size -= 4)
		memcpy(l->name_servers[l->n_name_servers++], data, 4);
}

static void take_text(struct dhcp_lease *l, uint8_t option, const uint8_t *data,
		      size_t size)
{
	switch (option) {
	case OPTION_ROOT_PATH:
		add_text(l->root_path, sizeof(l->root_path), data, size);
		break;
	case OPTION_HOST_NAME:
		add_text(l->host_name, sizeof(l->host_name), data, size);
		break;
	case OPTION_DOMAIN:
		add_text(l->domain, sizeof(l->domain), data, size);
		break;
	case OPTION_INITIATOR:
		add_text(l->initiator, sizeof(l->initiator), data, size);
		break;
	}
}

static void take(struct dhcp_lease *l, uint8_t option, const uint8_t *data,
		 size_t size, uint8_t *overload)
{
	if (option == OPTION_TYPE && size == 1)
		l->type = data[0];
	else if (option == OPTION_OVERLOAD && size == 1)
		*overload = data[0];
	else if (option == OPTION_MASK && size == 4)
		l->address.length = prefix_length(data);
	else if (option == OPTION_SERVER && size == 4)
		memcpy(l->server, data, 4);
	else if (option == OPTION_MTU && size == 2)
		l->mtu = data[0] << 8 | data[1];
	else if (option == OPTION_LEASE_TIME && size == 4)
		l->seconds = (uint32_t)data[0] << 24 | data[1] << 16 |
			     data[2] << 8 | data[3];
	else if (option == OPTION_NAME_SERVER)
		take_name_servers(l, data, size);
	else
		take_text(l, option, data, size);
	if (option == OPTION_ROUTER && size >= 4) {
		memcpy(l->address.gateway, data, 4);
		l->address.has_gateway = true;
	}
}

static int read_options(struct dhcp_lease *l, const uint8_t *data, size_t size,
			uint8_t *overload)
{
	for (size_t at = 0; at < size;) {
		uint8_t option = data[at++];

		if (option == OPTION_END)
			return 0;
		if (option == OPTION_PAD)
			continue;
		if (at == size || data[at] > size - at - 1)
			return -EBADMSG;
		take(l, option, data + at + 1, data[at], overload);
		at += data[at] + 1;
	}
	return 0;
}

/* What a shell, a log and a target's server may see: printable, no blank */
static void drop_unless_plain(char *text)
{
	for (const char *c = text; *c; c++) {
		if (!isgraph((unsigned char)*c) || strchr("'\"\\`$", *c)) {
			*text = '\0';
			return;
		}
	}
}

int dhcp_message_read(const uint8_t *message, size_t size, uint32_t id,
		      const uint8_t mac[6], struct dhcp_lease *lease)
{
	uint32_t big_id = htonl(id);
	uint8_t overload = 0;
	uint8_t nested = 0;
	int err;

	memset(lease, 0, sizeof(*lease));
	if (size < AT_OPTIONS || message[AT_OP] != BOOT_REPLY ||
	    memcmp(message + AT_ID, &big_id, sizeof(big_id)) ||
	    memcmp(message + AT_CLIENT_HARDWARE, mac, 6) ||
	    memcmp(message + AT_COOKIE, cookie, sizeof(cookie)))
		return -EBADMSG;
	lease->address.family = AF_INET;
	memcpy(lease->address.address, message + AT_YOUR_ADDRESS, 4);
	err = read_options(lease, message + AT_OPTIONS, size - AT_OPTIONS,
			   &overload);
	if (!err && overload & OVERLOAD_FILE)
		err = read_options(lease, message + AT_FILE,
				   AT_COOKIE - AT_FILE, &nested);
	if (!err && overload & OVERLOAD_SERVER_NAME)
		err = read_options(lease, message + AT_SERVER_NAME,
				   AT_FILE - AT_SERVER_NAME, &nested);
	if (err || !lease->type)
		return -EBADMSG;
	if (!lease->address.length)
		lease->address.length = 24;
	drop_unless_plain(lease->root_path);
	drop_unless_plain(lease->initiator);
	drop_unless_plain(lease->host_name);
	drop_unless_plain(lease->domain);
	return 0;
}
