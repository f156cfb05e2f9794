// SPDX-License-Identifier: GPL-2.0-only
#include "tools/mkinitrd-en/add_options.h"

#include "tools/lib/base/failure.h"
#include "tools/mkinitrd-en/add_new.h"
#include "tools/mkinitrd-en/add_write.h"
#include "tools/mkinitrd-en/target_options.h"
#include "tools/mkinitrd-en/verbs.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"usage: mkinitrd-en [OPTIONS] INITRD [-- WORDS FOR TRYBOOT]\n"
	"       mkinitrd-en --new --kernel VERSION [OPTIONS] -o FILE\n"
	"       mkinitrd-en VERB --help\n"
	"\n"
	"Adds the ConnectX EN drivers to an initrd, and sets the iSCSI target\n"
	"that its root disk comes from. The original is kept as INITRD.orig.\n"
	"INITRD and FILE may be -: standard input and output.\n"
	"\n"
	"  --iscsi-target ADDR[:PORT]  the target's address; twice: two ways to\n"
	"                              it; auto: known at boot from the firmware\n"
	"                              (iBFT) or the lease's root-path\n"
	"  --iscsi-iqn NAME            its name (default: from the DHCP lease)\n"
	"  --iscsi-lun LUN             its LUN, in hexadecimal as RFC 4173 has\n"
	"                              it (default: from the lease, or 0)\n"
	"  --iscsi-initiator NAME      this host's name (default: made at boot\n"
	"                              of the target's name and the MAC)\n"
	"  --iscsi-chap FILE           lines: user, secret; for a target that\n"
	"                              proves itself, its user and secret too\n"
	"  --iscsi-login iscsi-root|native  who logs in: our program, or the\n"
	"                              image's own scripts, which can do less in\n"
	"                              fewer bytes (default: iscsi-root)\n"
	"  --ibft use|ignore           the firmware's table (default: use)\n"
	"  --ip dhcp|ADDR/LEN[,GATEWAY]  the address (default: dhcp)\n"
	"  --port 1|2|any              the adapter's port (default: any: the\n"
	"                              first that has a link, 1 before 2)\n"
	"  --mac MAC                   the port that has this address\n"
	"  --vlan ID                   the VLAN that the target is in\n"
	"  --mtu BYTES                 of the port\n"
	"  --link-timeout SECONDS      for the link to come (default: 30)\n"
	"  --modules DIR               a root with lib/modules, or the modules'\n"
	"                              own directory (default: /)\n"
	"  --load wrapper|native|insmod  what loads the drivers: our program\n"
	"                              before the image's init, the image in its\n"
	"                              own way, or lines in its script (default:\n"
	"                              as the image's make has it)\n"
	"  --driver dkms|in-tree|DIR   which drivers: those that DKMS has built,\n"
	"                              the kernel's own, or the files in a\n"
	"                              folder (default: as depmod has chosen,\n"
	"                              dkms before in-tree)\n"
	"  --kernel VERSION|FILE       the kernel, if the image does not tell:\n"
	"                              its version, or its file (vmlinuz)\n"
	"  --module NAME               a further module, with what it needs; may\n"
	"                              be given several times\n"
	"  --initiator DIR|none        the root whose iscsistart goes into an\n"
	"                              image that has no initiator (default: /)\n"
	"  -o, --output FILE           write there, leave INITRD alone\n"
	"  --no-backup                 keep no INITRD.orig (--remove can bring the\n"
	"                              original back all the same)\n"
	"  --overlay-only FILE         write what would be added there, for a\n"
	"                              boot loader to load behind INITRD\n"
	"  --rebuild                   write one new archive of all that is in\n"
	"                              INITRD, instead of adding to it\n"
	"  --compress NAME[:LEVEL]     of --rebuild and --new: gzip, bzip2, lzma,\n"
	"                              xz, lzo, lz4, zstd or none (default: as\n"
	"                              INITRD is; zstd)\n"
	"  --delete PATH               of --rebuild: leave PATH out, and all\n"
	"                              below it; may be given several times\n"
	"  --remove                    take out what an earlier run added\n"
	"  --try                       boot the new image first, by tryboot: it\n"
	"                              is put into place only if it boots; what\n"
	"                              follows -- goes to tryboot\n"
	"  --try-only                  boot INITRD as it is, write nothing\n"
	"  --new                       make a small image from nothing\n"
	"  --nfs ADDR:PATH[,OPTIONS]   of --new: the root comes from an NFS\n"
	"                              server; auto: known at boot, from nfsroot=\n"
	"                              or the lease's root-path\n"
	"  --ramroot[=URL]             of --new: the root is copied into memory;\n"
	"                              or is an archive (tar) from a server,\n"
	"                              http:// or tftp://\n"
	"  --busybox FILE              of --new: its shell, linked statically\n"
	"                              (default: /usr/bin/busybox)\n"
	"  --dry-run                   print the plan, write nothing\n"
	"  --json                      print the plan as JSON\n"
	"  -h, --help                  this text\n"
	"  --version                   the version\n"
	"\n"
	"Verbs, each with a --help of its own:\n"
	"  inspect INITRD              show what is in it\n"
	"  verify INITRD               say whether it is sound\n"
	"  diff INITRD INITRD          compare what the kernel would see\n"
	"\n"
	"Exit status: 0 done, 1 failed (nothing is changed), 2 wrong usage;\n"
	"where the boot stopped: 10 to 19, as of tryboot.\n";

