// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/plan/output.h"

#include "tools/lib/base/atomic_file.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/standard.h"
#include "tools/lib/base/thread.h"
#include "tools/lib/plan/plan.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Between looks at whether somebody wants it to stop */
#define PIECE (1U << 20)

struct head_start {
	struct atomic_file file;
	pthread_t thread;
	const uint8_t *data;
	size_t size;
	size_t done;
	int err;
	bool stop;
};

int output_find(struct plan *plan, struct failure *why)
{
	const struct request *r = &plan->request;
	const char *path = r->output ? r->output : r->input;
	struct stat st;

	if (r->output && is_standard_output(r->output)) {
		plan->to_stdout = true;
		plan->output = strdup(STANDARD_OUTPUT);
		return plan->output ? 0 : fail(why, -ENOMEM, "out of memory");
	}
	if (!lstat(path, &st) && S_ISLNK(st.st_mode))
		plan->output = realpath(path, NULL);
	else
		plan->output = strdup(path);
	if (!plan->output)
		return fail(why, -errno, "%s: %s", path, strerror(errno));
	if (stat(plan->output, &st))
		return 0;
	/* Renaming over a device or a directory would do harm or fail late. */
	if (!S_ISREG(st.st_mode))
		return fail(why, -EINVAL, "%s: not a regular file", path);
	plan->replaces_input = st.st_dev == plan->file.st.st_dev &&
			       st.st_ino == plan->file.st.st_ino;
	return 0;
}

static int begin_file(const struct plan *plan, struct atomic_file *f,
		      struct failure *why)
{
	bool secret = plan->request.has_target &&
		      plan->request.target.has_secret;
	struct stat like = plan->file.st;

	/* A pipe has no mode that a file should have. */
	if (!S_ISREG(like.st_mode)) {
		like.st_mode = 0644;
		like.st_uid = geteuid();
		like.st_gid = getegid();
	}
	if (secret)
		like.st_mode &= ~(mode_t)077;
	return atomic_file_begin(f, plan->output, &like, why);
}

static void *copy(void *argument)
{
	struct head_start *h = argument;

	while (h->done < h->size &&
	       !__atomic_load_n(&h->stop, __ATOMIC_RELAXED)) {
		size_t part = h->size - h->done;

		part = part < PIECE ? part : PIECE;
		h->err = atomic_file_write(&h->file, h->data + h->done, part,
					   NULL);
		if (h->err)
			break;
		/* A file system that cannot begin with it now does it later. */
		sync_file_range(h->file.fd, h->done, part,
				SYNC_FILE_RANGE_WRITE);
		h->done += part;
	}
	return NULL;
}

/* Its thread is not there, or has ended. */
static void drop(struct head_start *h)
{
	atomic_file_end(&h->file);
	free(h);
}

void output_head_start(struct plan *plan)
{
	struct head_start *h;
	int err;

	if (!plan->request.head_start || plan->to_stdout || plan->is_uki ||
	    plan->request.mode != PLAN_APPEND ||
	    plan->initrd_size < WORTH_A_THREAD)
		return;
	h = calloc(1, sizeof(*h));
	if (!h)
		return;
	h->data = plan->initrd;
	h->size = plan->initrd_size;
	err = begin_file(plan, &h->file, NULL);
	if (!err)
		err = thread_start(&h->thread, copy, h);
	if (!err) {
		plan->head_start = h;
		return;
	}
	drop(h);
}

int output_begin(struct plan *plan, struct atomic_file *f, size_t *there,
		 struct failure *why)
{
	struct head_start *h = plan->head_start;

	*there = 0;
	if (plan->to_stdout)
		return standard_output_begin(f, why);
	if (!h)
		return begin_file(plan, f, why);
	pthread_join(h->thread, NULL);
	plan->head_start = NULL;
	if (h->err) {
		drop(h);
		return begin_file(plan, f, why);
	}
	*f = h->file;
	*there = h->done;
	free(h);
	return 0;
}

void output_forget(struct plan *plan)
{
	struct head_start *h = plan->head_start;

	if (!h)
		return;
	__atomic_store_n(&h->stop, true, __ATOMIC_RELAXED);
	pthread_join(h->thread, NULL);
	drop(h);
	plan->head_start = NULL;
}
