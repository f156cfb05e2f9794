#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by dracut's mount hook.

if [ "$root" = connectx-en ] && [ -r /run/connectx-en-root ] &&
	! ismounted "$NEWROOT"; then
	(
		. /run/connectx-en-root
		mount -t "${fstype:-$ROOT_TYPE}" -o "${rflags:-ro}" "$ROOT" \
			"$NEWROOT"
	)
fi
