// SPDX-License-Identifier: GPL-2.0-only
/* diff: what the kernel would see differently in two initrds. */
#include "tools/lib/inspect/tree_diff.h"
#include "tools/mkinitrd-en/print.h"
#include "tools/mkinitrd-en/verbs.h"
#include "tools/mkinitrd-en/view.h"

#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

/* As diff(1) has them; wrong usage is EXIT_TROUBLE too. */
#define EXIT_SAME 0
#define EXIT_DIFFERENT 1
#define EXIT_TROUBLE 2

static const char help[] =
	"usage: mkinitrd-en diff [OPTIONS] INITRD INITRD\n"
	"\n"
	"Prints what the kernel would see differently in the second initrd:\n"
	"  + PATH              only there\n"
	"  - PATH              only in the first\n"
	"  ~ PATH: WHAT        in both, but not the same\n"
	"How they are packed and cut into segments does not count, nor do\n"
	"times. One of the two may be - for standard input.\n"
	"\n"
	"  --json              print the differences as JSON\n"
	"  -h, --help          this text\n"
	"\n"
	"Exit status: 0 the same, 1 different, 2 trouble or wrong usage.\n";

struct changes {
	bool json;
	size_t count;
	struct json_object *added;
	struct json_object *removed;
	struct json_object *changed;
};

static const char *const type_names[16] = {
	[S_IFREG >> 12] = "file",	  [S_IFDIR >> 12] = "directory",
	[S_IFLNK >> 12] = "link",	  [S_IFCHR >> 12] = "character device",
	[S_IFBLK >> 12] = "block device", [S_IFIFO >> 12] = "FIFO",
	[S_IFSOCK >> 12] = "socket",
};

static const char *type_name(const struct inode *inode)
{
	const char *name = type_names[inode->mode >> 12 & 15];

	return name ? name : "unknown";
}

/* What @inode has for one difference, as text; the caller frees it. */
static char *aspect(const struct inode *inode, unsigned int difference)
{
	char *text = NULL;
	int length;

	if (difference == TREE_TYPE)
		return strdup(type_name(inode));
	if (difference == TREE_TARGET)
		return strdup(inode->data ? (const char *)inode->data : "");
	if (difference == TREE_MODE)
		length = asprintf(&text, "%04o", inode->mode & 07777);
	else if (difference == TREE_OWNER)
		length = asprintf(&text, "%u:%u", inode->uid, inode->gid);
	else if (difference == TREE_SIZE)
		length = asprintf(&text, "%" PRIu64, inode->size);
	else if (difference == TREE_DEVICE)
		length = asprintf(&text, "%u:%u", inode->rmajor, inode->rminor);
	else
		length = asprintf(&text, "%016" PRIx64, inode->hash);
	return length < 0 ? NULL : text;
}

static const struct {
	unsigned int difference;
	const char *name;
} aspects[] = {
	{ TREE_TYPE, "type" },	     { TREE_MODE, "mode" },
	{ TREE_OWNER, "owner" },     { TREE_SIZE, "size" },
	{ TREE_TARGET, "target" },   { TREE_DEVICE, "device" },
	{ TREE_CONTENT, "content" },
};

#define N_ASPECTS (sizeof(aspects) / sizeof(aspects[0]))

static void print_change(const char *path, const struct inode *old,
			 const struct inode *new, unsigned int differences)
{
	const char *between = ": ";

	fputs("~ ", stdout);
	print_name(stdout, path);
	for (size_t i = 0; i < N_ASPECTS; i++) {
		char *before;
		char *after;

		if (!(differences & aspects[i].difference))
			continue;
		printf("%s%s", between, aspects[i].name);
		between = ", ";
		if (aspects[i].difference == TREE_CONTENT)
			continue;
		before = aspect(old, aspects[i].difference);
		after = aspect(new, aspects[i].difference);
		putchar(' ');
		print_name(stdout, before ? before : "?");
		fputs(" -> ", stdout);
		print_name(stdout, after ? after : "?");
		free(before);
		free(after);
	}
	putchar('\n');
}

