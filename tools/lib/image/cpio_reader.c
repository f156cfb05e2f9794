// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/cpio.h"

#include "tools/lib/base/failure.h"

#include <string.h>
#include <sys/stat.h>

#define FIELDS 13
#define FIELD_DIGITS 8
#define MAGIC_DIGITS 6

void cpio_reader_init(struct cpio_reader *r, const struct cpio_sink *sink,
		      void *ctx, uint64_t position)
{
	memset(r, 0, sizeof(*r));
	r->sink = sink;
	r->ctx = ctx;
	r->position = position;
}

static int bad(const struct cpio_reader *r, struct failure *why,
	       const char *what)
{
	return fail(why, -EBADMSG, "cpio entry at offset %llu: %s",
		    (unsigned long long)r->entry.offset, what);
}

/* The newest kernels take hexadecimal digits and nothing else. */
static int hex_field(const uint8_t *digits, uint32_t *value)
{
	*value = 0;
	for (int i = 0; i < FIELD_DIGITS; i++) {
		uint8_t c = digits[i];
		uint32_t digit;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (c >= 'a' && c <= 'f')
			digit = c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			digit = c - 'A' + 10;
		else
			return -EBADMSG;
		*value = *value << 4 | digit;
	}
	return 0;
}

static int parse_header(struct cpio_reader *r, struct failure *why)
{
	struct cpio_entry *e = &r->entry;
	uint32_t *const fields[FIELDS] = {
		&e->ino,    &e->mode,	   &e->uid,	 &e->gid,   &e->nlink,
		&e->mtime,  &e->size,	   &e->major,	 &e->minor, &e->rmajor,
		&e->rminor, &e->name_size, &e->checksum,
	};
	const uint8_t *digits = r->header + MAGIC_DIGITS;

	e->offset = r->position - CPIO_HEADER_SIZE;
	if (!memcmp(r->header, "070707", MAGIC_DIGITS))
		return bad(r, why,
			   "the old portable format, which the kernel does not"
			   " take (use cpio -H newc)");
	if (memcmp(r->header, "070701", MAGIC_DIGITS) &&
	    memcmp(r->header, "070702", MAGIC_DIGITS))
		return bad(r, why, "no cpio magic");
	e->crc = r->header[MAGIC_DIGITS - 1] == '2';
	for (int i = 0; i < FIELDS; i++, digits += FIELD_DIGITS) {
		if (hex_field(digits, fields[i]))
			return bad(r, why, "a header field is no number");
	}
	return 0;
}

static uint32_t padding(uint64_t position)
{
	return -position & 3;
}

/*
 * The kernel passes over an entry with an impossible name length, with a
 * link target above PATH_MAX, and over a directory or device with a body.
 */
static int header_done(struct cpio_reader *r, struct failure *why)
{
	struct cpio_entry *e = &r->entry;
	uint32_t format;
	int err;

	err = parse_header(r, why);
	if (err)
		return err;
	format = e->mode & S_IFMT;
	r->skip_reason = NULL;
	if (!e->name_size)
		r->skip_reason = "it has no name";
	else if (e->name_size > CPIO_NAME_MAX)
		r->skip_reason = "its name is too long";
	else if (format == S_IFLNK && e->size > CPIO_NAME_MAX)
		r->skip_reason = "what the link leads to is too long";
	else if (format != S_IFREG && format != S_IFLNK && e->size)
		r->skip_reason = "only files and links may have content";
	r->skip = r->skip_reason;
	r->state = CPIO_NAME;
	r->have = 0;
	r->want = e->name_size;
	r->sum = 0;
	return 0;
}

static int entry_done(struct cpio_reader *r, struct failure *why)
{
	r->state = CPIO_PADDING;
	r->want = padding(r->position);
	if (r->skip)
		return 0;
	if (r->entry.crc && S_ISREG(r->entry.mode) &&
	    r->sum != r->entry.checksum)
		return bad(r, why, "wrong checksum of the data");
	r->entries++;
	return r->sink->end(r->ctx, why);
}

static bool has_name(const struct cpio_reader *r)
{
	return r->entry.name_size && r->entry.name_size <= CPIO_NAME_MAX;
}

static void pass_over(struct cpio_reader *r)
{
	r->entry.name = NULL;
	if (has_name(r) && !r->name[r->entry.name_size - 1])
		r->entry.name = r->name;
	if (r->sink->skipped)
		r->sink->skipped(r->ctx, &r->entry, r->skip_reason);
}

