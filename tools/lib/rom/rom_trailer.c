// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/rom/rom_trailer.h"
#include "tools/lib/base/bytes.h"

#include <stdio.h>
#include <string.h>

#define NUMBERS_SIZE (CX_ROM_TRAILER_SIZE - CX_ROM_TRAILER_MAGIC_SIZE)

/* Fields as of a big-endian structure: each dword is turned round. */
static void read_trailer(struct rom_trailer *trailer, const uint8_t *at)
{
	uint8_t words[NUMBERS_SIZE];

	for (size_t i = 0; i < sizeof(words); i += 4)
		put_be32(words + i, get_le32(at + i));
	trailer->product = cx_get(words, CX_ROM_TRAILER_PRODUCT);
	trailer->major = cx_get(words, CX_ROM_TRAILER_MAJOR);
	trailer->minor = cx_get(words, CX_ROM_TRAILER_MINOR);
	trailer->subminor = cx_get(words, CX_ROM_TRAILER_SUBMINOR);
	trailer->device = cx_get(words, CX_ROM_TRAILER_DEVICE);
	trailer->port = cx_get(words, CX_ROM_TRAILER_PORT);
	trailer->cpu = cx_get(words, CX_ROM_TRAILER_CPU);
	trailer->protocol = cx_get(words, CX_ROM_TRAILER_PROTOCOL);
}

void rom_trailer_write(uint8_t out[CX_ROM_TRAILER_SIZE],
		       const struct rom_trailer *trailer)
{
	uint8_t words[NUMBERS_SIZE] = { 0 };

	cx_set(words, CX_ROM_TRAILER_PRODUCT, trailer->product);
	cx_set(words, CX_ROM_TRAILER_MAJOR, trailer->major);
	cx_set(words, CX_ROM_TRAILER_MINOR, trailer->minor);
	cx_set(words, CX_ROM_TRAILER_SUBMINOR, trailer->subminor);
	cx_set(words, CX_ROM_TRAILER_DEVICE, trailer->device);
	cx_set(words, CX_ROM_TRAILER_PORT, trailer->port);
	cx_set(words, CX_ROM_TRAILER_CPU, trailer->cpu);
	cx_set(words, CX_ROM_TRAILER_PROTOCOL, trailer->protocol);
	memcpy(out, CX_ROM_TRAILER_MAGIC, CX_ROM_TRAILER_MAGIC_SIZE);
	out += CX_ROM_TRAILER_MAGIC_SIZE;
	for (size_t i = 0; i < sizeof(words); i += 4)
		put_le32(out + i, get_be32(words + i));
}

void rom_trailers_read(struct rom_trailers *trailers, const uint8_t *data,
		       size_t size)
{
	const uint8_t *at = data, *end = data + size;

	*trailers = (struct rom_trailers){ 0 };
	while (trailers->count < CX_ROM_TRAILERS_MOST &&
	       end - at >= CX_ROM_TRAILER_SIZE) {
		struct rom_trailer *trailer =
			&trailers->trailer[trailers->count];

		at = memmem(at, end - at, CX_ROM_TRAILER_MAGIC,
			    CX_ROM_TRAILER_MAGIC_SIZE);
		if (!at || end - at < CX_ROM_TRAILER_SIZE)
			break;
		trailer->at = at - data;
		at += CX_ROM_TRAILER_MAGIC_SIZE;
		read_trailer(trailer, at);
		trailers->count++;
	}
}

#define NAME(number, name, text) \
	case number:             \
		return text;

const char *rom_product_name(unsigned int product)
{
	switch (product) {
		CX_ROM_PRODUCTS(NAME)
	}
	return NULL;
}

static const char *cpu_name(unsigned int cpu)
{
	switch (cpu) {
		CX_ROM_CPUS(NAME)
	}
	return NULL;
}

static const char *protocol_name(unsigned int protocol)
{
	switch (protocol) {
		CX_ROM_PROTOCOLS(NAME)
	}
	return NULL;
}

void rom_trailer_text(const struct rom_trailer *trailer, char *text,
		      size_t size)
{
	const char *product = rom_product_name(trailer->product);
	const char *cpu = cpu_name(trailer->cpu);
	const char *protocol = protocol_name(trailer->protocol);
	char number[16], port[24] = "";

	snprintf(number, sizeof(number), "0x%x", trailer->product);
	if (trailer->port)
		snprintf(port, sizeof(port), " port=%u", trailer->port);
	snprintf(text, size, "type=%s version=%u.%u.%u%s%s%s%s%s",
		 product ? product : number, trailer->major, trailer->minor,
		 trailer->subminor, port, cpu ? " cpu=" : "", cpu ? cpu : "",
		 protocol ? " proto=" : "", protocol ? protocol : "");
}
