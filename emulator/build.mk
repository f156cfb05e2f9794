# SPDX-License-Identifier: GPL-2.0-only
# Each layer says in its own fragment what it builds.
include $(sort $(wildcard emulator/*/build.mk))

# Everything but the command line: what tests link against
EMULATOR_SOURCES := $(EMULATOR_LOOP_SOURCES) $(EMULATOR_MEMORY_SOURCES) \
	$(EMULATOR_TRANSPORT_SOURCES) $(EMULATOR_PCI_SOURCES) \
	$(EMULATOR_PACKET_SOURCES) $(EMULATOR_NET_SOURCES) \
	$(EMULATOR_ADAPTER_SOURCES) $(EMULATOR_CONTROL_SOURCES)

$(eval $(call program,connectx-adapter,emulator/main.c emulator/options.c \
	emulator/sandbox.c $(EMULATOR_SOURCES),\
	$(EMULATOR_CONTROL_LIBRARIES) -lseccomp))

# Sanitizers and coverage call what an adapter never does.
ifneq ($(VARIANT),plain)
$(B)/obj/emulator/sandbox.o: CFLAGS_ALL += -DSANDBOX_UNAVAILABLE
endif
