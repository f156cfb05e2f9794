# SPDX-License-Identifier: GPL-2.0-only
# Each folder adds its files. Those of the Ethernet half (ports, steering,
# statistics, management, what the card says of itself) are a list of their
# own: their unit tests need neither queues nor commands.
EMULATOR_ADAPTER_SOURCES := emulator/adapter/adapter.c
EMULATOR_ADAPTER_ETHERNET_SOURCES := emulator/adapter/ethernet.c
include $(sort $(wildcard emulator/adapter/*/build.mk))
EMULATOR_ADAPTER_SOURCES += $(EMULATOR_ADAPTER_ETHERNET_SOURCES)

# Tests of that half alone, without queues and transport
ETHERNET_TEST := tests/unit/emulator_adapter
ETHERNET_TEST_SOURCES := $(ETHERNET_TEST)/ethernet_fixture.c \
	$(EMULATOR_ADAPTER_ETHERNET_SOURCES) emulator/packet/parse.c \
	$(addprefix emulator/loop/,event_loop.c log.c timer_heap.c)

$(eval $(call unit_test,adapter-query,$(ETHERNET_TEST)/test_query.c \
	$(ETHERNET_TEST_SOURCES)))
$(eval $(call unit_test,adapter-statistics,$(ETHERNET_TEST)/test_statistics.c \
	$(ETHERNET_TEST_SOURCES)))
$(eval $(call unit_test,adapter-port,$(ETHERNET_TEST)/test_port.c \
	$(ETHERNET_TEST_SOURCES)))
$(eval $(call unit_test,adapter-management,$(ETHERNET_TEST)/test_management.c \
	$(ETHERNET_TEST_SOURCES)))
$(eval $(call unit_test,adapter-steering,$(ETHERNET_TEST)/test_steering.c \
	$(ETHERNET_TEST)/mcg_driver.c $(ETHERNET_TEST_SOURCES)))
$(eval $(call unit_test,adapter-rules,$(ETHERNET_TEST)/test_rules.c \
	$(ETHERNET_TEST_SOURCES)))
