// SPDX-License-Identifier: GPL-2.0-only
/*
 * Layout and masks of configuration space, without a client: what the tests
 * over the socket do not vary is the configuration itself.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>

#include "emulator/pci/internal.h"

static const struct pci_function_config card = {
	.vendor = 0x15b3,
	.device = 0x6368,
	.class_code = 0x020000,
	.bar_size = { [0] = 1 << 20, [2] = 8 << 20 },
	.bar_prefetchable = { [2] = true },
	.msix_vectors = 128,
	.msix_table = 0x7c000,
	.msix_pba = 0x7d000,
	.cap_pm = 0x40,
	.cap_vpd = 0x48,
	.cap_msix = 0x9c,
	.cap_pcie = 0x60,
	.ext_cap_serial = 0x148,
	.link_speed = 1,
	.link_width = 8,
};

static void nothing_read(void *device, unsigned int bar, uint64_t offset,
			 void *data, unsigned int length)
{
}

static void nothing_written(void *device, unsigned int bar, uint64_t offset,
			    const void *data, unsigned int length)
{
}

static void count_reset(void *device, enum pci_reset kind)
{
	unsigned int *resets = device;

	resets[kind]++;
}

static const struct pci_function_ops ops = { .bar_read = nothing_read,
					     .bar_write = nothing_written,
					     .reset = count_reset };

static struct pci_function *create(struct pci_function_config config)
{
	return pci_function_create(&config, &ops, NULL);
}

static void test_card(void **state)
{
	struct pci_function *function = create(card);

	assert_non_null(function);
	assert_int_equal(pci_config_get32(&function->space, 0), 0x636815b3);
	assert_int_equal(pci_config_get16(&function->space,
					  card.cap_msix + PCI_MSIX_FLAGS),
			 127);
	assert_int_equal(pci_config_get32(&function->space,
					  card.cap_msix + PCI_MSIX_TABLE),
			 0x7c000);
	assert_int_equal(pci_config_get32(&function->space,
					  card.cap_msix + PCI_MSIX_PBA),
			 0x7d000);
	assert_false(pci_function_connected(function));
	assert_true(pci_function_present(function));
	pci_function_destroy(function);
}

static void assert_refused(struct pci_function_config config)
{
	errno = 0;
	assert_null(create(config));
	assert_int_equal(errno, EINVAL);
}

static void test_impossible_configurations(void **state)
{
	struct pci_function_config config = card;

	config.bar_size[0] = 3 << 20;
	assert_refused(config);
	config = card;
	config.bar_size[1] = 4096;
	assert_refused(config);
	config = card;
	config.cap_vpd = 0x44; /* in the PM capability */
	assert_refused(config);
	config = card;
	config.cap_pcie = 0xc8; /* would end behind 0x100 */
	assert_refused(config);
	config = card;
	config.cap_pm = 0x41;
	assert_refused(config);
	config = card;
	config.ext_cap_serial = 0x104; /* in what stands at 0x100 */
	assert_refused(config);
	config = card;
	config.ext_cap_serial = 0xffc;
	assert_refused(config);
	config = card;
	config.msix_table = (1 << 20) - 128 * 16 + 8;
	assert_refused(config);
	config = card;
	config.msix_pba = 0x7c008;
	assert_refused(config);
	config = card;
	config.msix_bar = 4;
	assert_refused(config);
	config = card;
	config.msix_vectors = 2049;
	assert_refused(config);
	config = card;
	config.rom_size = 1;
	assert_refused(config);
}

static void test_without_capabilities(void **state)
{
	struct pci_function_config config = card;
	struct pci_function *function;
	static const uint8_t write[PCI_CONFIG_SIZE] = { 0 };
	uint8_t read[PCI_CONFIG_SIZE];
	unsigned int resets[3] = { 0 };

	config.cap_pm = 0;
	config.cap_vpd = 0;
	config.cap_msix = 0;
	config.cap_pcie = 0;
	config.ext_cap_serial = 0;
	config.msix_vectors = 0;
	function = pci_function_create(&config, &ops, resets);
	assert_non_null(function);
	assert_int_equal(function->space.bytes[PCI_CAPABILITY_LIST], 0);
	memset(read, 0xff, sizeof(read));
	pci_config_write(function, 0, read, sizeof(read));
	assert_int_equal(resets[PCI_RESET_FLR], 0);
	pci_config_write(function, 0, write, sizeof(write));
	pci_config_read(function, 0, read, sizeof(read));
	assert_memory_equal(read, function->space.initial, sizeof(read));
	assert_false(pci_function_msix_enabled(function));
	pci_function_raise_msix(function, 0);
	pci_function_destroy(function);
}

