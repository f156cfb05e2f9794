// SPDX-License-Identifier: GPL-2.0-only
/* The manual's own way (8.1, step 7): insmod's lines in the init script. */
#include "tools/lib/base/failure.h"
#include "tools/lib/family/image_has.h"
#include "tools/lib/family/script.h"
#include "tools/lib/image/image.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/modules/modules.h"
#include "tools/lib/plan/loader.h"

#include <string.h>

static int find_in_init(struct loader *l, const struct overlay *overlay,
			struct script_place *place, struct failure *why)
{
	const char *text;
	size_t size;

	strcpy(l->hook, "init");
	if (!image_init_is_script(l->image))
		return fail(why, -ENOTSUP,
			    "--load insmod: /init of this image is no script;"
			    " there is --load wrapper");
	text = text_of(l->image, overlay, l->hook, &size);
	if (!text || !script_find_load(text, size, place))
		return fail(why, -ENOENT,
			    "--load insmod: /init loads no module and mounts"
			    " nothing that insmod's lines could stand behind;"
			    " nothing is changed (there is --load wrapper)");
	return 0;
}

static int write_lines(const struct loader *l, const char *insmod,
		       struct buffer *lines)
{
	int err;

	err = buffer_printf(lines, "# mkinitrd-en: begin\n"
				   "echo \"loading Mellanox ConnectX EN"
				   " driver\"\n");
	for (size_t i = 0; !err && i < l->modules->count; i++) {
		const struct module *mod = &l->modules->list[i];
		char path[TREE_PATH_MAX];

		if (mod->action == MODULE_BUILT_IN)
			continue;
		loader_module_path(l, mod->name, path);
		/* A script may end at the first command that fails. */
		err = buffer_printf(
			lines, "%s /%s || echo \"%s does not load\"\n", insmod,
			mod->action == MODULE_SHARE ? mod->in_image : path,
			mod->name);
	}
	if (!err)
		err = buffer_printf(lines, "# mkinitrd-en: end\n");
	return err ? err : buffer_add_zeros(lines, 1);
}

int loader_insmod_lines(struct loader *l, struct overlay *overlay,
			struct failure *why)
{
	struct script_place place = { 0 };
	struct buffer lines = { 0 };
	struct buffer out = { 0 };
	char insmod[128];
	const char *text;
	size_t size;
	int err;

	if (!image_has_program(l->image, "insmod", insmod, sizeof(insmod)))
		return fail(why, -ENOENT,
			    "--load insmod: the image has no insmod; there is"
			    " --load wrapper");
	if (l->family->find_script)
		err = l->family->find_script(l->image, overlay, l->hook, &place,
					     why);
	else
		err = find_in_init(l, overlay, &place, why);
	if (err)
		return err;
	l->line = place.line;
	text = text_of(l->image, overlay, l->hook, &size);
	if (write_lines(l, insmod, &lines) ||
	    script_insert(&out, text, size, &place, (const char *)lines.data))
		err = fail(why, -ENOMEM, "out of memory");
	else
		err = text_replace(l->image, overlay, l->hook, &out, why);
	buffer_free(&lines);
	buffer_free(&out);
	return err;
}
