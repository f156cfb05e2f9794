// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/family/own_login.h"

#include "initrd/iscsi-root/settings.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/iscsi/iscsi_target.h"

#include <errno.h>
#include <string.h>

/* Both families' scripts take these; "ibft" they leave alone anyway. */
static const char *const taken[] = { "chap_user",    "chap_secret",
				     "chap_user_in", "chap_secret_in",
				     "ibft",	     NULL };

static bool is_taken(const char *line, size_t key)
{
	for (size_t i = 0; taken[i]; i++) {
		if (strlen(taken[i]) == key && !strncmp(taken[i], line, key))
			return true;
	}
	return false;
}

/* What iscsi-root does by itself, or is asked to do, beyond a login */
static int check_settings(const struct iscsi_target *t, struct failure *why)
{
	const char *line = (const char *)t->settings.data;
	const char *end = line + t->settings.size;

	while (line < end) {
		const char *stop = memchr(line, '\n', end - line);
		size_t key = strcspn(line, "=\n");

		if (!is_taken(line, key) &&
		    strncmp(line, "ip=dhcp\n", strlen("ip=dhcp\n")) != 0)
			return fail(why, -ENOTSUP,
				    "the image's own scripts cannot be told"
				    " %.*s: iscsi-root can (leave --iscsi-login"
				    " out)",
				    (int)(stop - line), line);
		line = stop + 1;
	}
	return 0;
}

/* Each line was held against the same reader when its option was taken. */
static void no_line_is_wrong(const char *line)
{
}

int own_login_settings(const struct iscsi_target *t, struct settings *settings,
		       struct failure *why)
{
	if (!*t->host || !*t->name)
		return fail(why, -ENOTSUP,
			    "the image's own scripts have to know the target:"
			    " give its address and --iscsi-iqn");
	if (t->has_lun && iscsi_lun_number(t->lun) < 0)
		return fail(why, -ENOTSUP,
			    "the image's own scripts know no LUN of several"
			    " levels");
	settings_init(settings);
	settings_read(settings, (const char *)t->settings.data,
		      t->settings.size, no_line_is_wrong);
	return check_settings(t, why);
}

int own_login_write(const struct iscsi_target *t,
		    const struct settings *settings,
		    const char *const names[OWN_LOGIN_KEYS],
		    int (*add)(struct buffer *text, const char *name,
			       const char *value),
		    struct buffer *text)
{
	const char *const values[OWN_LOGIN_KEYS] = {
		[OWN_LOGIN_INITIATOR] = t->initiator,
		[OWN_LOGIN_USER] = settings->chap.user,
		[OWN_LOGIN_SECRET] = settings->chap.secret,
		[OWN_LOGIN_USER_IN] = settings->chap_in.user,
		[OWN_LOGIN_SECRET_IN] = settings->chap_in.secret,
	};
	int err = 0;

	for (size_t i = 0; !err && i < OWN_LOGIN_KEYS; i++) {
		if (*values[i])
			err = add(text, names[i], values[i]);
	}
	return err;
}

void own_login_wipe(struct settings *settings, struct buffer *text)
{
	if (text->data)
		explicit_bzero(text->data, text->size);
	explicit_bzero(settings, sizeof(*settings));
	buffer_free(text);
}
