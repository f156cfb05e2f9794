# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Debian's kernels as a part keeps them: NAME/{vmlinuz,config,version,modules}.
# The packages are fetched by an apt with folders of its own and unpacked, not
# installed: a root can hold one kernel's idea of /boot only.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

work=$NEW/.work
mkdir -p "$work"

# apt_for SUITE COMMAND...: an apt that knows this suite and nothing of the host
apt_for()
{
	local suite=$1 state=$work/apt-$1 option
	shift
	local options=(-o "Dir=$state" -o "Dir::State::status=$state/status"
		-o "Dir::Etc::main=/dev/null" -o "Dir::Etc::parts=/dev/null"
		-o "Dir::Etc::trusted=$keyring" -o "APT::Architecture=amd64"
		-o "APT::Sandbox::User=root" -o "Debug::NoLocking=1")
	for option in "${apt_options[@]}"; do
		option=${option//\"/}
		options+=(-o "${option/ /=}")
	done
	"$@" "${options[@]}"
}

# fetch NAME SUITE PACKAGE PATTERN: of what an installation of PACKAGE would
# bring, the packages whose names match the extended regular expression PATTERN.
fetch()
{
	local name=$1 suite=$2 package=$3 pattern=$4 packages
	local state=$work/apt-$2 debs=$work/debs-$1
	local from=()
	mkdir -p "$state/etc/apt/preferences.d" "$state/var/lib/apt/lists/partial" \
		"$state/var/cache/apt/archives/partial" "$debs"
	: >"$state/status"
	# A backports suite alone cannot satisfy its packages' dependencies.
	{
		sources "$suite"
		if [ "$suite" != "${suite%-backports}" ]; then
			sources "${suite%-backports}"
			from=(-t "$suite")
		fi
	} >"$state/etc/apt/sources.list"
	apt_for "$suite" apt-get update -q
	# What a kernel is split into differs between suites: ask apt.
	packages=$(apt_for "$suite" apt-get install -s -q \
			"${from[@]}" "$package" |
		sed -nE "s/^Inst ($pattern) .*/\\1/p")
	[ -n "$packages" ] || { echo "$suite has no $package" >&2; exit 1; }
	# shellcheck disable=SC2086
	(cd "$debs" && apt_for "$suite" apt-get download -q $packages)
}

# The first of the given paths that exists.
first_of()
{
	local path
	for path in "$@"; do
		if [ -e "$path" ]; then echo "$path" && return; fi
	done
	echo "none of these is in the kernel's packages: $*" >&2
	return 1
}

# Where a package keeps its modules, its configuration and vmlinuz differs:
# from 7.x on all of it is below /usr/lib/modules.
unpack()
{
	local name=$1 tree=$work/tree-$1 out=$NEW/$1 deb version modules
	for deb in "$work/debs-$name"/*.deb; do dpkg-deb -x "$deb" "$tree"; done
	modules=$(first_of "$tree"/lib/modules/* "$tree"/usr/lib/modules/*)
	version=$(basename "$modules")
	mkdir -p "$out/modules/lib/modules"
	cp "$(first_of "$tree/boot/vmlinuz-$version" "$modules/vmlinuz")" \
		"$out/vmlinuz"
	cp "$(first_of "$tree/boot/config-$version" "$modules/config")" \
		"$out/config"
	mv "$modules" "$out/modules/lib/modules/$version"
	echo "$version" >"$out/version"
	depmod -b "$out/modules" "$version"
	case $version in
	"${name%%-*}".*) ;;
	*) echo "warning: kernel $name is $version" >&2 ;;
	esac
}

# kernel_list LIST: the lines of a list of packages/
kernel_list()
{
	sed -e 's/#.*//' "$1" | grep -v '^[[:space:]]*$'
}

# fetch_kernels LIST: all kernels of a list of packages/
fetch_kernels()
{
	local name suite package
	while read -r name suite package; do
		fetch "$name" "$suite" "$package" \
			'linux-(image|binary|modules|base)-[0-9][^ ]*'
		unpack "$name"
	done < <(kernel_list "$1")
	rm -rf "$work"
}
