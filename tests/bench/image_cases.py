# SPDX-License-Identifier: GPL-2.0-only
"""Sizes: what mkinitrd-en adds to an image, and its image from nothing beside
those of the distributions' generators; and how soon that has its root."""

import subprocess
import tempfile
import time
from pathlib import Path

from initrd_cases import MODULES, driver_files, mkinitrd, run_dracut, shell
from lab import Lab, cpio, modules, paths
from lab.demo import SERVER, Demo

KERNEL = "6.1"  # its modules are not packed
BOOT_KERNEL = "6.12"
BYTES_MODULES = "initrd/bytes/modules"
BYTES_SETTINGS = "initrd/bytes/settings"
SIZE = "initrd/new/size-"
BOOT = "initrd/new/kernel-to-root"
ROOT_MOUNTED = r"EXT4-fs \(sd[a-z]\): mounted filesystem.* ordered"


def cases():
    return [BYTES_MODULES, BYTES_SETTINGS, SIZE + "initramfs-tools",
            SIZE + "dracut-hostonly", BOOT]


def measure(chosen, settings, report):
    with tempfile.TemporaryDirectory(prefix="connectx-bench-") as folder:
        folder = Path(folder)
        if {BYTES_MODULES, BYTES_SETTINGS} & set(chosen):
            added(folder, chosen, report)
        if any(name.startswith(SIZE) for name in chosen):
            sizes(folder, chosen, report)
    if BOOT in chosen:
        boots(settings, report)


def zstd_size(data):
    return len(subprocess.run(["zstd", "-q9c"], input=data, check=True,
                              capture_output=True).stdout)


def added(folder, chosen, report):
    """Beside the same files in an archive by hand, packed alike."""
    image = paths.LAB / "initrd" / f"initrd-{KERNEL}.img"
    out, base = folder / "out.img", image.stat().st_size
    mkinitrd(image, out, "")
    alone = out.stat().st_size - base
    mkinitrd(image, out, "--iscsi-target 11.4.3.7")
    with_target = out.stat().st_size - base
    if BYTES_MODULES in chosen:
        archive = cpio.archive({f"/lib/{path.name}": path.read_bytes()
                                for path in driver_files()})
        report.add(BYTES_MODULES, "bytes", [alone], "cpio | zstd -9 by hand",
                   [zstd_size(archive)], better="lower")
    if BYTES_SETTINGS in chosen:
        archive = cpio.archive({"/etc/iscsi.initramfs":
                                'ISCSI_TARGET_IP="11.4.3.7"\n'})
        report.add(BYTES_SETTINGS, "bytes", [with_target - alone],
                   "a file for open-iscsi's script", [zstd_size(archive)],
                   better="lower")


def new_image(out, kernel=BOOT_KERNEL, tree=None):
    shell('"$TOOL" --new --kernel "$RELEASE" --modules "$TREE" '
          '--initiator "$ROOT" --busybox "$ROOT/usr/bin/busybox" '
          '--iscsi-target 11.4.3.7 -o "$OUT"',
          TOOL=str(paths.binary("mkinitrd-en")), OUT=str(out),
          RELEASE=paths.kernel_version(kernel), ROOT=str(paths.ROOT),
          TREE=str(tree or paths.kernel(kernel) / "modules"))
    return out.stat().st_size


def sizes(folder, chosen, report):
    ours = new_image(folder / "new.img")
    debian = paths.LAB / "initrd" / f"initrd-{BOOT_KERNEL}.img"
    if SIZE + "initramfs-tools" in chosen:
        # The modules that MODULES=dep leaves; dep itself wants a disk.
        report.add(SIZE + "initramfs-tools", "bytes", [ours],
                   "mkinitramfs MODULES=list, open-iscsi",
                   [debian.stat().st_size], better="lower")
    if SIZE + "dracut-hostonly" in chosen:
        report.add(SIZE + "dracut-hostonly", "bytes", [ours],
                   "dracut --hostonly-mode strict, iscsi",
                   [dracut_hostonly(folder)], better="lower")


def dracut_hostonly(folder):
    out = folder / "hostonly.img"
    run_dracut(BOOT_KERNEL, ["--hostonly", "--hostonly-mode", "strict"], out)
    return out.stat().st_size


def kernel_to_root(make_initrd):
    with Lab() as lab:
        run = Demo(lab, BOOT_KERNEL, "connectx", 4099, say=lambda *_, **__: None)
        initrd = make_initrd(run)
        run.start_servers()
        guest = lab.guest(kernel=BOOT_KERNEL, initrd=initrd, memory=768,
                          nics=[lab.adapter(port2="none")],
                          append="net.ifnames=0")
        guest.wait_console(r"Linux version \S+", timeout=60)
        started = time.monotonic()
        guest.wait_console(ROOT_MOUNTED, timeout=240)
        return time.monotonic() - started


def boots(settings, report):
    def from_nothing(run):
        out = run.lab.folder / "new.img"
        new_image(out, tree=modules.tree(BOOT_KERNEL))
        return out

    ours, theirs = [], []
    for number in range(settings.runs):
        both = [(ours, from_nothing), (theirs, Demo.make_initrd)]
        for times, make in both if number % 2 == 0 else reversed(both):
            times.append(kernel_to_root(make))
    report.add(BOOT, "s", ours, "initramfs-tools, mkinitrd-en", theirs,
               better="lower", server=SERVER, modules=MODULES)
