# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What modules are built against, in a kernel's folder:
#   build     what /lib/modules/VERSION/build is on a host
#   common    kbuild and the headers that all flavours share
#   include   those headers
#   version   as uname -r says it
#   src, lib  the packages' /usr/src and /usr/lib
# The packages are unpacked, not installed, and the absolute paths in their
# makefiles are made relative: a folder can be built against wherever it is.
. "$(dirname "${BASH_SOURCE[0]}")/kernel-packages.sh"

# The folder of TREE whose name matches a pattern; there must be one.
only()
{
	local found
	mapfile -t found < <(find "$1" -maxdepth 1 -type d -name "$2")
	[ ${#found[@]} = 1 ] || { echo "$1/$2: ${found[*]}" >&2; return 1; }
	echo "${found[0]}"
}

unpack_headers()
{
	local name=$1 tree=$work/tree-$1 out=$NEW/$1 deb build common broken
	for deb in "$work/debs-$name"/*.deb; do dpkg-deb -x "$deb" "$tree"; done
	build=$(only "$tree/usr/src" 'linux-headers-*-amd64')
	common=$(only "$tree/usr/src" 'linux-headers-*-common')
	mkdir -p "$out"
	# Their links from one to the other are ../../lib/linux-kbuild-VERSION.
	mv "$tree/usr/src" "$out/src"
	mkdir "$out/lib"
	mv "$(only "$tree/usr/lib" 'linux-kbuild-*')" "$out/lib/"
	ln -s "src/${build##*/}" "$out/build"
	ln -s "src/${common##*/}" "$out/common"
	ln -s common/include "$out/include"
	# Assigned at once (:=): once the next makefile is read, MAKEFILE_LIST
	# ends with another name.
	# shellcheck disable=SC2016
	sed -i -e 's,^KBUILD_OUTPUT=,KBUILD_OUTPUT:=,' \
		-e 's,/usr/src/,$(dir $(abspath $(lastword $(MAKEFILE_LIST))))../,' \
		"$out/build/Makefile"
	echo "${build##*/linux-headers-}" >"$out/version"
	broken=$(find "$out/src" "$out/lib" -xtype l)
	[ -z "$broken" ] || { echo "these lead nowhere: $broken" >&2; exit 1; }
	rm -rf "$tree"
}

# fetch_headers LIST VERSIONS: of all kernels of a list of packages/, for just
# the version that VERSIONS/NAME/version says
fetch_headers()
{
	local name suite
	while read -r name suite _; do
		fetch "$name" "$suite" \
			"linux-headers-$(<"$2/$name/version")" \
			'linux-(headers|kbuild)-[0-9][^ ]*'
		unpack_headers "$name"
	done < <(kernel_list "$1")
	rm -rf "$work"
}
