// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emulator/options.h"

#define PROGRAM "connectx-adapter"
#define NS_PER_MS 1000000ULL
#define NS_PER_US 1000ULL
#define MIB (1ULL << 20)
#define SPIN_DEFAULT_US 20
#define READY_DEFAULT_MS 10
#define TRAINING_DEFAULT_MS 10
#define ROM_MAX (1 << 20)

enum {
	OPTION_SOCKET = 256,
	OPTION_DEVICE,
	OPTION_MAC,
	OPTION_PORT1,
	OPTION_PORT2,
	OPTION_TRACE,
	OPTION_PCAP,
	OPTION_CONTROL,
	OPTION_BAR2,
	OPTION_VECTORS,
	OPTION_READY,
	OPTION_TRAINING,
	OPTION_BLUEFLAME,
	OPTION_SPIN,
	OPTION_ROM,
	OPTION_FLASH,
	OPTION_FLASH_SIZE,
	OPTION_SANDBOX,
	OPTION_NO_SANDBOX,
};

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, OPTION_SOCKET },
	{ "device", required_argument, NULL, OPTION_DEVICE },
	{ "mac", required_argument, NULL, OPTION_MAC },
	{ "port1", required_argument, NULL, OPTION_PORT1 },
	{ "port2", required_argument, NULL, OPTION_PORT2 },
	{ "trace", required_argument, NULL, OPTION_TRACE },
	{ "pcap", required_argument, NULL, OPTION_PCAP },
	{ "control", required_argument, NULL, OPTION_CONTROL },
	{ "bar2-size", required_argument, NULL, OPTION_BAR2 },
	{ "msix-vectors", required_argument, NULL, OPTION_VECTORS },
	{ "ready-ms", required_argument, NULL, OPTION_READY },
	{ "link-training-ms", required_argument, NULL, OPTION_TRAINING },
	{ "blueflame", no_argument, NULL, OPTION_BLUEFLAME },
	{ "spin-us", required_argument, NULL, OPTION_SPIN },
	{ "rom", required_argument, NULL, OPTION_ROM },
	{ "flash", required_argument, NULL, OPTION_FLASH },
	{ "flash-size", required_argument, NULL, OPTION_FLASH_SIZE },
	{ "sandbox", required_argument, NULL, OPTION_SANDBOX },
	{ "no-sandbox", no_argument, NULL, OPTION_NO_SANDBOX },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void print_help(void)
{
	puts("Usage: " PROGRAM " --socket PATH [OPTION]...\n"
	     "A virtual ConnectX EN adapter, for QEMU's vfio-user-pci.\n"
	     "\n"
	     "  --socket PATH          unix socket that QEMU connects to\n"
	     "  --device ID            PCI device id, decimal or 0x... (25448)\n"
	     "  --mac ADDRESS          of port 1; port 2 has the next one\n"
	     "                         (00:02:c9:00:00:bb)\n"
	     "  --port1 WHERE          where the port's frames go:\n"
	     "  --port2 WHERE            tap:NAME[,gso=off]   a tap device\n"
	     "                           stream:SOCKET        QEMU's and passt's framing\n"
	     "                           stream:listen:SOCKET the same, waiting\n"
	     "                           cable                to the other port\n"
	     "                           none                 (default)\n"
	     "  --trace FILE           every command, decoded; - is standard error\n"
	     "  --pcap FILE            what passes both ports\n"
	     "  --control PATH         control socket: link, statistics, faults\n"
	     "  --rom FILE             expansion ROM image\n"
	     "  --flash FILE           the card's flash, kept there; made if it is\n"
	     "                         missing. Without --rom and --mac, ROM and\n"
	     "                         addresses are those in the flash\n"
	     "  --flash-size MIB       its size: 1, 2, 4, 8 or 16 (2)\n"
	     "  --bar2-size MIB        size of BAR2: 8 to 256, a power of two (8)\n"
	     "  --msix-vectors N       interrupt messages, 1 to 128 (128)\n"
	     "  --ready-ms N           after a reset, until the card answers (10)\n"
	     "  --link-training-ms N   from plugged to link up (10)\n"
	     "  --blueflame            advertise BlueFlame\n"
	     "  --spin-us N            poll so long before sleeping (20)\n"
	     "  --sandbox MODE         system calls that an adapter does not need:\n"
	     "                           on    end the process (default; off in\n"
	     "                                 builds with SANITIZE=1 or COVERAGE=1)\n"
	     "                           log   fail, and are reported\n"
	     "                           off   work\n"
	     "  --no-sandbox           the same as --sandbox off\n"
	     "  --help, --version");
}

static int fail(const char *option, const char *value, const char *why)
{
	fprintf(stderr, PROGRAM ": --%s %s: %s\n", option, value, why);
	return -EINVAL;
}

static bool parse_number(const char *text, u64 most, u64 *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 0);
	return !errno && !*end && *value <= most;
}

static bool parse_mac(const char *text, u8 mac[6])
{
	unsigned int byte[6];
	char rest;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &byte[0], &byte[1],
		   &byte[2], &byte[3], &byte[4], &byte[5], &rest) != 6)
		return false;
	for (unsigned int i = 0; i < 6; i++)
		mac[i] = byte[i];
	return !(mac[0] & 1);
}

static void next_mac(const u8 mac[6], u8 next[6])
{
	memcpy(next, mac, 6);
	for (int i = 5; i >= 3 && !++next[i]; i--)
		;
}

static int parse_device(struct options *options, const char *text)
{
	u64 id;

	if (!parse_number(text, 0xffff, &id))
		return fail("device", text, "not a device id");
	options->adapter.device_id = id;
	return 0;
}

