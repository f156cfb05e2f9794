# SPDX-License-Identifier: GPL-2.0-only
"""A ROM that is not whole, and a machine that is too small: a message, and the
next boot device."""

import json
import re
import subprocess

import pytest

from tests.lab import paths
from tests.rom.machine import FIRMWARES, local_disk, rom_of, uefi_disk

DEVICE = 25448
firmwares = pytest.mark.parametrize("firmware", FIRMWARES)


def inspect():
    return json.loads(subprocess.run(
        [paths.binary("mkrom"), "inspect", "--json", rom_of(DEVICE)],
        check=True, capture_output=True, text=True).stdout)


def part_of(firmware):
    """Where the firmware's part of the payload is, and its size."""
    told = inspect()
    sizes = {part["name"]: part["size"] for part in told["parts"]}
    at = told["images"][-1]["offset"] + 512
    if firmware == "bios":
        return at, sizes["bios"]
    return at + (sizes["bios"] + 3) // 4 * 4, sizes["uefi"]


@pytest.mark.short
@firmwares
def test_damaged_payload(firmware, lab, power_on):
    content = bytearray(rom_of(DEVICE).read_bytes())
    at, size = part_of(firmware)
    content[at + size - 1000] ^= 0x10
    rom = lab.folder / "damaged.rom"
    rom.write_bytes(content)
    said = power_on(firmware, DEVICE, rom=rom).wait_next_device()
    assert "the ROM's payload is damaged; next boot device" in said, said


@firmwares
def test_truncated(firmware, lab, power_on):
    """The burning stopped half way: what is not there reads as ones."""
    content = rom_of(DEVICE).read_bytes()
    rom = lab.folder / "truncated.rom"
    rom.write_bytes(content[:300000] + b"\xff" * (len(content) - 300000))
    said = power_on(firmware, DEVICE, rom=rom).wait_next_device()
    assert "the ROM's payload is damaged" in said, said


@firmwares
def test_no_payload(firmware, lab, power_on):
    """Nothing but our own code is in the flash."""
    rom = lab.folder / "short.rom"
    rom.write_bytes(rom_of(DEVICE).read_bytes()[
        :inspect()["images"][-1]["offset"]])
    said = power_on(firmware, DEVICE, rom=rom).wait_next_device()
    assert "payload" in said and "next boot device" in said, said


def test_too_little_memory_bios(lab, power_on):
    said = power_on("bios", DEVICE, memory=64).wait_next_device()
    assert "96 MiB of memory are needed; next boot device" in said, said


def test_too_little_memory_uefi(lab, power_on):
    """A program that is booted first takes the memory; the ROM says so, and the
    disk behind it is booted."""
    taker, disk = lab.folder / "taker", lab.folder / "disk"
    uefi_disk(taker, "rom-take-memory.efi")
    uefi_disk(disk)
    machine = power_on("uefi", DEVICE,
                       qemu=local_disk(taker, 0) + local_disk(disk, 2))
    machine.wait("^e2e: booted from the disk")
    assert re.search("^e2e: no memory left.*"
                     "MLNX NIC.*: too little memory; next boot device.*"
                     "^e2e: booted", machine.said(), re.M | re.S)