static int name_done(struct cpio_reader *r, struct failure *why)
{
	r->state = CPIO_BODY;
	r->want = r->entry.size;
	if (r->skip) {
		pass_over(r);
		return 0;
	}
	if (r->name[r->entry.name_size - 1])
		return bad(r, why, "the name has no end");
	if (!strcmp(r->name, CPIO_TRAILER)) {
		r->trailer = true;
		r->skip = true;
		return r->sink->trailer(r->ctx, why);
	}
	r->entry.name = r->name;
	return r->sink->begin(r->ctx, &r->entry, why);
}

static int take_body(struct cpio_reader *r, const uint8_t *data, size_t size,
		     struct failure *why)
{
	if (r->skip)
		return 0;
	if (r->entry.crc) {
		for (size_t i = 0; i < size; i++)
			r->sum += data[i];
	}
	return r->sink->data(r->ctx, data, size, why);
}

/* Takes what the state wants of @size bytes, and tells how much that was. */
static int take(struct cpio_reader *r, const uint8_t *data, size_t size,
		size_t *taken, struct failure *why)
{
	size_t part = size < r->want ? size : r->want;
	int err = 0;

	if (r->state == CPIO_HEADER)
		memcpy(r->header + r->have, data, part);
	else if (r->state == CPIO_NAME && has_name(r))
		memcpy(r->name + r->have, data, part);
	r->position += part;
	r->want -= part;
	r->have += part;
	*taken = part;
	if (r->state == CPIO_BODY && part)
		err = take_body(r, data, part, why);
	return err;
}

/* Goes on to the next state when the present one has all that it wants. */
static int advance(struct cpio_reader *r, struct failure *why)
{
	int err = 0;

	while (!err && !r->want && r->state != CPIO_BOUNDARY) {
		switch (r->state) {
		case CPIO_HEADER:
			err = header_done(r, why);
			break;
		case CPIO_NAME:
			/* Header and name together end on a multiple of 4. */
			r->state = CPIO_NAME_PADDING;
			r->want = padding(r->position);
			break;
		case CPIO_NAME_PADDING:
			err = name_done(r, why);
			break;
		case CPIO_BODY:
			err = entry_done(r, why);
			break;
		default:
			r->state = CPIO_BOUNDARY;
		}
	}
	return err;
}

/* Between entries. Returns 1 where the reader has to stop. */
static int at_boundary(struct cpio_reader *r, const uint8_t *data, size_t size,
		       size_t *used, struct failure *why)
{
	size_t i = 0;

	if (r->stop_at_trailer && r->trailer)
		return 1;
	while (i < size && !data[i])
		i++;
	r->position += i;
	*used += i;
	if (i == size)
		return 0;
	if (data[i] != '0')
		return 1;
	if (r->position & 3)
		return fail(why, -EBADMSG,
			    "offset %llu: an entry begins off a multiple of 4:"
			    " the kernel loses it",
			    (unsigned long long)r->position);
	r->state = CPIO_HEADER;
	r->want = CPIO_HEADER_SIZE;
	r->have = 0;
	return 0;
}

int cpio_reader_feed(struct cpio_reader *r, const uint8_t *data, size_t size,
		     size_t *used, struct failure *why)
{
	size_t taken;
	int err;

	*used = 0;
	while (*used < size) {
		if (r->state == CPIO_BOUNDARY) {
			err = at_boundary(r, data + *used, size - *used, used,
					  why);
			if (err)
				return err < 0 ? err : 0;
			continue;
		}
		err = take(r, data + *used, size - *used, &taken, why);
		*used += taken;
		if (!err)
			err = advance(r, why);
		if (err)
			return err;
	}
	return 0;
}

int cpio_reader_finish(const struct cpio_reader *r, struct failure *why)
{
	if (r->state == CPIO_BOUNDARY)
		return 0;
	if (r->state == CPIO_PADDING)
		return fail(why, -ENODATA,
			    "cut off in the padding behind an entry: the"
			    " kernel takes that for junk");
	if (r->state == CPIO_BODY && !r->skip)
		return fail(why, -ENODATA, "cut off in the middle of \"%s\"",
			    r->name);
	return fail(why, -ENODATA, "cut off in an entry's header");
}
