/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the result goes. What is appended to has its first bytes copied there
 * while the image is still looked at: then the disk has most of them by the time
 * that they have to be on it.
 */
#ifndef TOOLS_LIB_PLAN_OUTPUT_H
#define TOOLS_LIB_PLAN_OUTPUT_H

#include <stddef.h>

struct atomic_file;
struct failure;
struct plan;

/*
 * Sets plan->output, to_stdout and replaces_input. A link to the image stays a
 * link: what it leads to is replaced. 0 or -errno.
 */
int output_find(struct plan *plan, struct failure *why);

/*
 * Begins to copy the initrd, where the request allows it and it is worth it. What
 * goes wrong with that is forgotten: output_begin begins anew.
 */
void output_head_start(struct plan *plan);

/*
 * Begins to write the result. *@there: so many bytes of the initrd stand in it
 * already, and the next ones go behind them. 0 or -errno.
 */
int output_begin(struct plan *plan, struct atomic_file *f, size_t *there,
		 struct failure *why);

/* Forgets the head start, if nobody has begun to write. */
void output_forget(struct plan *plan);

#endif
