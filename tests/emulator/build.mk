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

TRANSPORT_TEST := tests/unit/emulator_transport
$(eval $(call unit_test,event-loop,$(TRANSPORT_TEST)/test_event_loop.c \
	$(EMULATOR_LOOP_SOURCES)))
$(eval $(call unit_test,guest-memory,$(TRANSPORT_TEST)/test_guest_memory.c \
	$(EMULATOR_LOOP_SOURCES) $(EMULATOR_MEMORY_SOURCES)))
$(eval $(call unit_test,config-space,$(TRANSPORT_TEST)/test_config_space.c \
	$(EMULATOR_LOWER_SOURCES)))

PROTOCOL_PROGRAMS := $(B)/tests/echo-function $(B)/bin/connectx-adapter

.PHONY: test-protocol test-emulator
test-protocol: $(PROTOCOL_PROGRAMS) ## the adapter over its socket, without QEMU
	@$(PYTHON) -m pytest -q tests/emulator --build=$(B) \
	  --ignore=tests/emulator/test_qemu.py

# test_qemu.py needs the lab, and is skipped without
test-emulator: $(PROTOCOL_PROGRAMS) ## the same, and the transport in QEMU
	@$(PYTHON) -m pytest -q tests/emulator --build=$(B)
