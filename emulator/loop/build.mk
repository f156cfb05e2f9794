# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_LOOP_SOURCES := $(addprefix emulator/loop/,event_loop.c log.c \
	timer_heap.c unix_listener.c)
