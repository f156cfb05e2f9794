// SPDX-License-Identifier: GPL-2.0-only
#include "tools/iscsi-root/command.h"

#include "tools/iscsi-root/verbs.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"usage: iscsi-root VERB [OPTIONS] ROOT-PATH\n"
	"       iscsi-root VERB [OPTIONS] --csv FILE\n"
	"       iscsi-root install [OPTIONS] DISK [ROOT-PATH]\n"
	"\n"
	"ROOT-PATH is iscsi:SERVER:PROTOCOL:PORT:LUN:NAME (RFC 4173), such as\n"
	"iscsi:11.4.3.7::::iqn.2007-08.7.3.4.10:iscsiboot\n"
	"\n"
	"check    read it, say what is wrong with it, print its fields\n"
	"  --json             print them as JSON\n"
	"\n"
	"dhcp     print the configuration of a host for the DHCP server\n"
	"  --host NAME        the host's name\n"
	"  --mac MAC          the adapter's MAC address\n"
	"  --address ADDR     give it this address always\n"
	"  --filename FILE    have it load this file (default: none)\n"
	"  --next-server ADDR from this TFTP server\n"
	"  --initiator NAME   the host's own iSCSI name, for iPXE\n"
	"  --server dhcpd|kea|dnsmasq\n"
	"                     ISC dhcpd (the default), Kea, dnsmasq\n"
	"\n"
	"target   print the configuration of the disk for the iSCSI server\n"
	"  --backing FILE     what holds the disk: a file or a partition\n"
	"  --size SIZE        make the file this large, such as 10G (LIO)\n"
	"  --read-only        nobody may write to it\n"
	"  --portal ADDR[:PORT]\n"
	"                     where to listen (default: the root-path's server)\n"
	"  --initiator NAME   only this initiator may log in\n"
	"  --chap FILE        and only with the user and the secret that are\n"
	"                     on FILE's two lines (its mode: 0600)\n"
	"  --server tgt|lio|ietd\n"
	"                     tgt (the default), LIO's saveconfig.json, ietd.conf\n"
	"\n"
	"install  make a root disk; see iscsi-root install --help\n"
	"\n"
	"--csv FILE           many hosts, a line each; '-': standard input. The\n"
	"                     first line names the columns: host, mac, address,\n"
	"                     root_path, initiator, filename, next_server,\n"
	"                     backing, size, portal, read_only (yes, no), chap.\n"
	"                     Options are for hosts that leave theirs empty.\n"
	"-o, --output FILE    write there, whole or not at all\n"
	"-h, --help           this text\n"
	"--version            the version\n"
	"\n"
	"Exit status: 0 done, 1 something is wrong (nothing is printed), 2 wrong\n"
	"usage.\n";

enum option_code {
	/* Behind the characters: OPT_FIELD + enum host_field */
	OPT_FIELD = 256,
	OPT_CSV = OPT_FIELD + HOST_FIELDS,
	OPT_SERVER,
	OPT_JSON,
	OPT_VERSION,
};

static const struct option long_options[] = {
	{ "host", required_argument, NULL, OPT_FIELD + FIELD_HOST },
	{ "mac", required_argument, NULL, OPT_FIELD + FIELD_MAC },
	{ "address", required_argument, NULL, OPT_FIELD + FIELD_ADDRESS },
	{ "initiator", required_argument, NULL, OPT_FIELD + FIELD_INITIATOR },
	{ "filename", required_argument, NULL, OPT_FIELD + FIELD_FILENAME },
	{ "next-server", required_argument, NULL,
	  OPT_FIELD + FIELD_NEXT_SERVER },
	{ "backing", required_argument, NULL, OPT_FIELD + FIELD_BACKING },
	{ "size", required_argument, NULL, OPT_FIELD + FIELD_SIZE },
	{ "portal", required_argument, NULL, OPT_FIELD + FIELD_PORTAL },
	{ "read-only", no_argument, NULL, OPT_FIELD + FIELD_READ_ONLY },
	{ "chap", required_argument, NULL, OPT_FIELD + FIELD_CHAP },
	{ "csv", required_argument, NULL, OPT_CSV },
	{ "server", required_argument, NULL, OPT_SERVER },
	{ "output", required_argument, NULL, 'o' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 },
};

