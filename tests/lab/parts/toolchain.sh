# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The root that kernel modules are built in: Debian 13 with a compiler. One for
# all kernels: the programs of the newest kernel's linux-kbuild do not run with
# the C library of Debian 12, and gcc 14 builds for the oldest kernel too.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

debootstrap "$NEW" "$here/packages/toolchain" --skip=output/dev \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-include=/usr/share/doc/*/copyright'
# in-toolchain binds the repository here.
mkdir "$NEW/src"
ln -s gcc-14 "$NEW/usr/bin/gcc"
chroot "$NEW" gcc --version