enum option_code {
	OPT_MODULES = 256,
	OPT_KERNEL,
	OPT_LOAD,
	OPT_DRIVER,
	OPT_INITIATOR,
	OPT_LOGIN,
	OPT_MODULE,
	OPT_NO_BACKUP,
	OPT_DRY_RUN,
	OPT_TRY,
	OPT_TRY_ONLY,
	OPT_JSON,
	OPT_VERSION,
};

static const struct option long_options[] = {
	{ "iscsi-target", required_argument, NULL, TARGET_ADDRESS },
	{ "iscsi-iqn", required_argument, NULL, TARGET_IQN },
	{ "iscsi-lun", required_argument, NULL, TARGET_LUN },
	{ "iscsi-initiator", required_argument, NULL, TARGET_INITIATOR },
	{ "iscsi-chap", required_argument, NULL, TARGET_CHAP },
	{ "ip", required_argument, NULL, TARGET_IP },
	{ "port", required_argument, NULL, TARGET_PORT },
	{ "mac", required_argument, NULL, TARGET_MAC },
	{ "vlan", required_argument, NULL, TARGET_VLAN },
	{ "mtu", required_argument, NULL, TARGET_MTU },
	{ "link-timeout", required_argument, NULL, TARGET_LINK_TIMEOUT },
	{ "ibft", required_argument, NULL, TARGET_IBFT },
	{ "modules", required_argument, NULL, OPT_MODULES },
	{ "load", required_argument, NULL, OPT_LOAD },
	{ "driver", required_argument, NULL, OPT_DRIVER },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "module", required_argument, NULL, OPT_MODULE },
	{ "initiator", required_argument, NULL, OPT_INITIATOR },
	{ "iscsi-login", required_argument, NULL, OPT_LOGIN },
	{ "output", required_argument, NULL, 'o' },
	{ "no-backup", no_argument, NULL, OPT_NO_BACKUP },
	{ "overlay-only", required_argument, NULL, OPT_OVERLAY_ONLY },
	{ "rebuild", no_argument, NULL, OPT_REBUILD },
	{ "remove", no_argument, NULL, OPT_REMOVE },
	{ "compress", required_argument, NULL, OPT_COMPRESS },
	{ "delete", required_argument, NULL, OPT_DELETE },
	{ "try", no_argument, NULL, OPT_TRY },
	{ "try-only", no_argument, NULL, OPT_TRY_ONLY },
	{ "new", no_argument, NULL, OPT_NEW },
	{ "nfs", required_argument, NULL, OPT_NFS },
	{ "ramroot", optional_argument, NULL, OPT_RAMROOT },
	{ "busybox", required_argument, NULL, OPT_BUSYBOX },
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

