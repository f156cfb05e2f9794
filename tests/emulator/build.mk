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

FLASH_SAMPLE_SOURCES := tests/emulator/flash_sample_main.c \
	tests/unit/tools/flash_sample.c tools/lib/flash/fs2_rom.c \
	$(FLASH_FORMAT_SOURCES)
ALL_SOURCES += $(FLASH_SAMPLE_SOURCES)
TEST_PROGRAMS += $(B)/tests/flash-sample
$(B)/tests/flash-sample: $(call objects,$(FLASH_SAMPLE_SOURCES))
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $^

PROTOCOL_PROGRAMS := $(B)/tests/echo-function $(B)/tests/flash-sample $(B)/bin/connectx-adapter \
	$(B)/bin/connectx-adapterctl
# Sanitizers need more system calls than the sandbox allows, and QEMU needs the
# lab: these two run with the plain programs.
PLAIN_TESTS := tests/emulator/test_sandbox.py tests/emulator/test_qemu.py
PROTOCOL_TESTS := $(filter-out $(PLAIN_TESTS),$(wildcard \
	tests/emulator/test_*.py))

.PHONY: test-protocol test-emulator coverage
test-protocol: $(PROTOCOL_PROGRAMS) ## the adapter over its socket, without QEMU
	@$(PYTHON) -m pytest -q -n $(JOBS) $(PROTOCOL_TESTS) --build=$(B)

test-emulator: $(PROTOCOL_PROGRAMS) ## the same under sanitizers, and in QEMU
	@$(MAKE) --no-print-directory SANITIZE=1 test-protocol
	@$(PYTHON) -m pytest -q -n $(JOBS) $(PLAIN_TESTS) --build=$(B)

# Lines of the emulator that the protocol and unit tests run
COVERAGE_LEAST := 85
COVERAGE_UNIT = $(filter $(addprefix $(B)/tests/,adapter-% packet-% net-% \
	event-% guest-% config-%),$(UNIT_TESTS))
coverage: ## count the emulator's lines under test; fails below 85 %
	@$(MAKE) --no-print-directory COVERAGE=1 coverage-run
	@gcovr --root . --filter emulator/ --exclude emulator/control/client/ \
	  --object-directory build/plain-coverage build/plain-coverage \
	  --print-summary --fail-under-line $(COVERAGE_LEAST) \
	  --txt build/plain-coverage/lines.txt

# UNIT_TESTS is complete when the recipe runs, not when this is read.
.PHONY: coverage-run
coverage-run: $(PROTOCOL_PROGRAMS)
	@$(MAKE) --no-print-directory COVERAGE=1 $(COVERAGE_UNIT)
	@find $(B) -name '*.gcda' -delete
	@for test in $(COVERAGE_UNIT); do \
	  $$test >/dev/null 2>&1 || echo "$$test failed: see make test-unit"; \
	done
	@$(PYTHON) -m pytest -q $(PROTOCOL_TESTS) --build=$(B)
