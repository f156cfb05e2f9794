# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A kernel with the drivers of physical cards (e1000e, igb), which the cloud
# kernels lack: for benchmarks that compare on one kernel. Not made by default.
. "$(dirname "${BASH_SOURCE[0]}")/kernel-packages.sh"
. "$here/parts/pack.sh"

fetch_kernels "$here/packages/generic"
for kernel in "$NEW"/*/; do
	pack_modules "$kernel" "$NEW/.modules" "$NEW"
done
