/* SPDX-License-Identifier: GPL-2.0-only */
/* From an embedded member to the structure around it. */
#ifndef EMULATOR_LOOP_CONTAINER_OF_H
#define EMULATOR_LOOP_CONTAINER_OF_H

#include <stddef.h>

#define container_of(pointer, type, member) \
	((type *)((char *)(pointer)-offsetof(type, member)))

#endif
