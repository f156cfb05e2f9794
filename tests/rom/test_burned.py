# SPDX-License-Identifier: GPL-2.0-only
"""The whole way of a user: one machine burns the ROM into the card, is switched
off, and the next power-on boots over it to the root on the target."""

import pytest

from tests.e2e.test_20_flash import Card, boot, need_mstflint, programs
from tests.e2e.test_tools_boot import console_of, probe
from tests.rom.machine import FIRMWARES, rom_of, served
from tests.rom.test_root import assert_second_instance, mkinitrd, prepare

assert probe  # a fixture

# mstflint 4.16 opens no ConnectX of the first generation (docs/hardware/flash.md)
DEVICES = {"en-flash": 25448, "mstflint": 26448}
# Seconds, on a busy host: to burn 800 kB; to boot
BURN = 1200
BOOT = 1200


def burn(lab, device, tool):
    """Burn the ROM in a guest of its own, with `tool`; the file of the flash."""
    files = {"/rom": rom_of(device).read_bytes(), **programs()}
    adapter, guest = boot(
        lab, device, files,
        ["mstflint-4.16"] if tool == "mstflint" else [])
    card = Card(guest)
    burner = getattr(card, tool.replace("-", "_"))
    assert "Rom Info:        none" in card.en_flash("query")
    burner("brom /rom", timeout=BURN)
    assert f"devid={device}" in card.en_flash("query")
    guest.start("poweroff -f")
    guest.wait_exit()
    assert adapter.stop()
    return lab.folder / "flash"


@pytest.mark.parametrize("tool", ["en-flash", "mstflint"])
@pytest.mark.parametrize("firmware", FIRMWARES)
def test_burned_then_booted(firmware, tool, lab, power_on, probe):
    if tool == "mstflint":
        need_mstflint()
    flash = burn(lab, DEVICES[tool], tool)
    folder = served(lab)
    mkinitrd("-o", folder / "initrd.img")
    prepare(lab, probe, folder)
    machine = power_on(firmware, DEVICES[tool], flash=flash, memory=1024)
    assert_second_instance(console_of(machine.guest, BOOT))
