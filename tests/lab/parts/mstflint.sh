# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The last mstflint of Debian that opens a ConnectX or ConnectX-2 (F0 in
# docs/hardware/flash.md), from bullseye, as a segment of the test guest:
# /opt/mstflint/mstflint and libraries that the guest lacks. Where the
# archive does not have bullseye any more there is a file "missing" instead that
# says so, and the tests that need the program are skipped with its words.
. "$(dirname "${BASH_SOURCE[0]}")/kernel-packages.sh"
. "$here/parts/pack.sh"

packages=(mstflint=4.16.0+1-3 libssl1.1=1.1.1w-0+deb11u1)
sums='53fc1d4abb12453107871c0724009cf655ec506b38091355a5e52dcb9fa27132  mstflint_4.16.0+1-3_amd64.deb
aadf8b4b197335645b230c2839b4517aa444fd2e8f434e5438c48a18857988f7  libssl1.1_1.1.1w-0+deb11u1_amd64.deb'

# One suite alone: bullseye's others have gone from the mirrors first.
fetch_bullseye()
{
	local state=$work/apt-bullseye
	mkdir -p "$state/etc/apt/preferences.d" "$state/var/lib/apt/lists/partial" \
		"$state/var/cache/apt/archives/partial" "$work/debs"
	: >"$state/status"
	echo "deb [arch=amd64 signed-by=$keyring] $(mirror debian) bullseye main" \
		>"$state/etc/apt/sources.list"
	apt_for bullseye apt-get update -q --error-on=any &&
		(cd "$work/debs" &&
			apt_for bullseye apt-get download -q "${packages[@]}")
}

if fetch_bullseye; then
	(cd "$work/debs" && echo "$sums" | sha256sum -c)
	for deb in "$work/debs"/*.deb; do dpkg-deb -x "$deb" "$work/tree"; done
	mkdir -p "$work/segment/opt/mstflint"
	cp "$work/tree/usr/bin/mstflint" \
		"$work/tree/usr/lib/x86_64-linux-gnu/libcrypto.so.1.1" \
		"$work/segment/opt/mstflint"
	# Empty since glibc 2.34, so that nothing else in the guest has them
	cp "$LAB"/root/usr/lib/x86_64-linux-gnu/lib{dl.so.2,pthread.so.0} \
		"$work/segment/opt/mstflint"
	pack "$work/segment" "$NEW/mstflint-4.16.cpio"
else
	echo "bullseye cannot be had from $(mirror debian): no" \
		"mstflint that opens a ConnectX" | tee "$NEW/missing"
fi
rm -rf "$work"
