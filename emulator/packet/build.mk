# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_PACKET_SOURCES := emulator/packet/checksum.c emulator/packet/parse.c \
	emulator/packet/rss.c emulator/packet/segment.c

PACKET_TEST := tests/unit/emulator_packet
PACKET_TEST_SOURCES := $(PACKET_TEST)/frames.c $(EMULATOR_PACKET_SOURCES)

$(eval $(call unit_test,packet-checksum,$(PACKET_TEST)/test_checksum.c \
	$(PACKET_TEST_SOURCES)))
$(eval $(call unit_test,packet-parse,$(PACKET_TEST)/test_parse.c \
	$(PACKET_TEST_SOURCES)))
$(eval $(call unit_test,packet-rss,$(PACKET_TEST)/test_rss.c \
	$(PACKET_TEST_SOURCES)))
$(eval $(call unit_test,packet-segment,$(PACKET_TEST)/test_segment.c \
	$(PACKET_TEST_SOURCES)))

NET_TEST_SOURCES := $(PACKET_TEST_SOURCES) $(PACKET_TEST)/net_user.c \
	$(EMULATOR_NET_SOURCES) $(EMULATOR_LOOP_SOURCES)

$(eval $(call unit_test,net-cable,$(PACKET_TEST)/test_cable.c \
	$(NET_TEST_SOURCES)))
$(eval $(call unit_test,net-capture,$(PACKET_TEST)/test_capture.c \
	$(NET_TEST_SOURCES)))
$(eval $(call unit_test,net-stream,$(PACKET_TEST)/test_stream.c \
	$(NET_TEST_SOURCES)))
$(eval $(call unit_test,net-tap,$(PACKET_TEST)/test_tap.c \
	$(PACKET_TEST)/tap_lab.c $(NET_TEST_SOURCES)))
$(eval $(call unit_test,net-tap-tcp,$(PACKET_TEST)/test_tap_tcp.c \
	$(PACKET_TEST)/tap_lab.c $(NET_TEST_SOURCES)))
