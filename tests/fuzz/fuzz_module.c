// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a kernel module, as a kernel, with a config inside, and as its
 * Module.symvers.
 */
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/modules/kernel_config.h"
#include "tools/lib/modules/kernel_file.h"
#include "tools/lib/modules/modinfo.h"
#include "tools/lib/modules/module_facts.h"
#include "tools/lib/modules/module_fit.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A module fits the kernel that it is made for itself. */
static void hold_against_itself(const struct modinfo *info, const uint8_t *data,
				size_t size)
{
	struct module_fit fit = { 0 };
	struct buffer facts = { 0 };
	const char *text;

	if (module_facts_make(&facts, info))
		abort();
	text = (const char *)facts.data;
	if (module_fit_add(&fit, "ours", text, facts.size) ||
	    module_fit_ready(&fit) ||
	    module_fit_meet(&fit, "other", text, facts.size) ||
	    module_fit_symvers(&fit, "symvers", data, size) ||
	    module_fit_end(&fit))
		abort();
	module_fit_free(&fit);
	buffer_free(&facts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *value = NULL;
	struct buffer config = { 0 };
	struct modinfo info;
	struct failure why;
	char *release;
	size_t all = 0;

	if (!kernel_release_of(data, size, &release, &why)) {
		all = strlen(release);
		free(release);
	}
	kernel_config_inside(&config, data, size, 1 << 20, &why);
	buffer_free(&config);
	if (modinfo_find(&info, data, size, &why))
		return 0;
	hold_against_itself(&info, data, size);
	while ((value = modinfo_next(&info, "firmware", value)))
		all += strlen(value);
	return all > size;
}
