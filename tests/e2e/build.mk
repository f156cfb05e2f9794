# SPDX-License-Identifier: GPL-2.0-only
# The acceptance rows on machines of the matrix (tests/e2e/matrix.py).

E2E_ROWS := $(filter-out tests/e2e/test_tools_%.py, \
	$(sort $(wildcard tests/e2e/test_*.py)))

# DRIVER=ours, DRIVER=both: make modules first
DRIVER ?= $(or $(CONNECTX_DRIVER),in-tree)

.PHONY: test-e2e test-all test-matrix test-drivers

test-e2e: $$(PROGRAMS) ## each acceptance row once, kernels and cards in turn
	@$(PYTHON) -m pytest -q -rf --tb=short --driver=$(DRIVER) \
		--results build/e2e/turn.json $(E2E_ROWS)

# DRIVER=ours make test-e2e has all of their rows.
test-drivers: modules $$(PROGRAMS) ## our drivers: built for each kernel, loaded, asked
	@$(PYTHON) -m pytest -q -rf --tb=short --driver=ours \
		--results build/e2e/drivers.json tests/e2e/test_01_load.py

# The table is written whether rows fail or not: it shows them.
test-all: $$(PROGRAMS) ## the whole matrix, into docs/test-matrix.md
	@$(PYTHON) -m pytest -q -rf --tb=short --matrix=all \
		--driver=$(DRIVER) --results build/e2e/all.json $(E2E_ROWS); status=$$?; \
	$(PYTHON) tests/e2e/matrix_report.py build/e2e/all.json \
		docs/test-matrix.md && exit $$status

test-matrix: ## docs/test-matrix.md anew from the last make test-all
	@$(PYTHON) tests/e2e/matrix_report.py build/e2e/all.json \
		docs/test-matrix.md
