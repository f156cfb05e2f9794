# SPDX-License-Identifier: GPL-2.0-only
# libFuzzer targets. `make fuzz-NAME FUZZ_SECONDS=60` builds and runs one; what
# it finds stays in build/fuzz. A target adds itself with
# $(eval $(call fuzz_target,NAME,SOURCES,LIBRARIES)).

FUZZ_CC ?= clang
FUZZ_SECONDS ?= 60
FUZZ_CFLAGS := -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra \
	-Wno-unused-parameter -fno-omit-frame-pointer \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	-Iinclude -I.

define fuzz_target
FUZZ_TARGETS += fuzz-$(1)
build/fuzz/fuzz-$(1): $(2) $$(wildcard include/connectx/*.h emulator/*/*.h \
		emulator/*/*/*.h)
	@command -v $$(FUZZ_CC) >/dev/null || { echo "fuzzing needs clang:" \
	  "apt-get install clang" >&2; exit 1; }
	@mkdir -p $$(@D)
	@echo "  FUZZ    $$@"
	@$$(FUZZ_CC) $$(FUZZ_CFLAGS) -o $$@ $(2) $(3)

.PHONY: fuzz-$(1)
fuzz-$(1): build/fuzz/fuzz-$(1)
	@mkdir -p build/fuzz/corpus-$(1)
	@build/fuzz/fuzz-$(1) -max_total_time=$$(FUZZ_SECONDS) -timeout=10 \
	  -rss_limit_mb=2048 -print_final_stats=1 \
	  -artifact_prefix=build/fuzz/$(1)- build/fuzz/corpus-$(1)
endef

$(eval $(call fuzz_target,packet,tests/fuzz/fuzz_packet.c \
	tests/unit/emulator_packet/frames.c $(EMULATOR_PACKET_SOURCES) \
	emulator/net/virtio_net_header.c))

$(eval $(call fuzz_target,transport,tests/fuzz/fuzz_transport.c \
	$(EMULATOR_LOWER_SOURCES)))
fuzz-transport: build/fuzz/corpus-transport/seed-info
build/fuzz/corpus-transport/seed-info: tests/fuzz/seed_transport.py
	@python3 $< $(@D)

# The whole adapter without sockets; a script's seeds are a driver's first
# steps.
$(eval $(call fuzz_target,adapter,tests/fuzz/fuzz_adapter.c \
	tests/fuzz/adapter_rig.c tests/unit/emulator_packet/frames.c \
	$(filter-out emulator/control/%,$(EMULATOR_SOURCES))))
fuzz-adapter: build/fuzz/corpus-adapter/seed-send
build/fuzz/corpus-adapter/seed-send: tests/fuzz/seed_adapter.py
	@python3 $< $(@D)

# Lines of the control socket; a good one of each command is a seed.
$(eval $(call fuzz_target,control,tests/fuzz/fuzz_control.c \
	$(EMULATOR_SOURCES),$(EMULATOR_CONTROL_LIBRARIES)))
fuzz-control: build/fuzz/corpus-control/seed-all
build/fuzz/corpus-control/seed-all: tests/fuzz/seed_control.py
	@python3 $< $(@D)

.PHONY: fuzz
fuzz: $(FUZZ_TARGETS) ## every fuzz target for FUZZ_SECONDS (60) each
