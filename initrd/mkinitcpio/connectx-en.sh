#!/usr/bin/ash
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by mkinitcpio's init, which knows the root by $root.

run_hook() {
	local find=

	[ -z "$root" ] || find=--no-root
	/connectx-en/iscsi-root $find || return 1
	[ -z "$find" ] || return 0
	. /run/connectx-en-root
	root=$ROOT
	rootfstype=${rootfstype:-$ROOT_TYPE}
}
