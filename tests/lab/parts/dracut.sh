# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Images as dracut makes them for an iSCSI root, with systemd and without:
# dracut/systemd-KERNEL.img, dracut/plain-KERNEL.img; and the root that they were
# made in, dracut/root. Not made by default.
#
# As the other initrds of the lab, they lack the ConnectX drivers.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/parts/generator-root.sh"

kernel=6.12
version=$(<"$LAB/kernels/$kernel/version")
root=$NEW/root
debootstrap "$root" "$here/packages/dracut" --skip=output/dev \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*'
mount_root

# image NAME OPTION...
image()
{
	local name=$1
	shift
	generic_dracut initrd.img --add "network iscsi" "$@"
	keep_image initrd.img "$name" lsinitrd iscsi_tcp.ko iscsiadm
}

image systemd
image plain --omit "systemd systemd-initrd dracut-systemd"
unmount_root
