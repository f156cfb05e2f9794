// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PCI function for tests of the layers below the adapter: registers that
 * copy guest memory, raise interrupts and count what happened. Integers are
 * little-endian. test_pci.py names the registers.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "emulator/loop/container_of.h"
#include "emulator/loop/event_loop.h"
#include "emulator/pci/pci_function.h"

#define BAR_SIZE 0x10000u
#define DOORBELLS_SIZE 0x100000u
#define SLICE 4096u
#define LOG_ENTRIES 512u
#define GATEWAY_ADDRESS 0x58u
#define GATEWAY_DATA 0x5cu

enum {
	REG_SCRATCH = 0x000, /* 256 bytes */
	REG_SOURCE = 0x100,
	REG_DESTINATION = 0x108,
	REG_LENGTH = 0x110,
	REG_GO = 0x118, /* 1 copies at once, 2 in slices */
	REG_VECTOR = 0x11c, /* raised at the end of a copy in slices */
	REG_STATUS = 0x120, /* 0 idle or at work, 1 done, else errno << 8 */
	REG_RAISE = 0x128,
	REG_INTX = 0x12c,
	REG_DOORBELLS = 0x130, /* writes to BAR 2 */
	REG_RESETS = 0x138, /* a dword each of bus, FLR, disconnect */
	REG_MEMORY_CHANGES = 0x144,
	REG_FAULTS = 0x148,
	REG_REMOVE = 0x150, /* for so many milliseconds */
	REG_ERROR = 0x154,
	REG_SUM = 0x158, /* of what was written to BAR 2 */
	REG_LOG = 0x168, /* accesses logged; a write clears */
	REG_LOGGED = 0x1000, /* accesses to 0x1000 to 0x1fff are logged */
	REG_LOG_ENTRIES = 0x2000, /* offset, length, 1 for a write, 0 */
	REG_MSIX_TABLE = 0x8000,
	REG_MSIX_PBA = 0x9000,
};

struct echo {
	struct pci_function *function;
	struct event_loop *loop;
	struct loop_work copy;
	struct loop_timer come_back;
	uint8_t registers[BAR_SIZE];
	uint32_t gateway[16];
	uint32_t gateway_address;
};

static uint64_t get(const struct echo *echo, unsigned int at, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, echo->registers + at, size);
	return value;
}

static void put(struct echo *echo, unsigned int at, uint64_t value,
		unsigned int size)
{
	memcpy(echo->registers + at, &value, size);
}

static void add(struct echo *echo, unsigned int at)
{
	put(echo, at, get(echo, at, 4) + 1, 4);
}

/* Copies at most @limit bytes of what is left; true if more is. */
static bool copy(struct echo *echo, size_t limit)
{
	struct guest_memory *memory = pci_function_memory(echo->function);
	uint64_t source = get(echo, REG_SOURCE, 8);
	uint64_t destination = get(echo, REG_DESTINATION, 8);
	uint64_t length = get(echo, REG_LENGTH, 4);
	static uint8_t bytes[1 << 20];
	int error;

	if (length < limit)
		limit = length;
	if (limit > sizeof(bytes))
		limit = sizeof(bytes);
	error = guest_memory_read(memory, source, bytes, limit);
	if (!error)
		error = guest_memory_write(memory, destination, bytes, limit);
	put(echo, REG_SOURCE, source + limit, 8);
	put(echo, REG_DESTINATION, destination + limit, 8);
	put(echo, REG_LENGTH, length - limit, 4);
	put(echo, REG_FAULTS, guest_memory_faults(memory), 4);
	if (error || length == limit)
		put(echo, REG_STATUS, error ? (uint64_t)-error << 8 : 1, 4);
	return !error && length > limit;
}

static bool run_copy(struct loop_work *work)
{
	struct echo *echo = container_of(work, struct echo, copy);
	bool more = copy(echo, SLICE);

	if (!more)
		pci_function_raise_msix(echo->function,
					(unsigned int)get(echo, REG_VECTOR, 4));
	return more;
}

static void come_back(struct loop_timer *timer)
{
	struct echo *echo = container_of(timer, struct echo, come_back);

	pci_function_set_present(echo->function, true);
}

static void log_access(struct echo *echo, uint64_t offset, unsigned int length,
		       bool write)
{
	unsigned int count = (unsigned int)get(echo, REG_LOG, 4);

	if (offset < REG_LOGGED || offset >= REG_LOG_ENTRIES ||
	    count >= LOG_ENTRIES)
		return;
	put(echo, REG_LOG_ENTRIES + count * 16, offset, 4);
	put(echo, REG_LOG_ENTRIES + count * 16 + 4, length, 4);
	put(echo, REG_LOG_ENTRIES + count * 16 + 8, write, 4);
	put(echo, REG_LOG, count + 1, 4);
}

static void bar_read(void *device, unsigned int bar, uint64_t offset,
		     void *data, unsigned int length)
{
	struct echo *echo = device;

	if (bar != 0)
		return;
	log_access(echo, offset, length, false);
	memcpy(data, echo->registers + offset, length);
}

static void doorbell(struct echo *echo, const void *data, unsigned int length)
{
	uint64_t value = 0;

	memcpy(&value, data, length);
	add(echo, REG_DOORBELLS);
	put(echo, REG_SUM, get(echo, REG_SUM, 8) + value, 8);
}

