# SPDX-License-Identifier: GPL-2.0-only
# Each layer says in its own fragment what it builds.
include $(sort $(wildcard emulator/*/build.mk))
