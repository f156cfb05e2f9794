// SPDX-License-Identifier: GPL-2.0-only
/* inspect: what is in an initrd, as the kernel sees it. */
#include "tools/mkinitrd-en/inspect.h"

#include "tools/mkinitrd-en/print.h"
#include "tools/mkinitrd-en/verbs.h"

#include <getopt.h>
#include <stdlib.h>

static const char help[] =
	"usage: mkinitrd-en inspect [OPTIONS] INITRD\n"
	"\n"
	"Shows what an initrd holds, as the kernel sees it: its segments, what\n"
	"made it, its kernels, what mkinitrd-en has put into it, and what is\n"
	"missing. INITRD may be - for standard input. Nothing is written.\n"
	"\n"
	"  --files             list every file, with the segment that it is from\n"
	"  --shadowed          list what a later segment has written over\n"
	"  --kernel VERSION|FILE\n"
	"                      the kernel that it is for, by its version, its file or\n"
	"                      its config: tells which compressors it lacks\n"
	"  --json              print all of it as JSON\n"
	"  -h, --help          this text\n"
	"\n"
	"Exit status: 0 done, 1 the image is damaged (what is good is shown),\n"
	"2 wrong usage.\n";

enum option_code { OPT_FILES = 256, OPT_SHADOWED, OPT_JSON, OPT_KERNEL };

static const struct option long_options[] = {
	{ "files", no_argument, NULL, OPT_FILES },
	{ "shadowed", no_argument, NULL, OPT_SHADOWED },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* -1, or the exit status that is due at once */
static int read_options(struct inspect_options *o, int argc, char **argv)
{
	int code;

	while ((code = getopt_long(argc, argv, "h", long_options, NULL)) !=
	       -1) {
		switch (code) {
		case OPT_FILES:
			o->files = true;
			break;
		case OPT_SHADOWED:
			o->shadowed = true;
			break;
		case OPT_KERNEL:
			o->kernel = optarg;
			break;
		case OPT_JSON:
			o->json = true;
			break;
		case 'h':
			fputs(help, stdout);
			return EXIT_SUCCESS;
		default: /* getopt_long has said what is wrong */
			return usage_hint("inspect", NULL);
		}
	}
	if (optind + 1 != argc)
		return usage_hint("inspect", optind == argc ?
						     "which initrd?" :
						     "one initrd at a time");
	o->path = argv[optind];
	return -1;
}

static int show(const struct view *v, const struct inspect_options *o)
{
	int err = 0;

	if (o->json)
		return inspect_json(v, o);
	inspect_print(v, o);
	if (o->shadowed)
		inspect_print_shadowed(v);
	if (o->files)
		err = inspect_print_files(v);
	return err;
}

int inspect_main(int argc, char **argv)
{
	struct inspect_options options = { 0 };
	struct failure why = { "" };
	struct view view;
	int status;
	int err;

	status = read_options(&options, argc, argv);
	if (status >= 0)
		return status;
	err = view_read(&view, options.path,
			image_modules_watch(options.files || options.json),
			&why);
	if (!err)
		err = view_kernel(&view, options.kernel, &why);
	if (!err) {
		err = show(&view, &options);
		if (err)
			fail(&why, err, "%s: out of memory", view.name);
	}
	if (!err && !print_done())
		status = EXIT_FAILURE;
	else if (!err && view.damage)
		err = fail(&why, view.damage, "%s: %s", view.name,
			   view.damage_why.text);
	if (err)
		fprintf(stderr, "mkinitrd-en: %s\n", why.text);
	view_free(&view);
	return err || status == EXIT_FAILURE ? EXIT_FAILURE : EXIT_SUCCESS;
}
