// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/adapter/flash/flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectx/registers.h"
#include "emulator/adapter/device/profile.h"
#include "emulator/loop/container_of.h"
#include "emulator/loop/event_loop.h"
#include "emulator/loop/log.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/flash/chip.h"
#include "tools/lib/flash/copies.h"

/* Less than a real chip takes, more than a program that does not wait */
#define PROGRAM_NS 10000
#define ERASE_NS 200000
#define CHUNK_SHIFT 18
#define BUILD_DATE 0x20100315

struct flash {
	struct spi_chip chip;
	struct flash_gateway gateway;
	int fd;
	u16 device_id; /* of the card */
	struct flash_copy copy; /* the image in use when it was looked for */
};

static int write_file(int fd, const u8 *bytes, size_t size, off_t at)
{
	while (size) {
		ssize_t done = pwrite(fd, bytes, size, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : -EIO;
		bytes += done;
		size -= done;
		at += done;
	}
	return 0;
}

static void chip_changed(struct spi_chip *chip, u32 at, u32 size)
{
	struct flash *flash = container_of(chip, struct flash, chip);
	int error = write_file(flash->fd, chip->bytes + at, size, at);

	if (error)
		log_limited("--flash: 0x%x bytes at 0x%x are not kept: %s",
			    size, at, strerror(-error));
}

/* The image of a card that has just been made: all of it in the first copy */
static int fill_new(struct flash *flash, const struct flash_config *config)
{
	const struct flash_place place = { 0, true, CHUNK_SHIFT };
	struct fs2_template template = { .device = config->device_id,
					 .chunk_shift = CHUNK_SHIFT,
					 .date = BUILD_DATE };
	struct buffer image = { 0 };
	struct profile profile;
	int error = profile_init(&profile, config->device_id);

	if (error)
		return error;
	template.hw_id = profile_hardware_id(&profile);
	template.chip_revision = profile.revision;
	template.firmware = (struct fs2_version){ profile.firmware_major,
						  profile.firmware_minor,
						  profile.firmware_subminor };
	template.psid = profile.psid;
	template.name = profile.silicon;
	memcpy(template.mac, config->mac, sizeof(template.mac));
	error = fs2_make(&template, &image);
	memset(flash->chip.bytes, 0xff, flash->chip.size);
	for (u32 at = 0; !error && at < image.size; at++)
		flash->chip.bytes[flash_physical(&place, at)] = image.data[at];
	buffer_free(&image);
	return error ? error :
		       write_file(flash->fd, flash->chip.bytes,
				  flash->chip.size, 0);
}

static int allocate(struct flash *flash, u32 size)
{
	flash->chip.size = size;
	flash->chip.bytes = malloc(size);
	return flash->chip.bytes ? 0 : -ENOMEM;
}

static int make_file(struct flash *flash, const struct flash_config *config)
{
	int error = allocate(flash,
			     config->size ? config->size : FLASH_SIZE_DEFAULT);

	if (!error)
		error = fill_new(flash, config);
	if (error) {
		log_line("connectx-adapter: --flash %s: cannot be made: %s",
			 config->path, strerror(-error));
		unlink(config->path);
	}
	return error;
}

static int read_file(struct flash *flash, const struct flash_config *config)
{
	struct stat status;
	off_t size;
	int error;

	if (fstat(flash->fd, &status))
		return -errno;
	size = status.st_size;
	if (!S_ISREG(status.st_mode) || size < FLASH_SIZE_LEAST ||
	    size > FLASH_SIZE_MOST || size & (size - 1) ||
	    (config->size && size != config->size)) {
		log_line(
			"connectx-adapter: --flash %s: %lld bytes are no flash: a power of two from 1 to 16 MiB, and as --flash-size says",
			config->path, (long long)size);
		return -EINVAL;
	}
	error = allocate(flash, size);
	if (!error && pread(flash->fd, flash->chip.bytes, size, 0) != size)
		error = -EIO;
	if (error)
		log_line("connectx-adapter: --flash %s: cannot be read: %s",
			 config->path, strerror(-error));
	return error;
}

static int open_file(struct flash *flash, const struct flash_config *config)
{
	bool is_new = true;

	flash->fd =
		open(config->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (flash->fd < 0 && errno == EEXIST) {
		is_new = false;
		flash->fd = open(config->path, O_RDWR | O_CLOEXEC);
	}
	if (flash->fd < 0 || flock(flash->fd, LOCK_EX | LOCK_NB)) {
		int error = errno;

		log_line("connectx-adapter: --flash %s: %s", config->path,
			 error == EWOULDBLOCK ? "another adapter has it" :
						strerror(error));
		return -error;
	}
	return is_new ? make_file(flash, config) : read_file(flash, config);
}

struct flash *flash_open(const struct flash_config *config)
{
	struct flash *flash = calloc(1, sizeof(*flash));

	if (!flash) {
		log_line("connectx-adapter: --flash: out of memory");
		return NULL;
	}
	flash->fd = -1;
	flash->device_id = config->device_id;
	flash->chip.program_ns = PROGRAM_NS;
	flash->chip.erase_ns = ERASE_NS;
	flash->chip.now = loop_now;
	flash->chip.changed = chip_changed;
	flash->gateway.chip = &flash->chip;
	if (open_file(flash, config)) {
		flash_close(flash);
		return NULL;
	}
	return flash;
}

void flash_close(struct flash *flash)
{
	if (!flash)
		return;
	flash_copy_free(&flash->copy);
	if (flash->fd >= 0)
		close(flash->fd);
	free(flash->chip.bytes);
	free(flash);
}

struct flash_gateway *flash_registers(struct flash *flash)
{
	return &flash->gateway;
}

static int look(struct flash *flash)
{
	struct flash_memory memory;
	struct fs2_info info;
	struct failure why;
	int error;

	flash_copy_free(&flash->copy);
	flash_memory_init_const(&memory, flash->chip.bytes, flash->chip.size);
	error = flash_copy_find(&flash->copy, &memory.chip, NULL, &why);
	if (!error)
		error = fs2_read_info(&info, &flash->copy.image, &why);
	if (error)
		log_line("--flash: %s", why.text);
	else if (info.device != flash->device_id)
		log_line(
			"--flash: the image is for device %u, the card is %u: tools will not believe one of them",
			info.device, flash->device_id);
	return error;
}

const u8 *flash_look_for_rom(struct flash *flash, size_t *size)
{
	const struct fs2_section *rom;

	*size = 0;
	if (look(flash))
		return NULL;
	rom = flash->copy.image.rom;
	if (!rom || !rom->size)
		return NULL;
	if (rom->size > FLASH_ROM_MOST) {
		log_line(
			"--flash: a ROM of %u bytes: not shown, more than 1 MiB",
			rom->size);
		return NULL;
	}
	*size = rom->size;
	return flash->copy.bytes.data + rom->data;
}

bool flash_macs(struct flash *flash, u8 mac[2][6])
{
	static const u8 none[6];
	struct fs2_guids guids;

	if (look(flash))
		return false;
	fs2_read_guids(&guids, &flash->copy.image);
	if (guids.blank || guids.mac[0][0] & 1 || guids.mac[1][0] & 1 ||
	    !memcmp(guids.mac[0], none, 6) || !memcmp(guids.mac[1], none, 6))
		return false;
	memcpy(mac, guids.mac, sizeof(guids.mac));
	return true;
}
