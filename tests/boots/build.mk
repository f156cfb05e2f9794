# SPDX-License-Identifier: GPL-2.0-only
# tryboot: what it makes of logs, and boots that stop at each of their stages.

TRYBOOT_PYTEST = PYTHONPATH=tools $(PYTHON) -m pytest -q -rf --tb=short

.PHONY: test-tryboot test-tryboot-short

test-tryboot: lab-dracut $$(PROGRAMS) ## boots that stop at each stage, as tryboot tells it
	@$(TRYBOOT_PYTEST) -n $(JOBS) tests/boots

# The readers of logs, and the boots that do not take long
test-tryboot-short: $$(PROGRAMS)
	@$(TRYBOOT_PYTEST) -n $(JOBS) -m "not long" tests/boots
