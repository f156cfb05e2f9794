// SPDX-License-Identifier: GPL-2.0-only
#include "tools/en-flash/output.h"

#include <sys/stat.h>

#include "tools/lib/base/atomic_file.h"
#include "tools/lib/base/failure.h"

int output_write(const char *path, const void *data, size_t size, bool force,
		 struct failure *why)
{
	struct stat st;

	if (!force && !lstat(path, &st))
		return fail(why, -EEXIST, "%s: is there already (--force)",
			    path);
	return atomic_file_put(path, NULL, data, size, why);
}
