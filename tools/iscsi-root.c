// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/iscsi/root_path.h"
#include "tools/lib/server/server_config.h"

#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2

static const char help[] =
	"usage: iscsi-root COMMAND [OPTIONS] ROOT-PATH\n"
	"\n"
	"ROOT-PATH is iscsi:SERVER:PROTOCOL:PORT:LUN:NAME (RFC 4173), such as\n"
	"iscsi:11.4.3.7::::iqn.2007-08.7.3.4.10:iscsiboot\n"
	"\n"
	"check    read it, say what is wrong with it, print its fields\n"
	"  --json             print them as JSON\n"
	"\n"
	"dhcp     print the entry of a host for the DHCP server\n"
	"  --host NAME        the host's name\n"
	"  --mac MAC          the adapter's MAC address\n"
	"  --address ADDR     give it this address always\n"
	"  --server dhcpd     ISC dhcpd (the default)\n"
	"\n"
	"target   print the target for the iSCSI server\n"
	"  --backing FILE     what holds the disk: a file or a partition\n"
	"  --server tgt       tgt (the default)\n"
	"\n"
	"-h, --help and --version do what they say.\n"
	"Exit status: 0 done, 1 something is wrong, 2 wrong usage.\n";

struct command {
	const char *verb;
	const char *root_path;
	const char *server;
	const char *host;
	const char *mac;
	const char *address;
	const char *backing;
	bool json;
	int done; /* -1, or the exit status that is due at once */
};

enum option_code {
	OPT_JSON = 256,
	OPT_HOST,
	OPT_MAC,
	OPT_ADDRESS,
	OPT_SERVER,
	OPT_BACKING,
	OPT_VERSION,
};

static const struct option long_options[] = {
	{ "json", no_argument, NULL, OPT_JSON },
	{ "host", required_argument, NULL, OPT_HOST },
	{ "mac", required_argument, NULL, OPT_MAC },
	{ "address", required_argument, NULL, OPT_ADDRESS },
	{ "server", required_argument, NULL, OPT_SERVER },
	{ "backing", required_argument, NULL, OPT_BACKING },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 },
};

static int usage_error(const char *text)
{
	fprintf(stderr, "iscsi-root: %s\nTry 'iscsi-root --help'.\n", text);
	return EXIT_USAGE;
}

static void read_option(struct command *c, int code)
{
	switch (code) {
	case OPT_JSON:
		c->json = true;
		break;
	case OPT_HOST:
		c->host = optarg;
		break;
	case OPT_MAC:
		c->mac = optarg;
		break;
	case OPT_ADDRESS:
		c->address = optarg;
		break;
	case OPT_SERVER:
		c->server = optarg;
		break;
	case OPT_BACKING:
		c->backing = optarg;
		break;
	case 'h':
		fputs(help, stdout);
		c->done = EXIT_SUCCESS;
		break;
	case OPT_VERSION:
		puts("iscsi-root " CONNECTX_EN_VERSION);
		c->done = EXIT_SUCCESS;
		break;
	default: /* getopt_long has said what is wrong */
		fputs("Try 'iscsi-root --help'.\n", stderr);
		c->done = EXIT_USAGE;
	}
}

static void read_command(struct command *c, int argc, char **argv)
{
	int code;

	memset(c, 0, sizeof(*c));
	c->done = -1;
	while (c->done < 0 &&
	       (code = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
		read_option(c, code);
	if (c->done >= 0)
		return;
	if (optind + 2 != argc) {
		c->done = usage_error("a command and one root-path are needed");
		return;
	}
	c->verb = argv[optind];
	c->root_path = argv[optind + 1];
}

static void print_fields(const struct root_path *path)
{
	char text[ROOT_PATH_MAX];
	char lun[ISCSI_LUN_TEXT];
	long number = iscsi_lun_number(path->lun);

	iscsi_lun_text(path->lun, lun);
	root_path_write(path, text);
	printf("server    %s\n", *path->server ?
					 path->server :
					 "(none: left to a discovery service)");
	printf("protocol  6 (TCP)\n");
	printf("port      %u%s\n", path->port,
	       path->port_given ? "" : " (default)");
	if (number >= 0)
		printf("LUN       %s, decimal %ld%s\n", lun, number,
		       path->lun_given ? "" : " (default)");
	else
		printf("LUN       %s (several levels)\n", lun);
	printf("name      %s\n", path->name);
	printf("short     %s\n", text);
}

static void add_text(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

static void print_json(const struct root_path *path)
{
	struct json_object *o = json_object_new_object();
	long number = iscsi_lun_number(path->lun);
	char text[ROOT_PATH_MAX];
	char lun[ISCSI_LUN_TEXT];

	iscsi_lun_text(path->lun, lun);
	root_path_write(path, text);
	add_text(o, "server", path->server);
	json_object_object_add(o, "protocol", json_object_new_int(6));
	json_object_object_add(o, "port", json_object_new_int(path->port));
	add_text(o, "lun", lun);
	json_object_object_add(o, "lun_number",
			       number < 0 ? NULL :
					    json_object_new_int64(number));
	add_text(o, "name", path->name);
	add_text(o, "short", text);
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
	json_object_put(o);
}

static int run_check(const struct command *c, const struct root_path *path)
{
	if (c->json)
		print_json(path);
	else
		print_fields(path);
	return 0;
}

static int run_dhcp(const struct command *c, const struct root_path *path,
		    struct buffer *out, struct failure *why)
{
	const struct boot_host host = {
		.name = c->host,
		.mac = c->mac,
		.address = c->address,
		.root_path = *path,
	};
	const struct dhcp_server *server;
	int err;

	err = dhcp_server_find(c->server ? c->server : "dhcpd", &server, why);
	return err ? err : server->host_entry(&host, out, why);
}

static int run_target(const struct command *c, const struct root_path *path,
		      struct buffer *out, struct failure *why)
{
	const struct boot_target target = {
		.backing = c->backing,
		.root_path = *path,
	};
	const struct target_server *server;
	int err;

	err = target_server_find(c->server ? c->server : "tgt", &server, why);
	return err ? err : server->target(&target, out, why);
}

/* What the command needs and was not given, or NULL. */
static const char *missing(const struct command *c)
{
	if (!strcmp(c->verb, "dhcp"))
		return c->host && c->mac ? NULL : "dhcp needs --host and --mac";
	if (!strcmp(c->verb, "target"))
		return c->backing ? NULL : "target needs --backing";
	if (!strcmp(c->verb, "check"))
		return NULL;
	return "the commands are check, dhcp and target";
}

static int run(const struct command *c, struct buffer *out, struct failure *why)
{
	struct root_path path;
	int err;

	err = root_path_read(&path, c->root_path, strlen(c->root_path), why);
	if (err)
		return err;
	if (!strcmp(c->verb, "check"))
		return run_check(c, &path);
	if (!strcmp(c->verb, "dhcp"))
		return run_dhcp(c, &path, out, why);
	return run_target(c, &path, out, why);
}

int main(int argc, char **argv)
{
	struct buffer out = { 0 };
	struct command command;
	struct failure why;
	int err;

	read_command(&command, argc, argv);
	if (command.done >= 0)
		return command.done;
	if (missing(&command))
		return usage_error(missing(&command));
	err = run(&command, &out, &why);
	if (err)
		fprintf(stderr, "iscsi-root: %s\n", why.text);
	else if (out.size)
		fwrite(out.data, 1, out.size, stdout);
	buffer_free(&out);
	if (!err && (fflush(stdout) || ferror(stdout))) {
		fputs("iscsi-root: cannot print\n", stderr);
		err = -EIO;
	}
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
