// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/family/script.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/family/script_line.h"

#include <string.h>

static const char *const initiator_modules[] = {
	"iscsi_tcp", "libiscsi_tcp", "libiscsi", "scsi_transport_iscsi",
	"ib_iser",   "iser",
};

static void place_behind(struct script_place *p, const struct script_line *l)
{
	p->offset = l->end;
	p->line = l->number + l->lines;
	p->indent_at = l->begin;
}

static void place_before(struct script_place *p, const struct script_line *l)
{
	p->offset = l->begin;
	p->line = l->number;
	p->indent_at = l->begin;
}

/* A program's name, with folders before it or without */
static bool names_program(const struct script_word *w, const char *name)
{
	size_t length = strlen(name);

	return w->length >= length &&
	       !memcmp(w->text + w->length - length, name, length) &&
	       (w->length == length || w->text[w->length - length - 1] == '/');
}

static bool names_initiator_module(const struct script_word *w)
{
	const char *text = w->text;
	size_t length = w->length;

	for (const char *slash; (slash = memchr(text, '/', length));) {
		length -= slash + 1 - text;
		text = slash + 1;
	}
	for (size_t i = 0;
	     i < sizeof(initiator_modules) / sizeof(initiator_modules[0]);
	     i++) {
		size_t size = strlen(initiator_modules[i]);

		if (length < size || memcmp(text, initiator_modules[i], size))
			continue;
		if (length == size ||
		    (length >= size + 3 && !memcmp(text + size, ".ko", 3)))
			return true;
	}
	return false;
}

struct seen {
	bool loads; /* insmod or modprobe */
	bool initiator;
	bool loop;
	bool mounts; /* /proc, /sys, /dev */
};

static struct seen look_at(const struct script_line *l, const char *text)
{
	static const char *const places[] = { "/proc", "/sys",	"/dev",
					      "proc",  "sysfs", "devtmpfs",
					      "udev" };
	struct script_word w;
	struct seen seen = { 0 };
	bool mount = false;

	script_words(&w, l);
	while (script_word_next(&w, text)) {
		seen.initiator |= names_initiator_module(&w);
		if (w.command) {
			seen.loads |= names_program(&w, "insmod") ||
				      names_program(&w, "modprobe");
			seen.loop |= script_word_is(&w, "for");
			mount = names_program(&w, "mount");
		}
		for (size_t i = 0;
		     mount && i < sizeof(places) / sizeof(places[0]); i++)
			seen.mounts |= script_word_is(&w, places[i]);
	}
	return seen;
}

/* Behind what loads the initiator's modules, or false. */
static bool find_initiator_load(const char *text, size_t size,
				struct script_place *place)
{
	struct script_line l = { 0 };
	bool found = false;
	bool in_loop = false;
	bool loop_loads = false;
	int depth = 0;

	while (script_line_next(&l, text, size)) {
		struct seen seen = look_at(&l, text);

		if (seen.loop && seen.initiator && !in_loop) {
			in_loop = true;
			loop_loads = false;
			depth = l.depth_before;
		}
		if (in_loop) {
			loop_loads |= seen.loads;
			if (l.depth > depth || !loop_loads)
				continue;
			in_loop = false;
		} else if (!seen.loads || !seen.initiator) {
			continue;
		}
		found = true;
		place_behind(place, &l);
	}
	return found;
}

bool script_find_load(const char *text, size_t size, struct script_place *place)
{
	struct script_line l = { 0 };
	struct script_place mounted = { 0 };
	bool loads = false;
	bool mounts = false;

	if (find_initiator_load(text, size, place))
		return true;
	while (script_line_next(&l, text, size)) {
		struct seen seen = look_at(&l, text);

		if (l.depth || l.depth_before)
			continue;
		if (seen.loads) {
			place_behind(place, &l);
			loads = true;
		}
		if (seen.mounts) {
			place_behind(&mounted, &l);
			mounts = true;
		}
	}
	if (!loads && mounts)
		*place = mounted;
	return loads || mounts;
}

