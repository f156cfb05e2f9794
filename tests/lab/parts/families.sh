# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What initrds of other makes are made of by tests/families: a static busybox,
# and tiny-initramfs' init. Not made by default.
. "$(dirname "${BASH_SOURCE[0]}")/kernel-packages.sh"

take()
{
	fetch "$1" trixie "$1" "$1"
	dpkg-deb -x "$work/debs-$1"/*.deb "$work/tree-$1"
}

take busybox-static
take tiny-initramfs-core
cp "$(first_of "$work"/tree-busybox-static/{usr/,}bin/busybox)" "$NEW/busybox"
cp "$(find "$work/tree-tiny-initramfs-core" -name init-static)" \
	"$NEW/tiny-init"
rm -rf "$work"
"$NEW/busybox" true
