// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/memory/guest_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "emulator/loop/log.h"
#include "emulator/memory/internal.h"

struct guest_memory *guest_memory_create(void)
{
	return calloc(1, sizeof(struct guest_memory));
}

void guest_memory_destroy(struct guest_memory *memory)
{
	if (!memory)
		return;
	guest_memory_remove_all(memory);
	free(memory->ranges);
	free(memory);
}

uint64_t guest_memory_generation(const struct guest_memory *memory)
{
	return memory->generation;
}

void guest_memory_enable(struct guest_memory *memory, bool enabled)
{
	if (memory->enabled == enabled)
		return;
	memory->enabled = enabled;
	memory->generation++;
}

unsigned long guest_memory_faults(const struct guest_memory *memory)
{
	return mapped_file_faults();
}

/* The index of the first range that ends behind @address; count if none. */
static size_t find(const struct guest_memory *memory, uint64_t address)
{
	size_t low = 0, high = memory->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct range *range = &memory->ranges[middle];

		if (address >= range->address &&
		    address - range->address >= range->size)
			low = middle + 1;
		else if (address < range->address)
			high = middle;
		else
			return middle;
	}
	return low;
}

static void close_file(struct guest_memory *memory, struct mapped_file *file)
{
	struct mapped_file **link = &memory->files;

	while (*link != file)
		link = &(*link)->next;
	*link = file->next;
	memory->file_count--;
	if (file->sharing == MAPPED_FILE_UNKNOWN)
		memory->unknown_files--;
	mapped_file_close(file);
}

bool guest_memory_trim(struct guest_memory *memory)
{
	struct mapped_file *next;
	bool any = false;

	for (struct mapped_file *file = memory->files; file; file = next) {
		next = file->next;
		if (file->users)
			continue;
		close_file(memory, file);
		any = true;
	}
	return any;
}

/*
 * The mapping of the file behind @fd, new or shared. One that is bad, too
 * short or not writable where @fd is does not serve.
 */
static int get_file(struct guest_memory *memory, int fd, uint64_t end,
		    bool writable, struct mapped_file **result)
{
	struct mapped_file *file;
	struct stat status;
	int error;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (status.st_size < 0 || end > (uint64_t)status.st_size)
		return -EINVAL;
	for (file = memory->files; file; file = file->next) {
		if (file->device == status.st_dev &&
		    file->inode == status.st_ino && !file->bad &&
		    end <= file->size && (file->writable || !writable)) {
			*result = file;
			return 0;
		}
	}
	if (memory->file_count >= GUEST_MEMORY_FILES_MAX)
		guest_memory_trim(memory);
	if (memory->file_count >= GUEST_MEMORY_FILES_MAX)
		return -ENOSPC;
	error = mapped_file_open(fd, &memory->fault, &file);
	if (error)
		return error;
	file->next = memory->files;
	memory->files = file;
	memory->file_count++;
	if (!memory->messages || memory->cannot_compare)
		file->sharing = MAPPED_FILE_SHARED;
	else
		memory->unknown_files++;
	*result = file;
	return 0;
}

static void delete_range(struct guest_memory *memory, size_t index)
{
	struct range *range = &memory->ranges[index];

	/* its file stays mapped: it may be back in a moment */
	if (range->file)
		range->file->users--;
	memory->count--;
	memmove(range, range + 1, (memory->count - index) * sizeof(*range));
	memory->generation++;
	memory->last = 0;
}

/* @index: what find() says of @address */
static bool overlaps(const struct guest_memory *memory, size_t index,
		     uint64_t address, uint64_t size)
{
	const struct range *range;

	if (index == memory->count)
		return false;
	range = &memory->ranges[index];
	return range->address <= address || range->address - address < size;
}

