/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers of a card ("CR space"), whatever the way to them. Values are
 * in host byte order.
 */
#ifndef TOOLS_LIB_CARD_CR_SPACE_H
#define TOOLS_LIB_CARD_CR_SPACE_H

#include <stdint.h>

struct failure;
struct cr_space;

/* Both return 0 or -errno with a message; @address is a multiple of 4. */
struct cr_space_ops {
	int (*read)(struct cr_space *cr, uint32_t address, uint32_t *value,
		    struct failure *why);
	int (*write)(struct cr_space *cr, uint32_t address, uint32_t value,
		     struct failure *why);
};

struct cr_space {
	const struct cr_space_ops *ops;
};

#endif
