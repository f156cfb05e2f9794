// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/plan/plan.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/base/standard.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/family/family.h"
#include "tools/lib/image/rebuilt.h"
#include "tools/lib/modules/kernel_file.h"
#include "tools/lib/plan/initiator.h"
#include "tools/lib/plan/loader.h"
#include "tools/lib/plan/output.h"
#include "tools/lib/plan/uki.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_NAMES 16
/* Of an image from nothing: higher ones take longer and gain nothing. */
#define NEW_ZSTD_LEVEL 19

static size_t add_names(const char **names, size_t n, const char *const *more)
{
	while (more && *more)
		names[n++] = *more++;
	return n;
}

/*
 * The adapter's own, what the family says an iSCSI root needs beside, and what was
 * asked for. At most MAX_NAMES without the latter. NULL: no memory.
 */
static const char **module_names(const struct plan *plan)
{
	const struct request *r = &plan->request;
	const char **names;
	size_t n = 0;

	names = calloc(MAX_NAMES + r->n_more_modules, sizeof(*names));
	if (!names)
		return NULL;
	names[n++] = "mlx4_core";
	names[n++] = "mlx4_en";
	if (r->has_target)
		n = add_names(names, n, plan->family->iscsi_modules);
	if (r->mode == PLAN_NEW)
		n = add_names(names, n, new_image_modules(&r->new_image));
	if (r->target.has_vlan)
		names[n++] = plan->family->early ? "8021q" : "?8021q";
	for (size_t i = 0; i < r->n_more_modules; i++)
		names[n++] = r->more_modules[i];
	return names;
}

/* Before 2.6.18 the kernel does not replace files when it unpacks twice. */
static int check_release(const char *release, struct failure *why)
{
	if (kernel_is_before(release, 2, 6, 18))
		return fail(why, -ENOTSUP,
			    "kernel %s unpacks no file over another: nothing"
			    " can be appended to its initrd; give --rebuild",
			    release);
	return 0;
}

static int find_release(struct plan *plan, char **release, struct failure *why)
{
	const char *wanted = plan->request.kernel;
	struct pe_section kernel;
	char *of_file = NULL;
	int err = 0;

	if (wanted && kernel_is_file(wanted)) {
		err = kernel_file_release(wanted, &of_file, why);
		if (err)
			return fail_in(why, err, "--kernel");
		wanted = of_file;
	}
	/* The kernel that lies beside it is the one. */
	if (!wanted && plan->is_uki && !pe_find(&plan->pe, ".linux", &kernel) &&
	    !kernel_release_of(plan->file.data + kernel.offset, kernel.size,
			       &of_file, NULL))
		wanted = of_file;
	err = modules_kernel_of(&plan->image, wanted, release, why);
	free(of_file);
	return err ? fail_in(why, err, "%s", plan->input) : 0;
}

static int choose_drivers(struct plan *plan, struct failure *why)
{
	const struct request *r = &plan->request;
	const char **names;
	char *release = NULL;
	int err;

	err = find_release(plan, &release, why);
	if (err)
		return err;
	names = module_names(plan);
	if (!names)
		err = fail(why, -ENOMEM, "out of memory");
	else if (r->mode != PLAN_REBUILD && r->mode != PLAN_NEW)
		err = check_release(release, why);
	if (!err)
		err = modules_resolve(&plan->modules, &plan->image, r->modules,
				      release, r->driver, names, why);
	if (!err)
		err = modules_check_fit(&plan->modules, &plan->image,
					r->modules, why);
	free(names);
	free(release);
	return err;
}

/* What tells a later run which bytes are ours, and people where from. */
static int add_marker(struct plan *plan, const struct buffer *more,
		      struct failure *why)
{
	struct buffer text = { 0 };
	int err;

