/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Management commands that stand in files of their own, for the one table of
 * management.c.
 */
#ifndef EMULATOR_ADAPTER_MANAGEMENT_MANAGEMENT_H
#define EMULATOR_ADAPTER_MANAGEMENT_MANAGEMENT_H

#include <stdbool.h>
#include <stdint.h>

struct adapter;
struct command;

/* Commands that came with ConnectX-3 are unknown to the cards before it. */
bool management_is_connectx_3(const struct adapter *adapter);

/* management_port.c */
uint8_t management_mad_ifc(struct adapter *adapter, struct command *command);
uint8_t management_access_reg(struct adapter *adapter, struct command *command);

/* management_qos.c */
uint8_t management_congestion_ctrl(struct adapter *adapter,
				   struct command *command);
uint8_t management_allocate_vpp(struct adapter *adapter,
				struct command *command);
uint8_t management_set_vport_qos(struct adapter *adapter,
				 struct command *command);

#endif
