// SPDX-License-Identifier: GPL-2.0-only
#include "tools/mkinitrd-en/print.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* How long the UTF-8 character at @text is, or 0: none, or a control. */
static size_t character(const unsigned char *text)
{
	size_t length = 1;
	uint32_t value = text[0];

	if (value < 0x80)
		return value >= ' ' && value != 0x7f;
	if (value >= 0xf0 && value < 0xf5)
		length = 4;
	else if (value >= 0xe0 && value < 0xf0)
		length = 3;
	else if (value >= 0xc2 && value < 0xe0)
		length = 2;
	else
		return 0;
	value &= 0x7f >> length;
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (text[i] & 0x3f);
	}
	/* C1 controls, overlong forms, surrogates, beyond Unicode */
	if (value < 0xa0 || (length == 3 && value < 0x800) ||
	    (length == 4 && value < 0x10000) || value > 0x10ffff ||
	    (value >= 0xd800 && value < 0xe000))
		return 0;
	return length;
}

void print_name(FILE *out, const char *name)
{
	const unsigned char *p = (const unsigned char *)name;

	while (*p) {
		size_t length = character(p);

		if (*p == '\\')
			fputs("\\\\", out);
		else if (length)
			fwrite(p, 1, length, out);
		else
			fprintf(out, "\\%03o", *p);
		p += length ? length : 1;
	}
}

void print_short_name(FILE *out, const char *name, int width)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	size_t skip;

	if (!memory)
		return;
	print_name(memory, name);
	fclose(memory);
	skip = size > (size_t)width ? size - width + 3 : 0;
	/* Not into the middle of a character */
	while (skip && (text[skip] & 0xc0) == 0x80)
		skip++;
	fprintf(out, "%s%-*s", skip ? "..." : "", skip ? width - 3 : width,
		text + skip);
	free(text);
}

const char *size_text(char text[SIZE_TEXT], uint64_t size)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = size / 1024.0;
	size_t unit = 0;

	if (size < 1024) {
		snprintf(text, SIZE_TEXT, "%u B", (unsigned int)size);
		return text;
	}
	for (; value >= 999.95 && unit < 3; unit++)
		value /= 1024;
	snprintf(text, SIZE_TEXT, "%.1f %s", value, units[unit]);
	return text;
}

const char *mode_text(char text[MODE_TEXT], uint32_t mode)
{
	static const char letters[] = "rwxrwxrwx";
	static const struct {
		uint32_t format;
		char letter;
	} types[] = { { S_IFREG, '-' }, { S_IFDIR, 'd' }, { S_IFLNK, 'l' },
		      { S_IFCHR, 'c' }, { S_IFBLK, 'b' }, { S_IFIFO, 'p' },
		      { S_IFSOCK, 's' } };

	strcpy(text, "?---------");
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if ((mode & S_IFMT) == types[i].format)
			text[0] = types[i].letter;
	}
	for (int i = 0; i < 9; i++) {
		if (mode & (0400 >> i))
			text[1 + i] = letters[i];
	}
	if (mode & S_ISUID)
		text[3] = mode & 0100 ? 's' : 'S';
	if (mode & S_ISGID)
		text[6] = mode & 0010 ? 's' : 'S';
	if (mode & S_ISVTX)
		text[9] = mode & 0001 ? 't' : 'T';
	return text;
}

void json_put(struct json_object *o, const char *key, struct json_object *value)
{
	json_object_object_add(o, key, value);
}

void json_put_text(struct json_object *o, const char *key, const char *text)
{
	char *clean = NULL;
	size_t size = 0;
	FILE *memory = text ? open_memstream(&clean, &size) : NULL;

	if (!memory) {
		json_put(o, key, NULL);
		return;
	}
	for (const unsigned char *p = (const unsigned char *)text; *p;) {
		size_t length = *p < 0x80 ? 1 : character(p);

		if (length)
			fwrite(p, 1, length, memory);
		else
			fprintf(memory, "\\%03o", *p);
		p += length ? length : 1;
	}
	fclose(memory);
	json_put(o, key, json_object_new_string_len(clean, size));
	free(clean);
}

void json_put_number(struct json_object *o, const char *key, uint64_t value)
{
	json_put(o, key, json_object_new_int64(value));
}

void json_put_bool(struct json_object *o, const char *key, bool value)
{
	json_put(o, key, json_object_new_boolean(value));
}

void json_print(struct json_object *o)
{
	puts(json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

bool print_done(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return true;
	fputs("mkinitrd-en: cannot print\n", stderr);
	return false;
}
