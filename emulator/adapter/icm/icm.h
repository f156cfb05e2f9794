/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interconnect context memory: the adapter's own address space, backed by
 * pages that the driver hands over. Sparse; the last mapping of a page wins.
 */
#ifndef EMULATOR_ADAPTER_ICM_ICM_H
#define EMULATOR_ADAPTER_ICM_ICM_H

#include "connectx/types.h"

struct adapter;

#define ICM_LEAF_PAGES 512
/* 16,384 leaves hold 32 GiB of addresses in 64 MiB; a guest that wants more is
 * told that a limit is exceeded.
 */
#define ICM_LEAVES_MAX 16384
#define ICM_BUCKETS 4096

struct icm_leaf {
	struct icm_leaf *next;
	u64 number; /* of the leaf: address >> (page shift + 9) */
	u64 page[ICM_LEAF_PAGES]; /* bus address | 1, or 0 */
};

struct icm {
	struct icm_leaf *bucket[ICM_BUCKETS];
	struct icm_leaf *last;
	unsigned int leaves;
	u64 announced; /* SET_ICM_SIZE */
};

void icm_reset(struct icm *icm);
/* Return: 0, or -ENOSPC. */
int icm_map(struct icm *icm, u64 address, u64 bus, u64 pages);
void icm_unmap(struct icm *icm, u64 address, u64 pages);
/* Return: bus address of the byte, or 0 if the page is not mapped. */
u64 icm_translate(struct icm *icm, u64 address);
/* Return: 0, or -EFAULT if a page or the guest's memory is missing. */
int icm_read(struct adapter *adapter, u64 address, void *to, size_t length);
int icm_write(struct adapter *adapter, u64 address, const void *from,
	      size_t length);

#endif
