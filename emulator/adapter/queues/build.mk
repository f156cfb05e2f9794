# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_ADAPTER_SOURCES += $(addprefix emulator/adapter/queues/,cq.c \
	doorbell.c eq.c qp.c queues.c)
