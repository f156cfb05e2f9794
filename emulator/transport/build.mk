# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_TRANSPORT_SOURCES := $(addprefix emulator/transport/,connection.c dma.c \
	messages.c vfio_user.c)
