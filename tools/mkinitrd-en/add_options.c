// SPDX-License-Identifier: GPL-2.0-only
#include "tools/mkinitrd-en/add_options.h"

#include "tools/lib/base/failure.h"
#include "tools/mkinitrd-en/add_write.h"
#include "tools/mkinitrd-en/verbs.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"usage: mkinitrd-en [OPTIONS] INITRD\n"
	"\n"
	"Adds the ConnectX EN drivers to an initrd, and sets the iSCSI target\n"
	"that its root disk comes from. The original is kept as INITRD.orig.\n"
	"INITRD and FILE may be -: standard input and output.\n"
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
	"  --overlay-only FILE         write what would be added there, for a\n"
	"                              boot loader to load behind INITRD\n"
	"  --rebuild                   write one new archive of all that is in\n"
	"                              INITRD, instead of adding to it\n"
	"  --compress NAME[:LEVEL]     of --rebuild: gzip, bzip2, lzma, xz, lzo,\n"
	"                              lz4, zstd or none (default: as INITRD is)\n"
	"  --delete PATH               of --rebuild: leave PATH out, and all\n"
	"                              below it; may be given several times\n"
	"  --remove                    take out what an earlier run added\n"
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
	{ "overlay-only", required_argument, NULL, OPT_OVERLAY_ONLY },
	{ "rebuild", no_argument, NULL, OPT_REBUILD },
	{ "remove", no_argument, NULL, OPT_REMOVE },
	{ "compress", required_argument, NULL, OPT_COMPRESS },
	{ "delete", required_argument, NULL, OPT_DELETE },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 },
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

static int read_target_option(struct add_command *c, int code,
			      struct failure *why)
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

static int read_option(struct add_command *c, int code, struct failure *why)
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
	case OPT_OVERLAY_ONLY:
	case OPT_REBUILD:
	case OPT_REMOVE:
	case OPT_COMPRESS:
	case OPT_DELETE:
		return add_read_write_option(c, code, why);
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

void add_read_options(struct add_command *c, int argc, char **argv)
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
	if (c->done < 0 && add_check_write_options(c, &why))
		c->done = usage_error(why.text);
}
