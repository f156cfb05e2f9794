// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/buffer.h"
#include "tools/lib/install/fstab.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define OURS "UUID=u / ext4 defaults,_netdev 0 1\n"
#define OFF "# before iscsi-root: "

static void becomes(const char *text, const char *wanted)
{
	struct buffer out = { 0 };

	assert_int_equal(fstab_make(text, strlen(text), "u", &out), 0);
	assert_int_equal(buffer_add(&out, "", 1), 0);
	assert_string_equal((char *)out.data, wanted);
	buffer_free(&out);
}

static void root_and_disks_give_way(void **state)
{
	(void)state;
	becomes("", OURS);
	becomes("/dev/sda1 / ext4 defaults 0 1\n",
		OURS OFF "/dev/sda1 / ext4 defaults 0 1\n");
	/* A root of any source: it is not the root any more. */
	becomes("server:/root / nfs ro 0 0\n",
		OURS OFF "server:/root / nfs ro 0 0\n");
	becomes("\tLABEL=swap\tnone swap sw 0 0\n",
		OURS OFF "\tLABEL=swap\tnone swap sw 0 0\n");
	becomes("\"UUID=a b\" /data ext4 x 0 0\n",
		OURS OFF "\"UUID=a b\" /data ext4 x 0 0\n");
}

static void the_rest_stays(void **state)
{
	(void)state;
	becomes("# /dev/sda1 / ext4\n\n  \ntmpfs /tmp tmpfs x 0 0\n",
		OURS "# /dev/sda1 / ext4\n\n  \ntmpfs /tmp tmpfs x 0 0\n");
	becomes("server:/home /home nfs x 0 0\nproc /proc proc x 0 0\n",
		OURS "server:/home /home nfs x 0 0\nproc /proc proc x 0 0\n");
	/* A line may be cut short, or be no line of fstab at all. */
	becomes("tmpfs", OURS "tmpfs\n");
	becomes("a\nb / c", OURS "a\n" OFF "b / c\n");
	becomes("/", OURS "/\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_and_disks_give_way),
		cmocka_unit_test(the_rest_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
