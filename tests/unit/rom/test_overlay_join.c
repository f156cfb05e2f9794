// SPDX-License-Identifier: GPL-2.0-only
/* The overlay behind an initrd, with a piece of memory at its own address. */
#include "rom/lib/crc32.h"
#include "rom/stub/resident.h"
#include "tools/lib/base/linux_setup.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define MEMORY 0x20000000u
#define MEMORY_SIZE 0x2000000u
#define KERNEL MEMORY
#define KERNEL_SIZE 0x800000u /* with room to unpack itself */
#define INITRD (MEMORY + 0x1800000u)
#define OVERLAY (MEMORY + 0x1ff0000u)
#define PARAMETERS 0x5430u /* in the segment of the setup part */

struct machine {
	uint8_t *memory; /* MEMORY, as the test sees it */
	uint8_t setup[0x10000] __attribute__((aligned(16)));
	union {
		struct resident head;
		uint8_t bytes[RESIDENT_SIZE];
	} resident;
};

static struct machine machine;

static void put(uint32_t at, uint64_t value, size_t size)
{
	memcpy(machine.setup + at, &value, size);
}

static uint32_t get(uint32_t at)
{
	uint32_t value;

	memcpy(&value, machine.setup + at, sizeof(value));
	return value;
}

static uint8_t *at(uint32_t address)
{
	return machine.memory + (address - MEMORY);
}

static void set_map(uint64_t base, uint64_t length)
{
	struct resident_e820 entry = { base, length, E820_RAM };

	memcpy(machine.resident.bytes + RESIDENT_E820, &entry, sizeof(entry));
	machine.resident.head.e820_count = 1;
}

/* A kernel and an initrd of @size bytes, as a boot loader leaves them. */
static void load(uint32_t size, uint32_t overlay)
{
	memset(&machine.setup, 0, sizeof(machine.setup));
	memset(&machine.resident, 0, sizeof(machine.resident));
	memset(machine.memory, 0xee, MEMORY_SIZE);
	for (uint32_t i = 0; i < size; i++)
		*at(INITRD + i) = i * 7 + (i >> 8);
	for (uint32_t i = 0; i < overlay; i++)
		*at(OVERLAY + i) = i * 13 + 1;
	memcpy(machine.setup + SETUP_MAGIC, SETUP_MAGIC_TEXT, SETUP_MAGIC_SIZE);
	put(SETUP_VERSION, 0x20f, 2);
	put(SETUP_CODE32, KERNEL, 4);
	put(SETUP_RAMDISK, INITRD, 4);
	put(SETUP_RAMDISK_SIZE, size, 4);
	put(SETUP_ALIGNMENT, 0x200000, 4);
	put(SETUP_PREFERRED, 0x1000000, 8);
	put(SETUP_INIT_SIZE, KERNEL_SIZE, 4);
	memcpy(machine.setup + PARAMETERS + SETUP_SECTORS,
	       machine.setup + SETUP_SECTORS, 0x280 - SETUP_SECTORS);
	set_map(MEMORY, MEMORY_SIZE - 0x10000);
	machine.resident.head.overlay = OVERLAY;
	machine.resident.head.overlay_size = overlay;
	machine.resident.head.overlay_crc = rom_crc32(0, at(OVERLAY), overlay);
}

static const char *join(void)
{
	return overlay_join(&machine.resident.head, machine.setup);
}

