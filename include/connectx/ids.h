/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI identity of the family (docs/hardware/pci.md).
 */
#ifndef CONNECTX_IDS_H
#define CONNECTX_IDS_H

#define CX_PCI_VENDOR_ID 0x15b3

/*
 * X(device id, silicon, description, generation, Ethernet-only, PCIe GT/s*10)
 * The first eleven are those of the user's manual, section 1.1.
 */
#define CX_PCI_DEVICES(X)                                                  \
	X(0x6340, MT25408, "ConnectX VPI, 2.5 GT/s", CONNECTX, 0, 25)      \
	X(0x634a, MT25418, "ConnectX VPI DDR/10GigE", CONNECTX, 0, 25)     \
	X(0x6732, MT26418, "ConnectX VPI DDR/10GigE", CONNECTX, 0, 50)     \
	X(0x673c, MT26428, "ConnectX-2 VPI QDR/10GigE", CONNECTX_2, 0, 50) \
	X(0x6746, MT26438, "ConnectX-2 VPI", CONNECTX_2, 0, 50)            \
	X(0x6368, MT25448, "ConnectX EN 10GigE", CONNECTX, 1, 25)          \
	X(0x6750, MT26448, "ConnectX-2 EN 10GigE", CONNECTX_2, 1, 50)      \
	X(0x676e, MT26478, "ConnectX-2 EN 40GigE", CONNECTX_2, 1, 50)      \
	X(0x6778, MT26488, "ConnectX VPI DDR/10GigE", CONNECTX_2, 0, 50)   \
	X(0x6372, MT25458, "ConnectX EN 10GBASE-T", CONNECTX, 1, 25)       \
	X(0x675a, MT26458, "ConnectX-2 EN 10GBASE-T", CONNECTX_2, 1, 50)   \
	X(0x1003, MT27500, "ConnectX-3", CONNECTX_3, 0, 80)                \
	X(0x1007, MT27520, "ConnectX-3 Pro", CONNECTX_3_PRO, 0, 80)

enum cx_generation {
	CX_GENERATION_CONNECTX,
	CX_GENERATION_CONNECTX_2,
	CX_GENERATION_CONNECTX_3,
	CX_GENERATION_CONNECTX_3_PRO,
};

/* PCI revision ids seen on cards of each generation */
#define CX_PCI_REVISION_CONNECTX 0xa0
#define CX_PCI_REVISION_CONNECTX_2 0xb0
#define CX_PCI_REVISION_CONNECTX_3 0x00

#define CX_PCI_CLASS_ETHERNET 0x020000

/* Configuration space of real cards: capability offsets */
#define CX_PCI_CAP_PM 0x40
#define CX_PCI_CAP_VPD 0x48
#define CX_PCI_CAP_PCIE 0x60
#define CX_PCI_CAP_MSIX 0x9c
#define CX_PCI_EXT_CAP_ARI 0x100
#define CX_PCI_EXT_CAP_SERIAL 0x148

/* Address/data gateway into the CR space, in configuration space */
#define CX_PCI_CR_ADDRESS 0x58
#define CX_PCI_CR_DATA 0x5c

#endif
