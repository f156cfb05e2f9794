// SPDX-License-Identifier: GPL-2.0-only
/*
 * connectx-adapterctl: asks a running virtual adapter, or switches its link
 * and faults.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "emulator/control/client/print.h"
#include "emulator/control/client/words.h"

#define PROGRAM "connectx-adapterctl"
#define ANSWER_SECONDS 10

enum exit_status { EXIT_ANSWERED = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

struct plan {
	const char *socket;
	bool json;
	bool follow; /* events come after the answer */
	json_object *request;
};

enum { OPTION_SOCKET = 256, OPTION_JSON, OPTION_LIST };

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, OPTION_SOCKET },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "list", required_argument, NULL, OPTION_LIST },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void print_help(void)
{
	puts("Usage: " PROGRAM
	     " [OPTION]... --socket PATH COMMAND [ARGUMENT]...\n"
	     "Talk to a connectx-adapter that was started with --control PATH.\n"
	     "\n"
	     "  --socket PATH  the adapter's control socket\n"
	     "                 ($CONNECTX_ADAPTER_CONTROL)\n"
	     "  --json         print answers as they come\n"
	     "  --list WHAT    names for completion: commands, data-faults,\n"
	     "                 opcodes, statuses\n"
	     "  --help, --version\n"
	     "\n"
	     "Commands:");
	words_print_usage();
	puts("\nExit status: 0 done, 1 refused by the adapter or not reached,\n"
	     "2 wrong command line.");
}

/*
 * "--json" may stand behind the command too; the other words that begin with
 * "--" there are the command's.
 */
static void take_trailing_json(struct plan *plan, char **words)
{
	char **kept = words;

	for (; *words; words++) {
		if (!strcmp(*words, "--json"))
			plan->json = true;
		else
			*kept++ = *words;
	}
	*kept = NULL;
}

static bool asks_for_events(json_object *request)
{
	const char *command = json_object_get_string(
		json_object_object_get(request, "command"));

	return command && !strcmp(command, "events");
}

/* Return: 0, or 1 + the status to exit with. */
static int make_plan(struct plan *plan, int argc, char **argv)
{
	int option;

	plan->socket = getenv("CONNECTX_ADAPTER_CONTROL");
	while ((option = getopt_long(argc, argv, "+hV", long_options, NULL)) !=
	       -1) {
		switch (option) {
		case OPTION_SOCKET:
			plan->socket = optarg;
			break;
		case OPTION_JSON:
			plan->json = true;
			break;
		case OPTION_LIST:
			if (words_print_list(optarg))
				return 1 + EXIT_ANSWERED;
			fprintf(stderr, PROGRAM ": --list %s: no such list\n",
				optarg);
			return 1 + EXIT_USAGE;
		case 'h':
			print_help();
			return 1 + EXIT_ANSWERED;
		case 'V':
			puts(PROGRAM " " CONNECTX_EN_VERSION);
			return 1 + EXIT_ANSWERED;
		default:
			return 1 + EXIT_USAGE;
		}
	}
	if (optind == argc) {
		fputs(PROGRAM ": no command; see --help\n", stderr);
		return 1 + EXIT_USAGE;
	}
	take_trailing_json(plan, argv + optind);
	plan->request = words_request(argv + optind);
	if (!plan->request)
		return 1 + EXIT_USAGE;
	plan->follow = asks_for_events(plan->request);
	if (!plan->socket) {
		fputs(PROGRAM ": --socket PATH is missing; see --help\n",
		      stderr);
		return 1 + EXIT_USAGE;
	}
	return 0;
}

/* Return: a connected socket, or -1 after a line on standard error. */
static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr,
			PROGRAM
			": %s: the path is longer than 107 characters\n",
			path);
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    !connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	fprintf(stderr,
		PROGRAM ": %s: %s (is the adapter running, with --control?)\n",
		path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static int send_request(int fd, json_object *request)
{
	const char *text =
		json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN);

	return dprintf(fd, "%s\n", text) < 0 ? -errno : 0;
}

static int take_answer(const struct plan *plan, const char *line,
		       json_object *answer)
{
	json_object *error;

	if (json_object_object_get_ex(answer, "error", &error)) {
		if (plan->json)
			fputs(line, stdout);
		else
			fprintf(stderr, PROGRAM ": %s\n",
				json_object_get_string(error));
		return EXIT_REFUSED;
	}
	if (plan->json)
		fputs(line, stdout);
	else
		print_answer(answer);
	fflush(stdout);
	return EXIT_ANSWERED;
}

static int read_answers(const struct plan *plan, FILE *stream)
{
	char *line = NULL;
	size_t size = 0;
	bool answered = false;
	int status = EXIT_REFUSED;

	while (getline(&line, &size, stream) > 0) {
		json_object *answer = json_tokener_parse(line);
		json_object *event;

		if (json_object_object_get_ex(answer, "event", &event)) {
			if (plan->json)
				fputs(line, stdout);
			else
				print_event(answer);
			fflush(stdout);
		} else if (answer) {
			status = take_answer(plan, line, answer);
			answered = true;
		}
		json_object_put(answer);
		if (answered && (!plan->follow || status))
			break;
	}
	if (!answered)
		fprintf(stderr, PROGRAM ": %s: the adapter did not answer\n",
			plan->socket);
	free(line);
	return status;
}

static int carry_out(const struct plan *plan)
{
	struct timeval patience = { .tv_sec = plan->follow ? 0 :
							     ANSWER_SECONDS };
	int fd = connect_to(plan->socket);
	FILE *stream;
	int status;

	if (fd < 0)
		return EXIT_REFUSED;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	stream = fdopen(fd, "r");
	if (!stream || send_request(fd, plan->request)) {
		fprintf(stderr, PROGRAM ": %s: %s\n", plan->socket,
			strerror(errno));
		close(fd);
		return EXIT_REFUSED;
	}
	status = read_answers(plan, stream);
	fclose(stream);
	return status;
}

int main(int argc, char **argv)
{
	struct plan plan = { 0 };
	int status = make_plan(&plan, argc, argv);

	status = status ? status - 1 : carry_out(&plan);
	json_object_put(plan.request);
	return status;
}
