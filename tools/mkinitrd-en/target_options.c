// SPDX-License-Identifier: GPL-2.0-only
#include "tools/mkinitrd-en/target_options.h"

#include "initrd/iscsi-root/settings.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/iscsi/chap.h"
#include "tools/lib/iscsi/iscsi_target.h"

#include <string.h>

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

static int add_chap(struct iscsi_target *t, const struct chap *chap,
		    const char *user, const char *secret, struct failure *why)
{
	int err;

	if (!*chap->user)
		return 0;
	err = add_setting(t, user, chap->user, why);
	return err ? err : add_setting(t, secret, chap->secret, why);
}

static int take_chap(struct iscsi_target *t, const char *path,
		     struct failure *why)
{
	struct chap target;
	struct chap chap;
	int err;

	err = chap_read_file(&chap, &target, path, why);
	if (!err)
		err = add_chap(t, &chap, "chap_user", "chap_secret", why);
	if (!err)
		err = add_chap(t, &target, "chap_user_in", "chap_secret_in",
			       why);
	t->has_secret = true;
	explicit_bzero(&chap, sizeof(chap));
	explicit_bzero(&target, sizeof(target));
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
