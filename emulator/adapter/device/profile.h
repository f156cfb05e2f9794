/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a card of each device id says about itself.
 */
#ifndef EMULATOR_ADAPTER_DEVICE_PROFILE_H
#define EMULATOR_ADAPTER_DEVICE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "connectx/ids.h"

struct profile {
	uint16_t device_id;
	enum cx_generation generation;
	const char *silicon; /* "MT25448" */
	const char *description;
	char psid[17]; /* board id */
	uint16_t firmware_major, firmware_minor, firmware_subminor;
	uint32_t speed; /* Mbit/s, the fastest that a port trains to */
	uint32_t link_modes; /* CX_LINK_MODE_* */
	bool twisted_pair;
	uint16_t core_clock; /* MHz, also the time stamps' clock */
	unsigned int pcie_generation;
	uint8_t revision; /* PCI revision id */
	/* The images that QUERY_FW and QUERY_DEV_CAP answer with */
	uint8_t firmware[0x100];
	uint8_t dev_cap[0x100];
};

/**
 * profile_init - fill in what a device id stands for
 *
 * Return: 0, or -ENODEV if the id is none of CX_PCI_DEVICES.
 */
int profile_init(struct profile *profile, uint16_t device_id);

/**
 * profile_set_uar - lay out BAR2: UAR pages in its first half
 * @bar2_size: bytes, a power of two, at least 2 MiB
 * @blueflame: advertise the second half as BlueFlame registers
 */
void profile_set_uar(struct profile *profile, uint64_t bar2_size,
		     bool blueflame);

/* Which silicon it is, without the revision: CX_HW_ID_* */
uint16_t profile_hardware_id(const struct profile *profile);

/* Capability of the QUERY_DEV_CAP image, a CX_DEV_CAP_* field */
uint64_t profile_cap(const struct profile *profile, uint32_t field);

#endif
