// SPDX-License-Identifier: GPL-2.0-only
/*
 * A TCG plugin of QEMU that counts what a guest executes:
 *
 *	-plugin file=counter.so,socket=PATH[,instructions=off]
 *
 * - each instruction of the guest's kernel by its address, all of user space
 *   as one sum. Which module or function an address belongs to is the reader's
 *   business, from the guest's /proc/modules and /proc/kallsyms: so no range
 *   has to be known before, and a module may be loaded at any time;
 * - accesses to memory-mapped registers, by QEMU's name of the device, reads
 *   and writes apart. The guest must be started with "nokaslr": accesses to
 *   where such a kernel maps no registers are not looked at, which is most.
 *
 * A repeated string instruction counts once, whatever its length, as it does
 * on a processor.
 *
 * Whoever connects to PATH gets the counts of that moment and an end of file:
 * struct counts, then `devices` times struct device, then `addresses` times
 * struct address. Two such answers are a phase's beginning and end; nothing is
 * ever set back. One processor: addresses are translated by one thread.
 *
 * The guest boots without being counted, some ten times faster: the first
 * connection begins it, at the processor's next interrupt. Until then `counting`
 * of the answer is 0.
 *
 * Debian's QEMU 11 takes plugins and ships no header for them: the functions
 * that are used are declared here, as API version 7 has them.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
struct qemu_plugin_scoreboard;
struct qemu_info;

typedef struct {
	struct qemu_plugin_scoreboard *score;
	size_t offset;
} qemu_plugin_u64;

enum { CALLBACK_NO_REGISTERS = 0 };
enum { READS_AND_WRITES = 3 };
enum { INLINE_ADD = 0 };
enum { INTERRUPTS = 1 };

void qemu_plugin_reset(uint64_t id, void (*done)(void *data), void *data);
void qemu_plugin_register_vcpu_discon_cb(
	uint64_t id, int kinds,
	void (*interrupted)(unsigned int cpu, int kind, uint64_t from,
			    uint64_t to, void *data),
	void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(
	uint64_t id, void (*translated)(struct qemu_plugin_tb *tb, void *data),
	void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *bytes,
			     size_t size);
void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(
	struct qemu_plugin_insn *insn, int operation, qemu_plugin_u64 entry,
	uint64_t operand);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      void (*accessed)(unsigned int cpu,
						       uint32_t info,
						       uint64_t address,
						       void *data),
				      int flags, int accesses, void *data);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(uint32_t info,
						  uint64_t address);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *address);
const char *
qemu_plugin_hwaddr_device_name(const struct qemu_plugin_hwaddr *address);
bool qemu_plugin_mem_is_store(uint32_t info);
struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size);
uint64_t qemu_plugin_u64_sum(qemu_plugin_u64 entry);

PUBLIC int qemu_plugin_install(uint64_t id, const struct qemu_info *info,
			       int count, char **options);
PUBLIC int qemu_plugin_version = 7;

/* A kernel that boots and carries traffic executes some 250,000 addresses. */
#define ADDRESS_BITS 19
#define ADDRESSES (1u << ADDRESS_BITS)
#define BUCKETS (2 * ADDRESSES)
#define DEVICES 64
/* Canonical addresses of the upper half are the kernel's. */
#define KERNEL (UINT64_C(1) << 63)
/* Between them all of memory is mapped one to one (four-level page tables). */
#define DIRECT_MAP UINT64_C(0xffff888000000000)
#define DIRECT_MAP_END UINT64_C(0xffffc88000000000)

struct device {
	char name[48];
	uint64_t reads, writes;
};

struct address {
	uint64_t address, executed;
};

struct counts {
	uint64_t counting; /* whether it has begun */
	uint64_t user; /* instructions of user space */
	uint64_t uncounted; /* addresses for which there was no room */
	uint64_t devices, addresses;
};

/* Counter 0 is user space; counter n is the address in known[n]. */
static struct qemu_plugin_scoreboard *scoreboard;
static uint64_t known[ADDRESSES];
static uint32_t used = 1;
static uint32_t buckets[BUCKETS];
static uint64_t uncounted;
static struct device devices[DEVICES];
static bool instructions = true;
static int listener;
static uint64_t plugin;
/* Written by one thread each: the one that answers, the processor's. */
static bool wanted, begun;

static qemu_plugin_u64 counter(uint32_t index)
{
	return (qemu_plugin_u64){ scoreboard, index * sizeof(uint64_t) };
}

/* The counter of an address; 0 if there is no room. */
static uint32_t index_of(uint64_t address)
{
	uint64_t hash = address * UINT64_C(0x9e3779b97f4a7c15);
	uint32_t at = hash >> (64 - ADDRESS_BITS - 1);

	for (; buckets[at]; at = (at + 1) % BUCKETS)
		if (known[buckets[at]] == address)
			return buckets[at];
	if (used == ADDRESSES) {
		uncounted++;
		return 0;
	}
	known[used] = address;
	buckets[at] = used;
	/* The thread that answers sees an address before its counter. */
	return __atomic_fetch_add(&used, 1, __ATOMIC_RELEASE);
}

