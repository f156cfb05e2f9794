// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/card/card_flash.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "connectx/flash.h"
#include "connectx/ids.h"
#include "connectx/registers.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/card/cr_space.h"

#define SEMAPHORE_TRIES 3000
#define SEMAPHORE_WAIT_US 1000
#define GATEWAY_TRIES 100000
/* A sector of the slowest parts of these years takes 3 s at most. */
#define CYCLE_SECONDS 10
#define QUICK_LOOKS 100 /* at the status, before there is a pause */
#define CYCLE_WAIT_US 500
/* An access that a locked card answers with ones or with an error word */
#define ABSENT 0xffffffff
#define NO_CHIP 0xffffff /* the bus, when nobody drives it */

#define BIT(field) (1u << CX_FIELD_BIT(CX_FLASH_COMMAND_##field))

static int cr_read(struct card_flash *flash, uint32_t address, uint32_t *value,
		   struct failure *why)
{
	return flash->cr->ops->read(flash->cr, address, value, why);
}

static int cr_write(struct card_flash *flash, uint32_t address, uint32_t value,
		    struct failure *why)
{
	return flash->cr->ops->write(flash->cr, address, value, why);
}

/* Gives @command to the gateway and waits until it is done. */
static int run(struct card_flash *flash, uint32_t command, struct failure *why)
{
	uint32_t word = command | BIT(BUSY) | BIT(ENABLE);
	int err = cr_write(flash, CX_REG_FLASH_COMMAND, word, why);

	for (unsigned int i = 0; !err && i < GATEWAY_TRIES; i++) {
		err = cr_read(flash, CX_REG_FLASH_COMMAND, &word, why);
		if (!err && word == ABSENT)
			return fail(why, -ENODEV,
				    "the card has stopped answering");
		if (!err && !(word & BIT(BUSY)))
			return 0;
	}
	return err ? err :
		     fail(why, -ETIMEDOUT,
			  "the flash gateway does not finish command 0x%08x",
			  command);
}

static uint32_t log_bytes(uint32_t size)
{
	return (uint32_t)__builtin_ctz(size)
	       << CX_FIELD_BIT(CX_FLASH_COMMAND_LOG_BYTES);
}

static uint32_t opcode(enum cx_spi_opcode code)
{
	return (uint32_t)code << CX_FIELD_BIT(CX_FLASH_COMMAND_SPI_OPCODE) |
	       BIT(OPCODE);
}

static int read_register(struct card_flash *flash, enum cx_spi_opcode code,
			 uint32_t *value, struct failure *why)
{
	int err = run(flash,
		      opcode(code) | BIT(DATA) | BIT(READ) | log_bytes(4), why);

	return err ? err : cr_read(flash, CX_REG_FLASH_DATA, value, why);
}

/* Until the chip has done what it was told */
static int wait_cycle(struct card_flash *flash, struct failure *why)
{
	time_t end = time(NULL) + CYCLE_SECONDS;
	unsigned int looks = 0;

	do {
		uint32_t status;
		int err =
			read_register(flash, CX_SPI_READ_STATUS, &status, why);

		if (err)
			return err;
		if (!(status >> 24 & CX_SPI_STATUS_BUSY))
			return 0;
		if (++looks > QUICK_LOOKS)
			usleep(CYCLE_WAIT_US);
	} while (time(NULL) <= end);
	return fail(why, -ETIMEDOUT,
		    "the flash chip is busy for more than %d s", CYCLE_SECONDS);
}

/* The 16 bytes at a multiple of 16 */
static int read_block(struct card_flash *flash, uint32_t at, uint8_t *data,
		      struct failure *why)
{
	int err = cr_write(flash, CX_REG_FLASH_ADDRESS, at, why);

	if (!err)
		err = run(flash,
			  opcode(CX_SPI_READ) | BIT(ADDRESS) | BIT(DATA) |
				  BIT(READ) | log_bytes(CX_FLASH_DATA_SIZE),
			  why);
	for (uint32_t i = 0; !err && i < CX_FLASH_DATA_SIZE; i += 4) {
		uint32_t word;

		err = cr_read(flash, CX_REG_FLASH_DATA + i, &word, why);
		if (!err)
			cx_store_be32(data + i, word);
	}
	return err;
}

