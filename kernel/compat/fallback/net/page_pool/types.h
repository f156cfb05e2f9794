/* SPDX-License-Identifier: GPL-2.0-only */
#include <net/page_pool.h>
