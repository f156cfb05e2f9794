// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/codec.h"
#include "tools/lib/failure.h"
#include "tools/lib/family.h"
#include "tools/lib/plan.h"

#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXIT_USAGE 2

static const char help[] =
	"usage: mkinitrd-en [OPTIONS] INITRD\n"
	"\n"
	"Adds the ConnectX EN drivers to an initrd, and sets the iSCSI target\n"
	"that its root disk comes from. The original is kept as INITRD.orig.\n"
	"\n"
	"  --iscsi-target ADDR[:PORT]  the target's address\n"
	"  --iscsi-iqn NAME            its name (default: from the DHCP lease)\n"
	"  --iscsi-lun LUN             its LUN, in hexadecimal as RFC 4173 has\n"
	"                              it (default: from the lease, or 0)\n"
	"  --iscsi-initiator NAME      this host's name (default: made at boot\n"
	"                              of the target's name and the MAC)\n"
	"  --modules DIR               a root with lib/modules, or the modules'\n"
	"                              own directory (default: /)\n"
	"  --kernel VERSION            the kernel, if the image does not tell\n"
	"  -o, --output FILE           write there, leave INITRD alone\n"
	"  --dry-run                   print the plan, write nothing\n"
	"  --json                      print the plan as JSON\n"
	"  -h, --help                  this text\n"
	"  --version                   the version\n"
	"\n"
	"Exit status: 0 done, 1 failed (nothing is changed), 2 wrong usage.\n";

enum option_code {
	OPT_TARGET = 256,
	OPT_IQN,
	OPT_LUN,
	OPT_INITIATOR,
	OPT_MODULES,
	OPT_KERNEL,
	OPT_DRY_RUN,
	OPT_JSON,
	OPT_VERSION,
};

static const struct option long_options[] = {
	{ "iscsi-target", required_argument, NULL, OPT_TARGET },
	{ "iscsi-iqn", required_argument, NULL, OPT_IQN },
	{ "iscsi-lun", required_argument, NULL, OPT_LUN },
	{ "iscsi-initiator", required_argument, NULL, OPT_INITIATOR },
	{ "modules", required_argument, NULL, OPT_MODULES },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "output", required_argument, NULL, 'o' },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 },
};

struct command {
	struct request request;
	bool dry_run;
	bool json;
	bool needs_target; /* an option about the target was given */
	int done; /* -1, or the exit status that is due at once */
};

static int usage_error(const char *text)
{
	fprintf(stderr, "mkinitrd-en: %s\n", text);
	fputs("Try 'mkinitrd-en --help'.\n", stderr);
	return EXIT_USAGE;
}

static int read_name(char name[ISCSI_NAME_MAX + 1], const char *text,
		     const char *option, struct failure *why)
{
	size_t column = 0;

	if (iscsi_name_check(text, strlen(text), &column, why))
		return fail_in(why, -EINVAL, "%s %s: column %zu", option, text,
			       column + 1);
	strcpy(name, text);
	return 0;
}

static int read_target_option(struct command *c, int code, struct failure *why)
{
	struct iscsi_target *t = &c->request.target;
	size_t column = 0;

	if (code == OPT_TARGET) {
		c->request.has_target = true;
		if (iscsi_portal_read(optarg, t->host, &t->kind, &t->port, why))
			return fail_in(why, -EINVAL, "--iscsi-target");
		return 0;
	}
	c->needs_target = true;
	if (code == OPT_IQN)
		return read_name(t->name, optarg, "--iscsi-iqn", why);
	if (code == OPT_INITIATOR)
		return read_name(t->initiator, optarg, "--iscsi-initiator",
				 why);
	t->has_lun = true;
	if (iscsi_lun_read(optarg, strlen(optarg), &t->lun, &column, why))
		return fail_in(why, -EINVAL, "--iscsi-lun %s: column %zu",
			       optarg, column + 1);
	return 0;
}

