// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/plan/uki.h"

#include "tools/lib/base/atomic_file.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/plan/plan.h"

#include <string.h>
#include <unistd.h>

int uki_open(struct plan *plan, struct failure *why)
{
	int err;

	plan->initrd = plan->file.data;
	plan->initrd_size = plan->file.size;
	if (!pe_is(plan->file.data, plan->file.size))
		return 0;
	err = pe_read(&plan->pe, plan->file.data, plan->file.size, why);
	if (err)
		return err;
	if (plan->request.mode == PLAN_OVERLAY_ONLY)
		return fail(why, -ENOTSUP,
			    "a unified kernel image: its initrd is in it, and"
			    " nothing is loaded behind that, so not with"
			    " --overlay-only");
	plan->is_uki = true;
	plan->initrd += plan->pe.initrd.offset;
	plan->initrd_size = plan->pe.initrd.size;
	return 0;
}

/* Nothing of ours in it: what comes out is what went in. */
static void copy_whole(struct plan *plan)
{
	struct splice *s = &plan->splice;

	plan->is_uki = false;
	plan->initrd = plan->file.data;
	plan->initrd_size = plan->file.size;
	memset(s, 0, sizeof(*s));
	s->head = plan->file.size;
	s->rest_begin = plan->file.size;
	s->total = plan->file.size;
}

static int lay_out(struct plan *plan, size_t size, struct failure *why)
{
	int err = pe_lay_out(&plan->layout, &plan->pe, size, why);

	return err ? fail_in(why, err, "%s", plan->input) : 0;
}

int uki_lay_out(struct plan *plan, struct failure *why)
{
	struct pe_section unused;
	int err;

	if (!plan->is_uki)
		return 0;
	if (plan->nothing) {
		copy_whole(plan);
		return 0;
	}
	/* How large a rebuilt one gets is known when it is written. */
	err = lay_out(plan,
		      plan->request.mode == PLAN_REBUILD ? plan->initrd_size :
							   plan->splice.total,
		      why);
	if (err)
		return err;
	if (plan->pe.signature_size)
		err = modules_note(&plan->modules,
				   "the signature of the kernel image is taken"
				   " out, since it no longer holds: sign it"
				   " again for Secure Boot");
	if (!err && !pe_find(&plan->pe, ".pcrsig", &unused))
		err = modules_note(&plan->modules,
				   "the measurements in .pcrsig no longer hold:"
				   " what the TPM seals by them stays shut");
	return err ? fail(why, err, "out of memory") : 0;
}

int uki_write_head(const struct plan *plan, struct atomic_file *f,
		   struct failure *why)
{
	const struct buffer *head = &plan->layout.head;
	int err = atomic_file_write(f, head->data, head->size, why);

	return err ? err :
		     atomic_file_write(f, plan->file.data + head->size,
				       plan->pe.initrd.offset - head->size,
				       why);
}

/* The initrd has just been written: the headers tell how large it is. */
static int settle(struct plan *plan, struct atomic_file *f, struct failure *why)
{
	const struct buffer *head = &plan->layout.head;
	off_t end = lseek(f->fd, 0, SEEK_CUR);
	int err;

	if (end < 0)
		return fail(why, -errno, "%s: cannot tell its size",
			    plan->output);
	buffer_free(&plan->layout.head);
	err = lay_out(plan, end - plan->pe.initrd.offset, why);
	if (!err &&
	    pwrite(f->fd, head->data, head->size, 0) != (ssize_t)head->size)
		err = fail(why, errno ? -errno : -EIO,
			   "%s: cannot write the headers", plan->output);
	return err;
}

static int seal(const struct plan *plan, int fd, struct failure *why)
{
	size_t at = plan->layout.checksum;
	struct mapped_file file;
	uint8_t sum[4];
	int err = mapped_file_of(&file, fd, plan->output, why);

	if (err)
		return err;
	put_le32(sum, pe_checksum(file.data, file.size, at));
	mapped_file_close(&file);
	if (pwrite(fd, sum, sizeof(sum), at) != sizeof(sum))
		return fail(why, errno ? -errno : -EIO,
			    "%s: cannot write the checksum", plan->output);
	return 0;
}

int uki_write_rest(struct plan *plan, struct atomic_file *f,
		   struct failure *why)
{
	const struct pe_layout *l = &plan->layout;
	struct buffer padding = { 0 };
	int err = plan->request.mode == PLAN_REBUILD ? settle(plan, f, why) : 0;

	if (err)
		return err;
	err = buffer_add_zeros(&padding, l->padding);
	if (err)
		fail(why, err, "out of memory");
	else
		err = atomic_file_write(f, padding.data, padding.size, why);
	buffer_free(&padding);
	if (!err)
		err = atomic_file_write(f, plan->file.data + l->rest,
					l->rest_end - l->rest, why);
	return err ? err : seal(plan, f->fd, why);
}

int uki_verify(const struct plan *plan, struct mapped_file *file,
	       struct failure *why)
{
	size_t at = plan->layout.checksum;
	struct pe again;
	int err = pe_read(&again, file->data, file->size, why);

	if (!err &&
	    (file->size != plan->layout.total ||
	     again.initrd.size != plan->layout.initrd || again.signature_size))
		err = fail(why, -EIO, "the PE file is not what was planned");
	if (!err && pe_checksum(file->data, file->size, at) !=
			    get_le32(file->data + at))
		err = fail(why, -EIO, "the PE file's checksum is wrong");
	if (!err)
		err = pe_compare(&again, &plan->pe, why);
	if (err)
		return err;
	file->data += again.initrd.offset;
	file->size = again.initrd.size;
	return 0;
}
