# SPDX-License-Identifier: GPL-2.0-only
"""Ctrl-B, and Ctrl-C, while the ROM waits for something."""

import re
import shutil
import time

import pytest

from tests.rom.machine import FIRMWARES, ROOT_PATH, TESTS, serve_disk, served
from tests.rom.test_boot import changed

CTRL_B, CTRL_C, CTRL_E = "\x02", "\x03", "\x05"
NOBODY = "11.4.3.99"
# Ctrl-C has always ended what iPXE waits for; with UEFI, Ctrl-B does it too.
KEYS = (("uefi", CTRL_B), ("uefi", CTRL_C), ("bios", CTRL_C))


def keys(*short):
    """A row for each; `short`: those of make test."""
    return pytest.mark.parametrize("firmware, key", [
        pytest.param(firmware, key, id=f"{firmware}-{chr(ord(key) + 96)}",
                     marks=[pytest.mark.short] if key in short else [])
        for firmware, key in KEYS])


def both_open(machine):
    shown = machine.command("ifstat")
    assert len(re.findall(r"net[01]: .*\[open\]", shown)) == 2, shown


@keys(CTRL_B)
def test_while_nobody_answers(firmware, key, lab, power_on):
    """The command line instead of a lease; exit begins with port 1 again."""
    machine = power_on(firmware, 25448)
    machine.wait(r"Configuring .*\.\.\.")
    time.sleep(2)
    machine.guest.type(key)
    machine.wait("iPXE>", 10)
    both_open(machine)
    # A key like any other from now on: the cursor goes to the left.
    start = len(machine.said())
    for typed in ("e", "c", "o", CTRL_B, "h", CTRL_E, " ", "l", "eft", "\r"):
        machine.guest.type(typed)
        time.sleep(0.1)
    machine.wait("^left", 10, start)
    serve_disk(lab, firmware)
    machine.command("exit", "^e2e: booted from the disk", 150)


@keys()
def test_while_no_link(firmware, key, power_on):
    machine = power_on(firmware, 25448, adapter={"port1": "none"})
    machine.wait("Waiting for link-up on net0")
    machine.guest.type(key)
    machine.wait("iPXE>", 10)
    both_open(machine)


@keys()
def test_while_a_file_comes(firmware, key, lab, power_on):
    """Also with a disk that is registered already: it is given back."""
    serve_disk(lab, firmware, options=[f"--dhcp-boot=file,,{NOBODY}"])
    machine = power_on(firmware, 25448)
    machine.wait(r"^file\.\.")
    machine.guest.type(key)
    machine.wait("iPXE>", 10)
    both_open(machine)
    machine.command(f"sanhook {ROOT_PATH}", "Registered SAN device 0x80")


def test_until_a_program_is_loaded(lab, power_on):
    """Then Ctrl-B is the program's own key."""
    folder = served(lab)
    shutil.copy(TESTS / "rom-read-key.efi", folder / "key.efi")
    lab.dnsmasq(tftp=folder, options=["--dhcp-boot=key.efi"])
    machine = power_on("uefi", 25448)
    machine.wait("e2e: waiting")
    machine.guest.type(CTRL_B)
    machine.wait("e2e: key 02", 10)


def test_once_nothing_boots(power_on):
    """The firmware's shell gets Ctrl-B as it is: it is no Ctrl-C."""
    machine = power_on("uefi", 25448, adapter={"port1": "none",
                                               "port2": "none"})
    machine.wait("Shell>")
    time.sleep(1)
    for typed in ("e", "c", "h", "o", " ", "h", "e", "r", "e", CTRL_B, "\r"):
        machine.guest.type(typed)
        time.sleep(0.1)
    machine.wait("^here", 10)


def test_the_line_stands_as_long_as_was_asked_for(lab, power_on):
    """With a lease sooner than that, the line is shown again."""
    serve_disk(lab, "uefi")
    machine = power_on("uefi", 25448, rom=changed(lab, 25448, "--timeout", "12"))
    machine.wait(r"Configuring .* ok\s+Press Ctrl-B")
    assert "Registered SAN device" not in machine.said()
    machine.guest.type(CTRL_B)
    machine.wait("iPXE>", 10)
    both_open(machine)


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_a_script_of_ones_own(firmware, lab, power_on):
    """It comes behind a prompt, and need not know about keys."""
    script = lab.folder / "script"
    script.write_text("#!ipxe\necho e2e: my script\nsleep 60\n")
    machine = power_on(firmware, 25448,
                       rom=changed(lab, 25448, "--script", script))
    machine.enter_cli()
    machine.command("exit", "^e2e: my script")
