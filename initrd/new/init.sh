#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The init of an image that "mkinitrd-en --new" has made. Our static init has
# loaded the drivers and started this. It finds the root file system, over iSCSI
# or NFS or as an archive, mounts it at /root, and becomes its init.
#
# The kernel's command line counts more than what mkinitrd-en was told: root=,
# nfsroot=, rootfstype=, rootflags=, ro, rw, init=; connectx-en.ramroot[=URL];
# connectx-en.shell gives a shell where the boot would fail.

PATH=/bin:/sbin:/usr/bin
export PATH

say()
{
	echo "connectx-en: $*" >/connectx-en/kmsg
}

# Without a root there is nothing left to do: the kernel says so in its way, and
# starts again where it was told panic=SECONDS.
give_up()
{
	echo "<3>connectx-en: $*" >/connectx-en/kmsg
	if [ -n "$shell" ]; then
		say "a shell, as connectx-en.shell asks for; its end goes on"
		setsid -c sh </dev/console >/dev/console 2>&1
	fi
	exit 1
}

read_command_line()
{
	local word

	for word in $(cat /proc/cmdline); do
		case $word in
		root=*) root=${word#root=} ;;
		nfsroot=*) nfs=${word#nfsroot=} ;;
		rootfstype=*) type=${word#rootfstype=} ;;
		rootflags=*) flags=${word#rootflags=} ;;
		init=*) init=${word#init=} ;;
		ro | rw) access=$word ;;
		connectx-en.ramroot) ram=copy ;;
		connectx-en.ramroot=*) ram=${word#connectx-en.ramroot=} ;;
		connectx-en.shell) shell=yes ;;
		esac
	done
}

# The port, and its address. The program says on the console what is missing.
bring_up_network()
{
	/connectx-en/iscsi-root --network || give_up "no network, so no root"
	. /run/connectx-en-root
}

# What open-iscsi in the booted system reads, to leave the interface alone
tell_open_iscsi()
{
	mkdir -p /run/initramfs
	echo "$DEVICE" >/run/initramfs/open-iscsi.interface
}

# A root that the command line names is one that the disk has to have.
wait_device()
{
	local tries=100

	while [ $tries -gt 0 ]; do
		case $root in
		*=*) ROOT=$(findfs "$root" 2>/dev/null) ;;
		*) ROOT=$root ;;
		esac
		[ -b "$ROOT" ] && return
		tries=$((tries - 1))
		sleep 0.1
	done
	give_up "there is no $root on the disk"
}

mount_iscsi()
{
	local find=

	case $root in
	/dev/* | *=*) find=--no-root ;;
	esac
	/connectx-en/iscsi-root $find || give_up "no root disk"
	. /run/connectx-en-root
	[ -z "$find" ] || wait_device
	tell_open_iscsi
	type=${type:-$ROOT_TYPE}
	mount ${type:+-t $type} -o "$access${flags:+,$flags}" "$ROOT" "$1" ||
		give_up "$ROOT does not mount"
}

# SERVER:PATH[,OPTIONS], from the lease's root-path if it is "auto"
find_nfs()
{
	if [ "$nfs" = auto ]; then
		. "/run/net-$DEVICE.conf"
		nfs=$ROOTPATH
		case $nfs in
		/*) nfs=$ROOTSERVER:$nfs ;;
		esac
	fi
	case $nfs in
	*,*)
		flags=${nfs#*,}${flags:+,$flags}
		nfs=${nfs%%,*}
		;;
	esac
	case $nfs in
	*:/*) ;;
	*) give_up "no NFS root: '$nfs' is no SERVER:PATH" ;;
	esac
}

# The kernel asks for the server's address beside its name, and for nolock:
# nobody here answers for locks. Version 4 first, as all do who support it.
mount_nfs()
{
	local server version

	bring_up_network
	find_nfs
	server=${nfs%%:/*}
	server=${server#[}
	server=${server%]}
	case ,$flags in
	*,vers=* | *,nfsvers=*) set -- "$1" "" ;;
	*) set -- "$1" ,vers=4.2 ,vers=3 ;;
	esac
	for version in "$2" "$3"; do
		mount -t nfs -o "$access,nolock,addr=$server${flags:+,$flags}$version" \
			"$nfs" "$1" 2>/run/mount-error && {
			say "root file system from $nfs$version"
			return
		}
		[ -n "$version" ] || break
	done
	give_up "$nfs does not mount: $(cat /run/mount-error)"
}

mount_root()
{
	case $root in
	nfs | /dev/nfs | nfs4 | /dev/nfs4) mount_nfs "$1" ;;
	*) mount_iscsi "$1" ;;
	esac
}

# All of the memory may be the root's: the rest needs next to nothing.
mount_ram()
{
	mount -t tmpfs -o mode=755,size=95% root "$1" ||
		give_up "no file system in memory"
}

fetch()
{
	local server

	case $ram in
	http://*) wget -q -O - "$ram" ;;
	tftp://*)
		server=${ram#tftp://}
		tftp -g -l - -r "${server#*/}" "${server%%/*}"
		;;
	*) give_up "$ram: neither http:// nor tftp://" ;;
	esac
}

unpack()
{
	case $ram in
	*gz) gzip -dc ;;
	*xz) xz -dc ;;
	*bz2) bzip2 -dc ;;
	*) cat ;;
	esac
}

# An archive from a server. Its last file tells whether all of it has come.
fetch_root()
{
	bring_up_network
	mount_ram "$1"
	(
		set -o pipefail
		fetch | unpack | tar -xf - -C "$1"
	) || give_up "$ram does not arrive, or cannot be unpacked"
	say "root file system unpacked from $ram"
}

# A copy of the root, after which nobody needs the server any more
copy_root()
{
	mkdir -p /source
	access=ro
	mount_root /source
	mount_ram "$1"
	cp -a /source/. "$1" || give_up "the root does not fit into the memory"
	umount /source || give_up "the root is still in use"
	case $root in
	nfs | /dev/nfs | nfs4 | /dev/nfs4) ;;
	*)
		/connectx-en/iscsi-root --log-out
		rm -f /run/initramfs/open-iscsi.interface
		;;
	esac
	say "root file system copied into memory"
}

start_init()
{
	local each

	for each in "$init" /sbin/init /etc/init /bin/init /bin/sh; do
		[ -n "$each" ] || continue
		[ -x "$1$each" ] || [ -L "$1$each" ] || continue
		for folder in dev proc sys run; do
			mkdir -p "$1/$folder" 2>/dev/null
			mount -o move "/$folder" "$1/$folder" 2>/dev/null ||
				umount -l "/$folder"
		done
		exec switch_root "$1" "$each"
	done
	give_up "there is no init on the root"
}

/bin/mount -t proc proc /proc
/bin/mount -t sysfs sysfs /sys
/bin/mount -t devtmpfs devtmpfs /dev
/bin/mount -t tmpfs -o mode=755,nosuid,nodev run /run
access=ro
. /connectx-en/boot
read_command_line
case $ram in
"") mount_root /root ;;
copy) copy_root /root ;;
*) fetch_root /root ;;
esac
start_init /root
