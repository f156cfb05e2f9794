# SPDX-License-Identifier: GPL-2.0-only
"""An overlay for the initrd in the ROM: the servers serve Debian's own initrd,
which knows nothing of the adapter, and what it lacks comes from the card."""

import json
import re
import secrets
import socket
import subprocess

import pytest

from tests.e2e.test_tools_boot import console_of, probe
from tests.e2e.tools_fixtures import pack
from tests.lab import cpio, paths
from tests.rom.machine import (FIRMWARES, rom_of, serve_grub, serve_kernel,
                               serve_pxelinux, served)
from tests.rom.test_boot import KERNEL as KERNEL_LIMIT
from tests.rom.test_root import (BOOT, INITRD, WORDS, assert_second_instance,
                                 mkinitrd, prepare)

assert probe  # a fixture

ADDED = r"^MLNX NIC [\d.]+: overlay added to the initrd"


def set_overlay(lab, overlay, device=25448):
    """A ROM that holds this file."""
    rom = lab.folder / "overlay.rom"
    subprocess.run([paths.binary("mkrom"), "set", "--initrd-overlay", overlay,
                    "-o", rom, rom_of(device)], check=True)
    return rom


def rom_with_token(lab, folder, kernel="6.12"):
    """A kernel in the folder, and an initrd that has not what it shows; the
    token, the words of the kernel's command line, a ROM that has it."""
    token = secrets.token_hex(8)
    words = serve_kernel(folder, "nothing", kernel)
    # Not a multiple of four: what lies between is the ROM's business.
    (folder / "initrd").write_bytes(paths.segment("base").read_bytes() + b"\0")
    overlay = lab.folder / "overlay"
    overlay.write_bytes(cpio.archive({"/token": f"e2e: {token}\n"}))
    return token, words, set_overlay(lab, overlay)


def serve_http(lab, folder, words):
    lab.http(folder)
    (folder / "boot.ipxe").write_text(
        f"#!ipxe\nkernel vmlinuz initrd=initrd {words}\ninitrd initrd\nboot\n")
    lab.dnsmasq(options=["--dhcp-boot=http://11.4.3.7/boot.ipxe"])


@pytest.mark.parametrize("firmware,kernel", [
    pytest.param(firmware, kernel, marks=pytest.mark.short)
    if (firmware, kernel) == ("bios", "6.12") else (firmware, kernel)
    for firmware in FIRMWARES for kernel in ("6.1", "6.12", "7.3")])
def test_file_from_the_card(firmware, kernel, lab, power_on):
    """Nothing but a kernel and an initrd over HTTP; no disk is logged in to."""
    folder = served(lab)
    token, words, rom = rom_with_token(lab, folder, kernel)
    serve_http(lab, folder, words)
    machine = power_on(firmware, 25448, rom=rom)
    machine.wait(f"e2e: {token}", KERNEL_LIMIT)
    said = machine.said()
    assert re.search(ADDED, said, re.M), said
    if firmware == "bios":
        # The overlay's place is memory again: 512 MiB but what SeaBIOS keeps.
        assert re.search(r"BIOS-e820: .*0x0+100000-0x0*1ffdffff\]  ?"
                         "(usable|System RAM)", said), said


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_behind_lz4(firmware, lab, power_on):
    """A kernel reads on as lz4 what is directly behind it: not the overlay."""
    folder = served(lab)
    token, words, rom = rom_with_token(lab, folder)
    base = paths.segment("base").read_bytes()
    tried = (pack("lz4", base + bytes(512 * n)) for n in range(64))
    (folder / "initrd").write_bytes(
        next(initrd for initrd in tried if len(initrd) % 4 == 0))
    serve_http(lab, folder, words)
    machine = power_on(firmware, 25448, rom=rom)
    machine.wait(f"e2e: {token}", KERNEL_LIMIT)


def test_by_pxelinux(lab, power_on):
    folder = served(lab)
    token, words, rom = rom_with_token(lab, folder)
    serve_pxelinux(folder, words)
    lab.dnsmasq(tftp=folder, options=["--dhcp-boot=pxelinux.0"])
    machine = power_on("bios", 25448, rom=rom)
    machine.wait(f"e2e: {token}", KERNEL_LIMIT)
    assert re.search(ADDED, machine.said(), re.M), machine.said()


