// SPDX-License-Identifier: GPL-2.0-only
/* What the network and the firmware can hand to iscsi-root inside an initrd. */
#include "initrd/iscsi-root/dhcp_message.h"
#include "initrd/iscsi-root/ibft.h"
#include "initrd/iscsi-root/settings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void skip(const char *line)
{
	(void)line;
}

/* The answer is always one to our own message, or nothing else is reached. */
static void read_lease(const uint8_t *data, size_t size)
{
	static const uint8_t mac[6] = { 0, 2, 0xc9, 0, 0, 0xbb };
	uint8_t message[1500];
	struct dhcp_lease lease;
	struct settings s;

	dhcp_message_write(message, 1, mac, NULL);
	message[0] = 2;
	if (size > sizeof(message) - 240)
		size = sizeof(message) - 240;
	memcpy(message + 240, data, size);
	if (dhcp_message_read(message, 240 + size, 1, mac, &lease))
		return;
	settings_init(&s);
	settings_take_root_path(&s, lease.root_path, strlen(lease.root_path));
	assert(lease.address.length <= 32);
}

static void read_settings(const uint8_t *data, size_t size)
{
	struct settings s;
	char *text = malloc(size + 1);

	if (!text)
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	settings_init(&s);
	settings_read(&s, text, size, skip);
	settings_read_command_line(&s, text, skip);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ibft ibft = { 0 };

	if (!size)
		return 0;
	if (data[0] % 3 == 0)
		read_lease(data + 1, size - 1);
	else if (data[0] % 3 == 1)
		read_settings(data + 1, size - 1);
	else
		ibft_read_table(&ibft, data + 1, size - 1);
	return 0;
}
