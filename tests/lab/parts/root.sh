# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The root that every program of the lab runs in: Debian 13 with QEMU of
# trixie-backports, the first that has vfio-user-pci.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# QEMU of the backports wants the SeaBIOS of the backports; all else is trixie's.
pin='Package: src:qemu src:seabios\nPin: release n=trixie-backports\nPin-Priority: 990\n'

debootstrap "$NEW" "$here/packages/root" --skip=output/dev \
	--setup-hook="mkdir -p \"\$1/etc/apt/preferences.d\" &&
		printf '$pin' >\"\$1/etc/apt/preferences.d/qemu\""

version=$(chroot "$NEW" qemu-system-x86_64 --version | sed -n 1p)
echo "$version"
chroot "$NEW" qemu-system-x86_64 -device help | grep -q '"vfio-user-pci"' || {
	echo "$version has no vfio-user-pci device" >&2
	exit 1
}
# parts/initrd.sh mounts a kernel's modules here.
mkdir -p "$NEW/usr/lib/modules"
