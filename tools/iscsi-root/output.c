// SPDX-License-Identifier: GPL-2.0-only
#include "tools/iscsi-root/output.h"

#include "tools/iscsi-root/command.h"
#include "tools/lib/base/atomic_file.h"
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int write_stdout(const struct buffer *out, struct failure *why)
{
	if (out->size)
		fwrite(out->data, 1, out->size, stdout);
	if (fflush(stdout) || ferror(stdout))
		return fail(why, -EIO, "cannot print");
	return 0;
}

/* Of the file that is replaced, or of a new one */
static int file_attributes(const char *path, bool secret, struct stat *st,
			   struct failure *why)
{
	if (stat(path, st)) {
		memset(st, 0, sizeof(*st));
		st->st_mode = 0644;
		st->st_uid = geteuid();
		st->st_gid = getegid();
	} else if (!S_ISREG(st->st_mode)) {
		return fail(why, -EINVAL, "%s: not a regular file", path);
	}
	if (secret)
		st->st_mode &= ~077;
	return 0;
}

static int write_file(const char *path, const struct buffer *out, bool secret,
		      struct failure *why)
{
	struct stat st;
	int err = file_attributes(path, secret, &st, why);

	return err ? err :
		     atomic_file_put(path, &st, out->data, out->size, why);
}

int output_write(const struct command *c, const struct buffer *out, bool secret,
		 struct failure *why)
{
	char *real;
	int err;

	if (!c->output || !strcmp(c->output, "-"))
		return write_stdout(out, why);
	/* A link stays one: what it leads to is replaced. */
	real = realpath(c->output, NULL);
	err = write_file(real ? real : c->output, out, secret, why);
	free(real);
	return err;
}
