// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/control/client/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectx/commands.h"
#include "emulator/adapter/command/faults.h"

#define PROGRAM "connectx-adapterctl"

enum word_kind {
	WORD_NUMBER,
	WORD_TEXT,
	WORD_CHOICE, /* one of two words: false, true */
	WORD_FLAG, /* an option that stands alone */
	WORD_COUNT, /* a number or "always" */
	WORD_NAMES, /* words that each become a true member */
};

struct word {
	const char *member; /* of the request; options are --member */
	enum word_kind kind;
	bool optional;
	const char *choice[2];
};

#define WORDS_MAX 4

struct word_command {
	const char *name; /* as typed: one or two words */
	const char *command, *kind; /* of the request */
	struct word positional[WORDS_MAX], options[WORDS_MAX];
	const char *usage, *help;
};

#define NUMBER(name)                                  \
	{                                             \
		.member = (name), .kind = WORD_NUMBER \
	}
#define TEXT(name)                                  \
	{                                           \
		.member = (name), .kind = WORD_TEXT \
	}
#define CHOICE(name, no, yes)                                                \
	{                                                                    \
		.member = (name), .kind = WORD_CHOICE, .choice = { no, yes } \
	}
#define MAYBE(name, what)                                        \
	{                                                        \
		.member = (name), .kind = what, .optional = true \
	}
#define FLAG(name)                                  \
	{                                           \
		.member = (name), .kind = WORD_FLAG \
	}
#define PORT NUMBER("port")
#define STRIKES                                       \
	{                                             \
		.member = "count", .kind = WORD_COUNT \
	}

