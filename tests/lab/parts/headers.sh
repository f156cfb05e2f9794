# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The headers of Debian's cloud kernels: headers/KERNEL/{build,include,...}.
. "$(dirname "${BASH_SOURCE[0]}")/header-packages.sh"

fetch_headers "$here/packages/kernels" "$LAB/kernels"
