# SPDX-License-Identifier: GPL-2.0-only
# The drivers under a kernel that finds faults (tests/debug/README.md). Not in
# `make test`: it takes an hour or so.

.PHONY: test-debug
test-debug: $$(PROGRAMS) ## the drivers on a kernel with KASAN, lockdep, fault injection
	@$(MAKE) --no-print-directory lab-debug
	@$(MAKE) --no-print-directory modules KERNEL=6.12-debug
	@$(PYTHON) -m pytest -q -rf --tb=short tests/debug
