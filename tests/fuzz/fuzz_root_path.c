// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a root-path; a good one means the same when written short. */
#include "tools/lib/base/failure.h"
#include "tools/lib/iscsi/root_path.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct root_path path;
	struct root_path again;
	struct failure why;
	char text[ROOT_PATH_MAX];

	if (root_path_read(&path, (const char *)data, size, &why))
		return 0;
	root_path_write(&path, text);
	if (root_path_read(&again, text, strlen(text), &why) ||
	    strcmp(path.server, again.server) || path.port != again.port ||
	    path.lun != again.lun || strcmp(path.name, again.name))
		abort();
	return 0;
}
