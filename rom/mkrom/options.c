// SPDX-License-Identifier: GPL-2.0-only
#include "rom/mkrom/options.h"
#include "include/connectx/ids.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: mkrom build --device ID --bios FILE --uefi FILE --output FILE"
	"\n"
	"                   [SETTING...]\n"
	"       mkrom set SETTING... [--output FILE] ROM\n"
	"       mkrom inspect [--json] ROM\n"
	"\n"
	"Makes expansion ROMs for ConnectX EN adapters, changes their settings,"
	" shows\n"
	"what is in one.\n"
	"\n"
	"-h, --help           this text\n"
	"--version            the version\n"
	"\n"
	"build  a ROM out of iPXE's programs\n"
	"  --device ID        PCI device id, decimal or 0x hexadecimal\n"
	"  --bios FILE        iPXE for a BIOS, ipxe.lkrn\n"
	"  --uefi FILE        iPXE for UEFI, ipxe-amd64.efi\n"
	"  -o, --output FILE  where the ROM is written\n"
	"  --banner TEXT      what it calls itself on the screen (MLNX NIC)\n"
	"  --timeout S        how long Ctrl-B is heard at least; 0: not at all"
	" (2)\n"
	"  --vlan N           the VLAN that it boots on; 0: none (0)\n"
	"  --script FILE      an iPXE script in place of our order of boot; the"
	" ports\n"
	"                     are ${rom-port1} and ${rom-port2}; '' is ours"
	" again\n"
	"  --initrd-overlay FILE\n"
	"                     comes behind the initrd of a kernel that is booted:"
	" what\n"
	"                     mkinitrd-en --overlay-only writes; '' is none\n"
	"\n"
	"set  other settings in a ROM that mkrom has made\n"
	"  -o, --output FILE  another file than ROM itself\n"
	"  --banner TEXT      as above\n"
	"  --timeout S        as above\n"
	"  --vlan N           as above\n"
	"  --script FILE      as above\n"
	"  --initrd-overlay FILE\n"
	"                     as above\n"
	"\n"
	"inspect  what a ROM holds, and whether it is whole\n"
	"  --json             as one JSON object\n";

enum {
	OPTION_DEVICE = 256,
	OPTION_BIOS,
	OPTION_UEFI,
	OPTION_BANNER,
	OPTION_TIMEOUT,
	OPTION_VLAN,
	OPTION_SCRIPT,
	OPTION_OVERLAY,
	OPTION_JSON
};

static const struct option build_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "device", required_argument, NULL, OPTION_DEVICE },
	{ "bios", required_argument, NULL, OPTION_BIOS },
	{ "uefi", required_argument, NULL, OPTION_UEFI },
	{ "output", required_argument, NULL, 'o' },
	{ "banner", required_argument, NULL, OPTION_BANNER },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "vlan", required_argument, NULL, OPTION_VLAN },
	{ "script", required_argument, NULL, OPTION_SCRIPT },
	{ "initrd-overlay", required_argument, NULL, OPTION_OVERLAY },
	{ 0 },
};

static const struct option set_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "output", required_argument, NULL, 'o' },
	{ "banner", required_argument, NULL, OPTION_BANNER },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "vlan", required_argument, NULL, OPTION_VLAN },
	{ "script", required_argument, NULL, OPTION_SCRIPT },
	{ "initrd-overlay", required_argument, NULL, OPTION_OVERLAY },
	{ 0 },
};

static const struct option inspect_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ 0 },
};

static const struct {
	const char *name;
	const struct option *options;
} verbs[] = {
	[VERB_BUILD] = { "build", build_options },
	[VERB_SET] = { "set", set_options },
	[VERB_INSPECT] = { "inspect", inspect_options },
};

static int refuse(const char *what)
{
	fprintf(stderr, "mkrom: %s (mkrom --help)\n", what);
	return EXIT_FAILURE;
}

static int read_device(struct options *options, const char *text)
{
	static const uint16_t known[] = {
#define ID(id, silicon, text, generation, ethernet, speed) id,
		CX_PCI_DEVICES(ID)
#undef ID
	};
	char *end;
	unsigned long id = strtoul(text, &end, 0);

	for (size_t i = 0; *text && !*end && i < sizeof(known) / sizeof(*known);
	     i++) {
		if (known[i] == id) {
			options->device = id;
			return -1;
		}
	}
	fprintf(stderr,
		"mkrom: device '%s': not the id of a ConnectX that this"
		" project knows, for example 25448\n",
		text);
	return EXIT_FAILURE;
}

static int take(struct options *options, int option)
{
	switch (option) {
	case 'h':
		fputs(help, stdout);
		return EXIT_SUCCESS;
	case 'V':
		puts("mkrom " CONNECTX_EN_VERSION);
		return EXIT_SUCCESS;
	case 'o':
		options->output = optarg;
		return -1;
	case OPTION_DEVICE:
		return read_device(options, optarg);
	case OPTION_BIOS:
		options->bios = optarg;
		return -1;
	case OPTION_UEFI:
		options->uefi = optarg;
		return -1;
	case OPTION_BANNER:
		options->banner = optarg;
		return -1;
	case OPTION_TIMEOUT:
		options->timeout = optarg;
		return -1;
	case OPTION_VLAN:
		options->vlan = optarg;
		return -1;
	case OPTION_SCRIPT:
		options->script = optarg;
		return -1;
	case OPTION_OVERLAY:
		options->overlay = optarg;
		return -1;
	case OPTION_JSON:
		options->json = true;
		return -1;
	default: /* getopt has said what is wrong */
		return EXIT_FAILURE;
	}
}

static int complete(struct options *options, int argc, char **argv)
{
	bool settings = options->banner || options->timeout || options->vlan ||
			options->script || options->overlay;

	if (options->verb == VERB_BUILD) {
		if (argc)
			return refuse("build: too many words");
		if (!options->device || !options->bios || !options->uefi ||
		    !options->output)
			return refuse("build: --device, --bios, --uefi and"
				      " --output are needed");
		return -1;
	}
	if (argc != 1)
		return refuse("name one ROM");
	options->input = argv[0];
	if (options->verb == VERB_SET && !settings)
		return refuse("set: nothing to set");
	return -1;
}

void options_read(struct options *options, int argc, char **argv)
{
	static const char *const general[] = { "-h", "--help", "--version" };
	size_t verb;
	int option;

	*options = (struct options){ .done = -1 };
	for (size_t i = 0; argc > 1 && i < 3; i++) {
		if (!strcmp(argv[1], general[i])) {
			options->done = take(options, i < 2 ? 'h' : 'V');
			return;
		}
	}
	for (verb = 0; verb < sizeof(verbs) / sizeof(*verbs); verb++)
		if (argc > 1 && !strcmp(argv[1], verbs[verb].name))
			break;
	if (verb == sizeof(verbs) / sizeof(*verbs)) {
		options->done = refuse("the first word is build, set or"
				       " inspect");
		return;
	}
	options->verb = verb;
	optind = 2;
	while (options->done < 0 &&
	       (option = getopt_long(argc, argv, "ho:", verbs[verb].options,
				     NULL)) != -1)
		options->done = option == 'o' && verb == VERB_INSPECT ?
					refuse("inspect: writes no file") :
					take(options, option);
	if (options->done < 0)
		options->done = complete(options, argc - optind, argv + optind);
}
