# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_ADAPTER_SOURCES += emulator/adapter/device/hca.c
EMULATOR_ADAPTER_ETHERNET_SOURCES += $(addprefix emulator/adapter/device/,\
	profile.c query.c)
