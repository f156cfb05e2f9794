#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Whether dracut's initqueue may end.

[ -e /run/connectx-en-root ]
