# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# LIO's own reader of saveconfig.json, rtslib with its targetctl, as a segment
# of the test guest: what it configures is in the kernel, so it runs there.
. "$(dirname "${BASH_SOURCE[0]}")/kernel-packages.sh"
. "$here/parts/pack.sh"

fetch lio trixie python3-rtslib-fb 'python3-(rtslib-fb|pyudev|six)'
for deb in "$work/debs-lio"/*.deb; do dpkg-deb -x "$deb" "$work/tree"; done
tree=$work/segment
mkdir -p "$tree/usr/bin" "$tree/usr/lib/python3" "$tree/usr/lib/x86_64-linux-gnu" \
	"$tree/etc/rtslib-fb-target"
cp "$(first_of "$work/tree/usr/bin/targetctl" "$work/tree/bin/targetctl")" \
	"$tree/usr/bin"
cp -a "$work/tree/usr/lib/python3/dist-packages" "$tree/usr/lib/python3"
# pyudev loads it by its name.
cp "$LAB/root/usr/lib/x86_64-linux-gnu/libudev.so.1" \
	"$tree/usr/lib/x86_64-linux-gnu"
pack "$tree" "$NEW/lio.cpio"
rm -rf "$work"
