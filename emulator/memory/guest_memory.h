/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's memory: as the vfio-user client maps it into this process, and
 * by messages to the client where it does not.
 *
 * One thread both changes the table of ranges and looks into it; a generation
 * number tells a cached translation that it is out of date.
 *
 * A copy by messages waits for the client and handles what else it says
 * meanwhile. It works from the event loop's own callbacks only, not from those
 * that answer the client: they see guest_memory_direct() and put their work
 * off.
 *
 * A file is mapped once and whole, however many ranges lie in it, and stays
 * mapped through a burst of unmapping and mapping again. If it shrinks under
 * us, the access that meets the hole reads zeros or is lost, and from then on
 * the file counts as gone: nothing of it can be mapped until the client maps
 * it anew.
 */
#ifndef EMULATOR_MEMORY_GUEST_MEMORY_H
#define EMULATOR_MEMORY_GUEST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest_memory;

struct guest_memory *guest_memory_create(void);
void guest_memory_destroy(struct guest_memory *memory);

/*
 * How the memory is reached that is not in this process. Each returns 0 or
 * -errno: -EAGAIN from a place where the client must not be waited for.
 */
struct guest_memory_messages {
	int (*read)(void *context, uint64_t address, void *to, size_t length);
	int (*write)(void *context, uint64_t address, const void *from,
		     size_t length);
};

/* Without messages, the memory that is not mapped cannot be reached. */
void guest_memory_set_messages(struct guest_memory *memory,
			       const struct guest_memory_messages *messages,
			       void *context);
/*
 * True if copies need no message, as far as is known: then they work from
 * everywhere. False too while a message is waited for.
 */
bool guest_memory_direct(const struct guest_memory *memory);
/*
 * True if some memory is known to be shared, and there is nothing left to find
 * out: until then a copy may need a message after all. A file can be one whose
 * pages the guest does not share (QEMU's share=off): the first copies are
 * compared with what the client says of the same addresses, until one tells.
 */
bool guest_memory_settled(const struct guest_memory *memory);

/* Ranges that may live at once, and files behind them */
#define GUEST_MEMORY_RANGES_MAX 65535
#define GUEST_MEMORY_FILES_MAX 256
/* Addresses, sizes and offsets are multiples of this. */
#define GUEST_MEMORY_PAGE 4096

/**
 * guest_memory_add - map a range, as DMA_MAP asks
 * @address: first guest bus address
 * @size: bytes
 * @fd: the file behind it, which stays the caller's; -1 for a range that can
 *	only be reached by messages
 * @offset: where in the file the range begins
 * @writable: the device may write to it
 *
 * Return: 0, -EINVAL (not page aligned, past the end of the file or of the
 * address space, not a regular file), -EEXIST (overlaps another range),
 * -ENOSPC (too many), or the errno of mmap. The identical range again replaces
 * the old one.
 */
int guest_memory_add(struct guest_memory *memory, uint64_t address,
		     uint64_t size, int fd, uint64_t offset, bool writable);
/* Return: 0, or -ENOENT if no range starts there with that size. */
int guest_memory_remove(struct guest_memory *memory, uint64_t address,
			uint64_t size);
/* Forgets every range and unmaps every file: the client has gone. */
void guest_memory_remove_all(struct guest_memory *memory);
/*
 * Unmaps the files that no range uses. To be called when the client has been
 * quiet for a while. Returns true if there was one.
 */
bool guest_memory_trim(struct guest_memory *memory);
/* How many pages of mapped files turned out to be missing, in this process. */
unsigned long guest_memory_faults(const struct guest_memory *memory);

/* Grows with every change of the table, never 0 once a range is mapped. */
uint64_t guest_memory_generation(const struct guest_memory *memory);

/*
 * Bus mastering: while off every access fails as if nothing were mapped.
 */
void guest_memory_enable(struct guest_memory *memory, bool enabled);

/*
 * Copies that may cross ranges. Return: 0, -EFAULT (then partly done), or what
 * a message came to.
 */
int guest_memory_read(struct guest_memory *memory, uint64_t address, void *to,
		      size_t length);
int guest_memory_write(struct guest_memory *memory, uint64_t address,
		       const void *from, size_t length);
/* @bytes: read into, or written from */
int guest_memory_copy(struct guest_memory *memory, uint64_t address,
		      uint8_t *bytes, size_t length, bool write);
/*
 * Writes an entry that software may take as soon as its last byte is there:
 * that one comes behind all others.
 */
int guest_memory_publish(struct guest_memory *memory, uint64_t address,
			 const void *from, size_t length);

#endif
