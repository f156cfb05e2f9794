/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of initrd/ that the tool carries in itself. */
#ifndef TOOLS_LIB_EMBEDDED_H
#define TOOLS_LIB_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t embedded_init[];
extern const uint8_t embedded_init_end[];
extern const uint8_t embedded_iscsi_root[];
extern const uint8_t embedded_iscsi_root_end[];
extern const uint8_t embedded_new_init_sh[];
extern const uint8_t embedded_new_init_sh_end[];
extern const uint8_t embedded_initramfs_tools_sh[];
extern const uint8_t embedded_initramfs_tools_sh_end[];
extern const uint8_t embedded_dracut_cmdline_sh[];
extern const uint8_t embedded_dracut_cmdline_sh_end[];
extern const uint8_t embedded_dracut_initqueue_sh[];
extern const uint8_t embedded_dracut_initqueue_sh_end[];
extern const uint8_t embedded_dracut_finished_sh[];
extern const uint8_t embedded_dracut_finished_sh_end[];
extern const uint8_t embedded_dracut_mount_sh[];
extern const uint8_t embedded_dracut_mount_sh_end[];
extern const uint8_t embedded_mkinitcpio_sh[];
extern const uint8_t embedded_mkinitcpio_sh_end[];
extern const uint8_t embedded_systemd_disk_service[];
extern const uint8_t embedded_systemd_disk_service_end[];
extern const uint8_t embedded_systemd_iscsid_service[];
extern const uint8_t embedded_systemd_iscsid_service_end[];
extern const uint8_t embedded_systemd_root_service[];
extern const uint8_t embedded_systemd_root_service_end[];

#endif
