// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/flash/chip.h"

#include <string.h>

#include "connectx/flash.h"
#include "tools/lib/base/failure.h"

static int check_range(const struct flash_chip *chip, uint32_t at,
		       uint32_t size, struct failure *why)
{
	if (at <= chip->size && size <= chip->size - at)
		return 0;
	return fail(why, -EINVAL, "no 0x%x bytes at 0x%x of a flash of 0x%x",
		    size, at, chip->size);
}

static int memory_read(struct flash_chip *chip, uint32_t at, uint8_t *data,
		       uint32_t size, struct failure *why)
{
	const struct flash_memory *memory = (const void *)chip;
	int err = check_range(chip, at, size, why);

	if (!err)
		memcpy(data, memory->bytes + at, size);
	return err;
}

static int memory_program(struct flash_chip *chip, uint32_t at,
			  const uint8_t *data, uint32_t size,
			  struct failure *why)
{
	struct flash_memory *memory = (struct flash_memory *)chip;
	int err = check_range(chip, at, size, why);

	for (uint32_t i = 0; !err && i < size; i++)
		memory->bytes[at + i] &= data[i];
	return err;
}

static int memory_erase(struct flash_chip *chip, uint32_t at,
			struct failure *why)
{
	struct flash_memory *memory = (struct flash_memory *)chip;
	int err = check_range(chip, at, CX_SPI_SECTOR, why);

	if (!err)
		memset(memory->bytes + at, 0xff, CX_SPI_SECTOR);
	return err;
}

static int memory_boot_from(struct flash_chip *chip, uint32_t at,
			    struct failure *why)
{
	return 0;
}

static int refuse_program(struct flash_chip *chip, uint32_t at,
			  const uint8_t *data, uint32_t size,
			  struct failure *why)
{
	return fail(why, -EROFS, "this flash is only read");
}

static int refuse(struct flash_chip *chip, uint32_t at, struct failure *why)
{
	return fail(why, -EROFS, "this flash is only read");
}

void flash_memory_init(struct flash_memory *memory, uint8_t *bytes,
		       uint32_t size)
{
	static const struct flash_chip_ops ops = {
		.read = memory_read,
		.program = memory_program,
		.erase = memory_erase,
		.boot_from = memory_boot_from,
	};

	memory->chip.ops = &ops;
	memory->chip.size = size;
	memory->bytes = bytes;
}

void flash_memory_init_const(struct flash_memory *memory, const uint8_t *bytes,
			     uint32_t size)
{
	static const struct flash_chip_ops ops = {
		.read = memory_read,
		.program = refuse_program,
		.erase = refuse,
		.boot_from = refuse,
	};

	memory->chip.ops = &ops;
	memory->chip.size = size;
	memory->bytes = (uint8_t *)bytes;
}
