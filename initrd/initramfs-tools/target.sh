#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in local-top before the initiator's own script, and completes its
# settings (/etc/iscsi.initramfs) with what mkinitrd-en was not told: the
# target's name and LUN from the lease's root-path (RFC 4173), and an
# initiator's name that is this host's own.

case $1 in
prereqs)
	echo ""
	exit 0
	;;
esac

. /scripts/functions
# target_ip, target_port, target_name, target_lun, initiator: as baked in
. /connectx-en/target

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

# The part of $rest up to the next colon goes to $field.
next_field()
{
	case $rest in
	*:*) ;;
	*) return 1 ;;
	esac
	field=${rest%%:*}
	rest=${rest#*:}
}

# iscsi:SERVER:PROTOCOL:PORT:LUN:NAME, the server possibly [IPv6]
read_root_path()
{
	case $1 in
	iscsi:*) rest=${1#iscsi:} ;;
	*) return 1 ;;
	esac
	case $rest in
	"["*"]:"*)
		path_server=${rest%%]*}
		path_server=${path_server#?}
		rest=${rest#*]:}
		;;
	*)
		next_field || return 1
		path_server=$field
		;;
	esac
	next_field || return 1
	case $field in
	"" | 6) ;;
	*) return 1 ;;
	esac
	next_field || return 1
	path_port=$field
	next_field || return 1
	path_lun=$field
	path_name=$rest
	# All of it ends up in a file that a shell reads.
	case $path_server$path_port$path_lun$path_name in
	*[!-A-Za-z0-9.:]*) return 1 ;;
	esac
	case $path_name in
	iqn.* | eui.* | naa.*) return 0 ;;
	esac
	return 1
}

# The LUN as udev writes it in by-path names. Only the first level of the
# 8-byte form leads to a disk here. Nothing given stays nothing.
udev_lun()
{
	lun=$1
	[ -n "$lun" ] || return 0
	lun=${1%%-*}
	case ${1#"$lun"} in
	*[!-0]*) return 1 ;;
	esac
	case $lun in
	"" | *[!0-9A-Fa-f]* | ?????*) return 1 ;;
	esac
	lun=$((0x$lun))
	if [ "$lun" -ge 256 ]; then
		lun=$(printf '0x%04x000000000000' "$lun")
	fi
}

# The site's own naming authority, and the MAC of the port that got the lease
initiator_of_port()
{
	case $target_name in
	iqn.*) ;;
	*) return 1 ;;
	esac
	[ -n "$DEVICE" ] && [ -r "/sys/class/net/$DEVICE/address" ] || return 1
	read -r mac <"/sys/class/net/$DEVICE/address"
	digits=
	while [ -n "$mac" ]; do
		digits=$digits${mac%%:*}
		case $mac in
		*:*) mac=${mac#*:} ;;
		*) mac= ;;
		esac
	done
	initiator=${target_name%%:*}:host.$digits
}

# What the command line says counts more; a whole target there is its own
# business.
for word in $(cat /proc/cmdline); do
	case $word in
	iscsi_auto | root=iscsi:*) exit 0 ;;
	iscsi_target_name=*) target_name=${word#*=} ;;
	iscsi_target_ip=*) target_ip=${word#*=} ;;
	iscsi_target_port=*) target_port=${word#*=} ;;
	iscsi_initiator=*) initiator=${word#*=} ;;
	esac
done

if [ -z "$target_name" ] || [ -z "$initiator" ]; then
	configure_networking
fi

if [ -z "$target_name" ]; then
	if ! read_root_path "$ROOTPATH"; then
		complain "no target: mkinitrd-en had no --iscsi-iqn and the lease" \
			"has no good root-path ('$ROOTPATH')"
		exit 0
	fi
	target_name=$path_name
	target_lun=${target_lun:-$path_lun}
	target_port=${target_port:-$path_port}
	say "target $target_name from the lease's root-path"
fi
if ! udev_lun "$target_lun"; then
	complain "LUN $target_lun is no LUN that a disk can be found by"
	exit 0
fi
[ -n "$initiator" ] || initiator_of_port || initiator=

# Behind what the image may have there, such as the target's user and password
cat >>/etc/iscsi.initramfs <<END
ISCSI_AUTO=
ISCSI_TARGET_IP=$target_ip
ISCSI_TARGET_PORT=${target_port:-3260}
ISCSI_TARGET_NAME=$target_name
END
if [ -n "$initiator" ]; then
	echo "ISCSI_INITIATOR=$initiator" >>/etc/iscsi.initramfs
fi
cat >/run/connectx-en-disk <<END
name=$target_name
lun=$lun
END
exit 0