static struct device *device_of(const char *name)
{
	for (int i = 0; i < DEVICES - 1; i++) {
		if (!devices[i].name[0])
			snprintf(devices[i].name, sizeof(devices[i].name), "%s",
				 name);
		if (!strncmp(devices[i].name, name,
			     sizeof(devices[i].name) - 1))
			return &devices[i];
	}
	strcpy(devices[DEVICES - 1].name, "others");
	return &devices[DEVICES - 1];
}

static void accessed(unsigned int cpu, uint32_t info, uint64_t address,
		     void *data)
{
	struct qemu_plugin_hwaddr *where;
	struct device *device;

	if (address >= DIRECT_MAP && address < DIRECT_MAP_END)
		return;
	where = qemu_plugin_get_hwaddr(info, address);
	if (!where || !qemu_plugin_hwaddr_is_io(where))
		return;
	device = device_of(qemu_plugin_hwaddr_device_name(where));
	if (qemu_plugin_mem_is_store(info))
		device->writes++;
	else
		device->reads++;
}

/* Whether it is a string instruction with a repeat prefix. */
static bool is_repeated(const struct qemu_plugin_insn *insn)
{
	uint8_t bytes[15];
	size_t size = qemu_plugin_insn_data(insn, bytes, sizeof(bytes));
	bool repeat = false;
	size_t i;

	for (i = 0; i < size; i++) {
		if (bytes[i] == 0xf2 || bytes[i] == 0xf3)
			repeat = true;
		else if (bytes[i] != 0x66 && bytes[i] != 0x67 &&
			 (bytes[i] & 0xf0) != 0x40)
			break;
	}
	return repeat && i < size &&
	       ((bytes[i] >= 0xa4 && bytes[i] <= 0xa7) ||
		(bytes[i] >= 0xaa && bytes[i] <= 0xaf));
}

static void translated(struct qemu_plugin_tb *tb, void *data)
{
	size_t count = qemu_plugin_tb_n_insns(tb);

	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t address = qemu_plugin_insn_vaddr(insn);
		uint32_t index = instructions && address & KERNEL ?
					 index_of(address) :
					 0;

		/*
		 * With -icount QEMU leaves a block after each repetition and
		 * comes back to one that begins with the instruction. So the
		 * first in a block is taken for a repetition.
		 */
		if (instructions && !(i == 0 && is_repeated(insn)))
			qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(
				insn, INLINE_ADD, counter(index), 1);
		/* Only the kernel maps registers in these guests. */
		if (address & KERNEL)
			qemu_plugin_register_vcpu_mem_cb(insn, accessed,
							 CALLBACK_NO_REGISTERS,
							 READS_AND_WRITES,
							 NULL);
	}
}

static void begin(void *data)
{
	qemu_plugin_register_vcpu_tb_trans_cb(plugin, translated, NULL);
	__atomic_store_n(&begun, true, __ATOMIC_RELEASE);
}

/* A reset forgets what was translated before; only the processor's own thread
 * may ask for it. */
static void interrupted(unsigned int cpu, int kind, uint64_t from, uint64_t to,
			void *data)
{
	static bool asked;

	if (asked || !__atomic_load_n(&wanted, __ATOMIC_ACQUIRE))
		return;
	asked = true;
	qemu_plugin_reset(plugin, begin, NULL);
}

static void answer(FILE *out)
{
	struct counts counts = {
		.counting = __atomic_load_n(&begun, __ATOMIC_ACQUIRE),
		.user = qemu_plugin_u64_sum(counter(0)),
		.uncounted = uncounted,
		.devices = DEVICES,
		.addresses = __atomic_load_n(&used, __ATOMIC_ACQUIRE) - 1,
	};

	fwrite(&counts, sizeof(counts), 1, out);
	fwrite(devices, sizeof(devices), 1, out);
	for (uint32_t i = 1; i <= counts.addresses; i++) {
		struct address one = { known[i],
				       qemu_plugin_u64_sum(counter(i)) };

		fwrite(&one, sizeof(one), 1, out);
	}
}

static void *serve(void *data)
{
	for (;;) {
		int connection = accept(listener, NULL, NULL);
		FILE *out = connection < 0 ? NULL : fdopen(connection, "w");

		if (!out)
			continue;
		__atomic_store_n(&wanted, true, __ATOMIC_RELEASE);
		answer(out);
		fclose(out);
	}
	return NULL;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0)
		return -1;
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	return listen(listener, 1);
}

/* The socket's path; NULL if an option is none of ours. */
static const char *read_options(int count, char **options)
{
	const char *path = NULL;

	for (int i = 0; i < count; i++) {
		if (!strncmp(options[i], "socket=", 7))
			path = options[i] + 7;
		else if (!strcmp(options[i], "instructions=off"))
			instructions = false;
		else
			return NULL;
	}
	return path;
}

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int count,
			char **options)
{
	const char *path = read_options(count, options);
	pthread_t thread;

	if (!path) {
		fprintf(stderr, "counter: socket=PATH[,instructions=off]\n");
		return -1;
	}
	scoreboard = qemu_plugin_scoreboard_new(ADDRESSES * sizeof(uint64_t));
	if (listen_at(path) < 0 || pthread_create(&thread, NULL, serve, NULL)) {
		perror(path);
		return -1;
	}
	pthread_detach(thread);
	plugin = id;
	qemu_plugin_register_vcpu_discon_cb(id, INTERRUPTS, interrupted, NULL);
	return 0;
}
