#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in local-top after the login: finds the root file system on the LUN,
# whole or in a partition, unless the command line names one.

case $1 in
prereqs)
	echo ""
	exit 0
	;;
esac

[ -z "$ROOT" ] || exit 0
[ -r /run/connectx-en-disk ] || exit 0

. /scripts/functions
# name, lun: of the disk; without a LUN, RFC 4173 means LUN 0, but there are
# targets (tgt) whose LUN 0 is never a disk: then the first one that is
. /run/connectx-en-disk

# To the kernel's log, where the drivers' own lines stand
say()
{
	echo "connectx-en: $*" >/connectx-en/kmsg
}

# Also to the console, which "quiet" keeps the log from
complain()
{
	say "$*"
	log_failure_msg "connectx-en: $*"
}

# Sets $disk to the first of the names that is there.
first_disk()
{
	for disk in "$@"; do
		case $disk in
		*-part*) continue ;;
		esac
		[ -e "$disk" ] && return 0
	done
	return 1
}

# The disk appears a while after the login.
wait_for_disk()
{
	paths=/dev/disk/by-path
	tries=30
	while [ "$tries" -gt 0 ]; do
		udevadm settle
		first_disk "$paths"/*-iscsi-"$name"-lun-"${lun:-0}" && return 0
		if [ -z "$lun" ]; then
			first_disk "$paths"/*-iscsi-"$name"-lun-* && return 0
		fi
		tries=$((tries - 1))
		sleep 1
	done
	return 1
}

is_root()
{
	# A link may be absolute, and then leads nowhere from here.
	[ -x "$rootmnt/sbin/init" ] || [ -L "$rootmnt/sbin/init" ] ||
		{ [ -d "$rootmnt/proc" ] && [ -d "$rootmnt/etc" ]; }
}

# Sets $device if a root file system is on $1.
try()
{
	device=$(readlink -f "$1") || return 1
	type=$(get_fstype "$device") && [ -n "$type" ] || return 1
	modprobe "$type" || true
	mount -r -t "$type" "$device" "$rootmnt" 2>/dev/null || return 1
	is_root
	found=$?
	umount "$rootmnt"
	return $found
}

if ! wait_for_disk; then
	complain "no disk appeared at LUN ${lun:-0} of $name"
	exit 0
fi
for part in "$disk" "$disk"-part*; do
	[ -e "$part" ] && try "$part" || continue
	say "root file system ($type) on $device, ${disk##*/}"
	# The initrd's init reads this file when this script is done.
	echo "ROOT=$device" >>/conf/param.conf
	exit 0
done
complain "no root file system found on ${disk##*/}"
exit 0
