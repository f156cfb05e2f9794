# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Images as dracut makes them for an iSCSI root, with systemd and without:
# dracut/systemd-KERNEL.img, dracut/plain-KERNEL.img; and the root that they were
# made in, dracut/root. Not made by default.
#
# As the other initrds of the lab, they lack the ConnectX drivers.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

kernel=6.12
version=$(<"$LAB/kernels/$kernel/version")
root=$NEW/root
debootstrap "$root" "$here/packages/dracut" --skip=output/dev \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*'
mkdir -p "$root/usr/lib/modules/$version"
mount --bind "$LAB/kernels/$kernel/modules/lib/modules/$version" \
	"$root/usr/lib/modules/$version"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys" || mount --rbind /sys "$root/sys"
echo "InitiatorName=iqn.1993-08.org.debian:01:lab" \
	>"$root/etc/iscsi/initiatorname.iscsi"

# image NAME OPTION...
image()
{
	local name=$1
	shift
	PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TMPDIR=/tmp \
		chroot "$root" dracut --force --no-hostonly \
		--no-hostonly-cmdline --zstd --kver "$version" \
		--add "network iscsi" \
		--drivers "iscsi_tcp sd_mod ext4 virtio_pci virtio_net 8021q" \
		--omit-drivers "mlx4_core mlx4_en" "$@" /tmp/initrd.img
	chroot "$root" lsinitrd /tmp/initrd.img >"$NEW/contents-$name"
	for needed in iscsi_tcp.ko iscsiadm; do
		grep -q "$needed" "$NEW/contents-$name" ||
			{ echo "$name has no $needed" >&2; exit 1; }
	done
	if grep -q "mlx4_.*[.]ko" "$NEW/contents-$name"; then
		echo "$name has mlx4 drivers" >&2
		exit 1
	fi
	mv "$root/tmp/initrd.img" "$NEW/$name-$kernel.img"
}

image systemd
image plain --omit "systemd systemd-initrd dracut-systemd"

umount -R "$root/sys" "$root/proc" "$root/dev" \
	"$root/usr/lib/modules/$version"
# The benchmarks run dracut in it.
rm -rf "$root/var/cache/apt" "$root/tmp"/*