	err = buffer_printf(&text, "mkinitrd-en " CONNECTX_EN_VERSION "\n");
	if (!err && plan->request.mode != PLAN_REBUILD)
		err = buffer_printf(&text, "base-size %zu\n",
				    splice_base_size(&plan->image));
	if (!err)
		err = buffer_printf(&text, "kernel %s\n", plan->modules.kernel);
	if (!err)
		err = buffer_printf(&text, "load %s\nhook %s\n",
				    load_way_name(plan->loader.chosen),
				    plan->loader.hook);
	if (!err && more)
		err = buffer_add(&text, more->data, more->size);
	if (!err && plan->request.has_target)
		err = buffer_printf(&text, "iscsi-target %s\n",
				    *plan->request.target.host ?
					    plan->request.target.host :
					    "auto");
	if (err)
		fail(why, err, "out of memory");
	else
		err = overlay_add(&plan->overlay, IMAGE_MARKER, S_IFREG | 0644,
				  text.data, text.size, why);
	buffer_free(&text);
	return err;
}

static int bring_initiator(struct plan *plan, struct failure *why)
{
	const char *root = plan->request.initiator;

	if (initiator_in_image(&plan->image))
		return 0;
	if (!root)
		return fail(why, -ENOENT,
			    "the image has no iSCSI initiator, and --initiator"
			    " none brings none along");
	plan->brings_initiator = true;
	return initiator_plan(&plan->image, &plan->overlay, root, why);
}

static int plan_root(struct plan *plan, struct failure *why)
{
	const struct request *r = &plan->request;
	const struct family *f = plan->family;

	if (!r->own_login || f->logs_in)
		return f->plan_target(&plan->image, &r->target, &plan->overlay,
				      why);
	if (!f->plan_login)
		return fail(why, -ENOTSUP,
			    "--iscsi-login native: images of %s have no login"
			    " of their own that can be told",
			    f->name);
	return f->plan_login(&plan->image, &r->target, &plan->overlay, why);
}

static int fill_overlay(struct plan *plan, struct failure *why)
{
	const struct request *r = &plan->request;
	int err = 0;

	if (r->mode == PLAN_NEW)
		err = new_image_plan(&r->new_image, plan->modules.kernel,
				     &plan->overlay, why);
	if (!err && r->has_target && !plan->family->logs_in && !r->own_login)
		err = bring_initiator(plan, why);
	if (!err && (r->has_target || r->mode == PLAN_NEW))
		err = plan_root(plan, why);
	/* Last: /init may have been changed, and is moved as it is then. */
	plan->loader = (struct loader){
		.image = &plan->image,
		.family = plan->family,
		.modules = &plan->modules,
		.way = r->load,
		.early = r->has_target && plan->family->early,
	};
	if (!err)
		err = loader_plan(&plan->loader, &plan->overlay, why);
	return err ? fail_in(why, err, "%s", plan->input) : 0;
}

/* Since 5.14, the kernel ends an lz4 frame at four zeroes. */
static int check_lz4(struct plan *plan, struct failure *why)
{
	const char *release = plan->modules.kernel;
	size_t lost;
	int err;

	plan->image.lz4_to_the_end = kernel_is_before(release, 5, 14, 0);
	if (!plan->image.lz4_to_the_end)
		return 0;
	err = splice_check_lz4(&plan->image,
			       plan->request.mode == PLAN_OVERLAY_ONLY, &lost,
			       why);
	if (!err && lost &&
	    modules_note(&plan->modules,
			 "%zu zero bytes behind the lz4 segment are left out,"
			 " behind which kernel %s would read nothing; --remove"
			 " does not bring them back",
			 lost, release))
		err = fail(why, -ENOMEM, "out of memory");
	if (err == -ENOTSUP)
		fail_in(why, err, "kernel %s", release);
	return err;
}

static int build_segment(struct plan *plan, struct failure *why)
{
	struct buffer archive = { 0 };
	int err;

	plan->codec = overlay_codec(&plan->image);
	err = check_lz4(plan, why);
	if (!err)
		err = add_marker(plan, NULL, why);
	if (!err)
		err = overlay_archive(&plan->overlay, &plan->image, &archive,
				      why);
	if (!err && plan->request.mode == PLAN_OVERLAY_ONLY)
		err = splice_beside(&plan->splice, &plan->image, plan->codec,
				    &archive, why);
	else if (!err)
		err = splice_plan(&plan->splice, &plan->image, plan->codec,
				  &archive, why);
	buffer_free(&archive);
	return err ? fail_in(why, err, "%s", plan->input) : 0;
}

