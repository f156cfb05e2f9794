# SPDX-License-Identifier: GPL-2.0-only
# The lab: what the host needs, the Debian root, kernels and images that end to
# end tests use, and the demonstration.

.PHONY: test-demo deps lab lab-clean lab-bookworm lab-debug lab-debug-7.3 \
	lab-dracut lab-families lab-generic lab-installer test-lab demo

# The one that python3-pytest of host-packages belongs to.
PYTHON ?= /usr/bin/python3

deps: ## install the Debian packages that the build and the tests need
	@tests/lab/install-host-packages

lab: deps ## build the lab (QEMU, servers, kernels, images) into build/lab
	@tests/lab/make-lab

lab-debug: deps ## a kernel for the lab that finds a driver's faults
	@tests/lab/make-lab debug

lab-debug-7.3: deps ## the same of the newest kernel
	@tests/lab/make-lab debug-7.3

lab-bookworm: deps ## images as Debian 12 makes them, for the matrix of makes
	@tests/lab/make-lab bookworm

lab-dracut: deps ## images as dracut makes them, for the rows of that family
	@tests/lab/make-lab dracut

lab-families: deps ## what initrds of other makes are made of, for their rows
	@tests/lab/make-lab families

lab-generic: deps ## a generic kernel for the lab too (e1000e, igb)
	@tests/lab/make-lab generic

lab-installer: deps ## the image of Debian's installer, and its kernel
	@tests/lab/make-lab installer

test-lab: modules ## the lab's own tests
	@PYTHONPATH=tests $(PYTHON) -m pytest -q -p lab.fixtures -n $(JOBS) \
		--dist loadfile tests/lab

test-demo: modules ## the diskless boot of make demo, each day on another kernel
	@PYTHONPATH=tests $(PYTHON) -m pytest -q -p lab.fixtures \
		tests/lab/test_demo.py

lab-clean: ## forget the lab's cache
	@tests/lab/make-lab --clean

# In makes of their own: what deps installs must be there before they start.
demo: lab ## a diskless boot over the virtual ConnectX, to a login prompt
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory modules KERNEL=6.12
	@tests/lab/run demo
