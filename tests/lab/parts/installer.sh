# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The image that Debian 12's installer boots from a network by, and the kernel
# that it is for: installer/initrd.gz, installer/6.1-installer. Not made by
# default.
. "$(dirname "${BASH_SOURCE[0]}")/kernel-packages.sh"

kernel=6.1-installer
package=debian-installer-12-netboot-amd64
fetch installer bookworm "$package" "$package"
dpkg-deb --fsys-tarfile "$work"/debs-installer/*.deb |
	tar -x -C "$work" --wildcards '*/text/debian-installer/amd64/initrd.gz'
find "$work/usr" -name initrd.gz -exec cp {} "$NEW" \;
version=$(gzip -dc "$NEW/initrd.gz" | cpio -t --quiet |
	sed -n 's,^lib/modules/\([^/]*\)$,\1,p')
fetch "$kernel" bookworm "linux-image-$version" "linux-image-$version"
unpack "$kernel"
rm -rf "$work"
