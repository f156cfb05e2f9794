# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_CONTROL_SOURCES := $(addprefix emulator/control/,card_commands.c \
	control.c events.c fault_commands.c json_text.c port_commands.c \
	queue_commands.c request.c)
# What a program with these sources is linked with
EMULATOR_CONTROL_LIBRARIES := -ljson-c

$(eval $(call program,connectx-adapterctl,$(addprefix \
	emulator/control/client/,main.c print.c words.c),-ljson-c))
