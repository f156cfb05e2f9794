// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/iscsi/chap.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"

#include <string.h>
#include <sys/stat.h>

/* Takes a line without its end, and moves on behind that. */
static int take_line(char text[CHAP_TEXT_MAX + 1], const char **at,
		     const char *end, const char *what, struct failure *why)
{
	const char *newline = memchr(*at, '\n', end - *at);
	size_t size = (newline ? newline : end) - *at;
	const char *next = newline ? newline + 1 : end;

	if (size && (*at)[size - 1] == '\r')
		size--;
	if (!size || size > CHAP_TEXT_MAX)
		return fail(why, -EINVAL,
			    "the %s is missing or longer than %d characters"
			    " (the user on one line, the secret on the next)",
			    what, CHAP_TEXT_MAX);
	for (size_t i = 0; i < size; i++) {
		if ((*at)[i] <= ' ' || (*at)[i] > '~')
			return fail(why, -EINVAL,
				    "a character in the %s that not every"
				    " server and firmware takes",
				    what);
	}
	memcpy(text, *at, size);
	text[size] = '\0';
	*at = next;
	return 0;
}

static int read_pair(struct chap *chap, const char **text, const char *end,
		     struct failure *why)
{
	int err;

	err = take_line(chap->user, text, end, "user", why);
	if (!err)
		err = take_line(chap->secret, text, end, "secret", why);
	if (!err && strlen(chap->secret) < CHAP_SECRET_MIN)
		return fail(why, -EINVAL,
			    "the secret is shorter than the %d characters that"
			    " iSCSI asks for",
			    CHAP_SECRET_MIN);
	return err;
}

static int read_text(struct chap *chap, struct chap *target, const char *text,
		     size_t size, struct failure *why)
{
	const char *end = text + size;
	int err;

	err = read_pair(chap, &text, end, why);
	if (!err && target && text != end)
		err = read_pair(target, &text, end, why);
	if (!err && text != end)
		return fail(why, -EINVAL, "there is more than %s lines in it",
			    target ? "four" : "two");
	return err;
}

int chap_read_file(struct chap *chap, struct chap *target, const char *path,
		   struct failure *why)
{
	struct buffer text = { 0 };
	struct stat st;
	int err;

	if (stat(path, &st))
		return fail(why, -errno, "%s: %s", path, strerror(errno));
	if (st.st_mode & 077)
		return fail(why, -EACCES,
			    "%s: others can read the secret in it: chmod 600",
			    path);
	err = buffer_read_file(&text, path, 4096, why);
	if (err)
		return err;
	memset(chap, 0, sizeof(*chap));
	if (target)
		memset(target, 0, sizeof(*target));
	err = read_text(chap, target, (const char *)text.data, text.size, why);
	if (text.size)
		explicit_bzero(text.data, text.size);
	buffer_free(&text);
	return err ? fail_in(why, err, "%s", path) : 0;
}
