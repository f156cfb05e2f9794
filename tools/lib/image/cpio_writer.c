// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/cpio.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"

#include <string.h>

static int pad(struct buffer *out)
{
	return buffer_add_zeros(out, -out->size & 3);
}

int cpio_write_head(struct buffer *out, const struct cpio_entry *e,
		    struct failure *why)
{
	size_t name_size = strlen(e->name) + 1;
	int err;

	if (name_size > CPIO_NAME_MAX || name_size == 1)
		return fail(why, -EINVAL, "impossible name for an entry: %.80s",
			    e->name);
	/* 070701 without a checksum: kernels before 5.19 know nothing else. */
	err = buffer_printf(out,
			    "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X"
			    "%08X%08zX%08X",
			    e->ino, e->mode, e->uid, e->gid, e->nlink, e->mtime,
			    e->size, e->major, e->minor, e->rmajor, e->rminor,
			    name_size, 0);
	if (!err)
		err = buffer_add(out, e->name, name_size);
	if (!err)
		err = pad(out);
	if (err)
		return fail(why, err, "out of memory");
	return 0;
}

int cpio_write(struct buffer *out, const struct cpio_entry *e, const void *data,
	       struct failure *why)
{
	int err = cpio_write_head(out, e, why);

	if (!err && (buffer_add(out, data, e->size) || pad(out)))
		err = fail(why, -ENOMEM, "out of memory");
	return err;
}

int cpio_write_trailer(struct buffer *out, struct failure *why)
{
	const struct cpio_entry trailer = { .nlink = 1, .name = CPIO_TRAILER };

	return cpio_write(out, &trailer, NULL, why);
}
