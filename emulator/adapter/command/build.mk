# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_ADAPTER_SOURCES += $(addprefix emulator/adapter/command/,command.c \
	faults.c registers.c trace.c)
