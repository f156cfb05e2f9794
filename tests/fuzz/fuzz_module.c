// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as a kernel module. */
#include "tools/lib/base/failure.h"
#include "tools/lib/modules/modinfo.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *value = NULL;
	struct modinfo info;
	struct failure why;
	size_t all = 0;

	if (modinfo_find(&info, data, size, &why))
		return 0;
	while ((value = modinfo_next(&info, "firmware", value)))
		all += strlen(value);
	return all > size;
}
