# SPDX-License-Identifier: GPL-2.0-only
"""Unified kernel images boot: UEFI starts the file that mkinitrd-en wrote, from
a medium that a firmware would look at."""

import pytest

from tests.e2e.test_tools_boot import console_of, lab, mkinitrd, probe
from tests.families import uki
from tests.families.booting import KERNEL, LIMIT, SERVERS, has_booted, serve
from tests.lab import paths

assert lab and probe  # fixtures


REBUILD = ("--rebuild", "--compress", "zstd")


@pytest.mark.parametrize("last, words, moved", (
    (True, (), False), (False, (), True), (False, REBUILD, True),
    (True, ("--rebuild", "--compress", "none"), False)),
    ids=("last", "moved", "rebuilt", "larger"))
def test_uki(last, words, moved, lab, probe):
    """Its initrd in the place where it was, or, where that has not the room,
    in another."""
    serve(lab, probe)
    medium = lab.folder / "medium" / "EFI" / "BOOT"
    medium.mkdir(parents=True)
    before = uki.make(lab.folder / "linux.efi",
                      paths.kernel(KERNEL) / "vmlinuz",
                      paths.LAB / "initrd" / f"initrd-{KERNEL}.img",
                      "console=ttyS0 no_timer_check net.ifnames=0",
                      initrd_last=last)
    after = medium / "BOOTX64.EFI"
    mkinitrd(KERNEL, before, after, *words, "--iscsi-target", SERVERS[1])
    assert moved == (uki.sections_of(before)[".initrd"][0] !=
                     uki.sections_of(after)[".initrd"][0])
    guest = lab.guest(
        boot="firmware", firmware="ovmf", memory=1024, nics=[lab.adapter()],
        qemu=["-drive", f"file=fat:rw:{lab.folder / 'medium'},if=none,id=esp,"
                        "format=raw",
              "-device", "virtio-blk-pci,drive=esp,bootindex=1"])
    assert has_booted(console_of(guest, LIMIT))
