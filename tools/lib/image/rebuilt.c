// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/rebuilt.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct inode *marker_of(const struct image *image)
{
	const struct inode *marker;

	marker = tree_lookup(image->tree, IMAGE_MARKER, false);
	return marker && S_ISREG(marker->mode) && marker->data ? marker : NULL;
}

bool rebuilt(const struct image *image)
{
	const struct inode *marker = marker_of(image);

	return marker && strstr((const char *)marker->data, "\nrebuilt\n");
}

struct undo {
	struct tree *tree;
	unsigned int segment; /* ours */
	unsigned int replaced;
};

/*
 * A file that somebody's later segment wrote is theirs, and stays; then what
 * it hides is gone for good.
 */
static int undo_file(struct undo *u, const char *path, bool was_there)
{
	const struct inode *inode = tree_lookup(u->tree, path, false);
	bool ours = inode && inode->segment == u->segment;
	char kept[sizeof(REBUILT_BASE) + 16];

	if (ours && !S_ISDIR(inode->mode))
		tree_remove(u->tree, path);
	if (!was_there)
		return 0;
	snprintf(kept, sizeof(kept), REBUILT_BASE "/%u", u->replaced++);
	if (!tree_lookup(u->tree, kept, false))
		return -EBADMSG;
	if (tree_lookup(u->tree, path, false))
		return tree_remove(u->tree, kept);
	return tree_rename(u->tree, kept, path);
}

/* The last of the lines first: what is in a folder goes before it. */
static void undo_folders(struct undo *u, char **lines, size_t count)
{
	while (count--) {
		const char *path = lines[count] + strlen("added ");
		const struct inode *inode;

		if (strncmp(lines[count], "added ", strlen("added ")))
			continue;
		inode = tree_lookup(u->tree, path, false);
		if (inode && S_ISDIR(inode->mode) &&
		    !tree_children(u->tree, path))
			tree_remove(u->tree, path);
	}
}

static int undo_lines(struct undo *u, char *text, char **lines)
{
	size_t count = 0;
	char *rest = text;
	char *line;
	int err = 0;

	while (!err && (line = strsep(&rest, "\n"))) {
		lines[count++] = line;
		if (!strncmp(line, "added ", strlen("added ")))
			err = undo_file(u, line + strlen("added "), false);
		else if (!strncmp(line, "replaced ", strlen("replaced ")))
			err = undo_file(u, line + strlen("replaced "), true);
	}
	if (!err)
		undo_folders(u, lines, count);
	return err;
}

int rebuilt_undo(const struct image *image, struct failure *why)
{
	const struct inode *marker = marker_of(image);
	struct undo u = { .tree = image->tree, .segment = marker->segment };
	char *text = strdup((const char *)marker->data);
	/* No more lines than bytes */
	char **lines = calloc(marker->size + 2, sizeof(*lines));
	int err = -ENOMEM;

	if (text && lines) {
		tree_remove(u.tree, IMAGE_MARKER);
		err = undo_lines(&u, text, lines);
	}
	free(lines);
	free(text);
	if (err)
		return fail(why, err,
			    "the " IMAGE_MARKER " in it does not fit to what"
			    " else is in it: not as --rebuild wrote it");
	return 0;
}
