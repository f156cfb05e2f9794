# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Roots that DKMS is tried in, as a user has them: dkms/12 and dkms/13, Debian 12
# and 13 with DKMS, initramfs-tools and a kernel with its headers. In
# /var/cache/upgrade of each are the packages of a newer kernel. Not made by
# default.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# An initramfs with our modules and nothing else is made in a second or two.
cat >"$NEW/modules-list" <<'LIST'
mlx4_en
LIST
echo "MODULES=list" >"$NEW/initramfs-conf"

debian()
{
	local release=$1 suite=$2 option aptopts=() root=$NEW/$1
	for option in "${apt_options[@]}"; do aptopts+=(--aptopt="$option"); done
	{ sources "$suite"; sources "$suite-backports"; } |
		mmdebstrap --mode=root --variant=minbase --architectures=amd64 \
			--include="$(package_names "$here/packages/dkms" |
				paste -sd,)" \
			"${aptopts[@]}" --skip=output/dev \
			--dpkgopt='path-exclude=/usr/share/man/*' \
			--dpkgopt='path-exclude=/usr/share/locale/*' \
			--setup-hook="mkdir -p \"\$1/etc/initramfs-tools/conf.d\" \
				\"\$1/usr/share/initramfs-tools/modules.d\"" \
			--setup-hook="copy-in '$NEW/initramfs-conf' \
				/etc/initramfs-tools/conf.d" \
			--setup-hook="copy-in '$NEW/modules-list' \
				/usr/share/initramfs-tools/modules.d" \
			--customize-hook="mkdir \"\$1/var/cache/upgrade\"" \
			--customize-hook="APT_CONFIG=\$MMDEBSTRAP_APT_CONFIG \
				apt-get install -q -y --download-only \
				-t $suite-backports \
				-o Dir::Cache::archives=\"\$1/var/cache/upgrade\" \
				linux-image-cloud-amd64 \
				linux-headers-cloud-amd64" \
			"$suite" "$root" -
	# The namespace of a test binds its own.
	mkdir -p "$root/dev" "$root/proc" "$root/src"
	chroot "$root" dpkg -l | sed -nE 's/^ii +((dkms|linux-image)[^ ]*) +([^ ]*).*/\1 \3/p'
	ls "$root/var/cache/upgrade"
}

debian 12 bookworm
debian 13 trixie
rm "$NEW/modules-list" "$NEW/initramfs-conf"