def test_by_grub(lab, power_on):
    """GRUB for UEFI, which answers for the initrd itself."""
    folder = served(lab)
    token, words, rom = rom_with_token(lab, folder)
    lab.dnsmasq(tftp=folder,
                options=[f"--dhcp-boot={serve_grub(folder, words)}"])
    machine = power_on("uefi", 25448, rom=rom)
    machine.wait(f"e2e: {token}", KERNEL_LIMIT)
    assert re.search(ADDED, machine.said(), re.M), machine.said()


def test_beside_by_grub(lab, power_on, probe):
    """What --overlay-only wrote, as a second initrd of GRUB, with the ROM as it
    is: to the root."""
    folder = served(lab)
    mkinitrd("--overlay-only", folder / "overlay")
    (folder / "initrd.img").write_bytes(INITRD.read_bytes())
    prepare(lab, probe, folder,
            serve_grub(folder, WORDS, "/initrd.img /overlay"))
    console = console_of(power_on("uefi", 25448, memory=1024).guest, BOOT)
    assert_second_instance(console)


def test_no_initrd(lab, power_on):
    """There is nothing to add to, and the user reads so."""
    folder = served(lab)
    _, words, rom = rom_with_token(lab, folder)
    (folder / "boot.ipxe").write_text(f"#!ipxe\nkernel vmlinuz {words}\nboot\n")
    lab.dnsmasq(tftp=folder, options=["--dhcp-boot=boot.ipxe"])
    machine = power_on("bios", 25448, rom=rom)
    machine.wait("overlay not added to the initrd: there is none")
    machine.wait("Unable to mount root", KERNEL_LIMIT)


def memory_word(path, address, size):
    """What the machine has at a physical address, by QEMU's monitor."""
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.connect(str(path))
        with monitor.makefile("rw") as lines:
            lines.readline()
            for order in ({"execute": "qmp_capabilities"},
                          {"execute": "human-monitor-command", "arguments": {
                              "command-line": f"xp /1{size}x {address:#x}"}}):
                print(json.dumps(order), file=lines, flush=True)
                answer = json.loads(lines.readline())
                while "return" not in answer:
                    answer = json.loads(lines.readline())
    return int(answer["return"].split(":")[1], 16)


def test_next_device(lab, power_on):
    """Nothing was booted: the BIOS gets back what it had."""
    lab.dnsmasq()
    overlay = lab.folder / "overlay"
    overlay.write_bytes(cpio.archive({"/token": "nothing\n"}))
    monitor = lab.folder / "qmp"
    machine = power_on("bios", 25448, rom=set_overlay(lab, overlay),
                       adapter={"port2": "none"},
                       qemu=("-qmp", f"unix:{monitor},server=on,wait=off"))
    machine.wait("Press Ctrl-B")
    assert memory_word(monitor, 0x54, "w") >> 16 != 0xf000
    machine.wait_next_device()
    for interrupt in (0x15, 0x18):
        assert memory_word(monitor, interrupt * 4, "w") >> 16 == 0xf000
    assert memory_word(monitor, 0x413, "h") == 639


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_damaged(firmware, lab, power_on):
    """The overlay is the payload's last part."""
    overlay = lab.folder / "overlay"
    overlay.write_bytes(cpio.archive({"/token": secrets.token_bytes(4096)}))
    rom = set_overlay(lab, overlay)
    content = bytearray(rom.read_bytes())
    content[-1024] ^= 1
    rom.write_bytes(content)
    said = power_on(firmware, 25448, rom=rom).wait_next_device()
    assert "the ROM's overlay is damaged; next boot device" in said, said


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_root_by_overlay(firmware, lab, power_on, probe):
    """The initrd that is served is the one that initramfs-tools made."""
    overlay = lab.folder / "overlay"
    mkinitrd("--overlay-only", overlay)
    folder = served(lab)
    (folder / "initrd.img").write_bytes(INITRD.read_bytes())
    prepare(lab, probe, folder)
    machine = power_on(firmware, 25448, rom=set_overlay(lab, overlay),
                       memory=1024)
    console = console_of(machine.guest, BOOT)
    assert re.search(ADDED, console, re.M), console
    assert_second_instance(console)
