// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/adapter/flash/spi_chip.h"

#define OPCODE_AND_ADDRESS 4u
#define NOTHING 0xff /* what an open bus reads */

static bool busy(const struct spi_chip *chip)
{
	return chip->now() < chip->busy_until;
}

static u8 status(const struct spi_chip *chip)
{
	return (busy(chip) ? CX_SPI_STATUS_BUSY : 0) |
	       (chip->write_enabled ? CX_SPI_STATUS_WRITE_ENABLED : 0);
}

static u8 log_size(const struct spi_chip *chip)
{
	return (u8)__builtin_ctz(chip->size);
}

static u8 jedec_id(const struct spi_chip *chip, u32 index)
{
	const u8 id[] = { CX_SPI_VENDOR_ST, CX_SPI_TYPE_M25PX, log_size(chip) };

	return index < sizeof(id) ? id[index] : 0;
}

static void changed(struct spi_chip *chip, u32 at, u32 size)
{
	if (chip->changed)
		chip->changed(chip, at, size);
}

/* Bits can only be cleared. */
static void program(struct spi_chip *chip)
{
	u32 page = chip->address & (chip->size - 1) & ~(CX_SPI_PAGE - 1u);

	for (u32 i = 0; i < CX_SPI_PAGE; i++)
		chip->bytes[page + i] &= chip->page[i];
	chip->busy_until = chip->now() + chip->program_ns;
	changed(chip, page, CX_SPI_PAGE);
}

static void erase(struct spi_chip *chip, u32 size)
{
	u32 at = chip->address & (chip->size - 1) & ~(size - 1);

	memset(chip->bytes + at, 0xff, size);
	chip->busy_until = chip->now() + chip->erase_ns;
	changed(chip, at, size);
}

void spi_chip_select(struct spi_chip *chip)
{
	if (chip->selected)
		spi_chip_deselect(chip);
	chip->selected = true;
	chip->count = 0;
	chip->address = 0;
	chip->page_filled = false;
	memset(chip->page, 0xff, sizeof(chip->page));
}

/* What a chip does only if it was enabled for it just before */
static void run_cycle(struct spi_chip *chip)
{
	bool addressed = chip->count >= OPCODE_AND_ADDRESS;

	switch (chip->opcode) {
	case CX_SPI_PROGRAM:
		if (!addressed || !chip->page_filled)
			return;
		program(chip);
		break;
	case CX_SPI_ERASE_4K:
	case CX_SPI_ERASE_64K:
		if (!addressed)
			return;
		erase(chip, chip->opcode == CX_SPI_ERASE_4K ? CX_SPI_SUBSECTOR :
							      CX_SPI_SECTOR);
		break;
	case CX_SPI_WRITE_STATUS:
		break; /* no block is ever protected */
	default:
		return;
	}
	chip->write_enabled = false;
}

void spi_chip_deselect(struct spi_chip *chip)
{
	if (!chip->selected)
		return;
	chip->selected = false;
	if (!chip->count || busy(chip))
		return;
	if (chip->opcode == CX_SPI_WRITE_ENABLE)
		chip->write_enabled = true;
	else if (chip->opcode == CX_SPI_WRITE_DISABLE)
		chip->write_enabled = false;
	else if (chip->write_enabled)
		run_cycle(chip);
}

static u8 data_byte(struct spi_chip *chip, u8 byte)
{
	u32 in_page = chip->address & (CX_SPI_PAGE - 1);

	if (chip->opcode == CX_SPI_READ)
		return chip->bytes[chip->address++ & (chip->size - 1)];
	if (chip->opcode == CX_SPI_PROGRAM) {
		chip->page[in_page] = byte;
		chip->page_filled = true;
		/* behind a page's last byte comes its first */
		chip->address = (chip->address & ~(CX_SPI_PAGE - 1u)) |
				((in_page + 1) & (CX_SPI_PAGE - 1));
	}
	return NOTHING;
}

u8 spi_chip_transfer(struct spi_chip *chip, u8 byte)
{
	u32 index = chip->count;

	if (!chip->selected)
		return NOTHING;
	if (chip->count < UINT32_MAX)
		chip->count++;
	if (!index) {
		chip->opcode = byte;
		return NOTHING;
	}
	/* While a cycle runs the chip answers nothing else. */
	if (chip->opcode == CX_SPI_READ_STATUS)
		return status(chip);
	if (busy(chip))
		return NOTHING;
	if (chip->opcode == CX_SPI_JEDEC_ID)
		return jedec_id(chip, index - 1);
	if (index < OPCODE_AND_ADDRESS) {
		chip->address = chip->address << 8 | byte;
		return NOTHING;
	}
	return data_byte(chip, byte);
}
