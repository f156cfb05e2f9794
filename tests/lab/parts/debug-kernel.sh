# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A kernel with every checker that a driver can be held against, built from
# Debian's linux-source (debug/config). Not made by default: some minutes, or
# half a one when build/lab/ccache knows it already. The part that sources this
# says which: kernel, suite.
#   debug/KERNEL-debug/{vmlinuz,config,version,modules}   as a part of kernels
#   debug/KERNEL-debug/build                              to build modules with
. "$(dirname "${BASH_SOURCE[0]}")/kernel-packages.sh"
. "$here/parts/pack.sh"

out=$NEW/$kernel-debug

fetch "$kernel" "$suite" "linux-source-$kernel" "linux-source-$kernel"
dpkg-deb -x "$work/debs-$kernel"/*.deb "$work"
tar -C "$work" -xf "$work/usr/src/linux-source-$kernel.tar.xz"
mkdir -p "$out/modules" "$LAB/ccache"
mv "$work/linux-source-$kernel" "$out/build"

# build GOAL...: in the toolchain's root, where $NEW is /src
toolchain=$LAB/toolchain
mount --rbind /dev "$toolchain/dev"
mount -t proc proc "$toolchain/proc"
mount -t tmpfs tmpfs "$toolchain/tmp"
mount --bind "$NEW" "$toolchain/src"
mkdir "$toolchain/tmp/ccache"
mount --bind "$LAB/ccache" "$toolchain/tmp/ccache"
build()
{
	env -i PATH=/usr/sbin:/usr/bin HOME=/tmp LC_ALL=C.UTF-8 \
		CCACHE_DIR=/tmp/ccache CCACHE_MAXSIZE=1G \
		KBUILD_BUILD_TIMESTAMP=0 KBUILD_BUILD_USER=lab \
		KBUILD_BUILD_HOST=lab \
		chroot "$toolchain" make -s -C "/src/$kernel-debug/build" \
		-j"$(nproc)" CC="ccache gcc-14" HOSTCC="ccache gcc-14" "$@"
}

cat "$here/debug/config" "$here/debug/config-$kernel" >"$out/build/lab.config"
build KCONFIG_ALLCONFIG=lab.config allnoconfig
# kconfig drops without a word what depends on something that is off
missing=$(grep -oE '^CONFIG_[A-Z0-9_]+=[ym]$' "$out/build/lab.config" |
	grep -vxFf "$out/build/.config" || :)
[ -z "$missing" ] || { echo "the kernel has no ${missing//$'\n'/ }" >&2; exit 1; }
build bzImage modules
build INSTALL_MOD_PATH="/src/$kernel-debug/modules" DEPMOD=/bin/true \
	modules_install

version=$(build kernelrelease)
echo "$version" >"$out/version"
mv "$out/build/arch/x86/boot/bzImage" "$out/vmlinuz"
cp "$out/build/.config" "$out/config"
rm -f "$out/modules/lib/modules/$version"/{build,source}
depmod -b "$out/modules" "$version"
pack_modules "$out" "$NEW/.modules" "$NEW"

# What building a module does not look at goes: most of two gigabytes.
cd "$out/build"
find . \( -name '*.o' -o -name '*.a' -o -name '*.ko' -o -name '*.cmd' -o \
	-name '*.c' -o -name '*.S' \) -type f \
	! -path './scripts/*' ! -path './tools/*' -delete
rm -rf Documentation drivers sound fs samples vmlinux* tools/testing \
	tools/perf arch/[!x]* arch/xtensa
cd /
rm -rf "$work"
