# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_ADAPTER_SOURCES += $(addprefix emulator/adapter/icm/,icm.c \
	icm_commands.c memory_region.c)