static struct json_object *change_json(const char *path,
				       const struct inode *old,
				       const struct inode *new,
				       unsigned int differences)
{
	struct json_object *o = json_object_new_object();

	json_put_text(o, "path", path);
	for (size_t i = 0; i < N_ASPECTS; i++) {
		struct json_object *pair;
		char *before;
		char *after;

		if (!(differences & aspects[i].difference))
			continue;
		pair = json_object_new_object();
		before = aspect(old, aspects[i].difference);
		after = aspect(new, aspects[i].difference);
		json_put_text(pair, "old", before);
		json_put_text(pair, "new", after);
		json_put(o, aspects[i].name, pair);
		free(before);
		free(after);
	}
	return o;
}

static void add_path(struct json_object *list, const char *path)
{
	struct json_object *o = json_object_new_object();

	json_put_text(o, "path", path);
	json_object_array_add(list, o);
}

static int found(void *ctx, const char *path, const struct inode *old,
		 const struct inode *new, unsigned int differences)
{
	struct changes *c = ctx;

	c->count++;
	if (c->json && old && new)
		json_object_array_add(c->changed,
				      change_json(path, old, new, differences));
	else if (c->json)
		add_path(old ? c->removed : c->added, path);
	else if (old && new)
		print_change(path, old, new, differences);
	else {
		fputs(old ? "- " : "+ ", stdout);
		print_name(stdout, path);
		putchar('\n');
	}
	return 0;
}

static int compare(struct view views[2], bool json, struct failure *why)
{
	struct changes c = { .json = json };
	int err;

	if (json) {
		c.added = json_object_new_array();
		c.removed = json_object_new_array();
		c.changed = json_object_new_array();
	}
	err = tree_diff(views[0].image.tree, views[1].image.tree, found, &c);
	if (json) {
		struct json_object *o = json_object_new_object();

		json_put_bool(o, "same", !c.count);
		json_put(o, "added", c.added);
		json_put(o, "removed", c.removed);
		json_put(o, "changed", c.changed);
		json_print(o);
	}
	if (err) {
		fail(why, err, "out of memory");
		return EXIT_TROUBLE;
	}
	return c.count ? EXIT_DIFFERENT : EXIT_SAME;
}

static int read_both(struct view views[2], char **paths, struct failure *why)
{
	int err = 0;

	for (int i = 0; !err && i < 2; i++) {
		err = view_read(&views[i], paths[i], NULL, why);
		/* Half an image compared with a whole one tells nothing. */
		if (!err && views[i].damage)
			err = fail(why, views[i].damage, "%s: %s",
				   views[i].name, views[i].damage_why.text);
	}
	return err;
}

/* -1, or the exit status that is due at once */
static int read_options(bool *json, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int code;

	while ((code = getopt_long(argc, argv, "h", long_options, NULL)) !=
	       -1) {
		if (code == 'h') {
			fputs(help, stdout);
			return EXIT_SUCCESS;
		}
		if (code != 'j')
			return usage_hint("diff", NULL);
		*json = true;
	}
	if (optind + 2 != argc)
		return usage_hint("diff", "two initrds are needed");
	if (!strcmp(argv[optind], "-") && !strcmp(argv[optind + 1], "-"))
		return usage_hint("diff", "only one can be standard input");
	return -1;
}

int diff_main(int argc, char **argv)
{
	struct view views[2] = { 0 };
	struct failure why = { "" };
	bool json = false;
	int status;

	status = read_options(&json, argc, argv);
	if (status >= 0)
		return status;
	status = EXIT_TROUBLE;
	if (!read_both(views, argv + optind, &why))
		status = compare(views, json, &why);
	if (*why.text)
		fprintf(stderr, "mkinitrd-en: %s\n", why.text);
	if (!print_done())
		status = EXIT_TROUBLE;
	view_free(&views[0]);
	view_free(&views[1]);
	return status;
}
