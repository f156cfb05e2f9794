// SPDX-License-Identifier: GPL-2.0-only
/*
 * Burning through the registers of a card that is simulated down to the bus of
 * its flash chip, with the power cut at every program and erase cycle.
 */
#include "emulator/adapter/flash/gateway.h"
#include "tests/unit/tools/flash_sample.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/card/card_flash.h"
#include "tools/lib/card/cr_space.h"
#include "tools/lib/flash/burn.h"
#include "tools/lib/flash/chip.h"
#include "tools/lib/flash/copies.h"
#include "tools/lib/flash/fs2.h"

#include "connectx/registers.h"

#include <stdlib.h>
#include <string.h>

/* Behind the rest: its macro fail() would be in the way of failure.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define FLASH_SIZE (1u << 20)
#define SHIFT 16 /* the smallest stripes: images cross several */
#define CYCLES_MAX 4096

/* What a program or erase cycle changed */
struct cycle {
	u32 at, size;
	u8 *before, *after;
};

struct simulated_card {
	struct cr_space cr;
	struct spi_chip chip;
	struct flash_gateway gateway;
	bool semaphore;
	u8 *shadow; /* as of the last cycle */
	struct cycle cycles[CYCLES_MAX];
	unsigned int count;
	bool record;
	u32 stuck_at; /* a byte that keeps what it was; 0: none */
	unsigned int stop_after; /* so many cycles; 0: never */
};

static struct simulated_card *the_card;
static u64 clock_now;

static u64 now(void)
{
	return clock_now += 100;
}

static int card_read(struct cr_space *cr, uint32_t address, uint32_t *value,
		     struct failure *why)
{
	struct simulated_card *card = (struct simulated_card *)cr;

	*value = 0;
	if (address == CX_REG_SEMAPHORE) {
		*value = card->semaphore;
		card->semaphore = true;
	} else if (address == CX_REG_DEVICE_ID) {
		*value = 0x00a00190;
	} else {
		flash_gateway_read(&card->gateway, address, value);
	}
	return 0;
}

static int card_write(struct cr_space *cr, uint32_t address, uint32_t value,
		      struct failure *why)
{
	struct simulated_card *card = (struct simulated_card *)cr;

	if (address == CX_REG_SEMAPHORE)
		card->semaphore = card->semaphore && value;
	else
		flash_gateway_write(&card->gateway, address, value);
	return 0;
}

static u8 *copy_of(const u8 *bytes, u32 size)
{
	u8 *copy = malloc(size);

	memcpy(copy, bytes, size);
	return copy;
}

static void changed(struct spi_chip *chip, u32 at, u32 size)
{
	struct simulated_card *card = the_card;

	if (card->stuck_at >= at && card->stuck_at < at + size)
		chip->bytes[card->stuck_at] = card->shadow[card->stuck_at];
	if (card->record) {
		struct cycle *cycle = &card->cycles[card->count];

		assert_true(card->count < CYCLES_MAX);
		*cycle = (struct cycle){ at, size,
					 copy_of(card->shadow + at, size),
					 copy_of(chip->bytes + at, size) };
	}
	card->count++;
	memcpy(card->shadow + at, chip->bytes + at, size);
}

static void card_make(struct simulated_card *card)
{
	static const struct cr_space_ops ops = { card_read, card_write };

	memset(card, 0, sizeof(*card));
	the_card = card;
	card->cr.ops = &ops;
	card->chip = (struct spi_chip){ .bytes = malloc(FLASH_SIZE),
					.size = FLASH_SIZE,
					.program_ns = 1000,
					.erase_ns = 5000,
					.now = now,
					.changed = changed };
	card->gateway.chip = &card->chip;
	card->shadow = malloc(FLASH_SIZE);
	memset(card->chip.bytes, 0xff, FLASH_SIZE);
	memset(card->shadow, 0xff, FLASH_SIZE);
}

static void card_break(struct simulated_card *card)
{
	for (unsigned int i = 0; card->record && i < card->count; i++) {
		free(card->cycles[i].before);
		free(card->cycles[i].after);
	}
	free(card->shadow);
	free(card->chip.bytes);
}

static void card_put(struct simulated_card *card, const struct buffer *image)
{
	const struct flash_place place = { 0, true, SHIFT };

	for (u32 at = 0; at < image->size; at++)
		card->chip.bytes[flash_physical(&place, at)] = image->data[at];
	memcpy(card->shadow, card->chip.bytes, FLASH_SIZE);
}

static bool stop(void)
{
	return the_card->stop_after && the_card->count >= the_card->stop_after;
}

