# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Images as Debian 12 makes them for an iSCSI root: bookworm/NAME-KERNEL.img, of
# initramfs-tools 0.142 and of dracut 059, with systemd and without; and the root
# that they were made in, bookworm/root. Not made by default.
#
# As the other initrds of the lab, they lack the ConnectX drivers.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

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
mkdir -p "$root/usr/lib/modules/$version"
mount --bind "$LAB/kernels/$kernel/modules/lib/modules/$version" \
	"$root/usr/lib/modules/$version"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys" || mount --rbind /sys "$root/sys"
cp "$LAB/kernels/$kernel/config" "$root/boot/config-$version"
cp "$here/initrd/modules" "$root/etc/initramfs-tools/modules"
sed -i 's/^MODULES=.*/MODULES=list/' "$root/etc/initramfs-tools/initramfs.conf"
: >"$root/etc/iscsi/iscsi.initramfs"
echo "InitiatorName=iqn.1993-08.org.debian:01:lab" \
	>"$root/etc/iscsi/initiatorname.iscsi"

in_bookworm()
{
	PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TMPDIR=/tmp \
		chroot "$root" "$@"
}

# dracut_image NAME OPTION...
dracut_image()
{
	local name=$1
	shift
	in_bookworm dracut --force --no-hostonly --no-hostonly-cmdline --zstd \
		--kver "$version" --add iscsi \
		--drivers "iscsi_tcp sd_mod ext4 virtio_pci virtio_net 8021q" \
		--omit-drivers "mlx4_core mlx4_en" "$@" "/tmp/$name-$kernel.img"
}

in_bookworm mkinitramfs -o "/tmp/initramfs-tools-$kernel.img" "$version"
# What sets up the network there is what Debian 12 has beside systemd.
dracut_image dracut-systemd --add systemd-networkd
dracut_image dracut-plain --add network-legacy \
	--omit "systemd systemd-initrd systemd-networkd dracut-systemd"
for image in "$root"/tmp/*.img; do
	name=$(basename "$image" ".img")
	in_bookworm lsinitramfs "/tmp/$name.img" >"$NEW/contents-$name"
	for needed in iscsi_tcp.ko bin/iscsi; do
		grep -q "$needed" "$NEW/contents-$name" ||
			{ echo "$image has no $needed" >&2; exit 1; }
	done
	if grep -q "mlx4_.*[.]ko" "$NEW/contents-$name"; then
		echo "$image has mlx4 drivers" >&2
		exit 1
	fi
	mv "$image" "$NEW"
done

umount -R "$root/sys" "$root/proc" "$root/dev" \
	"$root/usr/lib/modules/$version"
# The benchmarks run initramfs-tools in it.
rm -rf "$root/var/cache/apt" "$root/tmp"/*
