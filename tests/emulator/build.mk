# SPDX-License-Identifier: GPL-2.0-only
# Tests of the emulator over its socket, without a virtual machine.

EMULATOR_LOWER_SOURCES := $(EMULATOR_LOOP_SOURCES) $(EMULATOR_MEMORY_SOURCES) \
	$(EMULATOR_TRANSPORT_SOURCES) $(EMULATOR_PCI_SOURCES)

ECHO_FUNCTION_SOURCES := tests/emulator/echo_function.c $(EMULATOR_LOWER_SOURCES)
ALL_SOURCES += $(ECHO_FUNCTION_SOURCES)
TEST_PROGRAMS += $(B)/tests/echo-function
$(B)/tests/echo-function: $(call objects,$(ECHO_FUNCTION_SOURCES))
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $^
