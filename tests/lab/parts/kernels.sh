# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Debian's cloud kernels.
. "$(dirname "${BASH_SOURCE[0]}")/kernel-packages.sh"

fetch_kernels "$here/packages/kernels"