static int read_login(struct add_command *c, const char *value,
		      struct failure *why)
{
	c->request.own_login = !strcmp(value, "native");
	if (c->request.own_login || !strcmp(value, "iscsi-root"))
		return 0;
	return fail(why, -EINVAL, "--iscsi-login %s: not iscsi-root or native",
		    value);
}

static int read_option(struct add_command *c, int code, struct failure *why)
{
	if (code >= TARGET_ADDRESS && code < TARGET_OPTION_END) {
		if (code == TARGET_ADDRESS)
			c->request.has_target = true;
		else
			c->needs_target = true;
		return target_option_take(&c->request.target, code, optarg,
					  why);
	}
	if (code >= OPT_NEW && code < OPT_NEW_END)
		return add_read_new_option(c, code, why);
	switch (code) {
	case OPT_MODULE:
		return add_word(&c->request.more_modules,
				&c->request.n_more_modules, optarg, why);
	case OPT_MODULES:
		c->request.modules = optarg;
		return 0;
	case OPT_LOAD:
		c->request.load = load_way_by_name(optarg);
		if (c->request.load == LOAD_BY_FAMILY)
			return fail(why, -EINVAL,
				    "--load %s: one of wrapper, native and"
				    " insmod",
				    optarg);
		return 0;
	case OPT_KERNEL:
		c->request.kernel = optarg;
		return 0;
	case OPT_DRIVER:
		c->request.driver = optarg;
		return 0;
	case OPT_NO_BACKUP:
		c->request.no_backup = true;
		return 0;
	case OPT_INITIATOR:
		c->needs_target = true;
		c->request.initiator = strcmp(optarg, "none") ? optarg : NULL;
		return 0;
	case OPT_LOGIN:
		c->needs_target = true;
		return read_login(c, optarg, why);
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
	case OPT_TRY:
		c->try = true;
		return 0;
	case OPT_TRY_ONLY:
		c->try_only = true;
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

static void set_input(struct add_command *c, char **words)
{
	struct request *r = &c->request;

	if (r->mode != PLAN_NEW)
		r->input = *words++;
	c->boot.words = words;
	c->boot.name = r->output ? r->output : r->input;
	if (!c->try)
		return;
	r->judge = try_image;
	r->judge_ctx = &c->boot;
}

void add_free_options(struct add_command *c)
{
	free(c->request.deletes);
	free(c->request.more_modules);
}

void add_read_options(struct add_command *c, int argc, char **argv)
{
	struct failure why;
	int code;

	memset(c, 0, sizeof(*c));
	c->done = -1;
	c->request.modules = "/";
	c->request.initiator = "/";
	while (c->done < 0 && (code = getopt_long(argc, argv, "o:h",
						  long_options, NULL)) != -1) {
		if (read_option(c, code, &why))
			c->done = usage_error(why.text);
	}
	if (c->done >= 0)
		return;
	if (c->request.mode == PLAN_NEW && optind != argc && !c->try)
		c->done = usage_error("--new takes no initrd: it makes one");
	/* getopt has put "--" in front of the initrd. */
	else if (c->request.mode != PLAN_NEW && optind + 1 < argc &&
		 !(c->try || c->try_only))
		c->done = usage_error("one initrd at a time");
	else if (c->request.mode != PLAN_NEW && optind == argc)
		c->done = usage_error("which initrd?");
	else if (add_check_new_options(c, &why))
		c->done = usage_error(why.text);
	else if (c->needs_target && !c->request.has_target &&
		 c->request.mode != PLAN_NEW)
		c->done = usage_error("options of the target and of the way to"
				      " it need --iscsi-target (or"
				      " --iscsi-target auto)");
	else
		set_input(c, argv + optind);
	if (c->done < 0 && add_check_write_options(c, &why))
		c->done = usage_error(why.text);
}
