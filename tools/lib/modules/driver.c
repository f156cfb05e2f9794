// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/modules/driver.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/modules/module_file.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Where DKMS puts what it builds, and where the kernel has its own */
static const struct {
	const char *kind;
	const char *folder;
} places[] = {
	{ "dkms", "updates/dkms" },
	{ "in-tree", "kernel/drivers/net/ethernet/mellanox" },
};

#define N_PLACES (sizeof(places) / sizeof(places[0]))

bool driver_is(const char *name)
{
	return !strcmp(name, "mlx4_core") || !strcmp(name, "mlx4_en");
}

int driver_folder(const char *modules, const char *wanted, char **folder,
		  struct failure *why)
{
	const char *below = NULL;
	struct stat st;

	for (size_t i = 0; i < N_PLACES; i++) {
		if (!strcmp(wanted, places[i].kind))
			below = places[i].folder;
	}
	if ((below ? asprintf(folder, "%s/%s", modules, below) :
		     asprintf(folder, "%s", wanted)) < 0) {
		*folder = NULL;
		return fail(why, -ENOMEM, "out of memory");
	}
	if (!stat(*folder, &st) && S_ISDIR(st.st_mode))
		return 0;
	if (below)
		return fail(why, -ENOENT, "--driver %s: there is no %s", wanted,
			    *folder);
	return fail(why, -ENOENT,
		    "--driver %s: neither dkms nor in-tree, and no folder",
		    wanted);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

int driver_file(const char *folder, const char *name, char **path,
		struct failure *why)
{
	char *const roots[] = { (char *)folder, NULL };
	FTS *fts = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;
	char found[256];
	int err = 0;

	*path = NULL;
	if (!fts)
		return fail(why, -errno, "%s: cannot be read: %s", folder,
			    strerror(errno));
	while (!err && !*path && (entry = fts_read(fts))) {
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR)
			err = fail(why, -entry->fts_errno,
				   "%s: cannot be read: %s", entry->fts_path,
				   strerror(entry->fts_errno));
		if (entry->fts_info != FTS_F ||
		    module_file_name(entry->fts_path, found, sizeof(found)) ||
		    strcmp(found, name))
			continue;
		*path = strdup(entry->fts_path);
		if (!*path)
			err = fail(why, -ENOMEM, "out of memory");
	}
	fts_close(fts);
	return err;
}

const char *driver_kind(const char *modules, const char *path)
{
	size_t size = strlen(modules);

	if (strncmp(path, modules, size) || path[size] != '/')
		return "other";
	path += size + 1;
	for (size_t i = 0; i < N_PLACES; i++) {
		size = strlen(places[i].folder);
		if (!strncmp(path, places[i].folder, size) && path[size] == '/')
			return places[i].kind;
	}
	return "other";
}
