# SPDX-License-Identifier: GPL-2.0-only
-include emulator/adapter/ethernet.mk

EMULATOR_ADAPTER_SOURCES := $(addprefix emulator/adapter/,adapter.c command.c \
	cq.c deliver.c doorbell.c eq.c faults.c hca.c icm.c icm_commands.c \
	memory_region.c qp.c queues.c receive.c registers.c send.c trace.c \
	transmit.c) $(EMULATOR_ADAPTER_ETHERNET_SOURCES)
