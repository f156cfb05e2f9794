// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/memory/guest_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "emulator/loop/log.h"
#include "emulator/memory/mapped_file.h"

struct range {
	uint64_t address;
	uint64_t size;
	uint8_t *host; /* NULL: only messages would reach it */
	struct mapped_file *file;
	uint64_t offset;
	bool writable;
};

struct guest_memory {
	bool enabled;
	bool told_unshared; /* the missing QEMU option was named already */
	volatile sig_atomic_t fault; /* a file of ours has become bad */
	size_t last; /* where the last translation was found */
	size_t count, capacity;
	struct range *ranges; /* by address, without overlap */
	uint64_t generation;
	struct mapped_file *files;
	unsigned int file_count;
};

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

static void tell_unshared(struct guest_memory *memory)
{
	if (memory->told_unshared)
		return;
	memory->told_unshared = true;
	log_line(
		"guest memory is not shared with the adapter, DMA fails: start QEMU with -object memory-backend-memfd,id=m,size=<RAM>,share=on -machine memory-backend=m");
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
		new.host = new.file->base + offset;
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
		tell_unshared(memory);
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
}

/* A file has lost pages: nothing more is taken from it or put into it. */
static void drop_bad_files(struct guest_memory *memory)
{
	memory->fault = 0;
	for (size_t i = 0; i < memory->count; i++)
		if (memory->ranges[i].file && memory->ranges[i].file->bad)
			memory->ranges[i].host = NULL;
	memory->generation++;
	log_limited(
		"the file behind guest memory was cut short: DMA to it fails from now on");
}

/* The way that is not taken by a packet: nothing here is counted in ns. */
static void *map_slowly(struct guest_memory *memory, uint64_t address,
			size_t *length, bool write)
{
	const struct range *range;
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
	if (address < range->address)
		return NULL;
	if (!range->file)
		tell_unshared(memory);
	if (!range->host || (write && !range->writable))
		return NULL;
	memory->last = index;
	left = range->size - (address - range->address);
	if (*length > left)
		*length = left;
	return range->host + (address - range->address);
}

void *guest_memory_map(struct guest_memory *memory, uint64_t address,
		       size_t *length, bool write)
{
	const struct range *range;
	uint64_t into;

	if (!memory->enabled || memory->fault || !memory->count)
		return map_slowly(memory, address, length, write);
	range = &memory->ranges[memory->last];
	into = address - range->address;
	/* an address below the range wraps to a large number */
	if (into >= range->size || *length > range->size - into ||
	    !range->host || (write && !range->writable))
		return map_slowly(memory, address, length, write);
	return range->host + into;
}

int guest_memory_read(struct guest_memory *memory, uint64_t address, void *to,
		      size_t length)
{
	uint8_t *bytes = to;

	while (length) {
		size_t part = length;
		const void *from =
			guest_memory_map(memory, address, &part, false);

		if (!from)
			return -EFAULT;
		memcpy(bytes, from, part);
		bytes += part;
		address += part;
		length -= part;
	}
	return memory->fault ? -EFAULT : 0;
}

int guest_memory_write(struct guest_memory *memory, uint64_t address,
		       const void *from, size_t length)
{
	const uint8_t *bytes = from;

	while (length) {
		size_t part = length;
		void *to = guest_memory_map(memory, address, &part, true);

		if (!to)
			return -EFAULT;
		memcpy(to, bytes, part);
		bytes += part;
		address += part;
		length -= part;
	}
	return memory->fault ? -EFAULT : 0;
}
