// SPDX-License-Identifier: GPL-2.0-only
/*
 * A TCG plugin of QEMU that counts the guest's accesses to memory-mapped
 * registers by device:
 *
 *	-plugin file=mmio_plugin.so,out=FILE
 *
 * The counts stand in FILE, which whoever measures reads while the guest runs:
 * MMIO_SLOTS times struct mmio_slot, unused ones empty.
 *
 * Debian's QEMU 11 takes plugins and ships no header for them: the functions
 * that are used are declared here, as API version 7 has them.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
struct qemu_info;

enum { CALLBACK_NO_REGISTERS = 0 };
enum { READS_AND_WRITES = 3 };

void qemu_plugin_register_vcpu_tb_trans_cb(
	uint64_t id, void (*translated)(struct qemu_plugin_tb *tb, void *data),
	void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
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

PUBLIC int qemu_plugin_install(uint64_t id, const struct qemu_info *info,
			       int count, char **options);
PUBLIC int qemu_plugin_version = 7;

#define MMIO_SLOTS 64

struct mmio_slot {
	char device[48];
	uint64_t reads, writes;
};

static struct mmio_slot *slots;

static struct mmio_slot *slot_of(const char *device)
{
	for (int i = 0; i < MMIO_SLOTS - 1; i++) {
		if (!slots[i].device[0])
			snprintf(slots[i].device, sizeof(slots[i].device), "%s",
				 device);
		if (!strncmp(slots[i].device, device,
			     sizeof(slots[i].device) - 1))
			return &slots[i];
	}
	strcpy(slots[MMIO_SLOTS - 1].device, "others");
	return &slots[MMIO_SLOTS - 1];
}

static void accessed(unsigned int cpu, uint32_t info, uint64_t address,
		     void *data)
{
	struct qemu_plugin_hwaddr *where =
		qemu_plugin_get_hwaddr(info, address);
	struct mmio_slot *slot;

	if (!where || !qemu_plugin_hwaddr_is_io(where))
		return;
	slot = slot_of(qemu_plugin_hwaddr_device_name(where));
	if (qemu_plugin_mem_is_store(info))
		slot->writes++;
	else
		slot->reads++;
}

static void translated(struct qemu_plugin_tb *tb, void *data)
{
	size_t count = qemu_plugin_tb_n_insns(tb);

	for (size_t i = 0; i < count; i++)
		qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i),
						 accessed,
						 CALLBACK_NO_REGISTERS,
						 READS_AND_WRITES, NULL);
}

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int count,
			char **options)
{
	size_t bytes = MMIO_SLOTS * sizeof(*slots);
	int fd;

	if (count != 1 || strncmp(options[0], "out=", 4)) {
		fprintf(stderr, "mmio_plugin: one option: out=FILE\n");
		return -1;
	}
	fd = open(options[0] + 4, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)bytes) < 0) {
		perror(options[0] + 4);
		return -1;
	}
	slots = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (slots == MAP_FAILED) {
		perror("mmio_plugin: mmap");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated, NULL);
	return 0;
}
