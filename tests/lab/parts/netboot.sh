# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Packages of packages/netboot, unpacked, not installed:
#   netboot/NAME.version       the package's version, a line
#   netboot/usr/...            what they hold
. "$(dirname "${BASH_SOURCE[0]}")/kernel-packages.sh"

while read -r name suite package; do
	fetch "$name" "$suite" "$package" "$package"
	for deb in "$work/debs-$name"/*.deb; do
		dpkg-deb -x "$deb" "$NEW"
		dpkg-deb -f "$deb" Version >"$NEW/$name.version"
	done
done < <(kernel_list "$here/packages/netboot")
rm -rf "$work"
