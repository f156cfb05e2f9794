# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_ADAPTER_ETHERNET_SOURCES += $(addprefix emulator/adapter/port/,\
	module_eeprom.c port.c port_tables.c statistics.c)
