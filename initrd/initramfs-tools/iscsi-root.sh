#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in local-top in place of the initiator's own script, and has iscsi-root
# find the target and the root on it.

case $1 in
prereqs)
	echo ""
	exit 0
	;;
esac

# The firmware's table in the initiator's own way, if that was asked for.
for word in $(cat /proc/cmdline); do
	case $word in
	iscsi_auto)
		[ ! -x /scripts/local-top/iscsi ] ||
			exec /scripts/local-top/iscsi "$@"
		;;
	esac
done

# User and password that the image may hold already; ours count more.
settings=/run/connectx-en-settings
(
	umask 077
	: >"$settings"
	[ -r /etc/iscsi.initramfs ] && . /etc/iscsi.initramfs
	[ -z "$ISCSI_USERNAME" ] || printf 'chap_user=%s\nchap_secret=%s\n' \
		"$ISCSI_USERNAME" "$ISCSI_PASSWORD" >>"$settings"
	[ -z "$ISCSI_IN_USERNAME" ] ||
		printf 'chap_user_in=%s\nchap_secret_in=%s\n' \
			"$ISCSI_IN_USERNAME" "$ISCSI_IN_PASSWORD" >>"$settings"
	cat /connectx-en/target >>"$settings"
)

# A root that the command line names is none of ours to find.
case $ROOT in
"" | iscsi:*) find= ;;
*) find=--no-root ;;
esac

udevadm settle
/connectx-en/iscsi-root --settings "$settings" $find
failed=$?
rm -f "$settings"
[ "$failed" = 0 ] || exit 0

. /run/connectx-en-root
# What keeps open-iscsi in the booted system from touching this interface
mkdir -p /run/initramfs
echo "$DEVICE" >/run/initramfs/open-iscsi.interface
# The initrd's init reads this file when this script is done.
[ -n "$find" ] || echo "ROOT=$ROOT" >>/conf/param.conf
udevadm settle
exit 0
