// SPDX-License-Identifier: GPL-2.0-only
/* The doing of a plan: written, read back, and only then put into place. */
#include "tools/lib/base/atomic_file.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/standard.h"
#include "tools/lib/plan/output.h"
#include "tools/lib/plan/plan.h"
#include "tools/lib/plan/uki.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* @there: so much of the initrd stands in @f already. */
static int write_pieces(struct plan *plan, struct atomic_file *f, size_t there,
			struct failure *why)
{
	static const uint8_t zeros[8];
	const struct splice *s = &plan->splice;
	const uint8_t *old = plan->initrd;
	int err = 0;

	if (there > s->head) {
		there = s->head;
		err = atomic_file_cut(f, there, why);
	}
	if (!err)
		err = atomic_file_write(f, old + there, s->head - there, why);
	if (!err)
		err = atomic_file_write(f, zeros, s->zeros, why);
	if (!err)
		err = atomic_file_write(f, old + s->tail_begin,
					s->tail_end - s->tail_begin, why);
	if (!err)
		err = atomic_file_write(f, s->insert.data, s->insert.size, why);
	if (!err)
		err = atomic_file_write(f, old + s->rest_begin,
					plan->initrd_size - s->rest_begin, why);
	return err;
}

static int write_initrd(struct plan *plan, struct atomic_file *f, size_t there,
			struct failure *why)
{
	int err;

	switch (plan->request.mode) {
	case PLAN_REBUILD:
		err = rebuild_write(&plan->rebuild, &plan->image, f, why);
		return err ? fail_in(why, err, "%s", plan->input) : 0;
	case PLAN_OVERLAY_ONLY:
	case PLAN_NEW:
		return atomic_file_write(f, plan->splice.insert.data,
					 plan->splice.insert.size, why);
	default:
		return write_pieces(plan, f, there, why);
	}
}

static int write_all(struct plan *plan, struct atomic_file *f, size_t there,
		     struct failure *why)
{
	int err = plan->is_uki ? uki_write_head(plan, f, why) : 0;

	if (!err)
		err = write_initrd(plan, f, there, why);
	if (!err && plan->is_uki)
		err = uki_write_rest(plan, f, why);
	return err ? err : atomic_file_sync(f, why);
}

/*
 * The old segments need no second reading where they are the same bytes; in
 * an image of an earlier run, our segment may stand between them.
 */
static int verify_append(struct plan *plan, const struct mapped_file *file,
			 struct failure *why)
{
	struct image again = { .accept_own = true };
	const struct image *seen = &plan->image;
	int err;

	if (plan->image.has_own ||
	    plan->splice.head + plan->splice.tail_end < plan->image.end) {
		seen = &again;
		err = image_read(&again, file->data, file->size, why);
	} else {
		err = image_read_more(&plan->image, file->data, file->size,
				      why);
	}
	if (!err)
		err = overlay_verify(&plan->overlay, seen, why);
	image_free(&again);
	return err;
}

static int verify_removal(const struct mapped_file *file, struct failure *why)
{
	struct image again = { 0 };
	int err = image_read(&again, file->data, file->size, why);

	if (!err && again.has_own)
		err = fail(why, -EEXIST,
			   "there is more than one segment of ours in it:"
			   " nothing is changed");
	image_free(&again);
	return err;
}

/*
 * The proof: what was written is read by the same rules as the image was,
 * and its tree must hold every file.
 */
static int verify(struct plan *plan, int fd, struct failure *why)
{
	enum plan_mode mode = plan->request.mode;
	struct mapped_file whole;
	struct mapped_file file;
	int err;

	err = mapped_file_of(&whole, fd, plan->output, why);
	if (err)
		return err;
	plan->written = whole.size;
	file = whole;
	if (plan->is_uki)
		err = uki_verify(plan, &file, why);
	if (err)
		goto out;
	if (mode == PLAN_REBUILD)
		err = rebuild_verify(&plan->rebuild, &plan->image, file.data,
				     file.size, why);
	else if (file.size != plan->splice.total ||
		 (plan->splice.head &&
		  memcmp(file.data, plan->initrd, plan->splice.head)))
		err = fail(why, -EIO, "the copy differs from the original");
	else if (plan->nothing)
		err = 0; /* compared already */
	else if (mode == PLAN_REMOVE)
		err = verify_removal(&file, why);
	else if (mode == PLAN_OVERLAY_ONLY || mode == PLAN_NEW) {
		err = image_read_beside(&plan->image, file.data, file.size,
					why);
		if (!err)
			err = overlay_verify(&plan->overlay, &plan->image, why);
	} else {
		err = verify_append(plan, &file, why);
	}
out:
	mapped_file_close(&whole);
	return err ? fail_in(why, err, "%s: reading back what was written",
			     plan->output) :
		     0;
}

static int check_input(struct plan *plan, struct failure *why)
{
	/* Of a pipe, what was read is all there is. */
	if (!S_ISREG(plan->file.st.st_mode))
		return 0;
	return mapped_file_unchanged(&plan->file,
				     is_standard_input(plan->request.input) ?
					     "/dev/stdin" :
					     plan->input,
				     why);
}

/* The file may have no name yet, but it has a number. */
static int ask_judge(struct plan *plan, int fd, struct failure *why)
{
	const struct request *r = &plan->request;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)getpid(), fd);
	return r->judge(r->judge_ctx, path, why);
}

/* What carries our segment is no original worth keeping. */
static int put_into_place(struct plan *plan, struct atomic_file *f,
			  struct failure *why)
{
	int err = 0;

	if (plan->to_stdout)
		return standard_output_commit(f, why);
	if (plan->replaces_input && !plan->is_ours && !plan->request.no_backup)
		err = keep_backup(plan->output, &plan->backup,
				  &plan->backup_kept, why);
	return err ? err : atomic_file_commit(f, why);
}

int plan_carry_out(struct plan *plan, struct failure *why)
{
	struct atomic_file f;
	size_t there;
	int err;

	/* Whoever reads standard output waits for an image all the same. */
	if (plan->nothing && !plan->to_stdout)
		return 0;
	err = output_begin(plan, &f, &there, why);
	if (!err)
		err = write_all(plan, &f, there, why);
	if (!err)
		err = verify(plan, f.fd, why);
	if (!err && plan->request.judge)
		err = ask_judge(plan, f.fd, why);
	/* Last: a judge may take its time. */
	if (!err)
		err = check_input(plan, why);
	if (!err)
		err = put_into_place(plan, &f, why);
	atomic_file_end(&f);
	return err;
}