static int chip_read(struct flash_chip *chip, uint32_t at, uint8_t *data,
		     uint32_t size, struct failure *why)
{
	struct card_flash *flash = (struct card_flash *)chip;
	uint8_t block[CX_FLASH_DATA_SIZE];

	while (size) {
		uint32_t skip = at % CX_FLASH_DATA_SIZE;
		uint32_t piece = CX_FLASH_DATA_SIZE - skip;
		int err = read_block(flash, at - skip, block, why);

		if (err)
			return err;
		if (piece > size)
			piece = size;
		memcpy(data, block + skip, piece);
		data += piece;
		at += piece;
		size -= piece;
	}
	return 0;
}

static int write_enable(struct card_flash *flash, struct failure *why)
{
	return run(flash, opcode(CX_SPI_WRITE_ENABLE), why);
}

/* The largest power of two that is left, at most what the gateway takes */
static uint32_t piece_of(uint32_t size)
{
	uint32_t piece = CX_FLASH_DATA_SIZE;

	while (piece > size)
		piece /= 2;
	return piece;
}

/* One transaction: opcode and address with the first piece only */
static int send_page(struct card_flash *flash, uint32_t at, const uint8_t *data,
		     uint32_t size, struct failure *why)
{
	uint32_t begin = opcode(CX_SPI_PROGRAM) | BIT(ADDRESS);
	int err = cr_write(flash, CX_REG_FLASH_ADDRESS, at, why);

	while (!err && size) {
		uint32_t piece = piece_of(size);

		for (uint32_t i = 0; !err && i < piece; i += 4)
			err = cr_write(flash, CX_REG_FLASH_DATA + i,
				       cx_load_be32(data + i), why);
		data += piece;
		size -= piece;
		if (!err)
			err = run(flash,
				  begin | BIT(DATA) | log_bytes(piece) |
					  (size ? BIT(HOLD) : 0),
				  why);
		begin = 0;
	}
	return err;
}

static int chip_program(struct flash_chip *chip, uint32_t at,
			const uint8_t *data, uint32_t size, struct failure *why)
{
	struct card_flash *flash = (struct card_flash *)chip;
	int err = write_enable(flash, why);

	if (!err)
		err = send_page(flash, at, data, size, why);
	return err ? err : wait_cycle(flash, why);
}

static int chip_erase(struct flash_chip *chip, uint32_t at, struct failure *why)
{
	struct card_flash *flash = (struct card_flash *)chip;
	int err = write_enable(flash, why);

	if (!err)
		err = cr_write(flash, CX_REG_FLASH_ADDRESS, at, why);
	if (!err)
		err = run(flash, opcode(CX_SPI_ERASE_64K) | BIT(ADDRESS), why);
	return err ? err : wait_cycle(flash, why);
}

static int chip_boot_from(struct flash_chip *chip, uint32_t at,
			  struct failure *why)
{
	return cr_write((struct card_flash *)chip, CX_REG_BOOT_ADDRESS,
			at << CX_BOOT_ADDRESS_SHIFT, why);
}

/* Reading it takes it; the driver's reset takes the same one. */
static int take_semaphore(struct card_flash *flash, struct failure *why)
{
	for (unsigned int i = 0; i < SEMAPHORE_TRIES; i++) {
		uint32_t value;
		int err = cr_read(flash, CX_REG_SEMAPHORE, &value, why);

		if (err)
			return err;
		if (!value) {
			flash->held = true;
			return 0;
		}
		usleep(SEMAPHORE_WAIT_US);
	}
	return fail(why, -EBUSY,
		    "another program has the flash (its semaphore is taken);"
		    " if there is none, one was killed, and --clear-semaphore"
		    " frees it");
}

