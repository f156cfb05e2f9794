# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the parts share. make-lab sets LAB (the lab's folder) and NEW (the
# folder to fill), and runs each part as (mapped) root in namespaces of its own.
set -eEuo pipefail
trap 'echo "${BASH_SOURCE[0]}: line $LINENO: $BASH_COMMAND: failed" >&2' ERR
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The archive that the host's apt uses: mirror KIND, KIND is debian or
# debian-security. Both formats of sources are read. Who has no security archive
# in apt's sources gets the one beside the main archive.
mirror()
{
	local kind=$1 found
	found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
			/etc/apt/sources.list.d/*.sources 2>/dev/null |
		sed -n -e 's/#.*//' \
		    -e 's/^deb \(\[[^]]*\] *\)\?\([^ ]*\) .*/\2/p' \
		    -e 's/^URIs:[[:space:]]*\([^[:space:]]*\).*/\1/p' |
		sed 's,/*$,,' | grep -E "/$kind\$" | head -n 1) || :
	if [ -z "$found" ] && [ "$kind" = debian-security ]; then
		found=$(mirror debian)-security
	fi
	if [ -z "$found" ]; then
		echo "no Debian archive (.../$kind) in /etc/apt/sources.list*" >&2
		return 1
	fi
	echo "$found"
}

# The sources of SUITE: trixie, bookworm or trixie-backports.
sources()
{
	local suite=$1 options="[arch=amd64 signed-by=$keyring]"
	echo "deb $options $(mirror debian) $suite main"
	case $suite in
	*-backports) ;;
	*)
		echo "deb $options $(mirror debian) $suite-updates main"
		echo "deb $options $(mirror debian-security) $suite-security main"
		;;
	esac
}

# The names in a package list, one a line.
package_names()
{
	sed -e 's/#.*//' -e 's/[[:space:]]//g' "$1" | grep -v '^$'
}

# A mirror can be stale, and its Valid-Until past: that is looked over for the
# lab's own apt, nothing else. The signatures are checked as ever.
apt_options=(
	'Acquire::Check-Valid-Until "false"'
	'Acquire::Check-Date "false"'
	'Acquire::Languages "none"'
	'Acquire::Retries "3"'
	'APT::Install-Recommends "false"'
	'APT::Install-Suggests "false"'
)

# debootstrap TARGET LIST [OPTION...]: a trixie root with the packages of LIST.
debootstrap()
{
	local target=$1 list=$2 option
	shift 2
	local aptopts=()
	for option in "${apt_options[@]}"; do aptopts+=(--aptopt="$option"); done
	{ sources trixie; sources trixie-backports; } |
		mmdebstrap --mode=root --variant=minbase --architectures=amd64 \
			--include="$(package_names "$list" | paste -sd,)" \
			"${aptopts[@]}" "$@" trixie "$target" -
}

# in_root COMMAND...: run it in the lab's root, which stays as it is but for
# the folders that a part binds into it.
enter_root()
{
	local root=$LAB/root
	mount --rbind /dev "$root/dev"
	mount -t proc proc "$root/proc"
	mount -t tmpfs tmpfs "$root/tmp"
	mount -t tmpfs tmpfs "$root/run"
}

in_root()
{
	PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TMPDIR=/tmp \
		chroot "$LAB/root" "$@"
}
