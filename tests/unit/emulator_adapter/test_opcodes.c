// SPDX-License-Identifier: GPL-2.0-only
/*
 * docs/opcodes.md says of each opcode what the adapter's command table says.
 * Runs in the root of the source tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "emulator/adapter/adapter.h"

#define OPCODES 0x1000

static void test_document_and_table_agree(void **state)
{
	static bool listed[OPCODES];
	FILE *document = fopen("docs/opcodes.md", "r");
	unsigned int opcode, carried_out = 0;
	char line[512], name[64], answer[8];

	if (!document)
		fail_msg("cannot open docs/opcodes.md: run in the tree's root");
	while (fgets(line, sizeof(line), document)) {
		bool yes;

		if (sscanf(line, "| 0x%3x | %63s | %7s |", &opcode, name,
			   answer) != 3)
			continue;
		yes = !strcmp(answer, "yes");
		if (!yes && strcmp(answer, "no"))
			fail_msg("%s: neither yes nor no", line);
		if (listed[opcode])
			fail_msg("0x%03x stands twice", opcode);
		listed[opcode] = true;
		if (yes != command_implemented((u16)opcode))
			fail_msg("0x%03x %s: the document says %s", opcode,
				 name, answer);
		if (strcmp(command_name((u16)opcode), "unknown"))
			assert_string_equal(command_name((u16)opcode), name);
		carried_out += yes;
	}
	fclose(document);
	for (opcode = 0; opcode < OPCODES; opcode++)
		if (command_implemented((u16)opcode) && !listed[opcode])
			fail_msg("0x%03x %s is not in the document", opcode,
				 command_name((u16)opcode));
	assert_in_range(carried_out, 50, OPCODES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document_and_table_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
