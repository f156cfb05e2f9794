# SPDX-License-Identifier: GPL-2.0-only
"""Initrds in the style of each generator, with next to nothing in them. The
scripts are ours: they say what matters to mkinitrd-en as the originals do."""

from tests.e2e.tools_fixtures import KERNEL, Archive

# SLES 10: one script does it all. The block is the manual's (chapter 9).
SLES10_INIT = """\
#!/bin/bash
# SLES 10 in miniature; modprobe iscsi_tcp here is a comment
export PATH=/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
say() {
\techo "modprobe iscsi_tcp: $1"
}
cat <<END
modprobe iscsi_tcp
END
modprobe sd_mod
for module in scsi_transport_iscsi \\
\tiscsi_tcp; do
\t/sbin/modprobe $module
done
. /etc/initiatorname.iscsi
iscsiserver=$TargetAddress
iscsiport=3260
    if [ "$iSCSI_TARGET_IPADDR" ] ; then
      iscsiserver="$iSCSI_TARGET_IPADDR"
    fi
if [ -n "$iSCSI_TARGET_NAME" ]; then
\tiscsitarget=$iSCSI_TARGET_NAME
fi
echo "login $iscsiserver $iscsiport $iscsitarget"
udev_discover_root
"""

SLES11 = {
    "init": ("#!/bin/bash\nsource run_all.sh\n", 0o755),
    "run_all.sh": ('source boot/05-network.sh\n'
                   'modules="iscsi_tcp crc32c"\n'
                   'source boot/08-iscsi.sh\n', 0o755),
    "config/start.sh": ("rootdev=/dev/sda\n", 0o644),
    "boot/05-network.sh": ("#!/bin/bash\n#%modules: $drvlink\n\n"
                           "echo network\n", 0o755),
    "boot/08-iscsi.sh": ("#!/bin/bash\n#%modules: iscsi_tcp crc32c\n"
                         "#%if: \"$TargetAddress\"\n"
                         "load_modules\n"
                         "for session in '' iBFT; do\n"
                         "\tserver=$(eval echo \\$TargetAddress$session)\n"
                         "\tport=$(eval echo \\$TargetPort$session)\n"
                         "\tname=$(eval echo \\$TargetName$session)\n"
                         "\techo login $server $port $name\n"
                         "done\n", 0o755),
    "etc/iscsi/initiatorname.iscsi": ("InitiatorName=iqn.1996-04.de.suse:x\n",
                                      0o644),
}

SHELL_INIT = """\
#!/bin/busybox sh
set -e
mount -t proc proc /proc
if ! mount -t devtmpfs dev /dev; then
\tmdev -s
fi
modprobe ext4 ||
\techo no ext4
exec switch_root /root /sbin/init
"""

MKINITCPIO = {
    "init": ("#!/usr/bin/ash\n. /init_functions\n. /config\n", 0o755),
    "init_functions": ("true\n", 0o644),
    "config": ('MODULES="ext4"\nHOOKS="udev"', 0o644),
    "hooks/udev": ("run_earlyhook() { :; }\n", 0o755),
}

MKINITFS = {"init": ("#!/bin/sh\nmodprobe -a loop\n", 0o755),
            "sbin/nlplug-findfs": ("ELF", 0o755),
            "etc/modules": ("af_packet", 0o644)}

BOOSTER = {"init": ("\x7fELF booster", 0o755),
           "etc/booster.init.yaml": ("moduledependencies:\n"
                                     "    ext4:\n"
                                     "        - jbd2\n"
                                     "modulesforceload:\n"
                                     "    - ext4\n"
                                     "kernel: 6.1\n", 0o644)}

INSTALLER = {"init": ("#!/bin/sh\nmount -t proc proc /proc\n", 0o755),
             "lib/debian-installer-startup.d/S10": ("true\n", 0o755)}


def image(files, kernel=KERNEL, links=(), initiator=("iscsistart",),
          programs=("insmod", "modprobe"), dep=None):
    """The archive of {path: (body, mode)}, with /lib/modules/KERNEL, an
    initiator that is none, and modules.dep if it is given."""
    a = Archive()
    made = set()

    def parents(path):
        for n in range(1, path.count("/") + 1):
            folder = "/".join(path.split("/")[:n])
            if folder not in made:
                made.add(folder)
                a.dir(folder)

    def add(path, body, mode=0o755):
        parents(path)
        a.file(path, body, mode)

    if kernel:
        add(f"lib/modules/{kernel}/modules.order", "", 0o644)
    if dep is not None:
        add(f"lib/modules/{kernel}/modules.dep", dep, 0o644)
    for name in (*initiator, *programs):
        add(f"sbin/{name}", "ELF")
    for path, (body, mode) in files.items():
        add(path, body, mode)
    for path, target in links:
        parents(path)
        a.link(path, target)
    return a.end()


def sles10(init=SLES10_INIT, **more):
    more.setdefault("initiator", ("iscsid", "iscsiadm"))
    return image({"init": (init, 0o755), "etc/initiatorname.iscsi":
                  ("InitiatorName=iqn.1996-04.de.suse:x\n", 0o644)}, **more)


def sles11(**more):
    more.setdefault("initiator", ("iscsid", "iscsiadm"))
    return image(SLES11, **more)


def shell(init=SHELL_INIT, **more):
    return image({"init": (init, 0o755)}, **more)


def other(**more):
    """A program as /init, as tiny-initramfs has it."""
    return image({"init": ("\x7fELF tiny", 0o755)}, **more)


def systemd(**more):
    return image({"usr/lib/systemd/systemd": ("\x7fELF", 0o755),
                  "etc/initrd-release": ("ID=x\n", 0o644)},
                 links=(("init", "usr/lib/systemd/systemd"),), **more)
