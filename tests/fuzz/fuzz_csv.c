// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a CSV file of hosts; what is good is written for a server. */
#include "tools/lib/base/buffer.h"
#include "tools/lib/server/problems.h"
#include "tools/lib/server/server_config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_and_write(const uint8_t *data, size_t size,
			   const struct server *server, unsigned int needed)
{
	struct host_table table = { .file = "fuzz.csv" };
	struct problems problems = { 0 };
	struct buffer out = { 0 };

	host_table_read_csv(&table, (const char *)data, size, NULL, &problems);
	host_table_check(&table, needed, &problems);
	server_configure(server, &table, &out, &problems);
	/* One or the other, and no line of a file in the text of an error */
	if (!problems.count != (out.size > 0))
		abort();
	for (size_t i = 0; i < problems.lines.size; i++) {
		if (problems.lines.data[i] < ' ' &&
		    problems.lines.data[i] != '\n')
			abort();
	}
	buffer_free(&out);
	problems_free(&problems);
	host_table_free(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The size says which: one a run is quicker than all six. */
	size_t server = size / 2 % 3;

	if (size % 2)
		read_and_write(data, size, dhcp_servers[server],
			       1U << FIELD_HOST | 1U << FIELD_MAC |
				       1U << FIELD_ROOT_PATH);
	else
		read_and_write(data, size, target_servers[server],
			       1U << FIELD_BACKING | 1U << FIELD_ROOT_PATH);
	return 0;
}