static int parse_bar2(struct options *options, const char *text)
{
	u64 size;

	if (!parse_number(text, 256, &size) || size < 8 || size & (size - 1))
		return fail("bar2-size", text,
			    "not a power of two from 8 to 256 (MiB)");
	options->adapter.bar2_size = size * MIB;
	return 0;
}

static int parse_flash_size(struct options *options, const char *text)
{
	u64 size;

	if (!parse_number(text, FLASH_SIZE_MOST / MIB, &size) || !size ||
	    size & (size - 1))
		return fail("flash-size", text, "not 1, 2, 4, 8 or 16 (MiB)");
	options->flash_size = size * MIB;
	return 0;
}

static int parse_vectors(struct options *options, const char *text)
{
	u64 count;

	if (!parse_number(text, CX_MSIX_VECTORS, &count) || !count)
		return fail("msix-vectors", text, "not a number from 1 to 128");
	options->adapter.msix_vectors = count;
	return 0;
}

static int parse_time(const char *name, const char *text, u64 unit_ns,
		      u64 *nanoseconds)
{
	u64 value;

	if (!parse_number(text, 3600000, &value))
		return fail(name, text, "not a number in range");
	*nanoseconds = value * unit_ns;
	return 0;
}

static int read_rom(struct options *options, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	ssize_t got;

	if (fd < 0)
		return fail("rom", path, strerror(errno));
	if (fstat(fd, &status) || status.st_size > ROM_MAX ||
	    status.st_size == 0) {
		close(fd);
		return fail("rom", path, "not an image of at most 1 MiB");
	}
	free(options->rom);
	options->rom = malloc(status.st_size);
	got = options->rom ? read(fd, options->rom, status.st_size) : -1;
	close(fd);
	if (got != status.st_size)
		return fail("rom", path, "cannot be read");
	options->adapter.rom = options->rom;
	options->adapter.rom_size = got;
	return 0;
}

static int parse_sandbox(struct options *options, const char *text)
{
	if (!strcmp(text, "on"))
		options->sandbox = SANDBOX_ON;
	else if (!strcmp(text, "log"))
		options->sandbox = SANDBOX_LOG;
	else if (!strcmp(text, "off"))
		options->sandbox = SANDBOX_OFF;
	else
		return fail("sandbox", text, "not on, log or off");
	return 0;
}

static int parse_value(struct options *options, int option, const char *value)
{
	switch (option) {
	case OPTION_SOCKET:
		options->socket = value;
		return 0;
	case OPTION_PORT1:
	case OPTION_PORT2:
		options->port[option - OPTION_PORT1] = value;
		return 0;
	case OPTION_TRACE:
		options->trace = value;
		return 0;
	case OPTION_PCAP:
		options->pcap = value;
		return 0;
	case OPTION_CONTROL:
		options->control = value;
		return 0;
	case OPTION_BLUEFLAME:
		options->adapter.blueflame = true;
		return 0;
	case OPTION_NO_SANDBOX:
		options->sandbox = SANDBOX_OFF;
		return 0;
	case OPTION_SANDBOX:
		return parse_sandbox(options, value);
	case OPTION_DEVICE:
		return parse_device(options, value);
	case OPTION_BAR2:
		return parse_bar2(options, value);
	case OPTION_VECTORS:
		return parse_vectors(options, value);
	case OPTION_FLASH:
		options->flash = value;
		return 0;
	case OPTION_FLASH_SIZE:
		return parse_flash_size(options, value);
	case OPTION_ROM:
		return read_rom(options, value);
	case OPTION_READY:
		return parse_time("ready-ms", value, NS_PER_MS,
				  &options->adapter.ready_ns);
	case OPTION_TRAINING:
		return parse_time("link-training-ms", value, NS_PER_MS,
				  &options->adapter.link_training_ns);
	case OPTION_SPIN:
		return parse_time("spin-us", value, NS_PER_US,
				  &options->spin_ns);
	case OPTION_MAC:
		if (!parse_mac(value, options->adapter.mac[0]))
			return fail("mac", value, "not a unicast address");
		options->mac_given = true;
		return 0;
	}
	return -EINVAL;
}

static void set_defaults(struct options *options)
{
	*options = (struct options){
		.port = { "none", "none" },
		.sandbox = SANDBOX_ON,
		.spin_ns = SPIN_DEFAULT_US * NS_PER_US,
		.adapter = {
			.device_id = 25448,
			.mac = { { 0x00, 0x02, 0xc9, 0x00, 0x00, 0xbb } },
			.bar2_size = CX_BAR2_SIZE,
			.msix_vectors = CX_MSIX_VECTORS,
			.ready_ns = READY_DEFAULT_MS * NS_PER_MS,
			.link_training_ns = TRAINING_DEFAULT_MS * NS_PER_MS,
		},
	};
}

int options_parse(struct options *options, int argc, char **argv)
{
	int option;

	set_defaults(options);
	while ((option = getopt_long(argc, argv, "hV", long_options, NULL)) !=
	       -1) {
		if (option == 'h') {
			print_help();
			return 1;
		}
		if (option == 'V') {
			puts(PROGRAM " " CONNECTX_EN_VERSION);
			return 1;
		}
		if (option == '?' || parse_value(options, option, optarg))
			return -EINVAL;
	}
	if (optind < argc) {
		fprintf(stderr,
			PROGRAM ": %s: unexpected argument; see --help\n",
			argv[optind]);
		return -EINVAL;
	}
	if (!options->socket) {
		fputs(PROGRAM ": --socket PATH is missing; see --help\n",
		      stderr);
		return -EINVAL;
	}
	next_mac(options->adapter.mac[0], options->adapter.mac[1]);
	return 0;
}

void options_free(struct options *options)
{
	free(options->rom);
}
