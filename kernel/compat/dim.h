/* SPDX-License-Identifier: GPL-2.0-only */
/* Adaptive interrupt moderation. */
#ifndef COMPAT_DIM_H
#define COMPAT_DIM_H

#include <linux/dim.h>

#if !COMPAT_HAS_NET_DIM_POINTER
#define net_dim(dim, sample) (net_dim)(dim, *(sample))
#endif

#endif
