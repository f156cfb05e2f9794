# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Images as Debian 12 makes them for an iSCSI root: bookworm/NAME-KERNEL.img, of
# initramfs-tools 0.142 and of dracut 059, with systemd and without; and the root
# that they were made in, bookworm/root. Not made by default.
#
# As the other initrds of the lab, they lack the ConnectX drivers.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/parts/generator-root.sh"

kernel=6.1
version=$(<"$LAB/kernels/$kernel/version")
root=$NEW/root
aptopts=()
for option in "${apt_options[@]}"; do aptopts+=(--aptopt="$option"); done
sources bookworm |
	mmdebstrap --mode=root --variant=minbase --architectures=amd64 \
		--include="$(package_names "$here/packages/bookworm" |
			paste -sd,)" "${aptopts[@]}" --skip=output/dev \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		bookworm "$root" -
mount_root
cp "$LAB/kernels/$kernel/config" "$root/boot/config-$version"
cp "$here/initrd/modules" "$root/etc/initramfs-tools/modules"
sed -i 's/^MODULES=.*/MODULES=list/' "$root/etc/initramfs-tools/initramfs.conf"
: >"$root/etc/iscsi/iscsi.initramfs"

in_generator_root mkinitramfs -o /tmp/initramfs-tools.img "$version"
# What sets up the network there is what Debian 12 has beside systemd.
generic_dracut dracut-systemd.img --add "iscsi systemd-networkd"
generic_dracut dracut-plain.img --add "iscsi network-legacy" \
	--omit "systemd systemd-initrd systemd-networkd dracut-systemd"
for name in initramfs-tools dracut-systemd dracut-plain; do
	keep_image "$name.img" "$name" lsinitramfs iscsi_tcp.ko bin/iscsi
done
unmount_root
