# SPDX-License-Identifier: GPL-2.0-only
# DKMS with our drivers, in a Debian 12 and a Debian 13.

.PHONY: test-dkms
test-dkms: dist-dkms ## install, upgrade and remove the drivers by DKMS
	@tests/lab/make-lab dkms
	@PYTHONPATH=tests $(PYTHON) -m pytest -q --tb=short tests/dkms
