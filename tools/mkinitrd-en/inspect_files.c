// SPDX-License-Identifier: GPL-2.0-only
/* Every file of an image, and what lies below another. */
#include "tools/mkinitrd-en/inspect.h"
#include "tools/mkinitrd-en/print.h"

#include <inttypes.h>
#include <stdlib.h>

/* 1 and up; "kernel" for what every kernel makes itself */
static const char *segment_text(char text[16], unsigned int segment)
{
	if (segment == TREE_OF_KERNEL)
		return "kernel";
	snprintf(text, 16, "%u", segment + 1);
	return text;
}

static void print_file(const struct tree_path *p)
{
	const struct inode *inode = p->inode;
	char segment[16];
	char mode[MODE_TEXT];

	printf("%-6s %s %3u %5u %5u ", segment_text(segment, inode->segment),
	       mode_text(mode, inode->mode), inode->names, inode->uid,
	       inode->gid);
	if (S_ISCHR(inode->mode) || S_ISBLK(inode->mode))
		printf("%5u,%5u ", inode->rmajor, inode->rminor);
	else
		printf("%11" PRIu64 " ", inode->size);
	print_name(stdout, p->path);
	if (S_ISLNK(inode->mode) && inode->data) {
		fputs(" -> ", stdout);
		print_name(stdout, (const char *)inode->data);
	}
	putchar('\n');
}

int inspect_print_files(const struct view *v)
{
	struct tree_path *paths;
	size_t count;
	int err;

	err = tree_sorted(v->image.tree, &paths, &count);
	if (err)
		return err;
	printf("\nfiles: %zu\n", count);
	for (size_t i = 0; i < count; i++)
		print_file(&paths[i]);
	free(paths);
	return 0;
}

void inspect_print_shadowed(const struct view *v)
{
	const struct tree_log *log = tree_shadow_log(v->image.tree);

	printf("\nshadowed: %" PRIu64 "\n", log->count);
	if (log->kept)
		printf("%7s %7s  %s\n", "segment", "by", "path");
	for (size_t i = 0; i < log->kept; i++) {
		printf("%7u %7u  ", log->list[i].before + 1,
		       log->list[i].segment + 1);
		print_name(stdout, log->list[i].path);
		putchar('\n');
	}
	if (log->count > log->kept)
		printf("%17sand %" PRIu64 " more\n", "",
		       log->count - log->kept);
}
