# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The test guest's initramfs, as uncompressed cpio segments that are laid one
# behind the other (unpacking is then a copy, which counts under TCG):
#   guest/SEGMENT.cpio          programs of guest/programs, init and the agent
#   guest/modules-KERNEL.cpio   modules of guest/modules with what they need
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

enter_root
work=$NEW/.work
mkdir -p "$work"

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

# pack TREE OUT: a newc cpio that depends on nothing but the files
pack()
{
	find "$1" -exec touch -h -d @0 {} +
	(cd "$1" && find . -mindepth 1 | LC_ALL=C sort |
		cpio --quiet --reproducible -o -H newc -R 0:0) >"$2"
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

# module_files KERNEL VERSION: the files of guest/modules, dependencies too
module_files()
{
	local modules=$LAB/kernels/$1/modules name
	while read -r name; do
		modprobe -d "$modules" -S "$2" --show-depends "$name" 2>/dev/null || :
	done < <(package_names "$here/guest/modules") |
		sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u
}

for kernel in "$LAB"/kernels/*/; do
	kernel=$(basename "$kernel")
	version=$(<"$LAB/kernels/$kernel/version")
	from=$LAB/kernels/$kernel/modules
	tree=$work/modules-$kernel
	mkdir -p "$tree/usr/lib/modules/$version"
	while read -r file; do
		to=$tree/usr/lib/modules/${file#"$from"/lib/modules/}
		mkdir -p "$(dirname "$to")"
		case $file in
		*.xz) xz -dc "$file" >"${to%.xz}" ;;
		*) cp "$file" "$to" ;;
		esac
	done < <(module_files "$kernel" "$version")
	cp "$from/lib/modules/$version"/modules.builtin* \
		"$from/lib/modules/$version/modules.order" \
		"$tree/usr/lib/modules/$version/"
	ln -s usr/lib "$tree/lib"
	depmod -b "$tree" "$version"
	# The base segment has made /lib a link already.
	rm "$tree/lib"
	find "$tree" -name 'mlx4_en.ko' | grep -q . ||
		{ echo "kernel $kernel has no mlx4_en" >&2; exit 1; }
	pack "$tree" "$NEW/modules-$kernel.cpio"
done
rm -rf "$work"