/* All of it is ours; no later run has to find what it has added. */
static int build_new(struct plan *plan, struct failure *why)
{
	const struct request *r = &plan->request;
	struct buffer archive = { 0 };
	int level = r->level;
	int err;

	plan->codec = r->compress;
	if (!plan->codec) {
		plan->codec = &codec_zstd;
		level = NEW_ZSTD_LEVEL;
	}
	err = overlay_archive(&plan->overlay, &plan->image, &archive, why);
	if (!err)
		err = codec_encode_level(plan->codec, level, archive.data,
					 archive.size, &plan->splice.insert,
					 why);
	plan->splice.total = plan->splice.insert.size;
	buffer_free(&archive);
	return err ? fail_in(why, err, "%s", plan->input) : 0;
}

static int build_archive(struct plan *plan, struct failure *why)
{
	struct rebuild *r = &plan->rebuild;
	struct buffer manifest = { 0 };
	int err;

	rebuild_codec(r, &plan->image);
	if (plan->request.compress) {
		r->codec = plan->request.compress;
		r->level = plan->request.level;
	}
	plan->codec = r->codec;
	err = rebuild_list(r, &plan->image, &plan->overlay, &manifest, why);
	if (!err)
		err = add_marker(plan, &manifest, why);
	if (!err)
		err = rebuild_complete(
			r, &plan->image,
			&plan->overlay.files[plan->overlay.count - 1], why);
	buffer_free(&manifest);
	return err ? fail_in(why, err, "%s", plan->input) : 0;
}

struct hidden {
	const char *path;
	size_t length;
	size_t early;
};

static int find_early(void *ctx, const char *path, const struct inode *inode)
{
	const struct hidden *h = ctx;

	return inode->entry && inode->segment < h->early &&
	       !strncmp(path, h->path, h->length) &&
	       (!path[h->length] || path[h->length] == '/');
}

static int delete_one(struct plan *plan, const char *path, struct failure *why)
{
	char resolved[TREE_PATH_MAX];
	struct hidden h = { .path = resolved,
			    .early = rebuild_early(&plan->image) };

	if (tree_resolve(plan->image.tree, path, false, resolved) ||
	    !tree_lookup(plan->image.tree, resolved, false))
		return fail(why, -ENOENT, "--delete %s: not in the image",
			    path);
	h.length = strlen(resolved);
	if (tree_each(plan->image.tree, find_early, &h))
		return fail(why, -ENOTSUP,
			    "--delete %s: in an early segment, which --rebuild"
			    " leaves as it is",
			    path);
	if (tree_remove(plan->image.tree, resolved))
		return fail(why, -EBUSY, "--delete %s: that is all there is",
			    path);
	return 0;
}

/* What an earlier run has made of the image, and what this one may do. */
static int look_at_earlier_run(struct plan *plan, struct failure *why)
{
	const struct request *r = &plan->request;

	plan->is_ours = plan->image.has_own || rebuilt(&plan->image);
	if (tree_lookup(plan->image.tree, NEW_IMAGE_MARK, false))
		return fail(why, -ENOTSUP,
			    "%s: made by --new: make it anew, with other"
			    " options",
			    plan->input);
	if (r->mode == PLAN_OVERLAY_ONLY && plan->image.has_own)
		return fail(why, -EEXIST,
			    "%s: has our segment already: take it out by"
			    " --remove first",
			    plan->input);
	if (!rebuilt(&plan->image))
		return 0;
	if (r->mode == PLAN_REMOVE)
		return fail(why, -ENOTSUP,
			    "%s: written by --rebuild, from which nothing leads"
			    " back to the original",
			    plan->input);
	if (r->mode != PLAN_REBUILD)
		return fail(why, -ENOTSUP,
			    "%s: written by --rebuild: give --rebuild again, or"
			    " begin with the original",
			    plan->input);
	if (rebuilt_undo(&plan->image, why))
		return fail_in(why, -EBADMSG, "%s", plan->input);
	return 0;
}

