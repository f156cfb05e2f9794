# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the parts share that make images in a root of their own ($root), for the
# kernel $kernel, whose release is $version.

# The kernel's modules, and what a generator of images looks at.
mount_root()
{
	mkdir -p "$root/usr/lib/modules/$version"
	mount --bind "$LAB/kernels/$kernel/modules/lib/modules/$version" \
		"$root/usr/lib/modules/$version"
	mount --rbind /dev "$root/dev"
	mount -t proc proc "$root/proc"
	mount -t sysfs sysfs "$root/sys" || mount --rbind /sys "$root/sys"
	echo "InitiatorName=iqn.1993-08.org.debian:01:lab" \
		>"$root/etc/iscsi/initiatorname.iscsi"
}

# The benchmarks run the generators in it.
unmount_root()
{
	umount -R "$root/sys" "$root/proc" "$root/dev" \
		"$root/usr/lib/modules/$version"
	rm -rf "$root/var/cache/apt" "$root/tmp"/*
}

in_generator_root()
{
	PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TMPDIR=/tmp \
		chroot "$root" "$@"
}

# generic_dracut IMAGE OPTION...: for any host, without the adapter's drivers
generic_dracut()
{
	local image=$1
	shift
	in_generator_root dracut --force --no-hostonly --no-hostonly-cmdline \
		--zstd --kver "$version" \
		--drivers "iscsi_tcp sd_mod ext4 virtio_pci virtio_net 8021q" \
		--omit-drivers "mlx4_core mlx4_en" "$@" "/tmp/$image"
}

# keep_image IMAGE NAME LIST WORD...: from the root's /tmp, as NAME-KERNEL.img; what
# the command LIST says of it has each WORD, and no driver of the adapter's.
keep_image()
{
	local image=$1 name=$2 list=$3 needed
	shift 3
	in_generator_root "$list" "/tmp/$image" >"$NEW/contents-$name"
	for needed in "$@"; do
		grep -q "$needed" "$NEW/contents-$name" ||
			{ echo "$name has no $needed" >&2; exit 1; }
	done
	if grep -q "mlx4_.*[.]ko" "$NEW/contents-$name"; then
		echo "$name has mlx4 drivers" >&2
		exit 1
	fi
	mv "$root/tmp/$image" "$NEW/$name-$kernel.img"
}
