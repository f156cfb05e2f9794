/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the table of ranges (guest_memory.c) and the copies (guest_copy.c)
 * share.
 */
#ifndef EMULATOR_MEMORY_INTERNAL_H
#define EMULATOR_MEMORY_INTERNAL_H

#include "emulator/memory/guest_memory.h"
#include "emulator/memory/mapped_file.h"

/* How much of a copy is compared to find out whether a file is shared */
#define GUEST_COMPARE 4096u

struct range {
	uint64_t address;
	uint64_t size;
	uint8_t *host; /* NULL unless its file is known to be shared */
	uint8_t *mapped; /* NULL: no file, or one that lost pages */
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

	const struct guest_memory_messages *messages;
	void *context;
	bool proven; /* some file is shared */
	bool by_messages; /* something that the device uses needs them */
	bool waiting; /* for the client's answer to one */
	bool cannot_compare; /* the client does not answer */
	unsigned int unknown_files;
	uint8_t compared[2][GUEST_COMPARE];
};

/* Says once a client which option is missing, and goes by messages. */
void guest_memory_unshared(struct guest_memory *memory);
/* Settles what @file is. */
void guest_memory_decide(struct guest_memory *memory, struct mapped_file *file,
			 enum mapped_file_sharing sharing);
/*
 * The range that holds @address and may be accessed so; *@length is cut at its
 * end. NULL if there is none.
 */
struct range *guest_memory_range(struct guest_memory *memory, uint64_t address,
				 size_t *length, bool write);
/*
 * Where @address stands in this process, if its memory is known to be shared;
 * *@length is cut at what is contiguous. NULL if nothing of that kind, or
 * nothing writable where @write, is mapped there. The pointer may not be kept
 * across a return to the event loop, nor across a copy.
 */
uint8_t *guest_memory_host(struct guest_memory *memory, uint64_t address,
			   size_t *length, bool write);

#endif
