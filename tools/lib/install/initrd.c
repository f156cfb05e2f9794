// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/install/initrd.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/base/program.h"
#include "tools/lib/install/install.h"
#include "tools/lib/iscsi/root_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN_WORDS 24
#define TARGET "--iscsi-target"

struct target_words {
	char portal[ISCSI_HOST_MAX + 16];
	char lun[ISCSI_LUN_TEXT];
};

static size_t add_target(const struct install *install, const char **words,
			 size_t n, struct target_words *t)
{
	const struct root_path *root = install->request.root;
	const char *const *more = install->request.words;
	bool named = false;

	for (; more && *more; more++)
		named |= !strncmp(*more, TARGET, strlen(TARGET));
	if (root && *root->server) {
		bool brackets = strchr(root->server, ':');

		snprintf(t->portal, sizeof(t->portal), "%s%s%s:%u",
			 brackets ? "[" : "", root->server, brackets ? "]" : "",
			 root->port);
		words[n++] = TARGET;
		words[n++] = t->portal;
	} else if (!named) {
		words[n++] = TARGET;
		words[n++] = "auto";
	}
	if (root) {
		words[n++] = "--iscsi-iqn";
		words[n++] = root->name;
	}
	if (root && root->lun_given) {
		iscsi_lun_text(root->lun, t->lun);
		words[n++] = "--iscsi-lun";
		words[n++] = t->lun;
	}
	if (install->request.initiator) {
		words[n++] = "--iscsi-initiator";
		words[n++] = install->request.initiator;
	}
	return n;
}

int initrd_make(const struct install *install, const char *staging,
		struct failure *why)
{
	const struct source *source = &install->source;
	const char *const *more = install->request.words;
	struct target_words target;
	char program[PATH_MAX];
	char input[PATH_MAX];
	char output[PATH_MAX];
	struct program mkinitrd = { 0 };
	const char **words;
	size_t count = 0;
	size_t n = 0;
	int err;

	while (more && more[count])
		count++;
	words = calloc(count + OWN_WORDS, sizeof(*words));
	if (!words)
		return fail(why, -ENOMEM, "out of memory");
	snprintf(input, sizeof(input), "%s/%s", source->folder, source->initrd);
	snprintf(output, sizeof(output), "%s/initrd", staging);
	words[n++] = program_beside("mkinitrd-en", program);
	words[n++] = "--modules";
	words[n++] = source->folder;
	words[n++] = "--initiator";
	words[n++] = source->folder;
	words[n++] = "--kernel";
	words[n++] = source->release;
	n = add_target(install, words, n, &target);
	for (size_t i = 0; i < count; i++)
		words[n++] = more[i];
	words[n++] = "-o";
	words[n++] = output;
	words[n++] = input;
	mkinitrd.words = words;
	err = program_run(&mkinitrd, NULL, why);
	free(words);
	return err;
}
