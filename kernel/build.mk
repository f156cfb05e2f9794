# SPDX-License-Identifier: GPL-2.0-only
# The kernel modules, built in the lab for its kernels. A host builds them by
# DKMS, or by hand: make -C /lib/modules/$(uname -r)/build M=$PWD/kernel modules

# KERNEL=6.12: that one alone; MODULES=mlx4_core: that module alone
KERNELS := $(shell sed -n 's/^\([0-9][^[:space:]]*\).*/\1/p' \
	tests/lab/packages/kernels)
KERNEL ?= $(KERNELS)
BUILD_MODULES = tests/lab/build-modules
KBUILD_WORDS = $(if $(MODULES),CONNECTX_MODULES="$(MODULES)")

.PHONY: modules sparse modules-clean
modules: ## the kernel modules for the lab's kernels, into build/modules
	@tests/lab/make-lab toolchain headers
	@status=0; for kernel in $(KERNEL); do echo "== modules for $$kernel"; \
	  $(BUILD_MODULES) $$kernel $(KBUILD_WORDS) || status=1; done; \
	exit $$status

# Not C=2: the headers of newer kernels lack the script by which kbuild then
# asks whether there is a sparse. Its status says nothing of warnings.
sparse: ## sparse with endian checks over the kernel modules
	@tests/lab/make-lab toolchain headers
	@set -o pipefail; status=0; for kernel in $(KERNEL); do \
	  echo "== sparse for $$kernel"; \
	  log=build/kernel/$$kernel/sparse.log; \
	  $(BUILD_MODULES) $$kernel $(KBUILD_WORDS) KBUILD_CHECKSRC=2 \
	    CF="-D__CHECK_ENDIAN__ -include /src/tests/lab/sparse.h" | \
	    tee $$log || status=1; \
	  ! grep -qE '(warning|error):' $$log || status=1; done; \
	exit $$status

modules-clean: ## forget the built modules
	rm -rf build/kernel build/modules
