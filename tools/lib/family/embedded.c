// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/family/embedded.h"
#include "tools/lib/base/embed.h"

EMBED(embedded_init, EMBEDDED_INIT);
EMBED(embedded_iscsi_root, EMBEDDED_ISCSI_ROOT);
EMBED(embedded_new_init_sh, "initrd/new/init.sh");
EMBED(embedded_initramfs_tools_sh, "initrd/initramfs-tools/iscsi-root.sh");
EMBED(embedded_dracut_cmdline_sh, "initrd/dracut/cmdline.sh");
EMBED(embedded_dracut_initqueue_sh, "initrd/dracut/initqueue.sh");
EMBED(embedded_dracut_finished_sh, "initrd/dracut/finished.sh");
EMBED(embedded_dracut_mount_sh, "initrd/dracut/mount.sh");
EMBED(embedded_mkinitcpio_sh, "initrd/mkinitcpio/connectx-en.sh");
EMBED(embedded_systemd_disk_service, "initrd/systemd/connectx-en-disk.service");
EMBED(embedded_systemd_iscsid_service, "initrd/systemd/iscsid.service");
EMBED(embedded_systemd_root_service, "initrd/systemd/connectx-en-root.service");
