// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/install/debootstrap.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/base/program.h"
#include "tools/lib/install/install.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define WORDS_MAX 32

/* What boots, finds its root over iSCSI, and lets more be installed */
static const char packages[] = "systemd-sysv,udev,kmod,iproute2,netbase,"
			       "open-iscsi,initramfs-tools,linux-image-";

static const char *kernel_flavour(void)
{
	struct utsname u;

	uname(&u);
	return !strcmp(u.machine, "aarch64") ? "arm64" : "amd64";
}

/*
 * mmdebstrap mounts proc, sys and more in the tree. In a namespace of its own
 * they go with it, however it ends, and no removal of the tree can meet them.
 */
static const char *const apart[] = { "--mount",	     "--pid",	     "--fork",
				     "--kill-child", "--mount-proc", "--" };
static const char *const as_user[] = { "--map-root-user", "--map-auto" };

int debootstrap(const struct install_request *request, const char *folder,
		struct failure *why)
{
	const char *words[WORDS_MAX];
	struct program program = {
		.words = words,
		.shown = request->on_terminal,
		.deaf = true,
	};
	char include[4096];
	size_t n = 0;

	if (snprintf(include, sizeof(include), "--include=%s%s%s%s", packages,
		     kernel_flavour(), request->include ? "," : "",
		     request->include ? request->include : "") >=
	    (int)sizeof(include))
		return fail(why, -EINVAL, "--include: too many packages");
	words[n++] = "unshare";
	for (size_t i = 0; geteuid() && i < 2; i++)
		words[n++] = as_user[i];
	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
		words[n++] = apart[i];
	words[n++] = "mmdebstrap";
	words[n++] = "--mode=root";
	words[n++] = "--variant=minbase";
	words[n++] = "--skip=output/dev"; /* the kernel makes the devices */
	words[n++] = include;
	words[n++] = request->suite;
	words[n++] = folder;
	if (request->mirror)
		words[n++] = request->mirror;
	words[n] = NULL;
	return program_run(&program, NULL, why);
}

int remove_tree(const char *folder, struct failure *why)
{
	/* Behind the words of unshare, those that do as well without */
	const char *const words[] = {
		"unshare", "--map-root-user",	"--map-auto", "--",   "rm",
		"-rf",	   "--one-file-system", "--",	      folder, NULL
	};
	struct program program = { .words = words + 4, .anyway = true };

	if (!program_run(&program, NULL, why))
		return 0;
	program.words = words;
	return program_run(&program, NULL, why);
}
