// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/mapped_file.h"

#include "tools/lib/base/failure.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void on_bus_error(int signal)
{
	static const char text[] =
		"error: the input shrank while it was read\n";
	ssize_t done = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)done;
	_exit(1);
}

int mapped_file_of(struct mapped_file *m, int fd, const char *path,
		   struct failure *why)
{
	struct sigaction action = { .sa_handler = on_bus_error };
	void *data;

	memset(m, 0, sizeof(*m));
	if (fstat(fd, &m->st))
		return fail(why, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(m->st.st_mode))
		return fail(why, -EINVAL, "%s: not a regular file", path);
	m->size = m->st.st_size;
	if (!m->size)
		return 0;
	data = mmap(NULL, m->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return fail(why, -errno, "%s: cannot map: %s", path,
			    strerror(errno));
	madvise(data, m->size, MADV_SEQUENTIAL);
	sigaction(SIGBUS, &action, NULL);
	m->data = data;
	return 0;
}

int mapped_file_open(struct mapped_file *m, const char *path,
		     struct failure *why)
{
	/* A FIFO must not hold the tool up, so it is opened without waiting. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int err;

	memset(m, 0, sizeof(*m));
	if (fd < 0)
		return fail(why, -errno, "%s: cannot open: %s", path,
			    strerror(errno));
	err = mapped_file_of(m, fd, path, why);
	close(fd);
	return err;
}

int mapped_file_unchanged(const struct mapped_file *m, const char *path,
			  struct failure *why)
{
	struct stat st;

	if (stat(path, &st))
		return fail(why, -errno, "%s: %s", path, strerror(errno));
	if (st.st_dev != m->st.st_dev || st.st_ino != m->st.st_ino ||
	    st.st_size != m->st.st_size ||
	    st.st_mtim.tv_sec != m->st.st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != m->st.st_mtim.tv_nsec)
		return fail(why, -EAGAIN,
			    "%s: changed by somebody else meanwhile: nothing"
			    " is written",
			    path);
	return 0;
}

void mapped_file_close(struct mapped_file *m)
{
	if (m->data)
		munmap((void *)m->data, m->size);
	memset(m, 0, sizeof(*m));
}
