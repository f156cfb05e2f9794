# SPDX-License-Identifier: GPL-2.0-only
# Images of two segments: what kernels make of them, and what mkinitrd-en says.

SEGMENTS_INIT := $(B)/tests/segments-init

$(SEGMENTS_INIT): tests/segments/init.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@musl-gcc -std=gnu11 -Os -Wall -Wextra -Werror -static -s -o $@ $<

.PHONY: segments test-segments
segments: lab ## ask the kernels about every pair of segments: docs/segments.md
	@$(PYTHON) tests/segments/ask_kernels.py

test-segments: $(B)/bin/mkinitrd-en $(SEGMENTS_INIT) ## what mkinitrd-en says of pairs of segments
	@$(PYTHON) -m pytest -q -rf --tb=short tests/segments
