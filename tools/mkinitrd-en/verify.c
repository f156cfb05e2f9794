// SPDX-License-Identifier: GPL-2.0-only
/* verify: whether an initrd is sound, and still has what was put into it. */
#include "tools/lib/inspect/findings.h"
#include "tools/mkinitrd-en/print.h"
#include "tools/mkinitrd-en/verbs.h"
#include "tools/mkinitrd-en/view.h"

#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>

static const char help[] =
	"usage: mkinitrd-en verify [OPTIONS] INITRD\n"
	"\n"
	"Reads an initrd (-: standard input) as the kernel does, with every\n"
	"checksum that its formats have, and says what is wrong with it: one\n"
	"line each, errors and warnings. What mkinitrd-en has put in must still\n"
	"be whole. Nothing is written.\n"
	"\n"
	"  --modules DIR       the drivers in it must be those of DIR, a root\n"
	"                      with lib/modules or the modules' own directory\n"
	"  --kernel VERSION|FILE\n"
	"                      the kernel that it is for, by its version, its file or\n"
	"                      its config: it must have the compressors\n"
	"  --json              print the findings as JSON\n"
	"  -h, --help          this text\n"
	"\n"
	"Exit status: 0 sound (warnings do not count), 1 not, 2 wrong usage.\n";

struct verify_options {
	const char *path;
	const char *modules;
	const char *kernel;
	bool json;
};

enum option_code { OPT_MODULES = 256, OPT_JSON, OPT_KERNEL };

static const struct option long_options[] = {
	{ "modules", required_argument, NULL, OPT_MODULES },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* -1, or the exit status that is due at once */
static int read_options(struct verify_options *o, int argc, char **argv)
{
	int code;

	while ((code = getopt_long(argc, argv, "h", long_options, NULL)) !=
	       -1) {
		switch (code) {
		case OPT_MODULES:
			o->modules = optarg;
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
			return usage_hint("verify", NULL);
		}
	}
	if (optind + 1 != argc)
		return usage_hint("verify", optind == argc ?
						    "which initrd?" :
						    "one initrd at a time");
	o->path = argv[optind];
	return -1;
}

static void print_findings(const struct view *v, const struct findings *f)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct finding *finding = &f->list[i];

		print_name(stdout, v->name);
		printf(": %s: ", finding->error ? "error" : "warning");
		if (finding->segment != FINDING_NOWHERE)
			printf("segment %zu: ", finding->segment + 1);
		if (finding->offset != FINDING_NOWHERE)
			printf("offset %zu: ", finding->offset);
		print_name(stdout, finding->text);
		putchar('\n');
	}
	if (f->errors)
		return;
	print_name(stdout, v->name);
	printf(": sound: %zu segment%s, %" PRIu64 " entries\n",
	       v->image.n_segments, v->image.n_segments == 1 ? "" : "s",
	       view_entries(v));
}

static void put_place(struct json_object *o, const char *key, size_t value)
{
	json_put(o, key,
		 value == FINDING_NOWHERE ? NULL :
					    json_object_new_int64(value));
}

static void findings_json(const struct view *v, const struct findings *f)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < f->count; i++) {
		const struct finding *finding = &f->list[i];
		struct json_object *one = json_object_new_object();

		json_put_text(one, "level",
			      finding->error ? "error" : "warning");
		put_place(one, "segment",
			  finding->segment == FINDING_NOWHERE ?
				  FINDING_NOWHERE :
				  finding->segment + 1);
		put_place(one, "offset", finding->offset);
		json_put_text(one, "text", finding->text);
		json_object_array_add(list, one);
	}
	json_put_text(o, "image", v->name);
	json_put_bool(o, "sound", !f->errors);
	json_put(o, "findings", list);
	json_print(o);
}

static int check(const struct view *v, const struct verify_options *o,
		 struct findings *f, struct failure *why)
{
	int err = 0;

	findings_image(f, &v->image, &v->modules);
	findings_kernel(f, &v->image, &v->kernel);
	findings_inserted(f, &v->image, &v->inserted, &v->modules);
	if (v->damage)
		findings_damage(f, &v->image, v->damage, &v->damage_why);
	else if (o->modules)
		err = findings_modules(f, &v->image, &v->inserted, o->modules,
				       why);
	if (!err && f->no_memory)
		err = fail(why, -ENOMEM, "out of memory");
	return err;
}

int verify_main(int argc, char **argv)
{
	struct verify_options options = { 0 };
	struct findings findings = { 0 };
	struct failure why = { "" };
	struct view view;
	int status;
	int err;

	status = read_options(&options, argc, argv);
	if (status >= 0)
		return status;
	err = view_read(&view, options.path, image_modules_watch(true), &why);
	if (!err)
		err = view_kernel(&view, options.kernel, &why);
	if (!err)
		err = check(&view, &options, &findings, &why);
	if (err)
		fprintf(stderr, "mkinitrd-en: %s\n", why.text);
	else if (options.json)
		findings_json(&view, &findings);
	else
		print_findings(&view, &findings);
	status = err || findings.errors || !print_done() ? EXIT_FAILURE :
							   EXIT_SUCCESS;
	findings_free(&findings);
	view_free(&view);
	return status;
}
