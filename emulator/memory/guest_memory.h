/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's memory, as the vfio-user client maps it into this process.
 *
 * The table of ranges is immutable and replaced as a whole when the client
 * maps or unmaps; a generation number tells a cached translation that it is
 * out of date. No pointer that guest_memory_map() gave may be kept across a
 * return to the event loop.
 */
#ifndef EMULATOR_MEMORY_GUEST_MEMORY_H
#define EMULATOR_MEMORY_GUEST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest_memory;

struct guest_memory *guest_memory_create(void);
void guest_memory_destroy(struct guest_memory *memory);

/**
 * guest_memory_add - map a range, as DMA_MAP asks
 * @fd: the file behind it, which the callee duplicates or closes never; -1 for
 *	a range that can only be reached by messages and is not DMA-able here
 *
 * Return: 0, -EINVAL, -EEXIST, -ENOSPC, or the errno of mmap. The identical
 * range again replaces the old one.
 */
int guest_memory_add(struct guest_memory *memory, uint64_t address,
		     uint64_t size, int fd, uint64_t offset, bool writable);
/* Return: 0, or -ENOENT if no range starts there with that size. */
int guest_memory_remove(struct guest_memory *memory, uint64_t address,
			uint64_t size);
void guest_memory_remove_all(struct guest_memory *memory);

/* Grows with every change of the table, never 0 once a range is mapped. */
uint64_t guest_memory_generation(const struct guest_memory *memory);

/*
 * Bus mastering: while off every access fails as if nothing were mapped.
 */
void guest_memory_enable(struct guest_memory *memory, bool enabled);

/**
 * guest_memory_map - translate an address for a short access
 * @address: guest bus address
 * @length: in: bytes wanted; out: bytes contiguous in this process, at most
 *	what was wanted
 * @write: the caller will write
 *
 * Return: a pointer valid until control returns to the event loop, or NULL if
 * nothing (writable) is mapped there.
 */
void *guest_memory_map(struct guest_memory *memory, uint64_t address,
		       size_t *length, bool write);

/* Copies that may cross ranges. Return: 0, or -EFAULT (then partly done). */
int guest_memory_read(struct guest_memory *memory, uint64_t address, void *to,
		      size_t length);
int guest_memory_write(struct guest_memory *memory, uint64_t address,
		       const void *from, size_t length);

#endif
