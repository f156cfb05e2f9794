// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/plan/plan.h"

#include "tools/lib/base/atomic_file.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/family/family.h"
#include "tools/lib/plan/loader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_NAMES 16

/* The adapter's own, and what the family says an iSCSI root needs beside. */
static void module_names(const struct plan *plan, const char *names[MAX_NAMES])
{
	const char *const *more = NULL;
	size_t n = 0;

	names[n++] = "mlx4_core";
	names[n++] = "mlx4_en";
	if (plan->request.has_target)
		more = plan->family->iscsi_modules;
	while (more && *more && n < MAX_NAMES - 1)
		names[n++] = *more++;
	names[n] = NULL;
}

/* Before 2.6.18 the kernel does not replace files when it unpacks twice. */
static int check_release(const char *release, struct failure *why)
{
	unsigned int a = 0;
	unsigned int b = 0;
	unsigned int c = 0;

	if (sscanf(release, "%u.%u.%u", &a, &b, &c) >= 2 &&
	    (a < 2 || (a == 2 && (b < 6 || (b == 6 && c < 18)))))
		return fail(why, -ENOTSUP,
			    "kernel %s unpacks no file over another: nothing"
			    " can be appended to its initrd",
			    release);
	return 0;
}

static int choose_drivers(struct plan *plan, struct failure *why)
{
	const struct request *r = &plan->request;
	const char *names[MAX_NAMES];
	char *release = NULL;
	int err;

	err = modules_kernel_of(&plan->image, r->kernel, &release, why);
	if (err)
		return fail_in(why, err, "%s", r->input);
	module_names(plan, names);
	err = check_release(release, why);
	if (!err)
		err = modules_resolve(&plan->modules, &plan->image, r->modules,
				      release, names, why);
	free(release);
	return err;
}

/* What tells a later run which bytes are ours, and people where from. */
static int add_marker(struct plan *plan, struct failure *why)
{
	struct buffer text = { 0 };
	int err;

	err = buffer_printf(&text,
			    "mkinitrd-en " CONNECTX_EN_VERSION "\n"
			    "base-size %zu\n"
			    "kernel %s\n",
			    splice_base_size(&plan->image),
			    plan->modules.kernel);
	if (!err && plan->request.has_target)
		err = buffer_printf(&text, "iscsi-target %s\n",
				    plan->request.target.host);
	if (err)
		fail(why, err, "out of memory");
	else
		err = overlay_add(&plan->overlay, IMAGE_MARKER, S_IFREG | 0644,
				  text.data, text.size, why);
	buffer_free(&text);
	return err;
}

static int fill_overlay(struct plan *plan, struct failure *why)
{
	const struct request *r = &plan->request;
	int err;

	err = add_marker(plan, why);
	if (!err)
		err = loader_plan(&plan->image, &plan->modules, &plan->overlay,
				  why);
	if (!err && r->has_target)
		err = plan->family->plan_target(&plan->image, &r->target,
						&plan->overlay, why);
	return err ? fail_in(why, err, "%s", r->input) : 0;
}

static int build_segment(struct plan *plan, struct failure *why)
{
	struct buffer archive = { 0 };
	int err;

	plan->codec = overlay_codec(&plan->image);
	err = overlay_archive(&plan->overlay, &plan->image, &archive, why);
	if (!err)
		err = splice_plan(&plan->splice, &plan->image, plan->codec,
				  &archive, why);
	buffer_free(&archive);
	return err ? fail_in(why, err, "%s", plan->request.input) : 0;
}

/*
 * A link to the image stays a link: what it leads to is replaced. Renaming
 * over a device or a directory would do harm or fail late.
 */
static int find_output(struct plan *plan, struct failure *why)
{
	const struct request *r = &plan->request;
	const char *path = r->output ? r->output : r->input;
	struct stat st;

	if (!lstat(path, &st) && S_ISLNK(st.st_mode))
		plan->output = realpath(path, NULL);
	else
		plan->output = strdup(path);
	if (!plan->output)
		return fail(why, -errno, "%s: %s", path, strerror(errno));
	if (stat(plan->output, &st))
		return 0;
	if (!S_ISREG(st.st_mode))
		return fail(why, -EINVAL, "%s: not a regular file", path);
	plan->replaces_input = st.st_dev == plan->file.st.st_dev &&
			       st.st_ino == plan->file.st.st_ino;
	return 0;
}

