// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/cpio.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/image/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Behind the rest: its macro fail() would be in the way of failure.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct tree *tree;
static unsigned int segment;

static int setup(void **state)
{
	tree = tree_new();
	segment = 0;
	return tree ? 0 : -1;
}

static int teardown(void **state)
{
	tree_free(tree);
	return 0;
}

static void enter(const char *name, uint32_t mode, const char *body,
		  uint32_t ino, uint32_t nlink)
{
	struct cpio_entry e = {
		.name = name,
		.mode = mode,
		.size = strlen(body),
		.ino = ino,
		.nlink = nlink,
	};

	assert_int_equal(tree_begin(tree, &e, segment, NULL), 0);
	if (*body)
		assert_int_equal(tree_data(tree, (const uint8_t *)body,
					   strlen(body), NULL),
				 0);
	assert_int_equal(tree_end(tree, NULL), 0);
}

static void dir(const char *name)
{
	enter(name, S_IFDIR | 0755, "", 0, 2);
}

static void file(const char *name, const char *body)
{
	enter(name, S_IFREG | 0644, body, 0, 1);
}

static void symlink_to(const char *name, const char *target)
{
	enter(name, S_IFLNK | 0777, target, 0, 1);
}

static const char *body_of(const char *path)
{
	const struct inode *i = tree_lookup(tree, path, true);

	return i && i->data ? (const char *)i->data : NULL;
}

static void later_files_win(void **state)
{
	dir("etc");
	file("etc/a", "first");
	file("./etc/a", "second");
	file("/etc/a", "third");
	assert_string_equal(body_of("etc/a"), "third");
	assert_int_equal(tree_lost(tree), 0);
}

static void without_a_parent_it_is_lost(void **state)
{
	file("etc/a", "x");
	assert_null(tree_lookup(tree, "etc/a", true));
	assert_int_equal(tree_lost(tree), 1);
}

static void the_kernels_own_nodes_are_there(void **state)
{
	file("root/x", "x");
	assert_non_null(tree_lookup(tree, "root/x", true));
	assert_true(S_ISCHR(tree_lookup(tree, "dev/console", true)->mode));
}

static void links_are_followed_on_the_way(void **state)
{
	char path[TREE_PATH_MAX];

	dir("usr");
	dir("usr/lib");
	symlink_to("lib", "usr/lib");
	symlink_to("usr/lib/up", "../../etc");
	dir("etc");
	file("lib/up/a", "a");
	assert_int_equal(tree_resolve(tree, "lib/up/a", true, path), 0);
	assert_string_equal(path, "etc/a");
	assert_int_equal(tree_resolve(tree, "/lib/./x", true, path), 0);
	assert_string_equal(path, "usr/lib/x");
	assert_int_equal(tree_resolve(tree, "lib", false, path), 0);
	assert_string_equal(path, "lib");
	assert_int_equal(tree_resolve(tree, "lib/none/x", true, path), -ENOENT);
	assert_int_equal(tree_resolve(tree, "etc/a/x", true, path), -ENOTDIR);
}

static void loops_of_links_end(void **state)
{
	char path[TREE_PATH_MAX];

	symlink_to("a", "b/x");
	symlink_to("b", "a/y");
	assert_int_equal(tree_resolve(tree, "a/z", true, path), -ELOOP);
}

static void a_directory_over_a_link_destroys_it(void **state)
{
	dir("usr");
	dir("usr/lib");
	file("usr/lib/libc", "c");
	symlink_to("lib", "usr/lib");
	assert_non_null(tree_lookup(tree, "lib/libc", true));
	dir("lib");
	assert_null(tree_lookup(tree, "lib/libc", true));
}

static void nothing_replaces_a_full_directory(void **state)
{
	dir("etc");
	file("etc/x", "x");
	symlink_to("etc", "elsewhere");
	file("etc", "file");
	assert_int_equal(tree_lost(tree), 2);
	assert_string_equal(body_of("etc/x"), "x");
	dir("empty");
	file("empty", "file");
	assert_int_equal(tree_lost(tree), 2);
	assert_true(S_ISREG(tree_lookup(tree, "empty", false)->mode));
}

