# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A kernel with the drivers of physical cards (e1000e, igb), which the cloud
# kernels lack: for benchmarks that compare on one kernel. With its headers. Not
# made by default.
. "$(dirname "${BASH_SOURCE[0]}")/header-packages.sh"
. "$here/parts/pack.sh"

fetch_kernels "$here/packages/generic"
for kernel in "$NEW"/*/; do
	pack_modules "$kernel" "$NEW/.modules" "$NEW"
done
mkdir -p "$work"
fetch_headers "$here/packages/generic" "$NEW"
