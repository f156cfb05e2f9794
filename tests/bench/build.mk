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

# QEMU loads it: a shared object, without the stack of flags of a program.
$(B)/bench/counter.so: tests/bench/counter.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror \
		-Wno-unused-parameter -fPIC -shared -o $@ $<

# What the guests get: /bench of each.
BENCH_GUEST := $(addprefix $(B)/bench/guest/,udp_sink tcp_bulk state xdp.o)

$(B)/bench/guest/%: tests/bench/guest/%.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -static -o $@ $<

$(B)/bench/guest/xdp.o: tests/e2e/bpf/xdp.c
	@mkdir -p $(@D)
	@echo "  CLANG   $@"
	@clang -O2 -g -target bpf -c -o $@ $<

$(B)/bench/guest/state: tests/bench/guest/state
	@mkdir -p $(@D)
	@install -m 755 $< $@

# CASES=adapter/throughput/igb runs the cases that begin so. BENCH_RUNS,
# BENCH_SECONDS, BENCH_STRICT, BENCH_DRIVER and BENCH_DEVICE:
# tests/bench/README.md.
.PHONY: bench test-bench
test-bench: ## the arithmetic of the benchmarks
	@$(PYTHON) -m pytest -q tests/bench

bench: deps ## compare with the peers, into build/bench.json (CASES=PREFIX)
	@tests/lab/make-lab
	@tests/lab/make-lab generic dracut bookworm
	@$(MAKE) --no-print-directory all $(B)/bench/counter.so \
		$(BENCH_GUEST)
	@$(MAKE) --no-print-directory modules KERNEL="6.12 6.12-generic"
	@$(MAKE) --no-print-directory rom $(B)/tests/rom-disk.efi
	@$(PYTHON) tests/bench/bench.py $(CASES)
