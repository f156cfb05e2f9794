// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/modules/kernel_file.h"

#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/linux_setup.h"
#include "tools/lib/base/mapped_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETUP_SIZE 0x210 /* to the end of what is looked at */
#define RELEASE_MAX 64 /* of struct utsname */

int kernel_release_of(const uint8_t *data, size_t size, char **release,
		      struct failure *why)
{
	size_t length;
	size_t at;

	if (size < SETUP_SIZE ||
	    memcmp(data + SETUP_MAGIC, SETUP_MAGIC_TEXT, SETUP_MAGIC_SIZE) ||
	    get_le16(data + SETUP_VERSION) < 0x200)
		return fail(why, -ENOTSUP,
			    "no x86 kernel (bzImage) that tells its version:"
			    " give the version itself");
	at = get_le16(data + SETUP_KERNEL_VERSION);
	if (!at || size - 0x200 <= at)
		return fail(why, -EBADMSG,
			    "offset 0x%x: the version is said to be where the"
			    " file has nothing",
			    SETUP_KERNEL_VERSION);
	at += 0x200;
	for (length = 0; length < RELEASE_MAX && at + length < size; length++) {
		/* What follows the blank tells who built it, and when. */
		if (data[at + length] <= ' ' || data[at + length] > '~')
			break;
	}
	if (!length || length == RELEASE_MAX || at + length == size ||
	    memchr(data + at, '/', length) || data[at] == '.')
		return fail(why, -EBADMSG, "offset 0x%zx: no kernel version",
			    at);
	*release = strndup((const char *)data + at, length);
	return *release ? 0 : fail(why, -ENOMEM, "out of memory");
}

bool kernel_is_before(const char *release, unsigned int a, unsigned int b,
		      unsigned int c)
{
	unsigned int x = 0;
	unsigned int y = 0;
	unsigned int z = 0;

	if (sscanf(release, "%u.%u.%u", &x, &y, &z) < 2)
		return false;
	if (x != a)
		return x < a;
	return y != b ? y < b : z < c;
}

bool kernel_is_file(const char *word)
{
	struct stat st;

	return strchr(word, '/') ||
	       ((*word < '0' || *word > '9') && !stat(word, &st));
}

int kernel_file_release(const char *path, char **release, struct failure *why)
{
	struct mapped_file file;
	int err = mapped_file_open(&file, path, why);

	if (err)
		return err;
	err = kernel_release_of(file.data, file.size, release, why);
	mapped_file_close(&file);
	return err ? fail_in(why, err, "%s", path) : 0;
}
