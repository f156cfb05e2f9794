# SPDX-License-Identifier: GPL-2.0-only
"""The ROM beside the ROM that QEMU has for e1000e, by a BIOS and by UEFI: from
power-on to the DHCP lease, and to the entry of a program that came over TFTP."""

import re
import shutil
import time

from tests.lab import Lab, LabError, paths
from tests.lab.guest import Guest
from tests.rom.machine import FIRMWARES, TESTS, Machine, served

LEASE, PROGRAM = "rom/lease/", "rom/program/"
DEVICE = 25448
PEER = "e1000e"
# Seconds, on a busy host
BOOT = 600
# A kernel without an initrd, which speaks at once
SCRIPT = "#!ipxe\nkernel vmlinuz earlyprintk=ttyS0,115200 no_timer_check\nboot\n"
# What a ROM, or the firmware's network boot, says first
ROM_BEGINS = "iPXE initialising|Start PXE over IPv4"


def kernel(folder):
    """For a BIOS; the file's name, and what shows that it was entered."""
    shutil.copy(paths.kernel("6.12") / "vmlinuz", folder)
    (folder / "boot.ipxe").write_text(SCRIPT)
    return "boot.ipxe", "Linux version"


def program(folder):
    """For UEFI, whose own network boot takes programs alone: one as large as the
    kernel that says that it runs."""
    size = (paths.kernel("6.12") / "vmlinuz").stat().st_size
    (folder / "kernel.efi").write_bytes(
        (TESTS / "rom-disk.efi").read_bytes().ljust(size, b"\0"))
    return "kernel.efi", "e2e: booted from the disk"


FILES = {"bios": kernel, "uefi": program}


def cases():
    return [kind + firmware for kind in (LEASE, PROGRAM)
            for firmware in FIRMWARES]


def switch_on_peer(lab, firmware):
    """QEMU's card with the ROM that QEMU has for it."""
    words = [*Guest.slot_words(1),
             "-netdev", "tap,id=net1,ifname=tap1,script=no,downscript=no",
             "-device", f"{PEER},netdev=net1,mac=00:02:c9:00:00:bb,bus=port1,"
                        "bootindex=1"]
    return lab.guest(boot="firmware", smp=1, qemu=words,
                     firmware="ovmf" if firmware == "uefi" else None)


def boot(nic, firmware):
    """Seconds from power-on to each stage: "rom" (the card's ROM runs; with
    UEFI the firmware's own network boot runs over the peer's), "lease",
    "program" (it was entered)."""
    with Lab() as lab:
        folder = served(lab)
        name, entry = FILES[firmware](folder)
        lab.dnsmasq(tftp=folder, options=[f"--dhcp-boot={name}"])
        guest = Machine(lab, firmware, DEVICE,
                        adapter={"port2": "none"}).guest \
            if nic == "connectx" else switch_on_peer(lab, firmware)
        return watch(lab, guest, entry)


def watch(lab, guest, entry):
    stages = {"rom": (guest.console, ROM_BEGINS),
              "lease": (lambda: lab.log("dnsmasq-tap1.log"), "DHCPACK"),
              "program": (guest.console, entry)}
    marks = {}
    while len(marks) < len(stages):
        guest.check()
        now = time.monotonic() - guest.started
        for stage, (text, pattern) in stages.items():
            if stage not in marks and re.search(pattern, text()):
                marks[stage] = round(now, 2)
        if now > BOOT:
            raise LabError(f"only {marks} after {BOOT} s:\n{guest.tail()}")
        time.sleep(0.02)
    return marks


def measure(chosen, settings, report):
    for firmware in FIRMWARES:
        if not {LEASE + firmware, PROGRAM + firmware} & set(chosen):
            continue
        runs = {"connectx": [], PEER: []}
        for number in range(settings.runs):
            order = list(runs) if number % 2 == 0 else list(runs)[::-1]
            for nic in order:
                runs[nic].append(boot(nic, firmware))
        for kind, stage in ((LEASE, "lease"), (PROGRAM, "program")):
            if kind + firmware in chosen:
                report.add(kind + firmware, "s from power-on",
                           [marks[stage] for marks in runs["connectx"]],
                           f"QEMU {PEER}, its ROM",
                           [marks[stage] for marks in runs[PEER]],
                           better="lower", ratio_is="ours / peer",
                           stages=runs["connectx"], peer_stages=runs[PEER])
