/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The setup header of an x86 kernel (bzImage), as offsets in the file: the boot
 * protocol, docs/hardware/initrd.md. The ROM's first code includes it too.
 */
#ifndef TOOLS_LIB_LINUX_SETUP_H
#define TOOLS_LIB_LINUX_SETUP_H

#define SETUP_SECTORS 0x1f1
#define SETUP_MAGIC 0x202
#define SETUP_MAGIC_TEXT "HdrS"
#define SETUP_MAGIC_SIZE 4
#define SETUP_VERSION 0x206 /* of the protocol; 2.00 has the pointer */
#define SETUP_KERNEL_VERSION 0x20e /* of the text, counted from 0x200 */
#define SETUP_LOADER 0x210
#define SETUP_FLAGS 0x211
#define SETUP_CODE32 0x214 /* where the kernel was loaded to */
#define SETUP_RAMDISK 0x218
#define SETUP_RAMDISK_SIZE 0x21c
#define SETUP_HEAP_END 0x224
#define SETUP_COMMAND_LINE 0x228
#define SETUP_ALIGNMENT 0x230 /* of the kernel, if it moves itself */
#define SETUP_PAYLOAD 0x248 /* counted from behind the setup's sectors */
#define SETUP_PAYLOAD_LENGTH 0x24c
#define SETUP_VERSION_PAYLOAD 0x208 /* since this protocol */
#define SETUP_MORE_DATA 0x250 /* 64 bits: a list that the loader has made */
#define SETUP_PREFERRED 0x258 /* 64 bits: where the kernel wants to run */
#define SETUP_INIT_SIZE 0x260 /* what it needs there to unpack itself */
#define SETUP_PARAMETERS 4096 /* size of the parameters, header included */

#endif
