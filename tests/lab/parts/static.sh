# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The root of `make checkpatch` and `make coccicheck`: coccinelle, and what the
# kernel's own developers check its sources with, as in Debian's newest
# linux-source. Not made by default. in-toolchain runs commands in it.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debootstrap "$NEW" "$here/packages/static" --skip=output/dev \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-include=/usr/share/doc/*/copyright'
# in-toolchain binds the repository here.
mkdir "$NEW/src"

. "$here/parts/kernel-packages.sh"
fetch source trixie-backports linux-source 'linux-source-[0-9.]+'
dpkg-deb -x "$work/debs-source"/*.deb "$work"
mkdir -p "$NEW/linux/include"
tar -C "$NEW/linux" --strip-components=1 --wildcards \
	-xf "$work"/usr/src/linux-source-*.tar.xz '*/scripts/checkpatch.pl' \
	'*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch' \
	'*/scripts/coccinelle' '*/scripts/coccicheck' '*/MAINTAINERS'
rm -rf "$work"
chroot "$NEW" spatch --version
