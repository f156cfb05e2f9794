// SPDX-License-Identifier: GPL-2.0-only
/* install: a root disk, with all in it that a host without a disk needs. */
#include "tools/iscsi-root/verbs.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/install/install.h"
#include "tools/lib/iscsi/root_path.h"
#include "tools/lib/server/host.h"

#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: iscsi-root install [OPTIONS] DISK [ROOT-PATH]\n"
	"                          [-- WORDS FOR MKINITRD-EN]\n"
	"\n"
	"Makes the root disk of a host: one ext4 file system without partitions,\n"
	"in a file or on a block device. Its fstab and open-iscsi's settings are\n"
	"made for a root over iSCSI, and mkinitrd-en treats the newest initrd in\n"
	"its boot folder: for ROOT-PATH, else for a target that is known at boot.\n"
	"Nothing is mounted. A file is replaced whole or not at all.\n"
	"\n"
	"  --from DIR           copy this tree\n"
	"  --suite SUITE        or have mmdebstrap make one, such as trixie\n"
	"  --mirror URL         of --suite: from there\n"
	"  --include PACKAGES   of --suite: these too, with ',' between\n"
	"  --size SIZE          of the disk, such as 10G (default: by the\n"
	"                       content, or all of a device)\n"
	"  --label NAME         of the file system (default: root)\n"
	"  --uuid UUID          of the file system (default: a new one)\n"
	"  --initiator NAME     the host's own iSCSI name (default: each host\n"
	"                       makes one)\n"
	"  --kernel-out FILE    copy the kernel there, for the boot server\n"
	"  --initrd-out FILE    copy the new initrd there\n"
	"  --force              also where DISK holds something\n"
	"  --dry-run            print the plan, write nothing\n"
	"  --json               print what was done, or the plan, as JSON\n"
	"  -h, --help           this text\n"
	"\n"
	"Exit status: 0 done, 1 failed (nothing is changed, but on a device), 2\n"
	"wrong usage.\n";

enum option_code {
	OPT_FROM = 256,
	OPT_SUITE,
	OPT_MIRROR,
	OPT_INCLUDE,
	OPT_SIZE,
	OPT_LABEL,
	OPT_UUID,
	OPT_INITIATOR,
	OPT_KERNEL_OUT,
	OPT_INITRD_OUT,
	OPT_FORCE,
	OPT_DRY_RUN,
	OPT_JSON,
};

static const struct option long_options[] = {
	{ "from", required_argument, NULL, OPT_FROM },
	{ "suite", required_argument, NULL, OPT_SUITE },
	{ "mirror", required_argument, NULL, OPT_MIRROR },
	{ "include", required_argument, NULL, OPT_INCLUDE },
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "label", required_argument, NULL, OPT_LABEL },
	{ "uuid", required_argument, NULL, OPT_UUID },
	{ "initiator", required_argument, NULL, OPT_INITIATOR },
	{ "kernel-out", required_argument, NULL, OPT_KERNEL_OUT },
	{ "initrd-out", required_argument, NULL, OPT_INITRD_OUT },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

struct install_command {
	struct install_request request;
	struct root_path root;
	bool dry_run;
	bool json;
	int done; /* -1, or the exit status that is due at once */
};

static int usage_error(const char *text)
{
	fprintf(stderr, "iscsi-root: %s\n", text);
	fputs("Try 'iscsi-root install --help'.\n", stderr);
	return EXIT_USAGE;
}

static const char **text_of(struct install_request *r, int code)
{
	switch (code) {
	case OPT_FROM:
		return &r->from;
	case OPT_SUITE:
		return &r->suite;
	case OPT_MIRROR:
		return &r->mirror;
	case OPT_INCLUDE:
		return &r->include;
	case OPT_LABEL:
		return &r->label;
	case OPT_UUID:
		return &r->uuid;
	case OPT_INITIATOR:
		return &r->initiator;
	case OPT_KERNEL_OUT:
		return &r->kernel_out;
	case OPT_INITRD_OUT:
		return &r->initrd_out;
	default:
		return NULL;
	}
}

