# SPDX-License-Identifier: GPL-2.0-only
# What `make test` runs, in this order; each part has a verb of its own.

# test-lab runs the demonstration too.
TEST_PARTS := test-unit sparse test-compat test-bench test-lab test-emulator \
	test-tools test-segments test-rom-short test-tryboot-short test-e2e

# Tests at a time: each that starts a machine takes most of a processor
JOBS ?= 2

.PHONY: test test-unit test-tools

# Installs what is missing first: makes of their own, so that what they install
# is there when the next one starts. Every part runs even if one fails. The last line
# is pytest's own: how long a part took is said before the next one.
test: ## all tests that CI runs, with all the set-up they need
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory lab all
	@status=0; began=$$(date +%s); for part in $(TEST_PARTS); do \
	  echo "== $$part, after $$(($$(date +%s) - began)) s"; \
	  $(MAKE) --no-print-directory $$part || { status=1; \
	    echo "== $$part FAILED"; }; \
	done; exit $$status

test-unit: $$(UNIT_TESTS) ## unit tests (cmocka)
	@status=0; for test in $(UNIT_TESTS); do \
	  echo "-- $$test"; $$test || status=1; \
	done; exit $$status

test-tools: $$(PROGRAMS) $$(B)/tests/flash-sample ## the tools as a user calls them
	@$(PYTHON) -m pytest -q -n $(JOBS) tests/e2e/test_tools_*.py
