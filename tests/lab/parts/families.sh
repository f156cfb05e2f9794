# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What initrds of other makes are made of by tests/families: a static busybox,
# tiny-initramfs' init, and what begins a unified kernel image. Not made by
# default.
. "$(dirname "${BASH_SOURCE[0]}")/kernel-packages.sh"

take()
{
	fetch "$1" trixie "$1" "$1"
	dpkg-deb -x "$work/debs-$1"/*.deb "$work/tree-$1"
}

take busybox-static
take tiny-initramfs-core
take systemd-boot-efi
cp "$(first_of "$work"/tree-busybox-static/{usr/,}bin/busybox)" "$NEW/busybox"
cp "$(find "$work/tree-tiny-initramfs-core" -name init-static)" \
	"$NEW/tiny-init"
cp "$work"/tree-systemd-boot-efi/usr/lib/systemd/boot/efi/linuxx64.efi.stub \
	"$NEW/uki-stub"
rm -rf "$work"
"$NEW/busybox" true
