// SPDX-License-Identifier: GPL-2.0-only
#include "rom/mkrom/settings.h"
#include "rom/mkrom/heads.h"
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Seconds. A key that is pressed before, while iPXE starts and brings up the card,
 * is not lost: with that second or two it is heard for three.
 */
#define DEFAULT_TIMEOUT 2
/*
 * Milliseconds. The links train while the prompt is shown; without a prompt
 * they get the time here.
 */
#define LINK_WAIT 1000
#define LINK_WAIT_NO_PROMPT 4000

void settings_default(struct settings *settings, const char *version)
{
	*settings = (struct settings){ .timeout = DEFAULT_TIMEOUT,
				       .interruptible = true };
	snprintf(settings->version, sizeof(settings->version), "%s", version);
	snprintf(settings->banner, sizeof(settings->banner), "%s",
		 ROM_PRODUCT_NAME);
}

/* A number of digits alone, at most @max. */
static int read_number(const char *text, unsigned int max, unsigned int *value)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	number = strtoul(text, &end, 10);
	if (*end || number > max)
		return -EINVAL;
	*value = number;
	return 0;
}

/* iPXE would read $ { } as its own, and these words as the command's end. */
int settings_set_banner(struct settings *settings, const char *text,
			struct failure *why)
{
	size_t size = strlen(text);

	if (!size || size > BANNER_MAX)
		return fail(why, -EINVAL, "a banner has 1 to %d characters",
			    BANNER_MAX);
	for (const char *p = text; *p; p++) {
		if (!isprint((unsigned char)*p) || strchr("${}&|#;\\\"'", *p))
			return fail(why, -EINVAL,
				    "banner: character %zu: the ROM's script"
				    " cannot hold control characters, UTF-8,"
				    " nor $ { } & | # ; \\ \" '",
				    p - text + 1);
	}
	if (isspace((unsigned char)text[0]) ||
	    isspace((unsigned char)text[size - 1]) || strstr(text, "  ") ||
	    text[0] == '-')
		return fail(why, -EINVAL,
			    "a banner begins and ends with a letter and has"
			    " single spaces");
	strcpy(settings->banner, text);
	return 0;
}

int settings_set_timeout(struct settings *settings, const char *text,
			 struct failure *why)
{
	if (read_number(text, TIMEOUT_MAX, &settings->timeout))
		return fail(why, -EINVAL,
			    "timeout '%s': not a number of seconds from 0 to"
			    " %d",
			    text, TIMEOUT_MAX);
	return 0;
}

int settings_set_vlan(struct settings *settings, const char *text,
		      struct failure *why)
{
	if (read_number(text, VLAN_MAX, &settings->vlan))
		return fail(why, -EINVAL,
			    "VLAN '%s': not a number from 1 to %d, or 0 for"
			    " none",
			    text, VLAN_MAX);
	return 0;
}

int settings_write(struct buffer *out, const struct settings *settings,
		   struct failure *why)
{
	if (buffer_printf(out,
			  "set rom-version %s\nset rom-banner %s\n"
			  "set rom-timeout %u\nset rom-link-wait %u\n",
			  settings->version, settings->banner,
			  settings->timeout * 1000,
			  settings->timeout ? LINK_WAIT :
					      LINK_WAIT_NO_PROMPT) ||
	    (settings->interruptible &&
	     buffer_printf(out, "set rom-window %u\n", settings->timeout)) ||
	    (settings->vlan &&
	     buffer_printf(out, "set rom-vlan %u\n", settings->vlan)))
		return fail(why, -ENOMEM, "no memory for the settings");
	return 0;
}

/* One line without its end */
static int read_line(struct settings *settings, const char *line)
{
	char name[24], value[BANNER_MAX + 1];
	struct failure why;
	unsigned int ignored;

	if (sscanf(line, "set rom-%23[a-z-] %64[^\n]", name, value) != 2)
		return -EINVAL;
	if (!strcmp(name, "version"))
		return snprintf(settings->version, sizeof(settings->version),
				"%s", value) < (int)sizeof(settings->version) ?
			       0 :
			       -EINVAL;
	if (!strcmp(name, "banner"))
		return settings_set_banner(settings, value, &why);
	if (!strcmp(name, "vlan"))
		return settings_set_vlan(settings, value, &why);
	if (!strcmp(name, "window")) {
		settings->interruptible = true;
		return read_number(value, TIMEOUT_MAX, &ignored);
	}
	if (!strcmp(name, "link-wait"))
		return read_number(value, LINK_WAIT_NO_PROMPT, &ignored);
	if (strcmp(name, "timeout") ||
	    read_number(value, TIMEOUT_MAX * 1000, &settings->timeout))
		return -EINVAL;
	settings->timeout /= 1000;
	return 0;
}

int settings_read(struct settings *settings, const struct buffer *text,
		  struct failure *why)
{
	const char *at = (const char *)text->data;
	const char *end = at + text->size;

	*settings = (struct settings){ 0 };
	for (unsigned int number = 1; at < end; number++) {
		const char *newline = memchr(at, '\n', end - at);
		size_t size = (newline ? newline : end) - at;
		char line[128];

		if (size < sizeof(line)) {
			memcpy(line, at, size);
			line[size] = 0;
		}
		if (size >= sizeof(line) || read_line(settings, line))
			return fail(why, -EINVAL,
				    "the ROM's settings: line %u is not one"
				    " that mkrom writes",
				    number);
		at += size + 1;
	}
	return 0;
}
