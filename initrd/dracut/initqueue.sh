#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by dracut's initqueue, again and again until the root is there; the
# program itself tries for as long as it was told to.

if ! [ -e /run/connectx-en-root ] && ! [ -e /run/connectx-en-failed ]; then
	connectx_en_find=
	[ "$root" = connectx-en ] || connectx_en_find=--no-root
	/connectx-en/iscsi-root $connectx_en_find || : >/run/connectx-en-failed
fi
