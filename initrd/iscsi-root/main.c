// SPDX-License-Identifier: GPL-2.0-only
/*
 * The root disk over iSCSI, from inside an initrd of any make: a static program
 * that needs nothing of the image but open-iscsi's initiator.
 */
#include "initrd/iscsi-root/boot.h"
#include "initrd/iscsi-root/disk.h"
#include "initrd/iscsi-root/early.h"
#include "initrd/iscsi-root/ibft.h"
#include "initrd/iscsi-root/login.h"
#include "initrd/iscsi-root/logout.h"
#include "initrd/iscsi-root/result.h"
#include "initrd/iscsi-root/run_program.h"
#include "initrd/iscsi-root/say.h"
#include "initrd/iscsi-root/seconds.h"
#include "initrd/iscsi-root/text_file.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_USAGE 2
#define ROOT_SECONDS 10
#define MODPROBE_SECONDS 10

static const char help[] =
	"usage: iscsi-root [OPTIONS]\n"
	"\n"
	"Brings up the adapter's port, logs in to the iSCSI target and finds the\n"
	"root file system on its disk. Settings come from the kernel's command\n"
	"line, the settings' file, the firmware's table (iBFT) and the lease.\n"
	"\n"
	"  --settings FILE  KEY=VALUE lines (default: /connectx-en/target)\n"
	"  --result FILE    where ROOT=DEVICE goes (default:\n"
	"                   /run/connectx-en-root)\n"
	"  --no-root        the disk is enough: look for no root on it\n"
	"  --mount DIR      mount the root there; to read only, unless the\n"
	"                   kernel's command line says rw\n"
	"  --early          before an init that knows nothing of it: mounts\n"
	"                   /proc, /sys and /dev meanwhile, the disk is enough,\n"
	"                   the result is /connectx-en/result\n"
	"  --network        a port with an address is enough: log in nowhere\n"
	"  --log-out        end all sessions, and do nothing else\n"
	"  --log FILE       what is told (default: /connectx-en/kmsg)\n"
	"  --sys DIR, --run DIR, --command-line FILE\n"
	"                   other places than /sys, /run, /proc/cmdline\n"
	"  -h, --help       this text\n"
	"  --version        the version\n"
	"\n"
	"Exit status: 0 the root is there, 1 it is not, 2 wrong usage.\n";

enum option_code {
	OPT_SETTINGS = 256,
	OPT_RESULT,
	OPT_NO_ROOT,
	OPT_MOUNT,
	OPT_EARLY,
	OPT_NETWORK,
	OPT_LOG_OUT,
	OPT_LOG,
	OPT_SYS,
	OPT_RUN,
	OPT_COMMAND_LINE,
	OPT_VERSION,
};

static const struct option long_options[] = {
	{ "settings", required_argument, NULL, OPT_SETTINGS },
	{ "result", required_argument, NULL, OPT_RESULT },
	{ "no-root", no_argument, NULL, OPT_NO_ROOT },
	{ "mount", required_argument, NULL, OPT_MOUNT },
	{ "early", no_argument, NULL, OPT_EARLY },
	{ "network", no_argument, NULL, OPT_NETWORK },
	{ "log-out", no_argument, NULL, OPT_LOG_OUT },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "sys", required_argument, NULL, OPT_SYS },
	{ "run", required_argument, NULL, OPT_RUN },
	{ "command-line", required_argument, NULL, OPT_COMMAND_LINE },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 },
};

struct options {
	const char *settings;
	const char *result;
	const char *log;
	const char *command_line;
	const char *mount; /* NULL: nowhere */
	bool no_root;
	bool early;
	bool log_out;
};

static bool take_option(struct options *o, struct boot *boot, int code,
			int *status)
{
	switch (code) {
	case OPT_SETTINGS:
		o->settings = optarg;
		return true;
	case OPT_RESULT:
		o->result = optarg;
		return true;
	case OPT_NO_ROOT:
		o->no_root = true;
		return true;
	case OPT_MOUNT:
		o->mount = optarg;
		return true;
	case OPT_EARLY:
		o->early = true;
		o->no_root = true;
		o->result = "/connectx-en/result";
		boot->run = "/connectx-en";
		return true;
	case OPT_NETWORK:
		boot->network_only = true;
		o->no_root = true;
		return true;
	case OPT_LOG_OUT:
		o->log_out = true;
		return true;
	case OPT_LOG:
		o->log = optarg;
		return true;
	case OPT_SYS:
		boot->sys = optarg;
		return true;
	case OPT_RUN:
		boot->run = optarg;
		return true;
	case OPT_COMMAND_LINE:
		o->command_line = optarg;
		return true;
	case 'h':
		fputs(help, stdout);
		*status = EXIT_SUCCESS;
		return false;
	case OPT_VERSION:
		puts("iscsi-root " CONNECTX_EN_VERSION);
		*status = EXIT_SUCCESS;
		return false;
	}
	*status = EXIT_USAGE;
	return false;
}

