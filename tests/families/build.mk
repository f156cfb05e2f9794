# SPDX-License-Identifier: GPL-2.0-only
# Initrds of other makes than Debian's own, each with a part of the lab that is
# not made by default.

.PHONY: test-families
test-families: lab-dracut lab-families $$(PROGRAMS) ## initrds of other makes boot to their root
	@$(PYTHON) -m pytest -q -rf --tb=short -n $(JOBS) tests/families