/* As en-flash does it: everything through the registers */
static int burn(struct simulated_card *card, const struct buffer *image,
		struct failure *why)
{
	const struct flash_progress progress = { NULL, stop };
	struct card_flash flash;
	struct flash_copy old = { 0 };
	struct fs2_image read;
	int err = card_flash_open(&flash, &card->cr, false, why);

	assert_int_equal(err, 0);
	assert_int_equal(flash.chip.size, FLASH_SIZE);
	assert_true(card->semaphore);
	err = flash_copy_find(&old, &flash.chip, NULL, why);
	if (!err)
		err = fs2_read(&read, image->data, image->size, why);
	if (!err)
		err = flash_burn(&flash.chip, &old, &read, &progress, why);
	flash_copy_free(&old);
	assert_int_equal(card_flash_close(&flash, NULL), 0);
	assert_false(card->semaphore);
	return err;
}

/* Whether the card would start with exactly this image */
static bool starts_with(const u8 *bytes, const struct buffer *image)
{
	struct flash_memory memory;
	struct flash_copy copy;
	bool same;

	flash_memory_init_const(&memory, bytes, FLASH_SIZE);
	same = !flash_copy_find(&copy, &memory.chip, NULL, NULL) &&
	       copy.bytes.size == image->size &&
	       !memcmp(copy.bytes.data, image->data, image->size);
	flash_copy_free(&copy);
	return same;
}

/*
 * A card looks at signatures alone, so each that is there must begin a whole
 * image.
 */
static void assert_starts(const u8 *bytes, const struct buffer *old,
			  const struct buffer *new)
{
	unsigned int found = 0;

	for (u32 start = 0; start <= 1u << SHIFT; start += 1u << SHIFT) {
		const struct flash_place place = { start, true, SHIFT };
		const struct buffer *one;
		u32 size;

		if (!fs2_signature(bytes + start))
			continue;
		found++;
		size = cx_get(bytes + start, CX_FS2_HEADER_IMAGE_SIZE);
		assert_true(size == old->size || size == new->size);
		one = size == old->size ? old : new;
		for (u32 at = 0; at < one->size; at++)
			if (bytes[flash_physical(&place, at)] != one->data[at])
				assert_int_equal(at, -1);
	}
	assert_true(found >= 1);
	assert_true(starts_with(bytes, old) || starts_with(bytes, new));
}

/* A cycle that was cut off leaves some bits as they were, some as they go to. */
static void apply(u8 *bytes, const struct cycle *cycle, unsigned int how,
		  unsigned int *seed)
{
	for (u32 i = 0; i < cycle->size; i++) {
		u8 differs = cycle->before[i] ^ cycle->after[i];

		*seed = *seed * 1103515245 + 12345;
		if (how == 0)
			bytes[cycle->at + i] = cycle->after[i];
		else if (how == 1 && i < cycle->size / 2)
			bytes[cycle->at + i] = cycle->after[i];
		else if (how == 2)
			bytes[cycle->at + i] = cycle->before[i] ^
					       (differs & *seed >> 16);
	}
}

/* The next attempt after the cut comes to its end. */
static void assert_burns_again(const u8 *bytes, const struct buffer *image)
{
	struct simulated_card *before = the_card, *card = malloc(sizeof(*card));
	struct failure why;

	card_make(card);
	memcpy(card->chip.bytes, bytes, FLASH_SIZE);
	memcpy(card->shadow, bytes, FLASH_SIZE);
	assert_int_equal(burn(card, image, &why), 0);
	assert_true(starts_with(card->chip.bytes, image));
	card_break(card);
	free(card);
	the_card = before;
}

static void cut_everywhere(struct simulated_card *card, u8 *bytes,
			   const struct buffer *old, const struct buffer *new)
{
	unsigned int seed = 1;

	for (unsigned int i = 0; i < card->count; i++) {
		u8 *cut = malloc(FLASH_SIZE);

		for (unsigned int how = 1; how <= 2; how++) {
			memcpy(cut, bytes, FLASH_SIZE);
			apply(cut, &card->cycles[i], how, &seed);
			assert_starts(cut, old, new);
			if (i % 16 == 0 || i + 6 > card->count)
				assert_burns_again(cut, new);
		}
		free(cut);
		apply(bytes, &card->cycles[i], 0, &seed);
		assert_starts(bytes, old, new);
	}
}

