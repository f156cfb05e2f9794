// SPDX-License-Identifier: GPL-2.0-only
/*
 * modules.dep.bin: a tree in which a path of characters is a module's name
 * (docs/hardware/initrd.md, "modules.dep.bin").
 */
#include "tools/lib/modules/modules_dep.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/modules/module_file.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC 0xb007f457
#define VERSION 0x00020001
#define ROOT_AT 8
#define HAS_PREFIX 0x80000000
#define HAS_VALUES 0x40000000
#define HAS_CHILDREN 0x20000000
#define OFFSET_MASK 0x0fffffff

struct entry {
	char *name;
	const char *value; /* the line, without its end */
	size_t size;
	uint32_t priority; /* the line's number */
};

struct entries {
	struct entry *list;
	size_t count;
};

static int add_number(struct buffer *out, uint32_t value)
{
	uint8_t bytes[4];

	put_be32(bytes, value);
	return buffer_add(out, bytes, sizeof(bytes));
}

static int by_name(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order :
		       (x->priority > y->priority) -
			       (x->priority < y->priority);
}

static int add_entry(struct entries *e, const char *line, size_t size,
		     uint32_t priority)
{
	size_t length = strcspn(line, ":\n");
	char path[512];
	char name[256];
	struct entry *more;

	if (line[length] != ':' || length >= sizeof(path))
		return 0;
	memcpy(path, line, length);
	path[length] = '\0';
	if (module_file_name(path, name, sizeof(name)))
		return 0;
	if ((e->count & (e->count - 1)) == 0) {
		more = realloc(e->list,
			       (e->count ? 2 * e->count : 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		e->list = more;
	}
	e->list[e->count] =
		(struct entry){ strdup(name), line, size, priority };
	if (!e->list[e->count].name)
		return -ENOMEM;
	e->count++;
	return 0;
}

static int read_entries(struct entries *e, const char *text)
{
	uint32_t number = 0;
	int err = 0;

	for (const char *line = text; !err && *line; line += *line == '\n') {
		size_t size = strcspn(line, "\n");

		err = add_entry(e, line, size, number++);
		line += size;
	}
	if (e->count)
		qsort(e->list, e->count, sizeof(*e->list), by_name);
	return err;
}

/* How many characters from @from on all names of the run have in common. */
static size_t common(const struct entry *list, size_t count, size_t from)
{
	const char *first = list[0].name + from;
	const char *last = list[count - 1].name + from;
	size_t length = 0;

	/* They are sorted: what the ends have in common, all have. */
	while (first[length] && first[length] == last[length])
		length++;
	return length;
}

static int write_values(struct buffer *out, const struct entry *list,
			size_t count)
{
	int err = add_number(out, count);

	for (size_t i = 0; !err && i < count; i++) {
		err = add_number(out, list[i].priority);
		if (!err)
			err = buffer_add(out, list[i].value, list[i].size);
		if (!err)
			err = buffer_add_zeros(out, 1);
	}
	return err;
}

static int write_node(struct buffer *out, const struct entry *list,
		      size_t count, size_t from, size_t prefix,
		      uint32_t *offset);

/* The nodes below, each written before this one; their offsets. */
static int write_children(struct buffer *out, const struct entry *list,
			  size_t count, size_t at, uint32_t children[256])
{
	int err = 0;

	for (size_t i = 0; !err && i < count;) {
		uint8_t c = list[i].name[at];
		size_t end = i;

		while (end < count && (uint8_t)list[end].name[at] == c)
			end++;
		err = write_node(out, list + i, end - i, at + 1,
				 common(list + i, end - i, at + 1),
				 &children[c]);
		i = end;
	}
	return err;
}

/* The names of the run agree up to @from + @prefix. */
static int write_node(struct buffer *out, const struct entry *list,
		      size_t count, size_t from, size_t prefix,
		      uint32_t *offset)
{
	uint32_t children[256] = { 0 };
	size_t at = from + prefix;
	size_t values = 0;
	uint32_t flags = 0;
	int err;

	while (values < count && !list[values].name[at])
		values++;
	err = write_children(out, list + values, count - values, at, children);
	*offset = out->size;
	if (!err && prefix) {
		flags |= HAS_PREFIX;
		err = buffer_add(out, list[0].name + from, prefix);
		if (!err)
			err = buffer_add_zeros(out, 1);
	}
	if (!err && values < count) {
		uint8_t ends[2] = { list[values].name[at],
				    list[count - 1].name[at] };

		flags |= HAS_CHILDREN;
		err = buffer_add(out, ends, 2);
		for (int c = ends[0]; !err && c <= ends[1]; c++)
			err = add_number(out, children[c]);
	}
	if (!err && values) {
		flags |= HAS_VALUES;
		err = write_values(out, list, values);
	}
	if (!err && *offset > OFFSET_MASK)
		err = -E2BIG;
	*offset |= flags;
	return err;
}

int modules_dep_index(const char *text, struct buffer *out, struct failure *why)
{
	struct entries e = { 0 };
	uint32_t root = 0;
	int err;

	err = read_entries(&e, text);
	if (!err)
		err = add_number(out, MAGIC);
	if (!err)
		err = add_number(out, VERSION);
	if (!err)
		err = add_number(out, 0);
	/* The root never has a prefix. */
	if (!err)
		err = write_node(out, e.list, e.count, 0, 0, &root);
	if (!err)
		put_be32(out->data + ROOT_AT, root);
	for (size_t i = 0; i < e.count; i++)
		free(e.list[i].name);
	free(e.list);
	if (err == -E2BIG)
		return fail(why, err, "modules.dep is too long for its index");
	return err ? fail(why, err, "out of memory") : 0;
}
