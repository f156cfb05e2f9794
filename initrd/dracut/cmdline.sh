#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by dracut's cmdline hook: without a root= the root is ours to find.

case $root in
"" | iscsi:* | dhcp)
	root=connectx-en
	rootok=1
	;;
esac