static void hard_links_share_their_bytes(void **state)
{
	dir("etc");
	enter("etc/a", S_IFREG | 0644, "", 7, 2);
	enter("etc/b", S_IFREG | 0644, "body", 7, 2);
	assert_string_equal(body_of("etc/a"), "body");
	assert_int_equal(tree_lookup(tree, "etc/a", true)->names, 2);
	/* Written over by one name, both names change. */
	file("etc/a", "new");
	assert_string_equal(body_of("etc/b"), "new");
	/* A link of that name in between breaks it. */
	symlink_to("etc/a", ".");
	file("etc/a", "alone");
	assert_string_equal(body_of("etc/b"), "new");
	assert_string_equal(body_of("etc/a"), "alone");
	assert_int_equal(tree_lookup(tree, "etc/b", true)->names, 1);
}

static void a_trailer_ends_hard_links(void **state)
{
	dir("etc");
	enter("etc/a", S_IFREG | 0644, "one", 7, 2);
	tree_trailer(tree);
	enter("etc/b", S_IFREG | 0644, "two", 7, 2);
	assert_string_equal(body_of("etc/a"), "one");
	assert_string_equal(body_of("etc/b"), "two");
}

static void many_names_fit(void **state)
{
	char name[32];

	for (int i = 0; i < 20000; i++) {
		sprintf(name, "f%d", i);
		file(name, "x");
	}
	for (int i = 0; i < 20000; i++) {
		sprintf(name, "f%d", i);
		assert_non_null(tree_lookup(tree, name, true));
	}
	assert_int_equal(tree_children(tree, ""), 20000 + 2);
}

static void what_is_lost_is_told(void **state)
{
	const struct tree_log *lost = tree_lost_log(tree);

	file("etc/a", "x");
	file("file", "x");
	file("file/b", "x");
	symlink_to("loop", "loop");
	file("loop/c", "x");
	dir("full");
	dir("full/d");
	segment = 3;
	file("full", "x");
	assert_int_equal(lost->count, 4);
	assert_int_equal(lost->kept, 4);
	assert_string_equal(lost->list[0].path, "etc/a");
	assert_string_equal(lost->list[0].reason, "the directory is missing");
	assert_non_null(strstr(lost->list[1].reason, "no directory"));
	assert_non_null(strstr(lost->list[2].reason, "circle"));
	assert_non_null(strstr(lost->list[3].reason, "in the way"));
	assert_int_equal(lost->list[2].segment, 0);
	assert_int_equal(lost->list[3].segment, 3);
	for (int i = 0; i < 200; i++)
		file("none/x", "x");
	assert_int_equal(lost->count, 204);
	assert_int_equal(lost->kept, 100);
	assert_int_equal(tree_lost(tree), 204);
}

static void what_is_written_over_is_told(void **state)
{
	const struct tree_log *shadows = tree_shadow_log(tree);

	dir("etc");
	file("etc/a", "x");
	enter("dev/console", S_IFCHR | 0600, "", 0, 1);
	segment = 1;
	dir("etc");
	assert_int_equal(shadows->count, 0);
	file("etc/a", "y");
	assert_int_equal(shadows->count, 1);
	assert_string_equal(shadows->list[0].path, "etc/a");
	assert_int_equal(shadows->list[0].before, 0);
	assert_int_equal(shadows->list[0].segment, 1);
	assert_int_equal(tree_lookup(tree, "etc/a", true)->segment, 1);
	assert_int_equal(tree_lookup(tree, "root", true)->segment,
			 TREE_OF_KERNEL);
	assert_int_equal(tree_surprise_log(tree)->count, 0);
}

static void surprises_are_told(void **state)
{
	const struct tree_log *log = tree_surprise_log(tree);

	enter("a", S_IFREG | 0644, "x", 7, 2);
	enter("b", S_IFREG | 0644, "", 7, 2);
	symlink_to("lib", "usr/lib");
	assert_int_equal(log->count, 0);
	segment = 1;
	enter("c", S_IFREG | 0644, "new", 7, 2);
	assert_int_equal(log->count, 1);
	assert_non_null(strstr(log->list[0].reason, "TRAILER"));
	dir("lib");
	assert_int_equal(log->count, 2);
	assert_non_null(strstr(log->list[1].reason, "replaces a link"));
	tree_trailer(tree);
	segment = 2;
	file("b", "mine");
	assert_int_equal(log->count, 3);
	assert_non_null(strstr(log->list[2].reason, "hard link"));
	segment = 3;
	symlink_to("b", ".");
	file("b", "alone");
	assert_int_equal(log->count, 3);
}

static bool wants(void *ctx, const char *path, uint64_t size)
{
	return strstr(path, ".ko");
}