static const struct word_command commands[] = {
	{ .name = "status",
	  .command = "status",
	  .help = "the card, its ports, how many queues live" },
	{ .name = "link",
	  .command = "link",
	  .positional = { PORT, CHOICE("up", "down", "up") },
	  .usage = "PORT up|down",
	  .help = "plug or pull the cable" },
	{ .name = "flap",
	  .command = "flap",
	  .positional = { PORT },
	  .options = { NUMBER("count"), NUMBER("period_ms") },
	  .usage = "PORT [--count N] [--period-ms MS]",
	  .help = "pull and plug the cable" },
	{ .name = "speed",
	  .command = "speed",
	  .positional = { PORT, NUMBER("mbps") },
	  .usage = "PORT MBPS",
	  .help = "what the other end speaks; the link trains again" },
	{ .name = "mac",
	  .command = "mac",
	  .positional = { PORT, TEXT("address") },
	  .usage = "PORT ADDRESS",
	  .help = "the burnt-in address" },
	{ .name = "module",
	  .command = "module",
	  .positional = { PORT, CHOICE("present", "out", "in") },
	  .usage = "PORT in|out",
	  .help = "plug or pull the module" },
	{ .name = "cable",
	  .command = "cable",
	  .positional = { PORT, TEXT("state") },
	  .usage = "PORT bad|unsupported",
	  .help = "report such a cable to the driver" },
	{ .name = "statistics",
	  .command = "statistics",
	  .positional = { PORT },
	  .options = { FLAG("reset") },
	  .usage = "PORT [--reset]",
	  .help = "counters; --reset clears them afterwards" },
	{ .name = "fault command",
	  .command = "fault",
	  .kind = "command",
	  .positional = { TEXT("name"), TEXT("effect"), MAYBE("", WORD_TEXT) },
	  .options = { STRIKES, NUMBER("skip") },
	  .usage = "NAME EFFECT [--count N|always] [--skip N]",
	  .help = "of a command (* is all): status STATUS, slow [MS], never,\n"
		  "      stuck, garbage" },
	{ .name = "fault data",
	  .command = "fault",
	  .kind = "data",
	  .positional = { TEXT("name") },
	  .options = { STRIKES },
	  .usage = "NAME [--count N|always]",
	  .help = "of the data path; \"faults\" lists the names" },
	{ .name = "faults",
	  .command = "faults",
	  .help = "those that still strike, and all names" },
	{ .name = "clear",
	  .command = "clear",
	  .help = "faults off; cables, modules and card back in" },
	{ .name = "catastrophic",
	  .command = "catastrophic",
	  .positional = { MAYBE("code", WORD_NUMBER) },
	  .usage = "[CODE]",
	  .help = "stop the card and fill its error buffer" },
	{ .name = "remove", .command = "remove", .help = "surprise removal" },
	{ .name = "insert",
	  .command = "insert",
	  .help = "put a removed card back" },
	{ .name = "temperature",
	  .command = "temperature",
	  .positional = { NUMBER("celsius") },
	  .options = { NUMBER("threshold") },
	  .usage = "CELSIUS [--threshold CELSIUS]",
	  .help = "warn of too much heat" },
	{ .name = "ready-ms",
	  .command = "ready_ms",
	  .positional = { NUMBER("ms") },
	  .usage = "MS",
	  .help = "from a reset until the card answers" },
	{ .name = "training-ms",
	  .command = "training_ms",
	  .positional = { NUMBER("ms") },
	  .options = { NUMBER("port") },
	  .usage = "MS [--port PORT]",
	  .help = "from plugged to link up" },
	{ .name = "queues",
	  .command = "queues",
	  .positional = { TEXT("kind") },
	  .options = { NUMBER("from"), NUMBER("limit") },
	  .usage = "eq|cq|qp [--from N] [--limit N]",
	  .help = "state of the queues" },
	{ .name = "events",
	  .command = "events",
	  .positional = { MAYBE("all", WORD_NAMES) },
	  .usage = "[link] [reset] [commands]",
	  .help = "print them as they come, until interrupted" },
	{ .name = "help",
	  .command = "help",
	  .help = "the commands as the adapter knows them" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static bool fail(const char *what, const char *why)
{
	fprintf(stderr, PROGRAM ": %s: %s; see --help\n", what, why);
	return false;
}

static void set(json_object *request, const char *member, json_object *value)
{
	json_object_object_add(request, member, value);
}

/* Decimal or 0x... */
static bool set_number(json_object *request, const char *member,
		       const char *text)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (*text < '0' || *text > '9' || *end || errno || value > INT64_MAX)
		return fail(text, "not a number");
	set(request, member, json_object_new_int64((int64_t)value));
	return true;
}

static bool set_word(json_object *request, const struct word *word,
		     const char *text)
{
	switch (word->kind) {
	case WORD_NUMBER:
		return set_number(request, word->member, text);
	case WORD_COUNT:
		if (strcmp(text, "always"))
			return set_number(request, word->member, text);
		set(request, "always", json_object_new_boolean(true));
		return true;
	case WORD_CHOICE:
		for (int i = 0; i < 2; i++)
			if (!strcmp(text, word->choice[i])) {
				set(request, word->member,
				    json_object_new_boolean(i));
				return true;
			}
		return fail(text, "not one of the words that stand here");
	case WORD_NAMES:
		set(request, text, json_object_new_boolean(true));
		return true;
	case WORD_FLAG:
		set(request, word->member, json_object_new_boolean(true));
		return true;
	case WORD_TEXT:
		break;
	}
	set(request, word->member, json_object_new_string(text));
	return true;
}

/* The effect's own argument: a status's name, or how slow. */
static bool set_effect_value(json_object *request, const char *text)
{
	const char *effect = json_object_get_string(
		json_object_object_get(request, "effect"));

	if (!strcmp(effect, "slow"))
		return set_number(request, "ms", text);
	set(request, "status", json_object_new_string(text));
	return true;
}

static bool option_matches(const struct word *option, const char *text)
{
	const char *member = option->member;

	for (text += 2; *member && *text; member++, text++)
		if (*text != *member && !(*member == '_' && *text == '-'))
			return false;
	return !*member && !*text;
}

static const struct word *find_option(const struct word_command *command,
				      const char *text)
{
	for (int i = 0; i < WORDS_MAX && command->options[i].member; i++)
		if (option_matches(&command->options[i], text))
			return &command->options[i];
	return NULL;
}

/* Return: how many words an option took, 0 after a line on standard error. */
static int take_option(json_object *request, const struct word_command *command,
		       char **words)
{
	const struct word *option = find_option(command, words[0]);

	if (!option) {
		fail(words[0], "no such option of this command");
		return 0;
	}
	if (option->kind == WORD_FLAG)
		return set_word(request, option, NULL);
	if (!words[1]) {
		fail(words[0], "needs a value");
		return 0;
	}
	return set_word(request, option, words[1]) ? 2 : 0;
}

static bool take_positional(json_object *request, const struct word *word,
			    const char *text)
{
	if (!word->member)
		return fail(text, "one word too many");
	if (!*word->member)
		return set_effect_value(request, text);
	return set_word(request, word, text);
}

static bool take_words(json_object *request, const struct word_command *command,
		       char **words)
{
	const struct word *next = command->positional;

	while (*words) {
		if (!strncmp(*words, "--", 2)) {
			int taken = take_option(request, command, words);

			if (!taken)
				return false;
			words += taken;
			continue;
		}
		if (!take_positional(request, next, *words++))
			return false;
		if (next->kind != WORD_NAMES)
			next++;
	}
	if (next->member && !next->optional) {
		fprintf(stderr, "Usage: " PROGRAM " --socket PATH %s %s\n",
			command->name, command->usage);
		return false;
	}
	if (next->kind == WORD_NAMES && json_object_object_length(request) == 1)
		set(request, next->member, json_object_new_boolean(true));
	return true;
}

/* Return: how many words the command's name is, 0 if it is another's. */
static int name_words(const struct word_command *command, char **words)
{
	size_t first = strcspn(command->name, " ");

	if (strlen(words[0]) != first ||
	    strncmp(words[0], command->name, first))
		return 0;
	if (!command->name[first])
		return 1;
	return words[1] && !strcmp(words[1], command->name + first + 1) ? 2 : 0;
}

static json_object *raw_request(const char *line)
{
	json_object *request = line ? json_tokener_parse(line) : NULL;

	if (!json_object_is_type(request, json_type_object)) {
		json_object_put(request);
		fail("raw", "what follows is not a JSON object");
		return NULL;
	}
	return request;
}

json_object *words_request(char **words)
{
	json_object *request;

	if (!strcmp(words[0], "raw"))
		return raw_request(words[1]);
	for (size_t i = 0; i < COMMANDS; i++) {
		const struct word_command *command = &commands[i];
		int used = name_words(command, words);

		if (!used)
			continue;
		request = json_object_new_object();
		set(request, "command",
		    json_object_new_string(command->command));
		if (take_words(request, command, words + used)) {
			if (command->kind)
				set(request, "kind",
				    json_object_new_string(command->kind));
			return request;
		}
		json_object_put(request);
		return NULL;
	}
	fail(words[0], "no such command");
	return NULL;
}

void words_print_usage(void)
{
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %s %s\n      %s\n", commands[i].name,
		       commands[i].usage ?: "", commands[i].help);
	puts("  raw JSON\n      a request as it is");
}

bool words_print_list(const char *name)
{
	if (!strcmp(name, "commands")) {
		for (size_t i = 0; i < COMMANDS; i++)
			puts(commands[i].name);
		puts("raw");
	} else if (!strcmp(name, "data-faults")) {
#define PUT_FAULT(name, text, help) puts(text);
		DATA_FAULT_LIST(PUT_FAULT)
	} else if (!strcmp(name, "opcodes")) {
#define PUT_COMMAND(name, opcode, in, out, bytes) puts(#name);
		CX_COMMANDS(PUT_COMMAND)
	} else if (!strcmp(name, "statuses")) {
#define PUT_STATUS(name, value) puts(#name);
		CX_STATUSES(PUT_STATUS)
	} else {
		return false;
	}
	return true;
}
