// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile vfio-user client: the input is a list of steps, each a byte that
 * says what to do and what comes with it, two bytes of length, and data. The
 * server is our own with a device that copies guest memory and raises
 * interrupts as its BAR is written. Every reply must be well formed, and after
 * the client has gone no descriptor may be left.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emulator/loop/event_loop.h"
#include "emulator/pci/pci_function.h"
#include "emulator/transport/protocol.h"

#define BAR_SIZE 0x10000u
#define MEMORY_SIZE 0x10000u
#define STEPS_MAX 200u
#define FDS_MAX 20u

/* What a step's first byte says */
#define STEP_MESSAGE 0x80u /* data: command, flags, payload; a header is made */
#define STEP_FDS 0x07u /* descriptors that go along, as kinds[] counts */
#define STEP_TRUNCATE 0x08u /* cut guest memory short afterwards */
#define STEP_REMOVE 0x10u /* pull the card, or put it back */
#define STEP_SPLIT 0x20u /* in two sends */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct event_loop *loop;
static struct pci_function *function;
static uint64_t registers[8];
static int memory_fd, event_fd, pipe_fds[2];

static void require(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz-transport: %s\n", what);
	abort();
}

static void bar_read(void *device, unsigned int bar, uint64_t offset,
		     void *data, unsigned int length)
{
	require(offset + length <= BAR_SIZE, "read outside of the BAR");
	memcpy(data, (uint8_t *)registers + offset % (64 - 8), length);
}

static void bar_write(void *device, unsigned int bar, uint64_t offset,
		      const void *data, unsigned int length)
{
	static uint8_t bytes[MEMORY_SIZE];
	struct guest_memory *memory = pci_function_memory(function);
	uint64_t value = 0;
	size_t count;

	require(offset + length <= BAR_SIZE && length <= 8,
		"write outside of the BAR");
	memcpy(&value, data, length);
	registers[offset / 8 % 8] = value;
	count = registers[2] % MEMORY_SIZE;
	switch (offset / 8 % 8) {
	case 3:
		if (!guest_memory_read(memory, registers[0], bytes, count))
			guest_memory_write(memory, registers[1], bytes, count);
		break;
	case 4:
		pci_function_raise_msix(function, (unsigned int)value);
		break;
	case 5:
		pci_function_set_intx(function, value & 1);
		break;
	}
}

static void reset(void *device, enum pci_reset kind)
{
	memset(registers, 0, sizeof(registers));
}

static const struct pci_function_ops ops = { .bar_read = bar_read,
					     .bar_write = bar_write,
					     .reset = reset };

static const uint8_t vpd[] = { 0x82, 2,	  0,   'a', 'b', 0x91, 4,
			       0,    'V', '5', 1,   'c', 0x78 };
static const uint8_t rom[2048] = { 0x55, 0xaa, 4 };

static const struct pci_function_config config = {
	.vendor = 0x15b3,
	.device = 0x6368,
	.class_code = 0x020000,
	.bar_size = { [0] = BAR_SIZE, [2] = BAR_SIZE },
	.msix_vectors = 20,
	.msix_table = 0x8000,
	.msix_pba = 0x9000,
	.cap_pm = 0x40,
	.cap_vpd = 0x48,
	.cap_msix = 0x9c,
	.cap_pcie = 0x60,
	.ext_cap_serial = 0x148,
	.link_speed = 2,
	.vpd = vpd,
	.vpd_size = sizeof(vpd),
	.rom = rom,
	.rom_size = sizeof(rom),
};

static void start(void)
{
	loop = event_loop_create(0);
	function = pci_function_create(&config, &ops, NULL);
	memory_fd = memfd_create("guest", MFD_CLOEXEC);
	event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	require(loop && function && memory_fd >= 0 && event_fd >= 0 &&
			!pipe2(pipe_fds, O_CLOEXEC) &&
			!pci_function_serve(function, loop, NULL),
		"cannot start");
}

/* The number that the next descriptor gets: it grows with each leak. */
static int next_descriptor(void)
{
	int fd = dup(event_fd);

	close(fd);
	return fd;
}