/* What two hosts cannot have in common: no option for all of a file */
#define OWN_FIELDS                                               \
	(FIELD_BIT(FIELD_HOST) | FIELD_BIT(FIELD_MAC) |          \
	 FIELD_BIT(FIELD_ADDRESS) | FIELD_BIT(FIELD_INITIATOR) | \
	 FIELD_BIT(FIELD_BACKING))

static int usage_error(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

static int usage_error(const char *format, ...)
{
	va_list args;

	fputs("iscsi-root: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("\nTry 'iscsi-root --help'.\n", stderr);
	return EXIT_USAGE;
}

static void read_option(struct command *c, int code)
{
	switch (code) {
	case OPT_CSV:
		c->csv = optarg;
		break;
	case OPT_SERVER:
		c->server = optarg;
		break;
	case OPT_JSON:
		c->json = true;
		break;
	case 'o':
		c->output = optarg;
		break;
	case 'h':
		fputs(help, stdout);
		c->done = EXIT_SUCCESS;
		break;
	case OPT_VERSION:
		puts("iscsi-root " CONNECTX_EN_VERSION);
		c->done = EXIT_SUCCESS;
		break;
	case '?': /* getopt_long has said what is wrong */
		fputs("Try 'iscsi-root --help'.\n", stderr);
		c->done = EXIT_USAGE;
		break;
	default:
		c->fields[code - OPT_FIELD] = optarg ? optarg : "yes";
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

static const char *option_of(enum host_field field)
{
	for (const struct option *o = long_options; o->name; o++) {
		if (o->val == OPT_FIELD + (int)field)
			return o->name;
	}
	return NULL; /* the root-path */
}

/* 0, or the exit status for options that do not go together. */
static int check_options(const struct command *c)
{
	const struct verb *verb = c->verb;

	if (c->server && !verb->has_server)
		return usage_error("%s takes no --server", verb->name);
	if (c->json && !verb->has_json)
		return usage_error("%s takes no --json", verb->name);
	for (size_t i = 0; i < HOST_FIELDS; i++) {
		if (i == FIELD_ROOT_PATH)
			continue;
		if (c->fields[i] && !(verb->takes & FIELD_BIT(i)))
			return usage_error("%s takes no --%s", verb->name,
					   option_of(i));
		if (c->csv && c->fields[i] && OWN_FIELDS & FIELD_BIT(i))
			return usage_error("--%s is for one host, --csv for"
					   " many",
					   option_of(i));
		if (!c->csv && !c->fields[i] && verb->needs & FIELD_BIT(i))
			return usage_error("%s needs --%s", verb->name,
					   option_of(i));
	}
	return 0;
}

void command_read(struct command *c, int argc, char **argv)
{
	int code;
	int status;

	memset(c, 0, sizeof(*c));
	c->done = -1;
	while (c->done < 0 &&
	       (code = getopt_long(argc, argv, "ho:", long_options, NULL)) !=
		       -1)
		read_option(c, code);
	if (c->done >= 0)
		return;
	if (optind == argc)
		c->done = usage_error("check, dhcp, target or install?");
	else if (!(c->verb = verb_named(argv[optind])))
		c->done = usage_error("%s: the verbs are check, dhcp,"
				      " target and install",
				      argv[optind]);
	else if (!c->csv && optind + 2 != argc)
		c->done = usage_error("one root-path is needed, or --csv");
	else if (c->csv && optind + 1 != argc)
		c->done = usage_error("%s: the root-paths of --csv stand in"
				      " its file",
				      argv[optind + 1]);
	if (c->done >= 0)
		return;
	if (!c->csv)
		c->fields[FIELD_ROOT_PATH] = argv[optind + 1];
	status = check_options(c);
	if (status)
		c->done = status;
}
