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
	  mkdir -p build/kernel/$$kernel; \
	  $(BUILD_MODULES) $$kernel $(KBUILD_WORDS) KBUILD_CHECKSRC=2 \
	    CF="-D__CHECK_ENDIAN__ -include /src/tests/lab/sparse.h" | \
	    tee $$log || status=1; \
	  ! grep -qE '(warning|error):' $$log || status=1; done; \
	exit $$status

# What DKMS needs and nothing else, below the folder's name that it expects;
# SAME_BYTES is in packaging/build.mk.
DKMS_NAME := connectx-en-$(VERSION)
DKMS_TAR := build/dist/connectx-en-dkms-$(VERSION).tar.gz

.PHONY: dist-dkms
dist-dkms: ## the kernel modules' sources for DKMS, into build/dist
	@grep -qx 'PACKAGE_VERSION="$(VERSION)"' dkms.conf || \
	  { echo "dkms.conf is of another version than $(VERSION)" >&2; exit 1; }
	@grep -q 'CX_DRIVER_VERSION ".*-$(VERSION)"' kernel/mlx4_core/api.h || \
	  { echo "mlx4_core/api.h is of another version" >&2; exit 1; }
	@mkdir -p $(dir $(DKMS_TAR))
	@{ echo dkms.conf; echo LICENSE; \
	   find kernel include/connectx packaging/dkms -type f \
	     ! -name build.mk ! -name .gitignore ! -name answers.h \
	     ! -name '*.mod*' ! -name '*.o' ! -name '*.ko' ! -name '.*.cmd' \
	     ! -path '*/answers/*' ! -path '*/__pycache__/*'; \
	 } | LC_ALL=C sort | tar --create --file $(DKMS_TAR) \
	   $(SAME_BYTES) --files-from - --transform 's,^,$(DKMS_NAME)/,'
	@echo "  DIST    $(DKMS_TAR)"

modules-clean: ## forget the built modules
	rm -rf build/kernel build/modules