/* Old to new and on to a third: the copies change places twice. */
static void test_power_cut(void **state)
{
	struct buffer plain = { 0 }, rom[2] = { 0 }, images[3] = { 0 };
	struct failure why;

	sample_image(&plain, SHIFT);
	buffer_add(&images[0], plain.data, plain.size);
	for (unsigned int i = 0; i < 2; i++) {
		/* less than a stripe, and nearly three */
		sample_rom(&rom[i], i ? 178 * 1024 : 8192, i);
		sample_with_rom(&images[i + 1], &plain, &rom[i]);
	}
	for (unsigned int i = 0; i < 2; i++) {
		struct simulated_card *card = malloc(sizeof(*card));
		u8 *bytes;

		card_make(card);
		card_put(card, &images[i]);
		bytes = copy_of(card->chip.bytes, FLASH_SIZE);
		card->record = true;
		assert_int_equal(burn(card, &images[i + 1], &why), 0);
		assert_true(starts_with(card->chip.bytes, &images[i + 1]));
		assert_true(card->count > images[i + 1].size / CX_SPI_PAGE);
		assert_int_equal(card->gateway.boot_address, 0x10000 << 8);
		cut_everywhere(card, bytes, &images[i], &images[i + 1]);
		assert_memory_equal(bytes, card->chip.bytes, FLASH_SIZE);
		/* and back into the first copy */
		assert_int_equal(burn(card, &images[0], &why), 0);
		assert_true(starts_with(card->chip.bytes, &images[0]));
		assert_int_equal(card->gateway.boot_address, 0);
		free(bytes);
		card_break(card);
		free(card);
	}
	buffer_free(&plain);
	for (unsigned int i = 0; i < 3; i++) {
		buffer_free(&images[i]);
		if (i < 2)
			buffer_free(&rom[i]);
	}
}

struct burn_case {
	struct simulated_card card;
	struct buffer old, rom, new;
};

static struct burn_case *begin(u32 rom_size)
{
	struct burn_case *c = calloc(1, sizeof(*c));

	sample_image(&c->old, SHIFT);
	sample_rom(&c->rom, rom_size, 7);
	sample_with_rom(&c->new, &c->old, &c->rom);
	card_make(&c->card);
	card_put(&c->card, &c->old);
	return c;
}

static void end(struct burn_case *c)
{
	buffer_free(&c->old);
	buffer_free(&c->rom);
	buffer_free(&c->new);
	card_break(&c->card);
	free(c);
}

/* Ctrl-C at any cycle: the old image, or, after the last compare, the new */
static void test_stop(void **state)
{
	struct failure why;
	unsigned int all, stopped = 0;
	struct burn_case *c = begin(4096);

	assert_int_equal(burn(&c->card, &c->new, &why), 0);
	all = c->card.count;
	end(c);
	for (unsigned int i = 1; i <= all; i++) {
		int err;

		c = begin(4096);
		c->card.stop_after = i;
		err = burn(&c->card, &c->new, &why);
		assert_true(!err || err == -EINTR);
		stopped += err == -EINTR;
		assert_true(starts_with(c->card.chip.bytes,
					err ? &c->old : &c->new));
		end(c);
	}
	/* all but the signature and the end of the old one */
	assert_int_equal(stopped, all - 2);
}

/* A byte that cannot be programmed is found, and nothing is switched over. */
static void test_worn_flash(void **state)
{
	struct burn_case *c = begin(4096);
	struct failure why;

	c->card.stuck_at = 0x10000 + 0x200;
	assert_int_equal(burn(&c->card, &c->new, &why), -EIO);
	assert_non_null(strstr(why.text, "0x10200"));
	assert_true(starts_with(c->card.chip.bytes, &c->old));
	end(c);
}

static void test_too_large(void **state)
{
	struct burn_case *c = begin(448 * 1024);
	struct failure why;

	assert_int_equal(burn(&c->card, &c->new, &why), -EFBIG);
	assert_non_null(strstr(why.text, "smaller by"));
	assert_int_equal(c->card.count, 0);
	end(c);
}

static void test_semaphore_taken(void **state)
{
	struct burn_case *c = begin(4096);
	struct card_flash flash;
	struct failure why;

	c->card.semaphore = true;
	assert_int_equal(card_flash_open(&flash, &c->card.cr, false, &why),
			 -EBUSY);
	assert_non_null(strstr(why.text, "--clear-semaphore"));
	/* it is somebody else's, and stays */
	card_flash_close(&flash, NULL);
	assert_true(c->card.semaphore);
	assert_int_equal(card_flash_open(&flash, &c->card.cr, true, &why), 0);
	card_flash_close(&flash, NULL);
	assert_false(c->card.semaphore);
	end(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_power_cut),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_worn_flash),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_semaphore_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