/* What is joined: nothing lost, nothing touched behind the old initrd. */
static void check_joined(uint32_t size, uint32_t overlay)
{
	uint32_t start, behind = ((size + 3) & ~3u) + 4;

	load(size, overlay);
	assert_non_null(strstr(join(), ": overlay added to the initrd"));
	assert_int_equal(machine.resident.head.done, 1);
	start = get(SETUP_RAMDISK);
	assert_int_equal(get(PARAMETERS + SETUP_RAMDISK), start);
	assert_int_equal(get(SETUP_RAMDISK_SIZE), behind + overlay);
	assert_int_equal(get(PARAMETERS + SETUP_RAMDISK_SIZE),
			 behind + overlay);
	assert_true(start % 4 == 0 && start < INITRD);
	assert_true(start + behind + overlay <= INITRD + size);
	for (uint32_t i = 0; i < size; i++)
		assert_int_equal(*at(start + i), (uint8_t)(i * 7 + (i >> 8)));
	for (uint32_t i = size; i < behind; i++)
		assert_int_equal(*at(start + i), 0);
	for (uint32_t i = 0; i < overlay; i++)
		assert_int_equal(*at(start + behind + i),
				 (uint8_t)(i * 13 + 1));
	assert_int_equal(*at(start - 1), 0xee);
	assert_int_equal(*at(INITRD + size), 0xee);
}

static void test_joined(void **state)
{
	static const uint32_t initrds[] = { 1, 2, 3, 4, 4095, 4097, 70001 };
	static const uint32_t overlays[] = { 1, 512, 4093, 4096, 60000 };

	for (size_t i = 0; i < sizeof(initrds) / sizeof(*initrds); i++)
		for (size_t j = 0; j < sizeof(overlays) / sizeof(*overlays);
		     j++)
			check_joined(initrds[i], overlays[j]);
}

/* Nothing was changed, and the reason is told. */
static void check_refused(const char *why)
{
	uint32_t size = get(SETUP_RAMDISK_SIZE);
	uint32_t start = get(SETUP_RAMDISK);
	const char *said = join();

	assert_non_null(said);
	assert_non_null(strstr(said, ": overlay not added to the initrd: "));
	assert_non_null(strstr(said, why));
	assert_int_equal(machine.resident.head.done, 1);
	assert_int_equal(get(SETUP_RAMDISK), start);
	assert_int_equal(get(SETUP_RAMDISK_SIZE), size);
	assert_int_equal(get(PARAMETERS + SETUP_RAMDISK), start);
	assert_int_equal(*at(INITRD - 1), 0xee);
}

static void test_no_kernel(void **state)
{
	load(5000, 400);
	machine.setup[SETUP_MAGIC] = 'h';
	assert_null(join());
	assert_int_equal(machine.resident.head.done, 0);
}

static void test_no_initrd(void **state)
{
	load(0, 400);
	check_refused("there is none");
}

static void test_other_kernels(void **state)
{
	load(5000, 400);
	put(SETUP_VERSION, 0x209, 2);
	check_refused("2.6.31");
	/* The copy of the header is another kernel's. */
	load(5000, 400);
	put(PARAMETERS + SETUP_INIT_SIZE, 4711, 4);
	check_refused("2.6.31");
}

static void test_no_room(void **state)
{
	/* The kernel would unpack itself over it. */
	load(5000, 400);
	put(SETUP_INIT_SIZE, INITRD - KERNEL - 0x200000 - 4095, 4);
	put(PARAMETERS + SETUP_INIT_SIZE, get(SETUP_INIT_SIZE), 4);
	check_refused("no room");
	load(5000, 400);
	put(SETUP_PREFERRED, INITRD, 8);
	check_refused("no room");
	/* No memory below, or somebody's */
	load(5000, 400);
	set_map(INITRD, 0x100000);
	check_refused("no room");
	load(5000, 400);
	put(SETUP_MORE_DATA, INITRD - 100, 8);
	check_refused("no room");
	load(5000, 400);
	put(SETUP_RAMDISK, 100, 4);
	put(PARAMETERS + SETUP_RAMDISK, 100, 4);
	check_refused("no room");
}

static void test_written_over(void **state)
{
	load(5000, 400);
	*at(OVERLAY + 399) ^= 1;
	check_refused("written over");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_no_kernel),
		cmocka_unit_test(test_no_initrd),
		cmocka_unit_test(test_other_kernels),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_written_over),
	};

	machine.memory = mmap((void *)(uintptr_t)MEMORY, MEMORY_SIZE,
			      PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			      -1, 0);
	if (machine.memory == MAP_FAILED)
		abort();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