int plan_make(struct plan *plan, const struct request *request,
	      struct failure *why)
{
	int err;

	memset(plan, 0, sizeof(*plan));
	plan->request = *request;
	err = mapped_file_open(&plan->file, request->input, why);
	if (err)
		return err;
	err = find_output(plan, why);
	if (err)
		return err;
	plan->image.progress = request->progress;
	err = image_read(&plan->image, plan->file.data, plan->file.size, why);
	if (err)
		return fail_in(why, err, "%s", request->input);
	err = family_find(&plan->image, &plan->family, why);
	/* The drivers alone go into an image of any make. */
	if (err && request->has_target)
		return fail_in(why, err, "%s", request->input);
	err = choose_drivers(plan, why);
	if (!err)
		err = fill_overlay(plan, why);
	if (!err)
		err = build_segment(plan, why);
	return err;
}

static int write_pieces(struct plan *plan, struct atomic_file *f,
			struct failure *why)
{
	static const uint8_t zeros[8];
	const struct splice *s = &plan->splice;
	const uint8_t *old = plan->file.data;
	int err;

	err = atomic_file_write(f, old, s->head, why);
	if (!err)
		err = atomic_file_write(f, zeros, s->zeros, why);
	if (!err)
		err = atomic_file_write(f, old + s->tail_begin,
					s->tail_end - s->tail_begin, why);
	if (!err)
		err = atomic_file_write(f, s->insert.data, s->insert.size, why);
	if (!err)
		err = atomic_file_write(f, old + s->rest_begin,
					plan->file.size - s->rest_begin, why);
	return err ? err : atomic_file_sync(f, why);
}

/*
 * The proof: what was written is read by the same rules as the image was,
 * and its tree must hold every file. The old segments need no second reading
 * where they are the same bytes.
 */
static int verify(struct plan *plan, int fd, bool second_run,
		  struct failure *why)
{
	struct image again = { .accept_own = true };
	struct mapped_file file;
	int err;

	err = mapped_file_of(&file, fd, plan->output, why);
	if (err)
		return err;
	if (file.size != plan->splice.total ||
	    memcmp(file.data, plan->file.data, plan->splice.head))
		err = fail(why, -EIO, "the copy differs from the original");
	else if (second_run)
		err = image_read(&again, file.data, file.size, why);
	else
		err = image_read_more(&plan->image, file.data, file.size, why);
	if (!err)
		err = overlay_verify(&plan->overlay,
				     second_run ? &again : &plan->image, why);
	image_free(&again);
	mapped_file_close(&file);
	return err ? fail_in(why, err, "%s: reading back what was written",
			     plan->output) :
		     0;
}

int plan_carry_out(struct plan *plan, struct failure *why)
{
	bool second_run = plan->image.has_own;
	struct atomic_file f;
	int err;

	err = atomic_file_begin(&f, plan->output, &plan->file.st, why);
	if (!err)
		err = write_pieces(plan, &f, why);
	if (!err)
		err = verify(plan, f.fd, second_run, why);
	if (!err)
		err = mapped_file_unchanged(&plan->file, plan->request.input,
					    why);
	/* What carries our segment is no original worth keeping. */
	if (!err && plan->replaces_input && !second_run)
		err = keep_backup(plan->output, &plan->backup,
				  &plan->backup_kept, why);
	if (!err)
		err = atomic_file_commit(&f, why);
	atomic_file_end(&f);
	return err;
}

void plan_free(struct plan *plan)
{
	buffer_free(&plan->splice.insert);
	overlay_free(&plan->overlay);
	modules_free(&plan->modules);
	image_free(&plan->image);
	mapped_file_close(&plan->file);
	free(plan->output);
	free(plan->backup);
	memset(plan, 0, sizeof(*plan));
}
