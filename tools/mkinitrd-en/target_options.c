// SPDX-License-Identifier: GPL-2.0-only
#include "tools/mkinitrd-en/target_options.h"

#include "initrd/iscsi-root/settings.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/iscsi/iscsi_target.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#define CHAP_FILE_MAX 2048

/* Those that go into the settings' file as they are */
static const struct {
	enum target_option code;
	const char *option;
	const char *key;
	const char *wanted;
} plain[] = {
	{ TARGET_IP, "--ip", "ip", "dhcp or ADDRESS/LENGTH[,GATEWAY]" },
	{ TARGET_PORT, "--port", "device_port", "1, 2 or any" },
	{ TARGET_MAC, "--mac", "mac", "a MAC address" },
	{ TARGET_VLAN, "--vlan", "vlan", "1 to 4094" },
	{ TARGET_MTU, "--mtu", "mtu", "576 to 65535" },
	{ TARGET_LINK_TIMEOUT, "--link-timeout", "link_timeout",
	  "1 to 3600 seconds" },
	{ TARGET_IBFT, "--ibft", "ibft", "use or ignore" },
};

/* The program that reads the line at boot is asked whether it will take it. */
static int add_setting(struct iscsi_target *t, const char *key,
		       const char *value, struct failure *why)
{
	struct settings settings;

	settings_init(&settings);
	if (settings_set(&settings, key, value))
		return -EINVAL;
	if (buffer_printf(&t->settings, "%s=%s\n", key, value))
		return fail(why, -ENOMEM, "out of memory");
	return 0;
}

static int take_plain(struct iscsi_target *t, int code, const char *value,
		      struct failure *why)
{
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		int err;

		if ((int)plain[i].code != code)
			continue;
		if (code == TARGET_VLAN)
			t->has_vlan = true;
		err = add_setting(t, plain[i].key, value, why);
		return err == -EINVAL ?
			       fail(why, err, "%s %s: not %s", plain[i].option,
				    value, plain[i].wanted) :
			       err;
	}
	return fail(why, -EINVAL, "no such option");
}

/* The first is the target; a second one is another way to the same. */
static int take_address(struct iscsi_target *t, const char *value,
			struct failure *why)
{
	char host[ISCSI_HOST_MAX + 1];
	enum iscsi_host kind;
	uint16_t port;

	if (!strcmp(value, "auto"))
		return 0;
	if (iscsi_portal_read(value, host, &kind, &port, why))
		return fail_in(why, -EINVAL, "--iscsi-target");
	if (*t->host)
		return add_setting(t, "target2", value, why);
	strcpy(t->host, host);
	t->kind = kind;
	t->port = port;
	return 0;
}

static int take_name(char name[ISCSI_NAME_MAX + 1], const char *value,
		     const char *option, struct failure *why)
{
	size_t column = 0;

	if (iscsi_name_check(value, strlen(value), &column, why))
		return fail_in(why, -EINVAL, "%s %s: column %zu", option, value,
			       column + 1);
	strcpy(name, value);
	return 0;
}

/* Cuts the next line off; NULL when there is none. */
static char *next_line(char **text)
{
	char *line = *text;
	char *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	if (end)
		*end = '\0';
	*text = end ? end + 1 : NULL;
	end = line + strlen(line);
	if (end != line && end[-1] == '\r')
		end[-1] = '\0';
	return line;
}

static int take_secret(struct iscsi_target *t, const char *key,
		       const char *value, const char *path, struct failure *why)
{
	int err = add_setting(t, key, value, why);

	return err == -EINVAL ? fail(why, err,
				     "%s: a line is longer than %d"
				     " bytes",
				     path, SECRET_MAX) :
				err;
}

/*
 * Lines of the file: user, secret; and where the target has to prove itself as
 * well, its user and its secret.
 */
static int read_chap(struct iscsi_target *t, char *text, const char *path,
		     struct failure *why)
{
	static const char *const keys[] = { "chap_user", "chap_secret",
					    "chap_user_in", "chap_secret_in" };
	char *lines[5] = { NULL };
	unsigned int n = 0;
	int err = 0;

	while (n < 5 && (lines[n] = next_line(&text)))
		n++;
	if (n != 2 && n != 4)
		return fail(why, -EINVAL,
			    "%s: a line with the user, one with the secret, and"
			    " the target's own two or none; there are %s%u",
			    path, n == 5 ? "more than " : "", n == 5 ? 4 : n);
	for (unsigned int i = 0; !err && i < n; i++) {
		if (!*lines[i])
			return fail(why, -EINVAL, "%s: line %u is empty", path,
				    i + 1);
		err = take_secret(t, keys[i], lines[i], path, why);
	}
	return err;
}

static int take_chap(struct iscsi_target *t, const char *path,
		     struct failure *why)
{
	struct buffer text = { 0 };
	struct stat st;
	int err;

	if (stat(path, &st))
		return fail(why, -errno, "--iscsi-chap %s: %s", path,
			    strerror(errno));
	if (st.st_mode & 077)
		return fail(why, -EPERM,
			    "--iscsi-chap %s: others can read it (mode %04o):"
			    " chmod 600 it, and take a new secret",
			    path, st.st_mode & 07777);
	err = buffer_read_file(&text, path, CHAP_FILE_MAX, why);
	if (!err && memchr(text.data, 0, text.size))
		err = fail(why, -EINVAL, "%s: not a text file", path);
	if (!err && buffer_add(&text, "", 1))
		err = fail(why, -ENOMEM, "out of memory");
	if (!err)
		err = read_chap(t, (char *)text.data, path, why);
	if (!err)
		t->has_secret = true;
	if (text.data)
		memset(text.data, 0, text.size);
	buffer_free(&text);
	return err ? fail_in(why, err, "--iscsi-chap") : 0;
}

int target_option_take(struct iscsi_target *t, int code, const char *value,
		       struct failure *why)
{
	size_t column = 0;

	switch (code) {
	case TARGET_ADDRESS:
		return take_address(t, value, why);
	case TARGET_IQN:
		return take_name(t->name, value, "--iscsi-iqn", why);
	case TARGET_INITIATOR:
		return take_name(t->initiator, value, "--iscsi-initiator", why);
	case TARGET_CHAP:
		return take_chap(t, value, why);
	case TARGET_LUN:
		t->has_lun = true;
		if (iscsi_lun_read(value, strlen(value), &t->lun, &column, why))
			return fail_in(why, -EINVAL,
				       "--iscsi-lun %s: column %zu", value,
				       column + 1);
		return 0;
	}
	return take_plain(t, code, value, why);
}
