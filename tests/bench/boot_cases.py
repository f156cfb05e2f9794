# SPDX-License-Identifier: GPL-2.0-only
"""The diskless boot of `make demo`, power to login, beside the same boot over
virtio-net with an initrd that was prepared by hand."""

from lab import Lab
from lab.demo import Demo

NAME = "boot/demo"
KERNEL = "6.12"
DEVICE = 25448


def cases():
    return [NAME]


def boot(nic):
    """Seconds from power to the login prompt, and of each stage."""
    with Lab() as lab:
        run = Demo(lab, KERNEL, nic, DEVICE, say=lambda *_, **__: None)
        run.boot(timeout=300)
        return run.took, {stage: round(seconds, 2)
                          for stage, seconds, _ in run.marks}


def measure(chosen, settings, report):
    ours, peers, stages = [], [], []
    for number in range(settings.runs):
        order = ["connectx", "virtio-net-pci"]
        for nic in order if number % 2 == 0 else reversed(order):
            took, marks = boot(nic)
            (ours if nic == "connectx" else peers).append(took)
            if nic == "connectx":
                stages.append(marks)
    report.add(NAME, "s power-login", ours, "virtio-net, no mkinitrd-en",
               peers, better="lower", stages=stages)
