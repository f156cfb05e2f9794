// SPDX-License-Identifier: GPL-2.0-only
#include "tools/en-flash/command.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/en-flash/verbs.h"

static const char help[] =
	"usage: en-flash VERB [OPTIONS] -d ADDRESS [FILE]\n"
	"       en-flash VERB [OPTIONS] -i IMAGE [FILE]\n"
	"\n"
	"Looks at the flash of a ConnectX or ConnectX-2 adapter, and puts an\n"
	"expansion ROM there. The firmware in it stays as it is.\n"
	"\n"
	"query     what is in it: firmware, expansion ROM, MAC addresses\n"
	"  --json             as JSON\n"
	"\n"
	"verify    check every checksum in it\n"
	"\n"
	"brom      burn the expansion ROM in FILE\n"
	"\n"
	"rrom      read the expansion ROM into FILE\n"
	"  --force            overwrite FILE\n"
	"\n"
	"drom      delete the expansion ROM\n"
	"\n"
	"backup    read the whole image in use, firmware and ROM, into FILE\n"
	"  --force            overwrite FILE\n"
	"\n"
	"restore   burn the image in FILE, which backup has read from this card\n"
	"\n"
	"-d, --device ADDRESS the card, such as 04:00.0 (lspci -d 15b3:)\n"
	"-i, --image IMAGE    a file instead: a firmware image, or all bytes of\n"
	"                     a flash\n"
	"--access bar0|config the way to the card's registers: its memory (the\n"
	"                     default), or configuration space, which is slower\n"
	"                     and works where a driver keeps the memory to itself\n"
	"--clear-semaphore    take the flash from a program that was killed\n"
	"-h, --help           this text\n"
	"--version            the version\n"
	"\n"
	"Exit status: 0 done, 1 something is wrong (what was in use before still\n"
	"is), 2 wrong usage.\n";

enum option_code {
	/* Behind the characters */
	OPT_ACCESS = 256,
	OPT_CLEAR_SEMAPHORE,
	OPT_FORCE,
	OPT_JSON,
	OPT_VERSION,
};

static const struct option long_options[] = {
	{ "device", required_argument, NULL, 'd' },
	{ "image", required_argument, NULL, 'i' },
	{ "access", required_argument, NULL, OPT_ACCESS },
	{ "clear-semaphore", no_argument, NULL, OPT_CLEAR_SEMAPHORE },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 },
};

static int usage_error(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

static int usage_error(const char *format, ...)
{
	va_list args;

	fputs("en-flash: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("\nTry 'en-flash --help'.\n", stderr);
	return EXIT_USAGE;
}

static void read_access(struct command *c)
{
	if (!strcmp(optarg, "bar0"))
		c->access = CARD_BAR0;
	else if (!strcmp(optarg, "config"))
		c->access = CARD_CONFIG;
	else
		c->done = usage_error("--access %s: bar0 or config", optarg);
}

static void read_option(struct command *c, int code)
{
	switch (code) {
	case 'd':
		c->device = optarg;
		break;
	case 'i':
		c->image = optarg;
		break;
	case OPT_ACCESS:
		read_access(c);
		break;
	case OPT_CLEAR_SEMAPHORE:
		c->clear_semaphore = true;
		break;
	case OPT_FORCE:
		c->force = true;
		break;
	case OPT_JSON:
		c->json = true;
		break;
	case 'h':
		fputs(help, stdout);
		c->done = EXIT_SUCCESS;
		break;
	case OPT_VERSION:
		puts("en-flash " CONNECTX_EN_VERSION);
		c->done = EXIT_SUCCESS;
		break;
	default: /* getopt_long has said what is wrong */
		fputs("Try 'en-flash --help'.\n", stderr);
		c->done = EXIT_USAGE;
	}
}

static const struct verb *verb_named(const char *name)
{
	for (size_t i = 0; verbs[i]; i++) {
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	}
	return NULL;
}

/* -1, or the exit status for words that do not go together */
static int check_words(struct command *c, int argc, char **argv)
{
	const struct verb *verb;

	if (optind == argc)
		return usage_error("query, verify, brom, rrom, drom, backup or"
				   " restore?");
	verb = verb_named(argv[optind]);
	if (!verb)
		return usage_error("%s: the verbs are query, verify, brom,"
				   " rrom, drom, backup and restore",
				   argv[optind]);
	c->verb = verb;
	if (!c->device == !c->image)
		return usage_error("%s needs either -d ADDRESS or -i IMAGE",
				   verb->name);
	if (optind + 1 + (verb->file != VERB_NO_FILE) != argc)
		return usage_error("%s takes %s", verb->name,
				   verb->file == VERB_NO_FILE ? "no file" :
								"one file");
	if (verb->file != VERB_NO_FILE)
		c->file = argv[optind + 1];
	if (c->json && !verb->has_json)
		return usage_error("%s takes no --json", verb->name);
	if (c->force && verb->file != VERB_WRITES_FILE)
		return usage_error("%s takes no --force", verb->name);
	if (c->image && c->clear_semaphore)
		return usage_error("--clear-semaphore is for a card (-d)");
	return -1;
}

void command_read(struct command *c, int argc, char **argv)
{
	int code;

	memset(c, 0, sizeof(*c));
	c->done = -1;
	while (c->done < 0 &&
	       (code = getopt_long(argc, argv, "d:hi:", long_options, NULL)) !=
		       -1)
		read_option(c, code);
	if (c->done < 0)
		c->done = check_words(c, argc, argv);
}
