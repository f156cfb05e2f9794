# SPDX-License-Identifier: GPL-2.0-only
"""How soon the adapter is up after the kernel has started /init: our program as
/init beside the image's own way to load modules early."""

import re
import tempfile
import time
from pathlib import Path

from initrd_cases import mkinitrd
from lab import Lab, LabError, modules, paths

KERNEL = "6.12"
PREFIX = "initrd/ready/wrapper-vs-"
# Where the image is, and what --load native tells it to do
IMAGES = {
    "initramfs-tools": (paths.LAB / "initrd" / f"initrd-{KERNEL}.img",
                        "conf/modules"),
    "dracut": (paths.LAB / "dracut" / f"plain-{KERNEL}.img", "rd.driver.pre"),
    "dracut-systemd": (paths.LAB / "dracut" / f"systemd-{KERNEL}.img",
                       "rd.driver.pre, systemd"),
}
# The kernel's own clock, so that neither the firmware nor the loader counts
STARTED = r"\[ *([\d.]+)\] Run /init as init process"
UP = r"\[ *([\d.]+)\] mlx4_core [\da-f:.]+: Steering Mode"


def cases():
    return [PREFIX + name for name in IMAGES]


def measure(chosen, settings, report):
    with tempfile.TemporaryDirectory(prefix="connectx-bench-") as folder:
        for name, (image, peer) in IMAGES.items():
            if PREFIX + name in chosen:
                compare(Path(folder), name, image, peer, settings, report)


def compare(folder, name, image, peer, settings, report):
    if not image.exists():
        raise LabError(f"no {image} (tests/lab/make-lab {image.parent.name})")
    times = {"wrapper": [], "native": []}
    for number in range(settings.runs):
        for way in list(times) if number % 2 == 0 else reversed(list(times)):
            out = folder / f"{way}.img"
            mkinitrd(image, out, f"--load {way}", tree=modules.tree(KERNEL))
            times[way].append(ready(out))
    report.add(PREFIX + name, "s from /init", times["wrapper"], peer,
               times["native"], better="lower")


def ready(image):
    """Seconds, by the guest's clock."""
    with Lab() as lab:
        guest = lab.guest(kernel=KERNEL, initrd=image, memory=768,
                          nics=[lab.adapter(port2="none")],
                          append="net.ifnames=0 rd.shell=0")
        guest.wait_console(UP, timeout=300)
        time.sleep(0.1)
        console = guest.console()
        started, up = (float(re.search(line, console)[1])
                       for line in (STARTED, UP))
        return up - started
