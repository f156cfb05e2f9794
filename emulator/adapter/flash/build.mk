# SPDX-License-Identifier: GPL-2.0-only
# The format of images is the tools' too.
FLASH_FORMAT_SOURCES := $(addprefix tools/lib/base/,buffer.c failure.c) \
	$(addprefix tools/lib/flash/,chip_memory.c copies.c crc16.c fs2_info.c \
	fs2_make.c fs2_read.c fs2_sections.c)
EMULATOR_ADAPTER_SOURCES += $(addprefix emulator/adapter/flash/,flash.c \
	gateway.c spi_chip.c) $(FLASH_FORMAT_SOURCES)
