// SPDX-License-Identifier: GPL-2.0-only
#include "tools/mkinitrd-en/add_write.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/base/standard.h"
#include "tools/lib/codec/codec.h"
#include "tools/mkinitrd-en/add_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int add_set_mode(struct add_command *c, enum plan_mode mode,
		 struct failure *why)
{
	struct request *r = &c->request;

	if (r->mode != PLAN_APPEND && r->mode != mode)
		return fail(why, -EINVAL,
			    "one of --overlay-only, --rebuild, --remove and"
			    " --new at a time");
	r->mode = mode;
	return 0;
}

static int read_level(struct request *r, const char *text, struct failure *why)
{
	const struct codec *codec = r->compress;
	char *end;
	long level = strtol(text, &end, 10);

	if (!codec->level_max)
		return fail(why, -EINVAL, "--compress %s has no levels",
			    codec->name);
	if (!*text || *end || level < codec->level_min ||
	    level > codec->level_max)
		return fail(why, -EINVAL,
			    "--compress %s: the level is a number from %d to"
			    " %d",
			    codec->name, codec->level_min, codec->level_max);
	r->level = level;
	return 0;
}

static int read_compress(struct request *r, const char *text,
			 struct failure *why)
{
	size_t length = strcspn(text, ":");
	char name[16];

	snprintf(name, sizeof(name), "%.*s",
		 (int)(length < sizeof(name) ? length : 0), text);
	r->compress = codec_by_name(name);
	if (!r->compress)
		return fail(why, -EINVAL,
			    "--compress %s: one of gzip, bzip2, lzma, xz, lzo,"
			    " lz4, zstd and none, with :LEVEL behind it",
			    text);
	r->level = r->compress->level_normal;
	return text[length] ? read_level(r, text + length + 1, why) : 0;
}

int add_word(const char ***list, size_t *count, const char *word,
	     struct failure *why)
{
	const char **more = realloc(*list, (*count + 1) * sizeof(*more));

	if (!more)
		return fail(why, -ENOMEM, "out of memory");
	*list = more;
	more[(*count)++] = word;
	return 0;
}

static int add_delete(struct request *r, const char *path, struct failure *why)
{
	if (!path[strspn(path, "/")])
		return fail(why, -EINVAL, "--delete: which path?");
	return add_word(&r->deletes, &r->n_deletes, path, why);
}

int add_read_write_option(struct add_command *c, int code, struct failure *why)
{
	struct request *r = &c->request;

	switch (code) {
	case OPT_OVERLAY_ONLY:
		c->overlay_only = optarg;
		return add_set_mode(c, PLAN_OVERLAY_ONLY, why);
	case OPT_REBUILD:
		return add_set_mode(c, PLAN_REBUILD, why);
	case OPT_REMOVE:
		return add_set_mode(c, PLAN_REMOVE, why);
	case OPT_COMPRESS:
		return read_compress(r, optarg, why);
	default:
		return add_delete(r, optarg, why);
	}
}

static int check_standard_output(const struct add_command *c,
				 struct failure *why)
{
	const char *output = c->request.output;

	if (!output || !is_standard_output(output))
		return 0;
	if (c->json || c->dry_run)
		return fail(why, -EINVAL,
			    "standard output is for the image or for the plan:"
			    " give -o FILE");
	if (isatty(STDOUT_FILENO))
		return fail(why, -EINVAL,
			    "standard output is a terminal: no place for an"
			    " image");
	return 0;
}

int add_check_write_options(struct add_command *c, struct failure *why)
{
	struct request *r = &c->request;

	if (r->mode != PLAN_REBUILD && r->n_deletes)
		return fail(why, -EINVAL, "--delete needs --rebuild");
	if (r->mode != PLAN_REBUILD && r->mode != PLAN_NEW && r->compress)
		return fail(why, -EINVAL,
			    "--compress needs --rebuild or --new");
	if (r->mode == PLAN_OVERLAY_ONLY && r->output)
		return fail(why, -EINVAL,
			    "--overlay-only names its output itself: no -o");
	if (r->mode == PLAN_REMOVE && (r->has_target || r->kernel))
		return fail(why, -EINVAL,
			    "--remove adds nothing: no target and no kernel");
	if (r->mode == PLAN_OVERLAY_ONLY)
		r->output = c->overlay_only;
	if (r->input && is_standard_input(r->input) && !r->output &&
	    !c->dry_run)
		return fail(why, -EINVAL,
			    "from standard input, and where to? give -o FILE");
	return check_standard_output(c, why);
}