static int look(void *ctx, const char *path, struct inode *inode,
		struct failure *why)
{
	assert_string_equal(path, "usr/x.ko");
	inode->facts = strdup((char *)inode->data);
	inode->facts_size = strlen(inode->facts);
	return inode->facts ? 0 : -ENOMEM;
}

static void files_are_shown_whole(void **state)
{
	static const struct tree_watch watch = { NULL, wants, look };
	const struct inode *inode;

	tree_set_watch(tree, &watch);
	dir("usr");
	symlink_to("lib", "usr");
	file("lib/x.ko", "module");
	inode = tree_lookup(tree, "usr/x.ko", true);
	assert_string_equal(inode->facts, "module");
	assert_null(inode->data);
	tree_set_watch(tree, NULL);
	file("lib/x.ko", "other");
	assert_null(inode->facts);
	assert_int_equal(inode->facts_size, 0);
}

static void paths_come_in_order(void **state)
{
	struct tree_path *list;
	size_t count;

	file("b", "x");
	dir("a");
	file("a/z", "x");
	file("a-", "x");
	assert_int_equal(tree_sorted(tree, &list, &count), 0);
	assert_int_equal(count, 4 + 3);
	assert_string_equal(list[0].path, "a");
	assert_string_equal(list[1].path, "a-");
	assert_string_equal(list[2].path, "a/z");
	assert_string_equal(list[3].path, "b");
	free(list);
}

static void what_is_removed_takes_all_below(void **state)
{
	dir("a");
	dir("a/b");
	dir("ab");
	file("a/b/c", "x");
	file("ab/c", "y");
	assert_int_equal(tree_remove(tree, "none"), -ENOENT);
	assert_int_equal(tree_remove(tree, "."), -EBUSY);
	assert_int_equal(tree_remove(tree, "a"), 0);
	assert_null(tree_lookup(tree, "a", false));
	assert_null(tree_lookup(tree, "a/b/c", false));
	assert_non_null(tree_lookup(tree, "ab/c", false));
	dir("a");
	assert_int_equal(tree_children(tree, "a"), 0);
	assert_null(tree_lookup(tree, "a/b", false));
}

static void a_name_can_change(void **state)
{
	const struct inode *inode;

	dir("a");
	dir("b");
	file("a/x", "body");
	file("a/y", "other");
	inode = tree_lookup(tree, "a/x", false);
	assert_int_equal(tree_rename(tree, "a", "c"), -EISDIR);
	assert_int_equal(tree_rename(tree, "a/x", "a/y"), -EEXIST);
	assert_int_equal(tree_rename(tree, "a/none", "b/x"), -ENOENT);
	assert_int_equal(tree_rename(tree, "a/x", "none/x"), -ENOENT);
	assert_int_equal(tree_rename(tree, "a/x", "b/x"), 0);
	assert_ptr_equal(tree_lookup(tree, "b/x", false), inode);
	assert_int_equal(inode->names, 1);
	assert_null(tree_lookup(tree, "a/x", false));
	assert_int_equal(tree_children(tree, "a"), 1);
	assert_int_equal(tree_children(tree, "b"), 1);
}

/* By which a second reading finds the contents again */
static void an_inode_knows_its_entry(void **state)
{
	enter("one", S_IFREG | 0644, "", 7, 2);
	enter("two", S_IFREG | 0644, "body", 7, 2);
	enter("three", S_IFREG | 0644, "", 7, 2);
	assert_int_equal(tree_lookup(tree, "one", false)->entry, 2);
	assert_int_equal(tree_lookup(tree, "three", false)->names, 3);
	file("none/x", "lost, but counted");
	file("four", "x");
	assert_int_equal(tree_lookup(tree, "four", false)->entry, 5);
	assert_int_equal(tree_lookup(tree, "dev", false)->entry, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(later_files_win),
		TEST(without_a_parent_it_is_lost),
		TEST(the_kernels_own_nodes_are_there),
		TEST(links_are_followed_on_the_way),
		TEST(loops_of_links_end),
		TEST(a_directory_over_a_link_destroys_it),
		TEST(nothing_replaces_a_full_directory),
		TEST(hard_links_share_their_bytes),
		TEST(a_trailer_ends_hard_links),
		TEST(many_names_fit),
		TEST(what_is_lost_is_told),
		TEST(what_is_written_over_is_told),
		TEST(surprises_are_told),
		TEST(files_are_shown_whole),
		TEST(paths_come_in_order),
		TEST(what_is_removed_takes_all_below),
		TEST(a_name_can_change),
		TEST(an_inode_knows_its_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
