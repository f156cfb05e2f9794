// SPDX-License-Identifier: GPL-2.0-only
#include "tools/en-flash/output.h"

#include <sys/stat.h>

#include "tools/lib/base/atomic_file.h"
#include "tools/lib/base/failure.h"

int output_write(const char *path, const void *data, size_t size, bool force,
		 struct failure *why)
{
	struct atomic_file file;
	struct stat st;
	int err;

	if (!force && !lstat(path, &st))
		return fail(why, -EEXIST, "%s: is there already (--force)",
			    path);
	err = atomic_file_begin(&file, path, NULL, why);
	if (err)
		return err;
	err = atomic_file_write(&file, data, size, why);
	if (!err)
		err = atomic_file_sync(&file, why);
	if (!err)
		err = atomic_file_commit(&file, why);
	atomic_file_end(&file);
	return err;
}