static void check_replies(int client)
{
	static uint8_t bytes[2 * VFIO_USER_MAX_MESSAGE];
	static size_t have;
	ssize_t count;

	if (client < 0) {
		have = 0;
		return;
	}
	while ((count = recv(client, bytes + have, sizeof(bytes) - have,
			     MSG_DONTWAIT)) > 0) {
		struct vfio_user_header header;
		size_t at = 0;

		have += (size_t)count;
		while (have - at >= sizeof(header)) {
			memcpy(&header, bytes + at, sizeof(header));
			require(header.size >= sizeof(header) &&
					header.size <= VFIO_USER_MAX_MESSAGE,
				"size of a reply");
			require((header.flags & 0x1f) == VFIO_USER_TYPE_REPLY,
				"flags of a reply");
			require(!(header.flags & VFIO_USER_ERROR) ||
					(header.error && header.size == 16),
				"an error reply");
			if (have - at < header.size)
				break;
			at += header.size;
		}
		memmove(bytes, bytes + at, have - at);
		have -= at;
	}
}

static void send_with(int client, const void *bytes, size_t size,
		      unsigned int kind)
{
	static const unsigned int counts[8] = { 0, 0, 0, 1, 1, 1, 2, 17 };
	int fds[FDS_MAX];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(fds))];
	} control = { 0 };
	struct iovec vector = { (void *)bytes, size };
	struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1 };
	unsigned int count = counts[kind];

	if (!size)
		return;
	for (unsigned int i = 0; i < count; i++)
		fds[i] = kind == 3 ? memory_fd :
			 kind == 4 ? event_fd :
				     pipe_fds[i & 1];
	if (count) {
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.align), fds, count * sizeof(int));
	}
	/* what finds no room is lost: one more way for a stream to be wrong */
	sendmsg(client, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void turn(int client)
{
	for (int i = 0; i < 4; i++) {
		event_loop_turn(loop, 0);
		check_replies(client);
	}
}

static void step(int client, uint8_t what, const uint8_t *data, size_t size)
{
	static uint8_t bytes[sizeof(struct vfio_user_header) + 65536];
	struct vfio_user_header header = { .id = 7 };
	size_t cut;

	if (what & STEP_MESSAGE && size >= 2) {
		header.command = data[0];
		header.flags = data[1] & (VFIO_USER_NO_REPLY | 1);
		header.size = (uint32_t)(sizeof(header) + size - 2);
		memcpy(bytes, &header, sizeof(header));
		memcpy(bytes + sizeof(header), data + 2, size - 2);
		data = bytes;
		size = header.size;
	}
	cut = what & STEP_SPLIT ? size / 2 : 0;
	send_with(client, data, cut, 0);
	if (cut)
		turn(client);
	send_with(client, data + cut, size - cut, what & STEP_FDS);
	turn(client);
	if (what & STEP_TRUNCATE)
		require(!ftruncate(memory_fd, MEMORY_SIZE / 2), "ftruncate");
	if (what & STEP_REMOVE)
		pci_function_set_present(function,
					 !pci_function_present(function));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t version[] = { VFIO_USER_VERSION, 0, 0, 0, 0, 0 };
	int ends[2], first;

	if (!loop)
		start();
	require(!ftruncate(memory_fd, MEMORY_SIZE), "ftruncate");
	first = next_descriptor();
	require(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
		"socketpair");
	require(!pci_function_attach(function, ends[1]), "attach");
	/* the first byte: whether the client is polite */
	if (size && data[0] & 1)
		step(ends[0], STEP_MESSAGE, version, sizeof(version));
	for (unsigned int i = 0; size >= 4 && i < STEPS_MAX; i++) {
		size_t length = data[2] | (size_t)data[3] << 8;

		if (length > size - 4)
			length = size - 4;
		step(ends[0], data[1], data + 4, length);
		data += 3 + length;
		size -= 3 + length;
	}
	close(ends[0]);
	check_replies(-1);
	for (int i = 0; i < 1000 && pci_function_connected(function); i++)
		event_loop_turn(loop, 0);
	/* a client that never negotiated goes without a word */
	turn(-1);
	require(!pci_function_connected(function), "the client stays");
	pci_function_set_present(function, true);
	require(next_descriptor() == first, "a descriptor is left");
	return 0;
}
