// SPDX-License-Identifier: GPL-2.0-only
/*
 * SUSE mkinitrd: in SLES 10 one /init for all, in SLES 11 a script for each
 * step, boot/NN-NAME.sh, that run_all.sh sources in turn. Both log in by
 * themselves once they know the target's address; the manual (chapter 9) has
 * it written into the script.
 */
#include "tools/lib/base/failure.h"
#include "tools/lib/family/family.h"
#include "tools/lib/family/image_has.h"
#include "tools/lib/family/root_settings.h"
#include "tools/lib/family/script.h"
#include "tools/lib/image/image.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/iscsi/iscsi_target.h"
#include "tools/lib/plan/initiator.h"

#include <stdio.h>
#include <string.h>

#define STEPS "boot/"

struct step {
	const char *name; /* -iscsi.sh */
	char path[TREE_PATH_MAX];
};

static int is_step(void *ctx, const char *path, const struct inode *inode)
{
	struct step *step = ctx;
	size_t length = strlen(path);
	size_t end = strlen(step->name);

	/* A name of several lines would be none in our marker. */
	if (strncmp(path, STEPS, strlen(STEPS)) || length < end ||
	    strchr(path, '\n') || strcmp(path + length - end, step->name) ||
	    !S_ISREG(inode->mode))
		return 0;
	strcpy(step->path, path);
	return 1;
}

/* The script of a step, or "". */
static const char *find_step(const struct image *image, struct step *step,
			     const char *name)
{
	step->name = name;
	*step->path = '\0';
	tree_each(image->tree, is_step, step);
	return step->path;
}

static bool detect(const struct image *image)
{
	const struct overlay none = { 0 };
	const char *text;
	size_t size;

	if (image_has_directory(image, STEPS) &&
	    (image_has_file(image, "run_all.sh") ||
	     image_has_file(image, "config/start.sh")))
		return image_has_file(image, "init");
	text = text_of(image, &none, "init", &size);
	return text && image_init_is_script(image) &&
	       (script_reads(text, size, "iSCSI_TARGET_IPADDR") ||
		strstr(text, "udev_discover_root"));
}

/* What these scripts cannot be told. */
static int check_target(const struct iscsi_target *t, struct failure *why)
{
	const char *settings = (const char *)t->settings.data;

	if (!*t->host)
		return fail(why, -ENOTSUP,
			    "this image's own scripts read the firmware's table"
			    " (iBFT) and no lease: give the target's address");
	if (t->kind == ISCSI_HOST_IPV6)
		return fail(why, -ENOTSUP,
			    "this image's own scripts log in over IPv4 only");
	if (t->has_lun && t->lun)
		return fail(why, -ENOTSUP,
			    "this image's own scripts take every LUN as a"
			    " disk: leave --iscsi-lun out and name the root by"
			    " root=");
	if (t->settings.size)
		return fail(why, -ENOTSUP,
			    "this image's own scripts bring the network up and"
			    " log in; %.*s cannot be said to them",
			    (int)strcspn(settings, "=\n"), settings);
	return 0;
}

static int no_place(struct failure *why, const char *path)
{
	return fail(why, -ENOENT,
		    "/%s: found neither 'if [ \"$iSCSI_TARGET_IPADDR\" ]' nor"
		    " TargetAddress: no place for the target; nothing is"
		    " changed",
		    path);
}

/* One variable, if the script reads it. */
static int add_variable(struct buffer *lines, const char *text, size_t size,
			const char *name, const char *value, bool *read)
{
	*read = script_reads(text, size, name);
	return *read ? buffer_printf(lines, "%s='%s'\n", name, value) : 0;
}

struct variables {
	const char *address;
	const char *port;
	const char *target;
	bool is_default; /* the port is taken to be 3260 if nothing is said */
};

static int write_lines(struct buffer *lines, const char *path, const char *text,
		       size_t size, const struct variables *v,
		       const struct iscsi_target *t, struct failure *why)
{
	char port[16];
	bool read;
	int err;

	snprintf(port, sizeof(port), "%u", t->port ? t->port : ISCSI_PORT);
	err = add_variable(lines, text, size, v->address, t->host, &read);
	if (!err && (t->port || !v->is_default)) {
		err = add_variable(lines, text, size, v->port, port, &read);
		if (!err && !read && t->port && t->port != ISCSI_PORT)
			return fail(why, -ENOTSUP,
				    "/%s reads no $%s: the port cannot be said"
				    " to it",
				    path, v->port);
	}
	if (!err && *t->name) {
		err = add_variable(lines, text, size, v->target, t->name,
				   &read);
		if (!err && !read)
			return fail(why, -ENOTSUP,
				    "/%s reads no $%s: leave --iscsi-iqn out",
				    path, v->target);
	}
	if (!err)
		err = buffer_add_zeros(lines, 1);
	return err ? fail(why, err, "out of memory") : 0;
}

