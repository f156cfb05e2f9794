/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included ahead of every file of the drivers, which are written for the newest
 * kernel: gives older ones its names. README.md says how.
 */
#ifndef COMPAT_H
#define COMPAT_H

/* Here, since the headers below use it: a file has no say in it any more. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat/answers.h"
#include "compat/base.h"
#include "compat/devlink.h"
#include "compat/dim.h"
#include "compat/ethtool.h"
#include "compat/netdev.h"
#include "compat/page_pool.h"
#include "compat/rfs.h"
#include "compat/timestamp.h"
#include "compat/xdp.h"

#endif
