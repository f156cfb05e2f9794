/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kernel was built with: its config, from wherever it can be had. */
#ifndef TOOLS_LIB_KERNEL_CONFIG_H
#define TOOLS_LIB_KERNEL_CONFIG_H

#include "tools/lib/base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

struct kernel_config {
	struct buffer text; /* empty: not known */
	char *source; /* the file that it is from */
};

/*
 * Reads the config of the kernel that @word names: a release, whose config is
 * in /boot; a kernel's file, with the config beside it (config-RELEASE, or
 * config), in /boot, or inside (IKCONFIG); or the config itself. 0, -ENOENT
 * (there is none) or -errno; kernel_config_free is due in any case.
 */
int kernel_config_read(struct kernel_config *c, const char *word,
		       struct failure *why);

/*
 * The config that a kernel has inside, packed or not, as gzip's output; at
 * most @limit bytes are unpacked. 0, -ENOENT, -EBADMSG or -ENOMEM.
 */
int kernel_config_inside(struct buffer *text, const uint8_t *data, size_t size,
			 size_t limit, struct failure *why);

bool kernel_config_known(const struct kernel_config *c);

/* Whether the option, without CONFIG_, is "y". */
bool kernel_config_has(const struct kernel_config *c, const char *option);

void kernel_config_free(struct kernel_config *c);

#endif
