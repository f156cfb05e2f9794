# SPDX-License-Identifier: GPL-2.0-only
# The Ethernet half: capabilities, ports, steering, statistics, management.
EMULATOR_ADAPTER_ETHERNET_SOURCES := $(addprefix emulator/adapter/,ethernet.c \
	management.c management_port.c management_qos.c module_eeprom.c port.c \
	port_tables.c profile.c query.c statistics.c steering.c steering_a0.c \
	steering_dmfs.c steering_mcg.c steering_rule.c)

# Tests of this half alone, without queues and transport
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
