/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file of the client's, mapped whole into this process, and what happens
 * when an access meets a page that the file no longer has.
 */
#ifndef EMULATOR_MEMORY_MAPPED_FILE_H
#define EMULATOR_MEMORY_MAPPED_FILE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Whether the guest's own writes arrive in the file: share=off keeps them. */
enum mapped_file_sharing {
	MAPPED_FILE_UNKNOWN,
	MAPPED_FILE_SHARED,
	MAPPED_FILE_PRIVATE,
};

struct mapped_file {
	dev_t device;
	ino_t inode;
	uint8_t *base;
	size_t size;
	size_t page_size; /* of the file system: larger on hugetlbfs */
	bool writable;
	unsigned int users; /* ranges in it */
	enum mapped_file_sharing sharing; /* the owner's, UNKNOWN at first */
	unsigned int comparisons; /* the owner's: those that settled nothing */
	/* set by the signal handler; @fault_flag tells the owner to look */
	volatile sig_atomic_t bad;
	volatile sig_atomic_t *fault_flag;
	struct mapped_file *next; /* the owner's list */
	struct mapped_file *next_known; /* the signal handler's list */
};

/**
 * mapped_file_open - map the whole of a regular file, shared
 * @fd: stays the caller's
 * @fault_flag: set to 1 when a page of it turns out to be missing
 *
 * Return: 0 and *@file, or -EINVAL, -ENOMEM, or the errno of fstat or mmap.
 */
int mapped_file_open(int fd, volatile sig_atomic_t *fault_flag,
		     struct mapped_file **file);
void mapped_file_close(struct mapped_file *file);

/* Pages found missing in any file so far. */
unsigned long mapped_file_faults(void);

#endif