static void wrong_setting(const char *line)
{
	complain("setting %s is not understood", line);
}

static void wrong_word(const char *word)
{
	complain("%s on the command line is not understood", word);
}

/* A table that ACPI does not list is found by the module, which nobody loads. */
static void load_ibft_module(void)
{
	const char *words[] = { find_program("modprobe"), "-q", "iscsi_ibft",
				NULL };

	if (words[0])
		run_program(words, seconds_now() + MODPROBE_SECONDS);
}

static void read_settings(struct boot *boot, const struct options *o)
{
	struct settings *s = &boot->settings;
	char text[8192];
	ssize_t size;
	int err;

	settings_init(s);
	size = text_file_read(o->settings, text, sizeof(text));
	if (size < 0)
		complain("%s: %s", o->settings, strerror(-size));
	else
		settings_read(s, text, size, wrong_setting);
	if (text_file_read(o->command_line, text, sizeof(text)) > 0)
		settings_read_command_line(s, text, wrong_word);
	if (s->ignore_ibft)
		return;
	load_ibft_module();
	err = ibft_take(s, boot->sys);
	if (err == -EINVAL)
		say("the firmware's table (iBFT) names no target");
	else if (err == -EBADMSG)
		complain("the firmware's table (iBFT) is damaged");
	else if (!err)
		say("the firmware's table (iBFT) was taken into account");
}

static bool mount_root(const struct root_file_system *root,
		       const struct options *o)
{
	int err = root_mount(root, o->mount, o->command_line);

	if (err)
		complain("/dev/%s cannot be mounted on %s: %s", root->name,
			 o->mount, strerror(-err));
	return !err;
}

static int find_root(const struct boot *boot, const struct options *o)
{
	struct root_file_system root;
	bool found = false;
	int err;

	if (o->early)
		disk_wait_readable(boot->disk, boot->sys, ROOT_SECONDS);
	if (!o->no_root) {
		found = disk_find_root(boot->disk, boot->sys, ROOT_SECONDS,
				       &root);
		if (!found)
			complain("no root file system found on %s", boot->disk);
		else
			say("root file system (%s) on /dev/%s, %s", root.type,
			    root.name, boot->found.name);
	}
	err = result_write(o->result, boot->interface, boot->disk,
			   found ? &root : NULL);
	if (err)
		complain("%s: %s", o->result, strerror(-err));
	if (found && o->mount && !mount_root(&root, o))
		return EXIT_FAILURE;
	return !err && (found || o->no_root) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run(struct boot *boot, const struct options *o)
{
	if (!boot->network_only && !login_init()) {
		complain("the image has no iSCSI initiator (open-iscsi)");
		return EXIT_FAILURE;
	}
	read_settings(boot, o);
	if (boot_find_disk(boot))
		return EXIT_FAILURE;
	return find_root(boot, o);
}

int main(int argc, char **argv)
{
	struct options o = {
		.settings = "/connectx-en/target",
		.result = "/run/connectx-en-root",
		.log = "/connectx-en/kmsg",
		.command_line = "/proc/cmdline",
	};
	static struct boot boot = { .sys = "/sys", .run = "/run" };
	int status = EXIT_USAGE;
	int code;

	while ((code = getopt_long(argc, argv, "h", long_options, NULL)) !=
	       -1) {
		if (!take_option(&o, &boot, code, &status))
			return status;
	}
	if (optind != argc) {
		fputs("iscsi-root: only options are taken\n", stderr);
		return EXIT_USAGE;
	}
	say_open(o.log);
	if (o.log_out)
		return logout_all(boot.sys) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	if (o.early)
		early_mount();
	status = run(&boot, &o);
	if (o.early)
		early_unmount();
	return status;
}
