// SPDX-License-Identifier: GPL-2.0-only
/* Whether the modules that we have put in fit those that were there. */
#include "tools/lib/image/image.h"
#include "tools/lib/inspect/findings.h"
#include "tools/lib/inspect/inserted.h"
#include "tools/lib/modules/image_modules.h"
#include "tools/lib/modules/module_fit.h"
#include "tools/lib/plan/loader.h"

#include <string.h>

static bool is_ours(const char *path)
{
	return !strncmp(path, LOADER_DIRECTORY "/",
			strlen(LOADER_DIRECTORY "/"));
}

static int add_ours(struct module_fit *fit, const struct inserted *in,
		    const char *release)
{
	int err = 0;

	for (size_t i = 0; !err && i < in->n_modules; i++) {
		const struct inserted_module *mod = &in->modules[i];

		if (mod->inode && mod->inode->facts && is_ours(mod->path) &&
		    !strcmp(mod->release, release))
			err = module_fit_add(fit, mod->path, mod->inode->facts,
					     mod->inode->facts_size);
	}
	return err ? err : module_fit_ready(fit);
}

static int check_release(struct findings *f, const struct image *image,
			 const struct inserted *in,
			 const struct image_modules *m, const char *release)
{
	struct module_fit fit = { 0 };
	int err = add_ours(&fit, in, release);

	for (size_t i = 0; !err && i < m->count; i++) {
		const struct image_module *mod = &m->list[i];

		if (mod->inode->facts && !is_ours(mod->path) &&
		    !strcmp(mod->release, release))
			err = module_fit_meet(&fit, mod->path,
					      mod->inode->facts,
					      mod->inode->facts_size);
	}
	if (!err)
		err = module_fit_end(&fit);
	for (size_t i = 0; !err && i < fit.count; i++)
		findings_add(f, image, fit.list[i].error, in->segment, "%s",
			     fit.list[i].text);
	module_fit_free(&fit);
	return err;
}

void findings_fit(struct findings *f, const struct image *image,
		  const struct inserted *in, const struct image_modules *m)
{
	for (size_t i = 0; in->found && i < m->n_releases; i++) {
		if (check_release(f, image, in, m, m->releases[i]))
			f->no_memory = true;
	}
}
