# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_ADAPTER_SOURCES += $(addprefix emulator/adapter/data/,deliver.c \
	receive.c send.c transmit.c)
