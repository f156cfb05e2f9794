# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The test guest's initramfs, as uncompressed cpio segments that are laid one
# behind the other (unpacking is then a copy, which counts under TCG):
#   guest/SEGMENT.cpio          programs of guest/programs, init and the agent
#   guest/modules-KERNEL.cpio   modules of guest/modules with what they need
. "$(dirname "${BASH_SOURCE[0]}")/kernel-packages.sh"
. "$here/parts/pack.sh"

enter_root

# copy_file TREE PATH: PATH of the root into TREE, a symlink with its target
copy_file()
{
	local tree=$1 path=$2 target
	path=$(in_root realpath -s "$path")
	# The root is usr-merged: what a link through /lib names is in /usr/lib.
	path=$(in_root realpath "$(dirname "$path")")/$(basename "$path")
	[ -e "$tree$path" ] || [ -L "$tree$path" ] && return
	mkdir -p "$tree$(dirname "$path")"
	cp -a "$LAB/root$path" "$tree$path"
	if [ -L "$LAB/root$path" ]; then
		target=$(in_root readlink -f "$path")
		copy_file "$tree" "$target"
	fi
}

# copy_libraries TREE PATH: what PATH is linked with (nothing, if it is static)
copy_libraries()
{
	local tree=$1 path=$2 library
	{ in_root ldd "$path" 2>/dev/null || :; } |
		sed -nE 's,.* => (/[^ ]*) .*,\1,p; s,^[[:space:]]*(/[^ ]*) .*,\1,p' |
		while read -r library; do copy_file "$tree" "$library"; done
}

# copy_program TREE PATH: a program or a folder, with the libraries it needs
copy_program()
{
	local tree=$1 path=$2 object
	if [ -d "$LAB/root$path" ]; then
		mkdir -p "$tree$path"
		cp -a "$LAB/root$path/." "$tree$path/"
		find "$tree$path" -name __pycache__ -prune -exec rm -rf {} +
		find "$tree$path" -name '*.so' | while read -r object; do
			copy_libraries "$tree" "${object#"$tree"}"
		done
		return
	fi
	copy_file "$tree" "$path"
	copy_libraries "$tree" "$path"
}

base_tree()
{
	local tree=$1 directory applet
	for directory in bin sbin lib lib64; do
		mkdir -p "$tree/usr/$directory"
		ln -s "usr/$directory" "$tree/$directory"
	done
	mkdir -p "$tree"/{dev,etc,proc,root,run,sys,tmp,mnt,var/lib,var/log}
	ln -s ../run "$tree/var/run"
	mkdir -p "$tree/etc/modprobe.d" "$tree/var/lib/iscsi" "$tree/etc/iscsi"
	echo "root:x:0:0:root:/root:/bin/sh" >"$tree/etc/passwd"
	echo "root:x:0:" >"$tree/etc/group"
	echo "connectx-guest" >"$tree/etc/hostname"
	install -m 755 "$here/guest/init" "$tree/init"
	install -m 755 "$here/guest/agent" "$tree/sbin/lab-agent"
	install -m 755 "$here/guest/udhcpc-script" "$tree/sbin/lab-udhcpc"
}

# Kernels before 6.8 refuse what newer ethtools send for -X (a byte of the
# request that was reserved then): the ethtool of their time, under its own name.
old_ethtool()
{
	local tree=$1 unpacked=$work/ethtool-bookworm
	fetch ethtool bookworm ethtool ethtool
	dpkg-deb -x "$work"/debs-ethtool/*.deb "$unpacked"
	cp "$(first_of "$unpacked/usr/sbin/ethtool" "$unpacked/sbin/ethtool")" \
		"$tree/usr/sbin/ethtool-bookworm"
}

# What busybox knows, where no real program of that name was copied.
busybox_links()
{
	local tree=$1 applet
	# busybox (sh, timeout, ...) would run its own applets in place of the
	# real programs.
	ln -s dash "$tree/usr/bin/sh"
	for applet in $(in_root busybox --list); do
		[ -e "$tree/usr/bin/$applet" ] || [ -e "$tree/usr/sbin/$applet" ] ||
			ln -s busybox "$tree/usr/bin/$applet"
	done
	for applet in depmod insmod lsmod modinfo modprobe rmmod; do
		rm -f "$tree/usr/bin/$applet"
		ln -s ../bin/kmod "$tree/usr/sbin/$applet"
	done
}

programs()
{
	sed 's/#.*//' "$here/guest/programs" | grep -v '^[[:space:]]*$'
}

for segment in $(programs | cut -f1 | sort -u); do
	tree=$work/$segment
	mkdir -p "$tree"
	if [ "$segment" = base ]; then base_tree "$tree"; fi
	while IFS=$'\t' read -r of program; do
		if [ "$of" = "$segment" ]; then copy_program "$tree" "$program"; fi
	done < <(programs)
	if [ "$segment" = base ]; then
		old_ethtool "$tree"
		busybox_links "$tree"
	else
		# base has these already; a second copy costs memory and time
		(cd "$tree" && find . ! -type d) | while read -r path; do
			if [ -e "$work/base/$path" ]; then rm "$tree/$path"; fi
		done
	fi
done
for segment in $(programs | cut -f1 | sort -u); do
	pack "$work/$segment" "$NEW/$segment.cpio"
done

for kernel in "$LAB"/kernels/*/; do
	pack_modules "$kernel" "$work/modules" "$NEW"
done
rm -rf "$work"
