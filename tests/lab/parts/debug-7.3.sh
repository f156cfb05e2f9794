# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The same of the newest kernel, whose network stack has locks of its own.
# shellcheck disable=SC2034
kernel=7.3 suite=trixie-backports
. "$(dirname "${BASH_SOURCE[0]}")/debug-kernel.sh"
