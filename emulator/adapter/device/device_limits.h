/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the card's own answers promise, for the parts that must keep to it.
 */
#ifndef EMULATOR_ADAPTER_DEVICE_DEVICE_LIMITS_H
#define EMULATOR_ADAPTER_DEVICE_DEVICE_LIMITS_H

#include "connectx/device.h"
#include "emulator/adapter/adapter.h"

/* SET_ICM_SIZE answers with so many pages; drivers need at least one. */
#define DEVICE_AUX_PAGES 16

static inline u64 device_firmware_pages(const struct adapter *adapter)
{
	return cx_get(adapter->ethernet.profile.firmware, CX_QUERY_FW_PAGES);
}

static inline u64 device_max_icm_size(const struct adapter *adapter)
{
	return profile_cap(&adapter->ethernet.profile, CX_DEV_CAP_MAX_ICM);
}

static inline bool device_has_cqe_64b(const struct adapter *adapter)
{
	return profile_cap(&adapter->ethernet.profile, CX_DEV_CAP_CQE_64B);
}

static inline bool device_has_eqe_64b(const struct adapter *adapter)
{
	return profile_cap(&adapter->ethernet.profile, CX_DEV_CAP_EQE_64B);
}

/* Bytes of BAR2 that hold UAR pages; what follows is BlueFlame. */
static inline u64 device_uar_size(const struct adapter *adapter)
{
	return 1ULL << (20 + profile_cap(&adapter->ethernet.profile,
					 CX_DEV_CAP_LOG_UAR_MIB));
}

/* The usual size; also how pushes are understood when not advertised */
#define DEVICE_BLUEFLAME_REGISTER 512

static inline u64 device_core_clock(const struct adapter *adapter)
{
	return adapter->ethernet.profile.core_clock;
}

/* Offset of the clock in BAR0, 0 if the card does not show it */
static inline u64 device_clock_offset(const struct adapter *adapter)
{
	return cx_get(adapter->ethernet.profile.firmware,
		      CX_QUERY_FW_CLOCK_OFFSET);
}

#endif
