# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Segments of the test guest's initramfs.

# pack TREE OUT: a newc cpio that depends on nothing but the files
pack()
{
	find "$1" -exec touch -h -d @0 {} +
	(cd "$1" && find . -mindepth 1 | LC_ALL=C sort |
		cpio --quiet --reproducible -o -H newc -R 0:0) >"$2"
}

# module_files MODULES VERSION: the files of guest/modules, dependencies too
module_files()
{
	local name
	while read -r name; do
		modprobe -d "$1" -S "$2" --show-depends "$name" 2>/dev/null || :
	done < <(package_names "$here/guest/modules") |
		sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u
}

# pack_modules KERNEL WORK OUT: the modules of a kernel's folder as
# OUT/modules-NAME.cpio
pack_modules()
{
	local name version from=${1%/}/modules tree file to
	name=$(basename "$1")
	version=$(<"$1/version")
	tree=$2-$name
	mkdir -p "$tree/usr/lib/modules/$version"
	while read -r file; do
		to=$tree/usr/lib/modules/${file#"$from"/lib/modules/}
		mkdir -p "$(dirname "$to")"
		case $file in
		*.xz) xz -dc "$file" >"${to%.xz}" ;;
		*) cp "$file" "$to" ;;
		esac
	done < <(module_files "$from" "$version")
	cp "$from/lib/modules/$version"/modules.builtin* \
		"$from/lib/modules/$version/modules.order" \
		"$tree/usr/lib/modules/$version/"
	# The base segment has made /lib a link already: here for depmod alone.
	ln -s usr/lib "$tree/lib"
	depmod -b "$tree" "$version"
	rm "$tree/lib"
	find "$tree" -name 'mlx4_en.ko' | grep -q . ||
		{ echo "kernel $name has no mlx4_en" >&2; return 1; }
	pack "$tree" "$3/modules-$name.cpio"
	rm -rf "$tree"
}