static void read_option(struct install_command *c, int code)
{
	const char **text = text_of(&c->request, code);
	struct failure why;

	if (text) {
		*text = optarg;
		return;
	}
	switch (code) {
	case OPT_SIZE:
		if (size_read(optarg, &c->request.size, &why))
			c->done = usage_error(why.text);
		break;
	case OPT_FORCE:
		c->request.force = true;
		break;
	case OPT_DRY_RUN:
		c->dry_run = true;
		break;
	case OPT_JSON:
		c->json = true;
		break;
	case 'h':
		fputs(help, stdout);
		c->done = EXIT_SUCCESS;
		break;
	default: /* getopt_long has said what is wrong */
		fputs("Try 'iscsi-root install --help'.\n", stderr);
		c->done = EXIT_USAGE;
	}
}

static void read_root_path(struct install_command *c, const char *text)
{
	struct failure why;

	if (root_path_read(&c->root, text, strlen(text), &why)) {
		fprintf(stderr, "iscsi-root: %s: %s\n", text, why.text);
		c->done = EXIT_FAILURE;
	}
	c->request.root = &c->root;
}

static void check_options(struct install_command *c, int words)
{
	const struct install_request *r = &c->request;

	if (!words)
		c->done = usage_error("install: which disk?");
	else if (words > 2)
		c->done = usage_error("install: one disk and one root-path");
	else if (!r->from == !r->suite)
		c->done = usage_error("install: give --from DIR or --suite"
				      " SUITE");
	else if ((r->mirror || r->include) && !r->suite)
		c->done = usage_error("install: --mirror and --include need"
				      " --suite");
}

static void read_options(struct install_command *c, int argc, char **argv)
{
	int own = 1;
	int code;

	memset(c, 0, sizeof(*c));
	c->done = -1;
	c->request.label = "root";
	/* getopt would move what is behind "--" to the other words. */
	while (own < argc && strcmp(argv[own], "--"))
		own++;
	if (own + 1 < argc)
		c->request.words = (const char *const *)argv + own + 1;
	while (c->done < 0 &&
	       (code = getopt_long(own, argv, "h", long_options, NULL)) != -1)
		read_option(c, code);
	if (c->done >= 0)
		return;
	check_options(c, own - optind);
	if (c->done >= 0)
		return;
	c->request.disk = argv[optind];
	if (own - optind == 2)
		read_root_path(c, argv[optind + 1]);
}

static void show_step(const char *step)
{
	fprintf(stderr, "iscsi-root: %s ...\n", step);
}

static void print_json(const struct install *install)
{
	struct json_object *json = install_json(install);

	puts(json_object_to_json_string_ext(
		json,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}

static int run(const struct install_command *c, struct install *install,
	       struct failure *why)
{
	int err = install_plan(install, &c->request, why);

	if (!err && !c->dry_run)
		err = install_carry_out(install, why);
	if (err)
		return err;
	if (c->json)
		print_json(install);
	else if (c->dry_run)
		install_print(install, stdout);
	else
		fprintf(stderr, "%s: %llu bytes; root=UUID=%s\n",
			install->disk.path, (unsigned long long)install->size,
			install->uuid);
	return 0;
}

int install_main(int argc, char **argv)
{
	struct install_command command;
	struct failure why = { "" };
	struct install install;
	int err;

	read_options(&command, argc, argv);
	if (command.done >= 0)
		return command.done;
	if (isatty(STDERR_FILENO)) {
		command.request.progress = show_step;
		command.request.on_terminal = true;
	}
	err = run(&command, &install, &why);
	if (err)
		fprintf(stderr, "iscsi-root: %s\n", why.text);
	install_free(&install);
	if (!err && (fflush(stdout) || ferror(stdout))) {
		fputs("iscsi-root: cannot print\n", stderr);
		err = -EIO;
	}
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
