# SPDX-License-Identifier: GPL-2.0-only
"""Each command of the user's manual, chapter 7, typed and its answer read."""

import re

import pytest

from tests.rom.machine import FIRMWARES, ROOT_PATH, serve_disk


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_commands(firmware, lab, power_on):
    serve_disk(lab, firmware)
    machine = power_on(firmware, 25448)
    machine.enter_cli()
    known = machine.command("help")
    for command in ("ifstat", "ifopen", "ifclose", "autoboot", "sanboot",
                    "echo", "dhcp", "help", "exit"):
        assert re.search(rf"\b{command}\b", known), (command, known)
    shown = machine.command("ifstat")
    assert re.search(r"net0: 00:02:c9:00:00:bb .*\[open\]", shown), shown
    assert re.search(r"net1: 00:02:c9:00:00:bc .*\[open\]", shown), shown
    machine.command("ifclose net0")
    shown = machine.command("ifstat net0")
    assert re.search(r"net0: .*\[closed\]", shown), shown
    machine.command("ifopen net0")
    shown = machine.command("ifstat net0")
    assert re.search(r"net0: .*\[open\]", shown), shown
    shown = machine.command("ifopen net9")
    assert "no such network device" in shown, shown
    machine.command("ifclose net1")
    shown = machine.command("dhcp net0", r"ok\s+iPXE> *$", 90)
    assert "Configuring (net0 00:02:c9:00:00:bb)" in shown
    shown = machine.command("echo ${net0/ip}")
    assert re.search(r"^11\.4\.3\.1\d\d", shown, re.M), shown
    shown = machine.command("echo ${root-path}")
    assert ROOT_PATH in shown, shown
    machine.command(f"sanboot {ROOT_PATH}", "^e2e: booted from the disk", 90)


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_key_before_the_line(firmware, power_on):
    """Ctrl-B while iPXE starts is not lost."""
    machine = power_on(firmware, 25448)
    machine.wait("iPXE initialising")
    machine.guest.type("\x02")
    assert "Press Ctrl-B" not in machine.said()
    machine.wait("iPXE>")


@pytest.mark.parametrize("word", ("exit", "autoboot"))
@pytest.mark.parametrize("firmware", FIRMWARES)
def test_back_to_booting(firmware, word, lab, power_on):
    """autoboot boots what DHCP says; exit goes on with the order of boot."""
    serve_disk(lab, firmware)
    machine = power_on(firmware, 26448)
    machine.enter_cli()
    shown = machine.command(word, "^e2e: booted from the disk", 150)
    assert ("Port 1 (net0)" in shown) == (word == "exit"), shown
