// SPDX-License-Identifier: GPL-2.0-only
/* Without a verb: drivers and settings into an initrd. */
#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"
#include "tools/mkinitrd-en/add_options.h"
#include "tools/mkinitrd-en/progress.h"
#include "tools/mkinitrd-en/verbs.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_json(const struct plan *plan)
{
	struct json_object *json = plan_json(plan);

	puts(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY));
	json_object_put(json);
}

static void say_done(const struct plan *plan)
{
	switch (plan->request.mode) {
	case PLAN_REMOVE:
		fprintf(stderr, "%s: %s\n",
			plan->nothing ? plan->input : plan->output,
			plan->nothing ?
				"nothing of mkinitrd-en in it: left as it is" :
				"as it was before");
		break;
	case PLAN_REBUILD:
		fprintf(stderr, "%s: %zu entries, %llu bytes (%s), kernel %s\n",
			plan->output, plan->rebuild.count,
			(unsigned long long)plan->written, plan->codec->name,
			plan->modules.kernel);
		break;
	case PLAN_NEW:
		fprintf(stderr, "%s: %zu files, %llu bytes (%s), kernel %s\n",
			plan->output, plan->overlay.count,
			(unsigned long long)plan->written, plan->codec->name,
			plan->modules.kernel);
		break;
	default:
		fprintf(stderr,
			"%s: %zu bytes added (%s), kernel %s, driver %s\n",
			plan->output, plan->splice.insert.size,
			plan->codec->name, plan->modules.kernel,
			strcmp(plan->modules.driver, "other") ?
				plan->modules.driver :
				plan->modules.driver_folder);
	}
	if (plan->backup)
		fprintf(stderr, "%s: the original%s\n", plan->backup,
			plan->backup_kept ? "" :
					    " of an earlier run, kept as it"
					    " was");
}

static int run(const struct add_command *c, struct plan *plan,
	       struct failure *why)
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

int add_main(int argc, char **argv)
{
	struct add_command command;
	struct failure why = { "" };
	struct plan plan;
	int err;

	add_read_options(&command, argc, argv);
	if (command.done >= 0) {
		add_free_options(&command);
		return command.done;
	}
	if (command.try_only) {
		try_become(command.request.input, command.boot.words, &why);
		fprintf(stderr, "mkinitrd-en: %s\n", why.text);
		return EXIT_FAILURE;
	}
	command.request.progress = progress_shown();
	command.request.head_start = !command.dry_run;
	err = run(&command, &plan, &why);
	progress_end();
	if (err)
		fprintf(stderr, "mkinitrd-en: %s\n", why.text);
	plan_free(&plan);
	add_free_options(&command);
	if (!err && (fflush(stdout) || ferror(stdout))) {
		fputs("mkinitrd-en: cannot print the plan\n", stderr);
		err = -EIO;
	}
	if (command.boot.status)
		return command.boot.status;
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