static int read_option(struct command *c, int code, struct failure *why)
{
	switch (code) {
	case OPT_TARGET:
	case OPT_IQN:
	case OPT_LUN:
	case OPT_INITIATOR:
		return read_target_option(c, code, why);
	case OPT_MODULES:
		c->request.modules = optarg;
		return 0;
	case OPT_KERNEL:
		c->request.kernel = optarg;
		return 0;
	case 'o':
		c->request.output = optarg;
		return 0;
	case OPT_DRY_RUN:
		c->dry_run = true;
		return 0;
	case OPT_JSON:
		c->json = true;
		return 0;
	case 'h':
		fputs(help, stdout);
		c->done = EXIT_SUCCESS;
		return 0;
	case OPT_VERSION:
		puts("mkinitrd-en " CONNECTX_EN_VERSION);
		c->done = EXIT_SUCCESS;
		return 0;
	default: /* getopt_long has said what is wrong */
		fputs("Try 'mkinitrd-en --help'.\n", stderr);
		c->done = EXIT_USAGE;
		return 0;
	}
}

static void read_command(struct command *c, int argc, char **argv)
{
	struct failure why;
	int code;

	memset(c, 0, sizeof(*c));
	c->done = -1;
	c->request.modules = "/";
	while (c->done < 0 && (code = getopt_long(argc, argv, "o:h",
						  long_options, NULL)) != -1) {
		if (read_option(c, code, &why))
			c->done = usage_error(why.text);
	}
	if (c->done >= 0)
		return;
	if (optind + 1 != argc)
		c->done = usage_error(optind == argc ? "which initrd?" :
						       "one initrd at a time");
	else if (c->needs_target && !c->request.has_target)
		c->done = usage_error("--iscsi-iqn, --iscsi-lun and"
				      " --iscsi-initiator need"
				      " --iscsi-target");
	else
		c->request.input = argv[optind];
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Nothing within the first second: most images are read by then. */
static void progress(void *ctx, uint64_t done, uint64_t all)
{
	static double begin, last;
	double now = seconds();

	if (!begin)
		begin = now;
	if (now - begin < 1 || now - last < 0.2 || !all)
		return;
	last = now;
	fprintf(stderr, "\rreading the initrd: %3.0f %%", done * 100.0 / all);
	if (done == all)
		fputs("\r\033[K", stderr);
}

static void print_json(const struct plan *plan)
{
	struct json_object *json = plan_json(plan);

	puts(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY));
	json_object_put(json);
}

static void say_done(const struct plan *plan)
{
	fprintf(stderr, "%s: %zu bytes added (%s), kernel %s\n", plan->output,
		plan->splice.insert.size, plan->codec->name,
		plan->modules.kernel);
	if (plan->backup)
		fprintf(stderr, "%s: the original%s\n", plan->backup,
			plan->backup_kept ? "" :
					    " of an earlier run, kept as it"
					    " was");
}

static int run(const struct command *c, struct plan *plan, struct failure *why)
{
	int err = plan_make(plan, &c->request, why);

	if (err)
		return err;
	if (c->json)
		print_json(plan);
	else if (c->dry_run)
		plan_print(plan, stdout);
	if (c->dry_run)
		return 0;
	for (size_t i = 0; i < plan->modules.n_notes; i++)
		fprintf(stderr, "note: %s\n", plan->modules.notes[i]);
	err = plan_carry_out(plan, why);
	if (!err)
		say_done(plan);
	return err;
}

int main(int argc, char **argv)
{
	struct command command;
	struct failure why = { "" };
	struct plan plan;
	int err;

	read_command(&command, argc, argv);
	if (command.done >= 0)
		return command.done;
	if (isatty(STDERR_FILENO))
		command.request.progress = progress;
	err = run(&command, &plan, &why);
	if (err)
		fprintf(stderr, "mkinitrd-en: %s\n", why.text);
	plan_free(&plan);
	if (!err && (fflush(stdout) || ferror(stdout))) {
		fputs("mkinitrd-en: cannot print the plan\n", stderr);
		err = -EIO;
	}
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
