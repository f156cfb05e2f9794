/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef INITRD_ISCSI_ROOT_IDENTITY_H
#define INITRD_ISCSI_ROOT_IDENTITY_H

#include <stdint.h>

struct settings;

/*
 * Gives the host an initiator's name that is its own: made of the target's naming
 * authority and the MAC, or (a target with a name of another kind) an EUI-64.
 */
void identity_make(struct settings *s, const uint8_t mac[6]);

#endif
