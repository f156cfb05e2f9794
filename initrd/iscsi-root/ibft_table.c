// SPDX-License-Identifier: GPL-2.0-only
/* The table's bytes (iBFT specification 1.3, numbers are little-endian). */
#include "initrd/iscsi-root/ibft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define ACPI_HEADER 36
#define CONTROL 48 /* where the first structure stands */
#define VALID_AND_SELECTED 3
#define ORIGIN_DHCP 3
#define KIND_CONTROL 1
#define KIND_INITIATOR 2
#define KIND_NIC 3
#define KIND_TARGET 4

/* Offsets in the control structure: to the others */
#define CONTROL_INITIATOR 8
#define CONTROL_NIC0 10
#define CONTROL_TARGET0 12
#define CONTROL_NIC1 14
#define CONTROL_TARGET1 16

struct table {
	const uint8_t *bytes;
	size_t size;
};

static uint16_t read16(const uint8_t *at)
{
	return at[0] | at[1] << 8;
}

/* The structure of that kind and size at an offset, or NULL. */
static const uint8_t *structure(const struct table *t, size_t at, uint8_t kind,
				size_t size)
{
	const uint8_t *found = t->bytes + at;

	if (at < ACPI_HEADER || at > t->size || t->size - at < size ||
	    found[0] != kind || read16(found + 2) < size)
		return NULL;
	return found;
}

/* Of two, the one that the firmware booted from */
static const uint8_t *selected(const struct table *t, const uint8_t *control,
			       size_t first, size_t second, uint8_t kind,
			       size_t size)
{
	const size_t places[] = { first, second };

	for (int i = 0; i < 2; i++) {
		const uint8_t *found =
			structure(t, read16(control + places[i]), kind, size);

		if (found &&
		    (found[5] & VALID_AND_SELECTED) == VALID_AND_SELECTED)
			return found;
	}
	return NULL;
}

/* A length and the offset of the bytes; false where there is no such text. */
static bool read_text(const struct table *t, const uint8_t *at, char *text,
		      size_t room)
{
	size_t size = read16(at);
	size_t offset = read16(at + 2);

	if (!size || size >= room || offset > t->size ||
	    t->size - offset < size)
		return false;
	memcpy(text, t->bytes + offset, size);
	text[size] = '\0';
	return true;
}

/* 16 bytes, of which an IPv4 address takes the last four */
static bool read_address(const uint8_t *at, char text[64])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t none[16];

	text[0] = '\0';
	if (!memcmp(at, none, sizeof(none)))
		return false;
	if (memcmp(at, mapped, sizeof(mapped)))
		return inet_ntop(AF_INET6, at, text, 64);
	return memcmp(at + 12, none, 4) &&
	       inet_ntop(AF_INET, at + 12, text, 64);
}

static void read_chap(const struct table *t, const uint8_t *at,
		      struct chap *chap)
{
	if (!read_text(t, at, chap->user, sizeof(chap->user)) ||
	    !read_text(t, at + 4, chap->secret, sizeof(chap->secret)))
		memset(chap, 0, sizeof(*chap));
}

static void read_target(struct ibft *ibft, const struct table *t,
			const uint8_t *s)
{
	read_address(s + 6, ibft->target);
	ibft->port = read16(s + 22);
	for (int i = 0; i < 8; i++)
		ibft->lun = ibft->lun << 8 | s[24 + i];
	ibft->has_lun = true;
	read_text(t, s + 34, ibft->name, sizeof(ibft->name));
	read_chap(t, s + 38, &ibft->chap);
	read_chap(t, s + 46, &ibft->chap_in);
}

static void read_port(struct ibft *ibft, const uint8_t *s)
{
	ibft->length = s[22];
	ibft->is_static = read_address(s + 6, ibft->address) &&
			  s[23] != ORIGIN_DHCP;
	read_address(s + 24, ibft->gateway);
	ibft->vlan = read16(s + 88) & 0xfff;
	memcpy(ibft->mac, s + 90, sizeof(ibft->mac));
	ibft->has_mac = true;
}

int ibft_read_table(struct ibft *ibft, const uint8_t *table, size_t size)
{
	struct table t = { .bytes = table, .size = size };
	const uint8_t *control;
	const uint8_t *found;

	control = structure(&t, CONTROL, KIND_CONTROL, 18);
	if (!control)
		return -EBADMSG;
	found = structure(&t, read16(control + CONTROL_INITIATOR),
			  KIND_INITIATOR, 74);
	if (found)
		read_text(&t, found + 70, ibft->initiator,
			  sizeof(ibft->initiator));
	found = selected(&t, control, CONTROL_TARGET0, CONTROL_TARGET1,
			 KIND_TARGET, 54);
	if (found)
		read_target(ibft, &t, found);
	found = selected(&t, control, CONTROL_NIC0, CONTROL_NIC1, KIND_NIC,
			 102);
	if (found)
		read_port(ibft, found);
	return 0;
}
