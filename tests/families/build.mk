# SPDX-License-Identifier: GPL-2.0-only
# Initrds of other makes than Debian's own, each with a part of the lab that is
# not made by default.

FAMILY_PYTEST = $(PYTHON) -m pytest -q -rf --tb=short -n $(JOBS)

.PHONY: test-families family-matrix

test-families: lab-dracut lab-families lab-installer $$(PROGRAMS) ## initrds of other makes boot to their root
	@$(FAMILY_PYTEST) --ignore=tests/families/test_matrix.py tests/families

# The table is written whether cells fail or not: it shows them.
family-matrix: lab-dracut lab-bookworm lab-families lab-installer $$(PROGRAMS) ## makes, ways to write and to load, networks: into docs/family-matrix.md
	@$(FAMILY_PYTEST) tests/families/test_matrix.py; status=$$?; \
	$(PYTHON) tests/families/matrix_report.py build/families \
		docs/family-matrix.md && exit $$status
