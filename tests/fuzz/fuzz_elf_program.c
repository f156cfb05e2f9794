// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as a program that is to be brought along. */
#include "tools/lib/base/elf_program.h"
#include "tools/lib/base/failure.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_program p;
	struct failure why;
	const char *name;
	size_t all = 0;
	size_t at = 0;

	if (elf_program_read(&p, data, size, &why))
		return 0;
	all += p.interpreter ? strlen(p.interpreter) : 0;
	all += p.run_path ? strlen(p.run_path) : 0;
	while ((name = elf_program_needs(&p, &at)))
		all += strlen(name);
	return all == (size_t)-1;
}
