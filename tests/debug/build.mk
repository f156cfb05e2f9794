# SPDX-License-Identifier: GPL-2.0-only
# The drivers under a kernel that finds faults (tests/debug/README.md). Not in
# `make test`: it takes half a day.

.PHONY: test-debug
test-debug: $$(PROGRAMS) ## the drivers on a kernel with KASAN, lockdep, fault injection (KERNEL=7.3-debug)
	@$(MAKE) --no-print-directory lab-debug$(if $(filter 7.3-debug,$(KERNEL)),-7.3)
	@$(MAKE) --no-print-directory modules \
		KERNEL=$(or $(filter %-debug,$(KERNEL)),6.12-debug)
	@$(PYTHON) -m pytest -q -rf --tb=short -n $(JOBS) tests/debug
