/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a user can set in a ROM. In the ROM they are the first lines of its
 * script: "set rom-NAME VALUE".
 */
#ifndef ROM_MKROM_SETTINGS_H
#define ROM_MKROM_SETTINGS_H

#include <stdbool.h>

struct buffer;
struct failure;

#define BANNER_MAX 64
#define TIMEOUT_MAX 3600
#define VLAN_MAX 4094

struct settings {
	char version[24];
	char banner[BANNER_MAX + 1];
	unsigned int timeout; /* seconds of the prompt; 0: none is shown */
	bool interruptible; /* the script takes a key wherever it waits */
	unsigned int vlan; /* 0: none */
};

/* The defaults of a new ROM */
void settings_default(struct settings *settings, const char *version);

/* Texts of the command line; 0 or -EINVAL with a message. */
int settings_set_banner(struct settings *settings, const char *text,
			struct failure *why);
int settings_set_timeout(struct settings *settings, const char *text,
			 struct failure *why);
int settings_set_vlan(struct settings *settings, const char *text,
		      struct failure *why);

/* Appends the lines of the script. 0 or -ENOMEM. */
int settings_write(struct buffer *out, const struct settings *settings,
		   struct failure *why);

/* Reads such lines. 0 or -EINVAL with the number of the line. */
int settings_read(struct settings *settings, const struct buffer *text,
		  struct failure *why);

#endif
