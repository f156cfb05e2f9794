# SPDX-License-Identifier: GPL-2.0-only
# kernel/compat on every kernel of the lab: what its probe answers, and a module
# that uses all of it.

.PHONY: test-compat compat-answers
test-compat: ## the kernel drivers' compatibility layer, for each kernel
	@tests/lab/make-lab toolchain headers
	@PYTHONPATH=tests $(PYTHON) -m pytest -q tests/compat

compat-answers: ## record what kernel/compat/probe.sh answers now
	@set -e; for kernel in $(KERNELS); do \
	  kernel/compat/probe.sh build/lab/headers/$$kernel/common \
	    >kernel/compat/answers/$$kernel; done
