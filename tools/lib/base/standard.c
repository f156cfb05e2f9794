// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/standard.h"

#include "tools/lib/base/atomic_file.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/mapped_file.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PIPE_MAX (2ULL << 30)
#define PIECE (1U << 20)

static bool is_one_of(const char *path, const char *const names[4])
{
	for (int i = 0; i < 4; i++) {
		if (!strcmp(path, names[i]))
			return true;
	}
	return false;
}

bool is_standard_input(const char *path)
{
	static const char *const names[] = { "-", "/dev/stdin", "/dev/fd/0",
					     "/proc/self/fd/0" };

	return is_one_of(path, names);
}

bool is_standard_output(const char *path)
{
	static const char *const names[] = { "-", "/dev/stdout", "/dev/fd/1",
					     "/proc/self/fd/1" };

	return is_one_of(path, names);
}

/* Makes the room @want bytes: more of it, or what is too much given back. */
static int set_room(uint8_t **data, size_t *room, size_t want)
{
	void *moved;

	if (*data)
		moved = mremap(*data, *room, want, MREMAP_MAYMOVE);
	else
		moved = mmap(NULL, want, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (moved == MAP_FAILED)
		return -ENOMEM;
	*data = moved;
	*room = want;
	return 0;
}

static int read_pipe(uint8_t **data, size_t *room, size_t *size,
		     struct failure *why)
{
	for (;;) {
		ssize_t got;

		if (*room - *size < PIECE &&
		    set_room(data, room, *room ? 2 * *room : 4 * PIECE))
			return fail(why, -ENOMEM,
				    STANDARD_INPUT ": out of memory");
		got = read(STDIN_FILENO, *data + *size, PIECE);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(why, -errno,
				    STANDARD_INPUT ": cannot read: %s",
				    strerror(errno));
		if (!got)
			return 0;
		*size += got;
		if (*size > PIPE_MAX)
			return fail(why, -EFBIG,
				    STANDARD_INPUT
				    ": more than 2 GiB: give it as a file");
	}
}

int standard_input_map(struct mapped_file *m, struct failure *why)
{
	uint8_t *data = NULL;
	size_t room = 0;
	int err;

	memset(m, 0, sizeof(*m));
	if (fstat(STDIN_FILENO, &m->st))
		return fail(why, -errno, STANDARD_INPUT ": %s",
			    strerror(errno));
	if (S_ISREG(m->st.st_mode) && !lseek(STDIN_FILENO, 0, SEEK_CUR))
		return mapped_file_of(m, STDIN_FILENO, STANDARD_INPUT, why);
	if (isatty(STDIN_FILENO))
		return fail(why, -ENOTTY,
			    STANDARD_INPUT
			    " is a terminal, where no initrd comes from");
	err = read_pipe(&data, &room, &m->size, why);
	if (!err && m->size && set_room(&data, &room, m->size))
		err = fail(why, -ENOMEM, STANDARD_INPUT ": out of memory");
	if (err || !m->size) {
		if (data)
			munmap(data, room);
		data = NULL;
		m->size = 0;
	}
	m->data = data;
	return err;
}

int standard_output_begin(struct atomic_file *f, struct failure *why)
{
	const char *folder = getenv("TMPDIR");
	char name[4096];

	folder = folder && *folder ? folder : "/tmp";
	memset(f, 0, sizeof(*f));
	f->path = strdup(STANDARD_OUTPUT);
	if (!f->path)
		return fail(why, -ENOMEM, "out of memory");
	f->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (f->fd >= 0)
		return 0;
	snprintf(name, sizeof(name), "%s/mkinitrd-en.XXXXXX", folder);
	f->fd = mkostemp(name, O_CLOEXEC);
	if (f->fd < 0)
		return fail(why, -errno,
			    "%s: cannot write there (TMPDIR names another"
			    " place): %s",
			    folder, strerror(errno));
	unlink(name);
	return 0;
}

static int write_all(const uint8_t *data, size_t size, struct failure *why)
{
	while (size) {
		ssize_t done = write(STDOUT_FILENO, data, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return fail(why, done ? -errno : -EIO,
				    STANDARD_OUTPUT ": cannot write: %s",
				    strerror(done ? errno : EIO));
		data += done;
		size -= done;
	}
	return 0;
}

int standard_output_commit(struct atomic_file *f, struct failure *why)
{
	struct mapped_file file;
	int err = mapped_file_of(&file, f->fd, STANDARD_OUTPUT, why);

	if (!err)
		err = write_all(file.data, file.size, why);
	mapped_file_close(&file);
	return err;
}
