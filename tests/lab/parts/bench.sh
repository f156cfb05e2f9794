# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The kernel of `make bench`, which alone asks for this part: bench/{vmlinuz,
# config,version,modules.cpio}. Its modules are those of QEMU's network cards
# and of the adapter; all else of the guest is the test guest's base segment.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

modules=(mlx4_core mlx4_en e1000e igb vmxnet3 virtio_net virtio_pci pktgen)
tree=$NEW/.tree
debootstrap "$tree" "$here/packages/bench" --variant=extract

from=("$tree"/usr/lib/modules/*)
version=$(basename "${from[0]}")
cp "$tree/boot/vmlinuz-$version" "$NEW/vmlinuz"
cp "$tree/boot/config-$version" "$NEW/config"
echo "$version" >"$NEW/version"

# modprobe and depmod look below /lib/modules, which is not linked here.
[ -e "$tree/lib/modules" ] || { mkdir -p "$tree/lib" &&
	ln -s ../usr/lib/modules "$tree/lib/modules"; }
depmod -b "$tree" "$version"
small=$NEW/.small
for module in "${modules[@]}"; do
	modprobe -d "$tree" -S "$version" --show-depends "$module"
done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u | while read -r file; do
	to=$small/usr/lib/modules/${file#*/lib/modules/}
	mkdir -p "$(dirname "$to")"
	case $file in
	*.xz) xz -dc "$file" >"${to%.xz}" ;;
	*) cp "$file" "$to" ;;
	esac
done
cp "${from[0]}"/modules.builtin* "${from[0]}/modules.order" \
	"$small/usr/lib/modules/$version/"
ln -s usr/lib "$small/lib"
depmod -b "$small" "$version"
# The base segment has made /lib a link already.
rm "$small/lib"
for module in "${modules[@]}"; do
	find "$small" -name "$module.ko" | grep -q . ||
		{ echo "kernel $version has no $module" >&2; exit 1; }
done
find "$small" -exec touch -h -d @0 {} +
(cd "$small" && find . -mindepth 1 | LC_ALL=C sort |
	cpio --quiet --reproducible -o -H newc -R 0:0) >"$NEW/modules.cpio"
rm -rf "$tree" "$small"
