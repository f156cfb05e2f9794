# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Real Debian initrds, one a kernel: initrd/initrd-KERNEL.img, made by Debian's
# mkinitramfs with the hooks that a user has who installed open-iscsi.
#
# The image lacks the ConnectX drivers, as one does that was made for other
# hardware: MODULES=list with initrd/modules, which is what MODULES=dep leaves
# on a host with a virtual network card.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

enter_root
# A configuration folder of its own, so that the root keeps Debian's.
conf=/tmp/initramfs-tools
in_root cp -a /etc/initramfs-tools "$conf"
cp "$here/initrd/modules" "$LAB/root$conf/modules"
in_root sed -i 's/^MODULES=.*/MODULES=list/' "$conf/initramfs.conf"

# open-iscsi's hook looks for this file, which a user makes who wants the root
# over iSCSI; an image build host has no settings of a target in it.
mount -t tmpfs tmpfs "$LAB/root/etc/iscsi"
: >"$LAB/root/etc/iscsi/iscsi.initramfs"
echo "InitiatorName=iqn.1993-08.org.debian:01:lab" \
	>"$LAB/root/etc/iscsi/initiatorname.iscsi"
mkdir -p "$NEW"

for kernel in "$LAB"/kernels/*/; do
	kernel=$(basename "$kernel")
	version=$(<"$LAB/kernels/$kernel/version")
	mount -t tmpfs tmpfs "$LAB/root/boot"
	cp "$LAB/kernels/$kernel/config" "$LAB/root/boot/config-$version"
	mount -t tmpfs tmpfs "$LAB/root/usr/lib/modules"
	mkdir "$LAB/root/usr/lib/modules/$version"
	mount --bind "$LAB/kernels/$kernel/modules/lib/modules/$version" \
		"$LAB/root/usr/lib/modules/$version"
	in_root mkinitramfs -d "$conf" -o /tmp/initrd.img "$version"
	in_root lsinitramfs /tmp/initrd.img >"$NEW/contents-$kernel"
	for needed in iscsi_tcp.ko scripts/local-top/iscsi sbin/iscsistart; do
		grep -q "$needed" "$NEW/contents-$kernel" ||
			{ echo "the initrd of $kernel has no $needed" >&2; exit 1; }
	done
	if grep -q mlx4_ "$NEW/contents-$kernel"; then
		echo "the initrd of $kernel has mlx4 drivers" >&2
		exit 1
	fi
	cp "$LAB/root/tmp/initrd.img" "$NEW/initrd-$kernel.img"
	umount "$LAB/root/usr/lib/modules/$version" \
		"$LAB/root/usr/lib/modules" "$LAB/root/boot"
done