static int change_tree(struct plan *plan, struct failure *why)
{
	int err = look_at_earlier_run(plan, why);

	for (size_t i = 0; !err && i < plan->request.n_deletes; i++) {
		err = delete_one(plan, plan->request.deletes[i], why);
		if (err)
			fail_in(why, err, "%s", plan->input);
	}
	if (!err && plan->request.mode == PLAN_OVERLAY_ONLY &&
	    plan->image.end != plan->image.size)
		err = fail(why, -ENOTSUP,
			   "%s: a bootconfig stands last in it: the kernel"
			   " reads nothing that is loaded behind",
			   plan->input);
	return err;
}

static int read_input(struct plan *plan, struct failure *why)
{
	const struct request *r = &plan->request;
	int err;

	plan->input = r->input;
	if (is_standard_input(r->input)) {
		plan->input = STANDARD_INPUT;
		err = standard_input_map(&plan->file, why);
	} else {
		err = mapped_file_open(&plan->file, r->input, why);
	}
	if (!err)
		err = output_find(plan, why);
	if (err)
		return err;
	/* What is left of the original is no place for a part of it. */
	if (r->mode == PLAN_OVERLAY_ONLY && plan->replaces_input)
		return fail(why, -EINVAL,
			    "%s: the overlay would replace the image itself",
			    r->output);
	plan->image.progress = r->progress;
	module_sample_begin(&plan->sample);
	if (r->mode != PLAN_REMOVE)
		plan->image.watch = &plan->sample.watch;
	err = uki_open(plan, why);
	if (!err)
		output_head_start(plan);
	if (!err)
		err = image_read(&plan->image, plan->initrd, plan->initrd_size,
				 why);
	return err ? fail_in(why, err, "%s", plan->input) : 0;
}

static int begin_new(struct plan *plan, struct failure *why)
{
	int err;

	plan->input = plan->request.output;
	err = output_find(plan, why);
	if (!err)
		err = new_image_base(&plan->base, why);
	if (!err)
		err = image_read(&plan->image, plan->base.data, plan->base.size,
				 why);
	plan->family = &family_new;
	return err;
}

int plan_make(struct plan *plan, const struct request *request,
	      struct failure *why)
{
	int err;

	memset(plan, 0, sizeof(*plan));
	plan->request = *request;
	err = request->mode == PLAN_NEW ? begin_new(plan, why) :
					  read_input(plan, why);
	if (!err)
		err = change_tree(plan, why);
	if (err)
		return err;
	if (request->mode == PLAN_REMOVE) {
		plan->nothing = !plan->image.has_own;
		err = splice_out(&plan->splice, &plan->image, why);
		return err ? fail_in(why, err, "%s", plan->input) :
			     uki_lay_out(plan, why);
	}
	if (!plan->family)
		err = family_find(&plan->image, &plan->family, why);
	if (err)
		return fail_in(why, err, "%s", plan->input);
	err = choose_drivers(plan, why);
	if (!err)
		err = fill_overlay(plan, why);
	if (!err && request->mode == PLAN_REBUILD)
		err = build_archive(plan, why);
	else if (!err && request->mode == PLAN_NEW)
		err = build_new(plan, why);
	else if (!err)
		err = build_segment(plan, why);
	return err ? err : uki_lay_out(plan, why);
}

void plan_free(struct plan *plan)
{
	output_forget(plan);
	buffer_free(&plan->request.target.settings);
	rebuild_free(&plan->rebuild);
	buffer_free(&plan->splice.insert);
	overlay_free(&plan->overlay);
	modules_free(&plan->modules);
	image_free(&plan->image);
	mapped_file_close(&plan->file);
	buffer_free(&plan->layout.head);
	buffer_free(&plan->base);
	free(plan->output);
	free(plan->backup);
	memset(plan, 0, sizeof(*plan));
}
