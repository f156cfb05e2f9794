# SPDX-License-Identifier: GPL-2.0-only
EMULATOR_PCI_SOURCES := $(addprefix emulator/pci/,config_access.c \
	config_space.c interrupts.c pci_function.c vpd.c)
