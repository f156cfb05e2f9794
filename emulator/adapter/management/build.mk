# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_ADAPTER_ETHERNET_SOURCES += $(addprefix emulator/adapter/management/,\
	management.c management_port.c management_qos.c)