static int grow(struct guest_memory *memory)
{
	size_t capacity = memory->capacity ? memory->capacity * 2 : 32;
	struct range *ranges;

	if (memory->count < memory->capacity)
		return 0;
	ranges = realloc(memory->ranges, capacity * sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	memory->ranges = ranges;
	memory->capacity = capacity;
	return 0;
}

void guest_memory_set_messages(struct guest_memory *memory,
			       const struct guest_memory_messages *messages,
			       void *context)
{
	memory->messages = messages;
	memory->context = context;
}

bool guest_memory_direct(const struct guest_memory *memory)
{
	return !memory->by_messages && !memory->waiting;
}

bool guest_memory_settled(const struct guest_memory *memory)
{
	return !memory->messages || (memory->proven && !memory->unknown_files);
}

void guest_memory_unshared(struct guest_memory *memory)
{
	memory->by_messages = memory->messages;
	if (memory->told_unshared)
		return;
	memory->told_unshared = true;
	log_line(
		"guest memory is not shared with the adapter, DMA %s: start QEMU with -object memory-backend-memfd,id=m,size=<RAM>,share=on -machine memory-backend=m",
		memory->messages ? "is slow" : "fails");
}

void guest_memory_decide(struct guest_memory *memory, struct mapped_file *file,
			 enum mapped_file_sharing sharing)
{
	file->sharing = sharing;
	memory->unknown_files--;
	memory->generation++;
	if (sharing == MAPPED_FILE_PRIVATE)
		guest_memory_unshared(memory);
	if (sharing != MAPPED_FILE_SHARED)
		return;
	memory->proven = true;
	for (size_t i = 0; i < memory->count; i++) {
		struct range *range = &memory->ranges[i];

		if (range->file == file)
			range->host = range->mapped;
	}
}

int guest_memory_add(struct guest_memory *memory, uint64_t address,
		     uint64_t size, int fd, uint64_t offset, bool writable)
{
	struct range new = { .address = address,
			     .size = size,
			     .offset = offset,
			     .writable = writable };
	size_t index;
	int error;

	if (!size || (address | size | offset) % GUEST_MEMORY_PAGE ||
	    address + (size - 1) < address || offset + size < offset)
		return -EINVAL;
	if (fd >= 0) {
		error = get_file(memory, fd, offset + size, writable,
				 &new.file);
		if (error)
			return error;
		new.mapped = new.file->base + offset;
		if (new.file->sharing == MAPPED_FILE_SHARED)
			new.host = new.mapped;
		new.writable = writable &&new.file->writable;
	}
	index = find(memory, address);
	if (overlaps(memory, index, address, size)) {
		const struct range *old = &memory->ranges[index];

		if (old->address != address || old->size != size)
			return -EEXIST;
		delete_range(memory, index);
	}
	if (memory->count >= GUEST_MEMORY_RANGES_MAX)
		return -ENOSPC;
	error = grow(memory);
	if (error)
		return error;
	memmove(&memory->ranges[index + 1], &memory->ranges[index],
		(memory->count - index) * sizeof(new));
	memory->ranges[index] = new;
	memory->count++;
	memory->generation++;
	memory->last = index;
	if (new.file)
		new.file->users++;
	else if (address == 0)
		guest_memory_unshared(memory);
	return 0;
}

int guest_memory_remove(struct guest_memory *memory, uint64_t address,
			uint64_t size)
{
	size_t index = find(memory, address);

	if (index == memory->count ||
	    memory->ranges[index].address != address ||
	    memory->ranges[index].size != size)
		return -ENOENT;
	delete_range(memory, index);
	return 0;
}

void guest_memory_remove_all(struct guest_memory *memory)
{
	while (memory->files)
		close_file(memory, memory->files);
	if (memory->count)
		memory->generation++;
	memory->count = 0;
	memory->last = 0;
	memory->fault = 0;
	memory->told_unshared = false;
	memory->by_messages = false;
	memory->cannot_compare = false;
	memory->proven = false;
}

/* A file has lost pages: nothing more is taken from it or put into it. */
static void drop_bad_files(struct guest_memory *memory)
{
	memory->fault = 0;
	for (size_t i = 0; i < memory->count; i++)
		if (memory->ranges[i].file && memory->ranges[i].file->bad) {
			memory->ranges[i].host = NULL;
			memory->ranges[i].mapped = NULL;
		}
	memory->generation++;
	log_limited(
		"the file behind guest memory was cut short: DMA to it fails from now on");
}

struct range *guest_memory_range(struct guest_memory *memory, uint64_t address,
				 size_t *length, bool write)
{
	struct range *range;
	size_t index;
	uint64_t left;

	if (memory->fault)
		drop_bad_files(memory);
	if (!memory->enabled)
		return NULL;
	index = find(memory, address);
	if (index == memory->count)
		return NULL;
	range = &memory->ranges[index];
	if (address < range->address || (write && !range->writable))
		return NULL;
	if (range->host)
		memory->last = index;
	left = range->size - (address - range->address);
	if (*length > left)
		*length = left;
	return range;
}

uint8_t *guest_memory_host(struct guest_memory *memory, uint64_t address,
			   size_t *length, bool write)
{
	const struct range *range;
	uint64_t into;

	if (memory->enabled && !memory->fault && memory->count) {
		range = &memory->ranges[memory->last];
		into = address - range->address;
		/* an address below the range wraps to a large number */
		if (into < range->size && *length <= range->size - into &&
		    range->host && (!write || range->writable))
			return range->host + into;
	}
	/* the way that few packets take: nothing here is counted in ns */
	range = guest_memory_range(memory, address, length, write);
	return range && range->host ? range->host + (address - range->address) :
				      NULL;
}