static bool is_variable(const struct script_word *w, const char *variable)
{
	size_t length = strlen(variable);

	if (w->length == length + 1)
		return w->text[0] == '$' &&
		       !memcmp(w->text + 1, variable, length);
	return w->length == length + 3 && !memcmp(w->text, "${", 2) &&
	       !memcmp(w->text + 2, variable, length) &&
	       w->text[length + 2] == '}';
}

static bool is_test(const struct script_word *w)
{
	return script_word_is(w, "[") || script_word_is(w, "[[") ||
	       script_word_is(w, "test");
}

bool script_find_if_set(const char *text, size_t size, const char *variable,
			struct script_place *place)
{
	struct script_line l = { 0 };

	while (script_line_next(&l, text, size)) {
		struct script_word w;

		script_words(&w, &l);
		if (!script_word_next(&w, text) || !script_word_is(&w, "if") ||
		    !script_word_next(&w, text) || !is_test(&w) ||
		    !script_word_next(&w, text))
			continue;
		if (script_word_is(&w, "!")) {
			if (!script_word_next(&w, text) ||
			    !script_word_is(&w, "-z") ||
			    !script_word_next(&w, text))
				continue;
		} else if (script_word_is(&w, "-n") &&
			   !script_word_next(&w, text)) {
			continue;
		}
		if (!is_variable(&w, variable))
			continue;
		if (script_word_next(&w, text) && !w.command &&
		    !script_word_is(&w, "]") && !script_word_is(&w, "]]") &&
		    !script_word_is(&w, "-a"))
			continue;
		place_before(place, &l);
		return true;
	}
	return false;
}

bool script_find_begin(const char *text, size_t size,
		       struct script_place *place)
{
	struct script_line l = { 0 };

	while (script_line_next(&l, text, size)) {
		struct script_word w;

		script_words(&w, &l);
		if (!script_word_next(&w, text))
			continue;
		place_before(place, &l);
		return true;
	}
	return false;
}

bool script_find_command(const char *text, size_t size, const char *command,
			 struct script_place *place)
{
	struct script_line l = { 0 };

	while (script_line_next(&l, text, size)) {
		struct script_word w;

		script_words(&w, &l);
		if (!script_word_next(&w, text) || !w.command ||
		    !script_word_is(&w, command) || script_word_next(&w, text))
			continue;
		place_behind(place, &l);
		return true;
	}
	return false;
}

static bool is_name(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

static bool word_reads(const struct script_word *w, const char *variable)
{
	size_t length = strlen(variable);

	for (size_t i = 0; i < w->length; i++) {
		size_t at = i + 1;

		if (w->text[i] != '$')
			continue;
		at += at < w->length && w->text[at] == '{';
		if (w->length - at < length ||
		    memcmp(w->text + at, variable, length))
			continue;
		if (at + length == w->length || !is_name(w->text[at + length]))
			return true;
	}
	return false;
}

bool script_reads(const char *text, size_t size, const char *variable)
{
	struct script_line l = { 0 };
	struct script_word w;

	while (script_line_next(&l, text, size)) {
		script_words(&w, &l);
		while (script_word_next(&w, text)) {
			if (word_reads(&w, variable))
				return true;
		}
	}
	return false;
}

int script_insert(struct buffer *out, const char *text, size_t size,
		  const struct script_place *place, const char *lines)
{
	size_t blanks = place->indent_at;
	size_t indent;
	int err;

	while (blanks < size && (text[blanks] == ' ' || text[blanks] == '\t'))
		blanks++;
	indent = blanks - place->indent_at;
	err = buffer_add(out, text, place->offset);
	if (!err && place->offset && text[place->offset - 1] != '\n')
		err = buffer_add(out, "\n", 1);
	while (!err && *lines) {
		size_t length = strcspn(lines, "\n") + 1;

		err = buffer_add(out, text + place->indent_at, indent);
		if (!err)
			err = buffer_add(out, lines, length);
		lines += length;
	}
	return err ? err :
		     buffer_add(out, text + place->offset,
				size - place->offset);
}
