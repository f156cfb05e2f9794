// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/memory/mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * SIGBUS comes from an access to guest memory, which never happens while this
 * list is being changed: the handler may walk it.
 */
static struct mapped_file *known_files;
static volatile sig_atomic_t faults;

static struct mapped_file *find_known(const uint8_t *address)
{
	for (struct mapped_file *f = known_files; f; f = f->next_known)
		if (address >= f->base && address < f->base + f->size)
			return f;
	return NULL;
}

/*
 * Puts an empty page where the file has none, so that the access goes on. The
 * file's owner learns of it before the next translation.
 */
static void handle_bus_error(int number, siginfo_t *info, void *context)
{
	struct mapped_file *file = find_known(info->si_addr);
	int saved_errno = errno;
	uintptr_t page;

	if (file) {
		page = (uintptr_t)info->si_addr & ~(file->page_size - 1);
		if (mmap((void *)page, file->page_size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			 0) != MAP_FAILED) {
			file->bad = 1;
			*file->fault_flag = 1;
			faults = faults + 1;
			errno = saved_errno;
			return;
		}
	}
	/* not ours: end as if there were no handler */
	signal(SIGBUS, SIG_DFL);
}

/* Anew with each file: another part of the program may have taken its place. */
static int install_handler(void)
{
	struct sigaction action = { .sa_sigaction = handle_bus_error,
				    .sa_flags = SA_SIGINFO };

	sigemptyset(&action.sa_mask);
	if (sigaction(SIGBUS, &action, NULL) < 0)
		return -errno;
	return 0;
}

static int map(int fd, struct mapped_file *file)
{
	int protection = PROT_READ;
	void *base;

	if (file->writable)
		protection |= PROT_WRITE;
	base = mmap(NULL, file->size, protection, MAP_SHARED | MAP_NORESERVE,
		    fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	/* a core dump of ours is no place for the guest's memory */
	madvise(base, file->size, MADV_DONTDUMP);
	madvise(base, file->size, MADV_DONTFORK);
	file->base = base;
	return 0;
}

int mapped_file_open(int fd, volatile sig_atomic_t *fault_flag,
		     struct mapped_file **result)
{
	struct mapped_file *file;
	struct stat status;
	int error, flags;

	error = install_handler();
	if (error)
		return error;
	if (fstat(fd, &status) < 0)
		return -errno;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0)
		return -errno;
	if (!S_ISREG(status.st_mode) || status.st_size <= 0 ||
	    (flags & O_ACCMODE) == O_WRONLY)
		return -EINVAL;
	file = calloc(1, sizeof(*file));
	if (!file)
		return -ENOMEM;
	file->device = status.st_dev;
	file->inode = status.st_ino;
	file->size = (size_t)status.st_size;
	file->page_size = (size_t)sysconf(_SC_PAGESIZE);
	/* hugetlbfs says its page size as the block size; it is a power of 2 */
	if (status.st_blksize > (blksize_t)file->page_size &&
	    !(status.st_blksize & (status.st_blksize - 1)) &&
	    !(status.st_size % status.st_blksize))
		file->page_size = (size_t)status.st_blksize;
	file->writable = (flags & O_ACCMODE) == O_RDWR;
	file->fault_flag = fault_flag;
	error = map(fd, file);
	if (error) {
		free(file);
		return error;
	}
	file->next_known = known_files;
	known_files = file;
	*result = file;
	return 0;
}

void mapped_file_close(struct mapped_file *file)
{
	struct mapped_file **link = &known_files;

	while (*link != file)
		link = &(*link)->next_known;
	*link = file->next_known;
	munmap(file->base, file->size);
	free(file);
}

unsigned long mapped_file_faults(void)
{
	return (unsigned long)faults;
}
