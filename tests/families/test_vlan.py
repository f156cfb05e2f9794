# SPDX-License-Identifier: GPL-2.0-only
"""The target in a VLAN (--vlan): nothing answers without the tag."""

import pytest

from tests.e2e.far_end import far_end
from tests.e2e.test_tools_boot import NAME, lab, probe
from tests.e2e.test_tools_root import start_target
from tests.families import images
from tests.families.booting import INITIATOR, KERNEL, boot, has_booted
from tests.lab import paths

assert lab and probe  # fixtures

VLAN = 7
INTERFACE, SERVER = f"vlan{VLAN}", "11.4.5.7"
# The far end's program takes frames as they are on a wire.
WIRE = {"port1": "tap:tap1,gso=off"}


@pytest.fixture
def vlan(lab):
    """The server's end of it, behind port 1."""
    with far_end(lab, INTERFACE, "vlan_peer.py", "tap1", f"0x8100:{VLAN}",
                 INTERFACE, f"{SERVER}/24"):
        yield


def shell(lab):
    """The disk is brought before its script begins."""
    return images.shell(lab.folder / "base", lab.folder / "base.img")


def of_lab(name):
    return lambda lab: paths.LAB / f"{name}-{KERNEL}.img"


@pytest.mark.parametrize("make, more", (
    pytest.param(of_lab("initrd/initrd"), (), id="initramfs-tools"),
    pytest.param(of_lab("dracut/plain"), (), id="dracut"),
    pytest.param(of_lab("dracut/systemd"), (), id="dracut-systemd"),
    pytest.param(shell, INITIATOR, id="shell")))
def test_the_target_is_in_a_vlan(make, more, lab, vlan, probe):
    """The lease comes from there too."""
    start_target(lab, probe, SERVER)
    lab.dnsmasq(interface=INTERFACE, first="11.4.5.100", last="11.4.5.199",
                options=["--dhcp-option=option:root-path,"
                         f"iscsi:{SERVER}::::{NAME}"])
    console = boot(lab, make(lab), "--iscsi-target", "auto", "--vlan", VLAN,
                   *more, append="root=/dev/sda", memory=768, **WIRE)
    assert f"eth0.{VLAN}: address 11.4.5.1" in console
    assert has_booted(console)


def test_a_fixed_address_in_a_vlan(lab, vlan, probe):
    start_target(lab, probe, SERVER)
    console = boot(lab, of_lab("initrd/initrd")(lab), "--iscsi-target", SERVER,
                   "--iscsi-iqn", NAME, "--vlan", VLAN, "--ip",
                   "11.4.5.130/24", "--port", "1", **WIRE)
    assert f"eth0.{VLAN}: address 11.4.5.130/24 by the settings" in console
    assert has_booted(console)
