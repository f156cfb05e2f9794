/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command handlers of the Ethernet half, for the dispatcher's list. Each
 * table ends with an entry of opcode 0.
 */
#ifndef EMULATOR_ADAPTER_ETHERNET_COMMANDS_H
#define EMULATOR_ADAPTER_ETHERNET_COMMANDS_H

#include "emulator/adapter/adapter.h"

/* QUERY_FW, QUERY_DEV_CAP, QUERY_ADAPTER, QUERY_HCA, QUERY_FUNC */
extern const struct command_binding query_commands[];
/* QUERY_PORT, INIT_PORT, CLOSE_PORT, SENSE_PORT */
extern const struct command_binding port_commands[];
/* SET_PORT, SET_VLAN_FLTR, SET_MCAST_FLTR */
extern const struct command_binding port_table_commands[];
/* DUMP_ETH_STATS, QUERY_IF_STAT, DIAG_RPRT */
extern const struct command_binding statistics_commands[];
/* READ_MCG, WRITE_MCG, MGID_HASH */
extern const struct command_binding steering_mcg_commands[];
/* FLOW_STEERING_ATTACH, FLOW_STEERING_DETACH */
extern const struct command_binding steering_rule_commands[];
/* CONFIG_DEV, MOD_STAT_CFG, MAD_IFC, ACCESS_REG, QoS, and the small ones */
extern const struct command_binding management_commands[];

#endif
