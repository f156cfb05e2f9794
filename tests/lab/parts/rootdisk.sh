# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The root disk that a guest boots to over iSCSI: rootdisk/rootdisk.img, a small
# Debian 13 in one ext4 file system, no partitions. It is never written to: a
# run takes a copy (sparse, so a copy costs little).
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

tree=$NEW/.tree
debootstrap "$tree" "$here/packages/rootdisk" --skip=output/dev \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-include=/usr/share/doc/*/copyright'
cp -a "$here/rootdisk/overlay/." "$tree/"
chown -R 0:0 "$tree/etc"

echo "connectx-diskless" >"$tree/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 connectx-diskless\n' >"$tree/etc/hosts"
# No password: the disk is served inside of the lab's namespaces only.
chroot "$tree" passwd -d root
: >"$tree/etc/machine-id"
echo "iscsi_tcp" >"$tree/etc/modules-load.d/iscsi.conf"
# What a root over iSCSI must not have done to it: its network configured anew.
# What costs time under TCG and serves nothing here.
for unit in systemd-networkd.service systemd-networkd.socket \
	    systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer \
	    dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
	    fstrim.timer systemd-pcrphase.service getty@tty1.service; do
	ln -sf /dev/null "$tree/etc/systemd/system/$unit"
done
rm -rf "$tree"/var/cache/* "$tree"/var/lib/apt/lists/* "$tree"/var/log/* \
	"$tree"/usr/share/i18n "$tree/etc/resolv.conf"

# mke2fs fills the file system by itself: no mount, no loop device.
mkdir -p "$NEW"
truncate -s 600M "$NEW/rootdisk.img"
mke2fs -q -t ext4 -L connectx-root -U 2007081c-0b00-4000-8000-0002c90000bb \
	-E root_owner=0:0,lazy_itable_init=0,nodiscard -m 0 \
	-d "$tree" "$NEW/rootdisk.img"
e2fsck -fn "$NEW/rootdisk.img"
rm -rf "$tree"