static int patch_target(const struct image *image, struct overlay *overlay,
			const char *path, const struct iscsi_target *t,
			struct failure *why)
{
	static const struct variables firmware = { "iSCSI_TARGET_IPADDR",
						   "iSCSI_TARGET_PORT",
						   "iSCSI_TARGET_NAME", true };
	static const struct variables own = { "TargetAddress", "TargetPort",
					      "TargetName", false };
	const struct variables *v = NULL;
	struct buffer lines = { 0 };
	struct buffer out = { 0 };
	struct script_place place;
	const char *text;
	size_t size;
	int err;

	text = text_of(image, overlay, path, &size);
	if (!text)
		return no_place(why, path);
	if (script_find_if_set(text, size, firmware.address, &place))
		v = &firmware;
	else if (script_reads(text, size, own.address) &&
		 script_find_begin(text, size, &place))
		v = &own;
	if (!v)
		return no_place(why, path);
	err = write_lines(&lines, path, text, size, v, t, why);
	if (!err &&
	    script_insert(&out, text, size, &place, (const char *)lines.data))
		err = fail(why, -ENOMEM, "out of memory");
	if (!err)
		err = text_replace(image, overlay, path, &out, why);
	buffer_free(&lines);
	buffer_free(&out);
	return err;
}

/* open-iscsi's own file, which the scripts source. */
static int set_initiator(const struct image *image, struct overlay *overlay,
			 const struct iscsi_target *t, struct failure *why)
{
	static const char *const paths[] = { "etc/iscsi/initiatorname.iscsi",
					     "etc/initiatorname.iscsi" };
	struct buffer text = { 0 };
	int err;

	if (!*t->initiator)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		if (!image_has_file(image, paths[i]))
			continue;
		err = buffer_printf(&text, "InitiatorName=%s\n", t->initiator);
		if (err)
			fail(why, err, "out of memory");
		else
			err = text_replace(image, overlay, paths[i], &text,
					   why);
		buffer_free(&text);
		return err;
	}
	return fail(why, -ENOENT,
		    "the image has no /etc/iscsi/initiatorname.iscsi: no place"
		    " for --iscsi-initiator");
}

static int plan_target(const struct image *image, const struct iscsi_target *t,
		       struct overlay *overlay, struct failure *why)
{
	struct step step;
	const char *path = find_step(image, &step, "-iscsi.sh");
	int err;

	err = check_target(t, why);
	if (!err && !initiator_in_image(image))
		err = fail(why, -ENOENT,
			   "the image has no iSCSI initiator: make it anew with"
			   " mkinitrd -f iscsi");
	if (!err)
		err = patch_target(image, overlay, *path ? path : "init", t,
				   why);
	if (!err)
		err = set_initiator(image, overlay, t, why);
	return err ? err : root_settings_file_plan(t, overlay, why);
}

/*
 * In SLES 10 behind the load commands of the initiator's modules, as the manual
 * has it. In SLES 11 the network comes before the initiator.
 */
static int find_script(const struct image *image, const struct overlay *overlay,
		       char path[TREE_PATH_MAX], struct script_place *place,
		       struct failure *why)
{
	struct step step;
	const char *text;
	size_t size;
	bool found;

	strcpy(path, find_step(image, &step, "-network.sh"));
	if (*path) {
		text = text_of(image, overlay, path, &size);
		found = text && script_find_begin(text, size, place);
	} else {
		strcpy(path, find_step(image, &step, "-iscsi.sh"));
		if (!*path)
			strcpy(path, "init");
		text = text_of(image, overlay, path, &size);
		found = text && (script_find_command(text, size, "load_modules",
						     place) ||
				 script_find_load(text, size, place));
	}
	if (found)
		return 0;
	return fail(why, -ENOENT,
		    "/%s loads no modules that insmod's lines could stand"
		    " behind; nothing is changed (there is --load wrapper)",
		    path);
}

const struct family family_suse_mkinitrd = {
	.name = "suse-mkinitrd",
	.detect = detect,
	.iscsi_modules = usual_iscsi_modules,
	.logs_in = true,
	.plan_target = plan_target,
	.load = LOAD_INSMOD,
	.find_script = find_script,
};
