// SPDX-License-Identifier: GPL-2.0-only
/* Whether the modules that are to go into an image fit its kernel. */
#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"
#include "tools/lib/modules/modinfo.h"
#include "tools/lib/modules/module_facts.h"
#include "tools/lib/modules/module_file.h"
#include "tools/lib/modules/module_fit.h"
#include "tools/lib/modules/modules.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYMVERS_MAX (64U << 20)

struct meeting {
	struct module_fit *fit;
	const char *kernel;
};

static int meet(void *ctx, const char *path, const struct inode *inode)
{
	const char *at = module_file_below(path);
	struct meeting *meeting = ctx;
	size_t length = strlen(meeting->kernel);

	if (!at || !inode->facts || strncmp(at, meeting->kernel, length) ||
	    at[length] != '/')
		return 0;
	return module_fit_meet(meeting->fit, path, inode->facts,
			       inode->facts_size);
}

/*
 * The headers' list, where they are installed. Their link may lead out of a
 * root that is not this machine's: there it counts from that root.
 */
static int meet_symvers(struct module_fit *fit, const struct modules *m,
			const char *root)
{
	struct buffer text = { 0 };
	char link[PATH_MAX];
	char path[2 * PATH_MAX];
	ssize_t length;
	int err;

	snprintf(path, sizeof(path), "%s/build", m->directory);
	length = readlink(path, link, sizeof(link) - 1);
	link[length > 0 ? length : 0] = '\0';
	if (*link == '/')
		snprintf(path, sizeof(path), "%s%s/Module.symvers", root, link);
	else
		snprintf(path, sizeof(path), "%s/build/Module.symvers",
			 m->directory);
	if (access(path, R_OK) ||
	    buffer_read_file(&text, path, SYMVERS_MAX, NULL))
		return 0;
	err = module_fit_symvers(fit, path, text.data, text.size);
	buffer_free(&text);
	return err;
}

static int add_ours(struct module_fit *fit, const struct modules *m,
		    struct buffer *facts)
{
	int err = 0;

	for (size_t i = 0; !err && i < m->count; i++) {
		const struct module *mod = &m->list[i];
		struct modinfo info;

		if (mod->action != MODULE_ADD ||
		    modinfo_find(&info, mod->bytes.data, mod->bytes.size, NULL))
			continue;
		err = module_facts_make(&facts[i], &info);
		if (!err)
			err = module_fit_add(fit, mod->source,
					     (const char *)facts[i].data,
					     facts[i].size);
	}
	return err ? err : module_fit_ready(fit);
}

static int take_misfits(struct modules *m, const struct module_fit *fit,
			struct failure *why)
{
	for (size_t i = 0; i < fit->count; i++) {
		if (fit->list[i].error)
			return fail(why, -EINVAL, "%s", fit->list[i].text);
	}
	for (size_t i = 0; i < fit->count; i++) {
		if (modules_note(m, "%s", fit->list[i].text))
			return -ENOMEM;
	}
	return 0;
}

int modules_check_fit(struct modules *m, const struct image *image,
		      const char *root, struct failure *why)
{
	struct buffer *facts = calloc(m->count + 1, sizeof(*facts));
	struct module_fit fit = { 0 };
	struct meeting meeting = { &fit, m->kernel };
	int err = facts ? add_ours(&fit, m, facts) : -ENOMEM;

	if (!err)
		err = tree_each(image->tree, meet, &meeting);
	if (!err)
		err = meet_symvers(&fit, m, root);
	if (!err)
		err = module_fit_end(&fit);
	if (!err)
		err = take_misfits(m, &fit, why);
	for (size_t i = 0; facts && i < m->count; i++)
		buffer_free(&facts[i]);
	free(facts);
	module_fit_free(&fit);
	return err == -ENOMEM ? fail(why, err, "out of memory") : err;
}
