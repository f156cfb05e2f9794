# SPDX-License-Identifier: GPL-2.0-only
# The kernel's own checkers of sources over the drivers (README.md). Not in
# `make test`: they need a root of their own, and coccinelle some minutes.

.PHONY: checkpatch coccicheck

checkpatch: ## checkpatch --strict over the drivers' sources
	@tests/lab/make-lab static
	@LAB_TOOLCHAIN=static tests/lab/in-toolchain tests/static/run-checkpatch

# COCCI=free: the semantic patches whose path has "free" in it
coccicheck: ## the kernel's semantic patches over the drivers' sources
	@tests/lab/make-lab static headers
	@LAB_TOOLCHAIN=static tests/lab/in-toolchain tests/static/run-coccicheck \
	  $(COCCI)
