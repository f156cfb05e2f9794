# SPDX-License-Identifier: GPL-2.0-only
# Benchmarks. What measures one part in itself is a small program of its own.

BENCH_PACKET_SOURCES := tests/bench/bench_packet.c \
	tests/unit/emulator_packet/frames.c $(EMULATOR_PACKET_SOURCES)
ALL_SOURCES += $(BENCH_PACKET_SOURCES)

$(B)/bench/bench-packet: $(call objects,$(BENCH_PACKET_SOURCES))
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $^

.PHONY: bench-packet
bench-packet: $(B)/bench/bench-packet ## how fast checksums, segments, hashes are
	@$<
