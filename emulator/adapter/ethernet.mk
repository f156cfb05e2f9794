# SPDX-License-Identifier: GPL-2.0-only
# The Ethernet half: capabilities, ports, steering, statistics, management.
EMULATOR_ADAPTER_ETHERNET_SOURCES := $(addprefix emulator/adapter/,ethernet.c \
	management.c management_port.c management_qos.c module_eeprom.c port.c \
	port_tables.c profile.c query.c statistics.c steering.c steering_a0.c \
	steering_dmfs.c steering_mcg.c steering_rule.c)
