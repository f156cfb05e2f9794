# SPDX-License-Identifier: GPL-2.0-only
# The acceptance rows on machines of the matrix (tests/e2e/matrix.py).

E2E_ROWS := $(filter-out tests/e2e/test_tools_%.py, \
	$(sort $(wildcard tests/e2e/test_*.py)))

# ours, in-tree (the kernel's own), or both: each row with ours, and a share of
# them with the in-tree drivers
DRIVER ?= $(or $(CONNECTX_DRIVER),both)

.PHONY: test-e2e test-all test-matrix

test-e2e: modules $$(PROGRAMS) $$(B)/tests/flash-sample ## each acceptance row once, kernels and cards in turn
	@$(PYTHON) -m pytest -q -rf --tb=short --driver=$(DRIVER) \
		-n $(JOBS) --dist loadgroup --results build/e2e/turn.json $(E2E_ROWS)

# A run that was stopped goes on where it was; AGAIN=1 tries what failed once
# more; ONLY="6.12 7.3" has the combinations with one of these in their names, and
# keeps what the table says of the others. It is written whether rows fail or not:
# it shows them.
test-all: modules $$(PROGRAMS) $$(B)/tests/flash-sample ## the whole matrix, into docs/test-matrix.md
	@$(PYTHON) tests/e2e/run_all.py --driver $(DRIVER) --jobs $(JOBS) \
		$(if $(AGAIN),--again) $(if $(ONLY),--only "$(ONLY)") build/e2e/all \
		$(E2E_ROWS); status=$$?; \
	$(MAKE) --no-print-directory test-matrix && exit $$status

test-matrix: ## docs/test-matrix.md anew from what make test-all has tried
	@$(PYTHON) tests/e2e/matrix_report.py \
		$(if $(ONLY),--onto docs/test-matrix.md) build/e2e/all/*.json \
		docs/test-matrix.md