static void bar_write(void *device, unsigned int bar, uint64_t offset,
		      const void *data, unsigned int length)
{
	struct echo *echo = device;
	uint32_t value;

	if (bar == 2) {
		doorbell(echo, data, length);
		return;
	}
	log_access(echo, offset, length, true);
	memcpy(echo->registers + offset, data, length);
	value = (uint32_t)get(echo, offset & ~3u, 4);
	switch (offset) {
	case REG_GO:
		put(echo, REG_STATUS, 0, 4);
		if (value == 1)
			copy(echo, 1 << 20);
		else if (value == 2)
			loop_work_queue(echo->loop, &echo->copy);
		break;
	case REG_RAISE:
		pci_function_raise_msix(echo->function, value);
		break;
	case REG_INTX:
		pci_function_set_intx(echo->function, value & 1);
		break;
	case REG_REMOVE:
		loop_timer_start(echo->loop, &echo->come_back,
				 value * 1000000ULL);
		pci_function_set_present(echo->function, false);
		break;
	case REG_ERROR:
		pci_function_signal_error(echo->function);
		break;
	case REG_LOG:
		put(echo, REG_LOG, 0, 4);
		break;
	}
}

static void reset(void *device, enum pci_reset kind)
{
	struct echo *echo = device;

	loop_work_cancel(&echo->copy);
	memset(echo->registers, 0, REG_RESETS);
	add(echo, REG_RESETS + 4 * kind);
}

static bool config_read(void *device, unsigned int offset, uint32_t *value)
{
	struct echo *echo = device;

	if (offset == GATEWAY_ADDRESS)
		*value = echo->gateway_address;
	else if (offset == GATEWAY_DATA)
		*value = echo->gateway[echo->gateway_address % 16];
	else
		return false;
	return true;
}

static bool config_write(void *device, unsigned int offset, uint32_t value)
{
	struct echo *echo = device;

	if (offset == GATEWAY_ADDRESS)
		echo->gateway_address = value;
	else if (offset == GATEWAY_DATA)
		echo->gateway[echo->gateway_address % 16] = value;
	else
		return false;
	return true;
}

static void memory_changed(void *device)
{
	add(device, REG_MEMORY_CHANGES);
}

static const struct pci_function_ops ops = {
	.bar_read = bar_read,
	.bar_write = bar_write,
	.reset = reset,
	.config_read = config_read,
	.config_write = config_write,
	.memory_changed = memory_changed,
};

static const uint8_t vpd[] = "\x82\x04\x00" /* product name */
			     "echo"
			     "\x90\x06\x00" /* read only */
			     "SN\x03" /* serial number */
			     "123"
			     "\x91\x07\x00" /* read-write */
			     "V5\x04" /* first port */
			     "abcd"
			     "\x78";
static uint8_t rom[3000] = { 0x55, 0xaa, 6 };

/* An identity that no driver of the guest's claims */
static const struct pci_function_config config = {
	.vendor = 0x15b3,
	.device = 0xfff0,
	.subsystem_vendor = 0x15b3,
	.subsystem_device = 0x0001,
	.revision = 0xb0,
	.class_code = 0xff0000,
	.bar_size = { [0] = BAR_SIZE, [2] = DOORBELLS_SIZE },
	.bar_prefetchable = { [2] = true },
	.msix_vectors = 20,
	.msix_bar = 0,
	.msix_table = REG_MSIX_TABLE,
	.msix_pba = REG_MSIX_PBA,
	.cap_pm = 0x40,
	.cap_vpd = 0x48,
	.cap_msix = 0x9c,
	.cap_pcie = 0x60,
	.ext_cap_serial = 0x148,
	.serial = 0x0002c90300010203,
	.link_speed = 2,
	.link_width = 8,
	.vpd = vpd,
	.vpd_size = sizeof(vpd) - 1,
	.rom = rom,
	.rom_size = sizeof(rom),
};

static void stop(struct loop_fd *watch, uint32_t events)
{
	event_loop_stop(watch->loop);
}

static int serve(struct echo *echo, const char *path)
{
	struct loop_fd signals = { .events = EPOLLIN, .ready = stop };
	sigset_t set;
	int error;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	error = loop_fd_add(echo->loop, &signals);
	if (!error)
		error = pci_function_serve(echo->function, echo->loop, path);
	if (!error)
		error = event_loop_run(echo->loop);
	loop_fd_remove(&signals);
	close(signals.fd);
	return error;
}

int main(int argc, char **argv)
{
	struct echo *echo = calloc(1, sizeof(*echo));
	int error;

	if (!echo || argc < 2 || argc > 3) {
		fprintf(stderr, "usage: echo-function SOCKET [SPIN_NS]\n");
		return 2;
	}
	echo->copy.run = run_copy;
	echo->come_back.expired = come_back;
	echo->loop = event_loop_create(argc == 3 ? strtoull(argv[2], NULL, 0) :
						   20000);
	echo->function = pci_function_create(&config, &ops, echo);
	if (!echo->loop || !echo->function) {
		perror("echo-function");
		return 1;
	}
	error = serve(echo, argv[1]);
	if (error)
		fprintf(stderr, "echo-function: %s: %s\n", argv[1],
			strerror(-error));
	loop_timer_stop(&echo->come_back);
	loop_work_cancel(&echo->copy);
	pci_function_destroy(echo->function);
	event_loop_destroy(echo->loop);
	free(echo);
	return error ? 1 : 0;
}