static int check_hardware(struct card_flash *flash, struct failure *why)
{
	uint32_t id;
	int err = cr_read(flash, CX_REG_DEVICE_ID, &id, why);

	if (err)
		return err;
	if (id == ABSENT)
		return fail(why, -ENODEV,
			    "the card does not answer: it is being reset, or"
			    " its memory is switched off");
	if (id == CX_CR_LOCKED || id == CX_CR_BAD)
		return fail(why, -EACCES,
			    "the card does not let software at its registers"
			    " (it answers 0x%08x)",
			    id);
	flash->hw_id = cx_word_get(id, CX_DEVICE_ID_HARDWARE);
	flash->revision = cx_word_get(id, CX_DEVICE_ID_REVISION);
	if (flash->hw_id != CX_HW_ID_CONNECTX)
		return fail(why, -ENOTSUP,
			    "hardware id 0x%x is no ConnectX or ConnectX-2:"
			    " mstflint burns later cards",
			    flash->hw_id);
	return 0;
}

/* A first ConnectX wants this before its gateway is used (F6.2). */
static int enable_first(struct card_flash *flash, struct failure *why)
{
	uint32_t value;
	int err = cr_write(flash, CX_REG_FLASH_ENABLE_A0, 0, why);

	for (unsigned int i = 0; !err && i < GATEWAY_TRIES; i++) {
		err = cr_read(flash, CX_REG_FLASH_ENABLE_A0, &value, why);
		if (!err && !value)
			return 0;
	}
	return err ? err :
		     fail(why, -ETIMEDOUT, "the card does not open its flash");
}

static int find_chip(struct card_flash *flash, struct failure *why)
{
	unsigned int log_size;
	uint32_t id;
	int err = read_register(flash, CX_SPI_JEDEC_ID, &id, why);

	/* busy still with what a program that was killed had begun? */
	if (!err && id >> 8 == NO_CHIP)
		err = wait_cycle(flash, why);
	if (!err && id >> 8 == NO_CHIP)
		err = read_register(flash, CX_SPI_JEDEC_ID, &id, why);
	if (err)
		return err;
	flash->jedec = id >> 8;
	log_size = flash->jedec & 0xff;
	if (!flash->jedec || flash->jedec == NO_CHIP)
		return fail(why, -ENODEV,
			    "no flash chip answers (JEDEC id 0x%06x)",
			    flash->jedec);
	if (log_size < CX_SPI_LOG_SIZE_LEAST || log_size > CX_SPI_LOG_SIZE_MOST)
		return fail(why, -ENOTSUP,
			    "a flash chip of unknown size (JEDEC id 0x%06x)",
			    flash->jedec);
	flash->chip.size = 1u << log_size;
	return 0;
}

int card_flash_open(struct card_flash *flash, struct cr_space *cr,
		    bool clear_semaphore, struct failure *why)
{
	static const struct flash_chip_ops ops = {
		.read = chip_read,
		.program = chip_program,
		.erase = chip_erase,
		.boot_from = chip_boot_from,
	};
	int err;

	*flash = (struct card_flash){ .chip = { .ops = &ops }, .cr = cr };
	err = check_hardware(flash, why);
	if (!err && clear_semaphore)
		err = cr_write(flash, CX_REG_SEMAPHORE, 0, why);
	if (!err)
		err = take_semaphore(flash, why);
	if (!err && flash->revision == CX_PCI_REVISION_CONNECTX)
		err = enable_first(flash, why);
	return err ? err : find_chip(flash, why);
}

int card_flash_close(struct card_flash *flash, struct failure *why)
{
	int err = 0;

	if (flash->held)
		err = cr_write(flash, CX_REG_SEMAPHORE, 0, why);
	flash->held = false;
	return err;
}

int card_running_version(struct card_flash *flash, struct fs2_version *version,
			 struct failure *why)
{
	uint8_t words[8];

	for (unsigned int i = 0; i < 2; i++) {
		uint32_t word;
		int err = cr_read(flash, CX_REG_RUNNING_VERSION + 4 * i, &word,
				  why);

		if (err)
			return err;
		cx_store_be32(words + 4 * i, word);
	}
	version->major = cx_get(words, CX_FS2_VERSION_MAJOR);
	version->minor = cx_get(words, CX_FS2_VERSION_MINOR);
	version->subminor = cx_get(words, CX_FS2_VERSION_SUBMINOR);
	return 0;
}