/* All ones into everything: only what has a mask changes; FLR undoes it. */
static void test_all_ones(void **state)
{
	unsigned int resets[3] = { 0 };
	struct pci_function *function =
		pci_function_create(&card, &ops, resets);
	uint8_t ones[PCI_CONFIG_SIZE];

	memset(ones, 0xff, sizeof(ones));
	for (unsigned int offset = 0; offset < PCI_CONFIG_SIZE; offset++) {
		uint8_t mask = function->space.writable[offset];
		uint8_t old = function->space.bytes[offset];

		/* the bytes that set something off have tests of their own */
		if (offset == card.cap_pcie + PCI_EXP_DEVCTL + 1 ||
		    offset / 4 == card.cap_vpd / 4 ||
		    offset / 4 == (card.cap_vpd + PCI_VPD_DATA) / 4)
			continue;
		pci_config_write(function, offset, ones, 1);
		assert_int_equal(function->space.bytes[offset], old | mask);
	}
	assert_true(pci_function_msix_enabled(function));
	assert_false(pci_function_powered(function)); /* D3 */
	pci_config_write(function, card.cap_pcie + PCI_EXP_DEVCTL + 1, ones, 1);
	assert_int_equal(resets[PCI_RESET_FLR], 1);
	assert_memory_equal(function->space.bytes, function->space.initial,
			    PCI_CONFIG_SIZE);
	pci_function_destroy(function);
}

static void test_rom_windows(void **state)
{
	assert_int_equal(pci_rom_window(0), 0);
	assert_int_equal(pci_rom_window(1), 2048);
	assert_int_equal(pci_rom_window(2048), 2048);
	assert_int_equal(pci_rom_window(2049), 4096);
	assert_int_equal(pci_rom_window(1 << 20), 1 << 20);
}

static void test_broken_vpd_images(void **state)
{
	/* a large resource that is cut off in its length, and one in its data */
	static const uint8_t images[][8] = {
		{ 0x91 },
		{ 0x91, 0xff, 0xff, 1 },
		{ 0x82, 0xff },
		{ 0x90, 0, 0, 0x91, 0x10, 0, 1, 2 },
		{ 0x78, 0x91, 1, 0, 1, 0 },
		{ 0 },
	};

	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++)
		for (size_t size = 0; size <= sizeof(images[0]); size++) {
			struct pci_vpd vpd = { 0 };

			assert_int_equal(pci_vpd_init(&vpd, images[i], size),
					 0);
			pci_vpd_write(&vpd, 0, UINT32_MAX);
			pci_vpd_write(&vpd, 4, UINT32_MAX);
			assert_memory_equal(vpd.image, images[i], size);
			assert_int_equal(pci_vpd_read(&vpd, 8), UINT32_MAX);
			pci_vpd_release(&vpd);
		}
}

static void test_serve_where_nothing_can_be(void **state)
{
	struct pci_function *function = create(card);
	struct event_loop *loop = event_loop_create(0);
	char longest[200];

	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = 0;
	assert_int_equal(pci_function_serve(function, loop, longest),
			 -ENAMETOOLONG);
	assert_int_equal(pci_function_serve(function, loop, "/nowhere/socket"),
			 -ENOENT);
	assert_int_equal(pci_function_serve(function, loop, "/dev/null"),
			 -EEXIST);
	assert_int_equal(pci_function_serve(function, loop, NULL), 0);
	assert_int_equal(pci_function_serve(function, loop, NULL), -EBUSY);
	pci_function_destroy(function);
	event_loop_destroy(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_card),
		cmocka_unit_test(test_impossible_configurations),
		cmocka_unit_test(test_without_capabilities),
		cmocka_unit_test(test_all_ones),
		cmocka_unit_test(test_rom_windows),
		cmocka_unit_test(test_broken_vpd_images),
		cmocka_unit_test(test_serve_where_nothing_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
