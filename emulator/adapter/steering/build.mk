# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_ADAPTER_ETHERNET_SOURCES += $(addprefix emulator/adapter/steering/,\
	steering.c steering_a0.c steering_dmfs.c steering_mcg.c \
	steering_rule.c)
