// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/disk.h"

#include "initrd/iscsi-root/settings.h"
#include "initrd/iscsi-root/text_file.h"

#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Calls @visit for each entry of a folder, in an order of its own, until it says
 * true; whether it did.
 */
static bool each_entry(const char *folder,
		       bool (*visit)(void *ctx, const char *folder,
				     const char *name),
		       void *ctx)
{
	DIR *open_folder = opendir(folder);
	struct dirent *entry;
	bool found = false;

	if (!open_folder)
		return false;
	while (!found && (entry = readdir(open_folder))) {
		if (entry->d_name[0] != '.')
			found = visit(ctx, folder, entry->d_name);
	}
	closedir(open_folder);
	return found;
}

struct search {
	const struct settings *settings;
	char session[PATH_MAX]; /* the folder of the session's device */
	bool any_lun;
	uint64_t lun; /* as the kernel numbers it */
	uint64_t best; /* the lowest with a disk so far */
	char *name;
};

static bool is_session(void *ctx, const char *folder, const char *name)
{
	struct search *search = ctx;
	char text[ISCSI_NAME_MAX + 2];

	if (!text_file_line(text, sizeof(text), "%s/%s/targetname", folder,
			    name) ||
	    strcmp(text, search->settings->name))
		return false;
	text_format(search->session, sizeof(search->session), "%s/%s/device",
		    folder, name);
	return true;
}

static bool find_session(struct search *search, const char *sys)
{
	char folder[PATH_MAX];

	text_format(folder, sizeof(folder), "%s/class/iscsi_session", sys);
	return each_entry(folder, is_session, search);
}

bool disk_has_session(const struct settings *s, const char *sys)
{
	struct search search = { .settings = s };

	return find_session(&search, sys);
}

static bool take_name(void *ctx, const char *folder, const char *name)
{
	(void)folder;
	text_format(ctx, DISK_NAME_MAX, "%s", name);
	return true;
}

/* The kernel's number of a LUN: its four parts, the first the lowest */
static uint64_t kernel_lun(uint64_t lun)
{
	return (lun >> 48) | (lun >> 32 & 0xffff) << 16 |
	       (lun >> 16 & 0xffff) << 32 | (lun & 0xffff) << 48;
}

/* H:C:T:L */
static bool look_at_unit(void *ctx, const char *folder, const char *name)
{
	struct search *search = ctx;
	const char *last = strrchr(name, ':');
	char name_found[DISK_NAME_MAX] = "";
	char path[PATH_MAX];
	uint64_t lun;

	if (!last)
		return false;
	lun = strtoull(last + 1, NULL, 10);
	if (!search->any_lun && lun != search->lun)
		return false;
	text_format(path, sizeof(path), "%s/%s/block", folder, name);
	if (!each_entry(path, take_name, name_found))
		return false;
	if (!*search->name || lun < search->best) {
		search->best = lun;
		text_format(search->name, DISK_NAME_MAX, "%s", name_found);
	}
	return false;
}

static bool look_at_target(void *ctx, const char *folder, const char *name)
{
	char path[PATH_MAX];

	if (strncmp(name, "target", strlen("target")))
		return false;
	text_format(path, sizeof(path), "%s/%s", folder, name);
	return each_entry(path, look_at_unit, ctx);
}

bool disk_find(const struct settings *s, const char *sys,
	       char name[DISK_NAME_MAX])
{
	struct search search = {
		.settings = s,
		.any_lun = !s->has_lun,
		.lun = kernel_lun(s->lun),
		.name = name,
	};

	*name = '\0';
	if (find_session(&search, sys))
		each_entry(search.session, look_at_target, &search);
	return *name;
}
