# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Of the kernel that `make test-debug` boots, unless it is told another one
# shellcheck disable=SC2034
kernel=6.12 suite=trixie
. "$(dirname "${BASH_SOURCE[0]}")/debug-kernel.sh"
