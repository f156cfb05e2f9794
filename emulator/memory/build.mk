# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_MEMORY_SOURCES := $(addprefix emulator/memory/,guest_copy.c \
	guest_memory.c mapped_file.c)
