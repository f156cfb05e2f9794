# SPDX-License-Identifier: GPL-2.0-only
"""Images that dracut made, to the root over iSCSI: its own login is by iscsiadm,
its stages are hooks, with systemd or without."""

import pytest

from tests.e2e.test_tools_boot import (DHCPD, NAME, console_of, lab, mkinitrd,
                                       probe, probed)
from tests.e2e.test_tools_root import start_target
from tests.e2e.tools_fixtures import run
from tests.lab import paths

assert lab and probe  # fixtures

KERNEL = "6.12"
USER, SECRET = "diskless", "twelve-or-more"


def boot(lab, image, *options, append="", **ports):
    out = lab.folder / "initrd.img"
    mkinitrd(KERNEL, paths.LAB / "dracut" / f"{image}-{KERNEL}.img", out,
             *options)
    adapter = lab.adapter(**ports)
    return lab.guest(kernel=KERNEL, initrd=out, memory=768, nics=[adapter],
                     append=f"net.ifnames=0 rd.shell=0 {append}")


def has_booted(console):
    return any(line.startswith("mount /dev/sda / ext4 ")
               for line in probed(console))


@pytest.mark.parametrize("image", ("systemd", "plain"))
def test_name_from_the_lease(image, lab, probe):
    start_target(lab, probe)
    entry = run("iscsi-root", "dhcp", "--host", "diskless", "--mac",
                "00:02:c9:00:00:bb", "--address", "11.4.3.130",
                f"iscsi:11.4.3.7::::{NAME}").stdout
    lab.dhcpd(DHCPD + entry)
    console = console_of(boot(lab, image, "--iscsi-target", "11.4.3.7"), 180)
    assert f"target {NAME} from the lease's root-path" in console
    assert has_booted(console)


@pytest.mark.parametrize("image", ("systemd", "plain"))
def test_second_port_static_address_and_secrets(image, lab, probe):
    """And root= on the command line: the disk is ours to bring, no more."""
    start_target(lab, probe, "11.4.4.7", f"\tincominguser {USER} {SECRET}\n")
    secret = lab.folder / "chap"
    secret.write_text(f"{USER}\n{SECRET}\n")
    secret.chmod(0o600)
    guest = boot(lab, image, "--iscsi-target", "11.4.4.7", "--iscsi-iqn", NAME,
                 "--ip", "11.4.4.130/24", "--iscsi-chap", secret,
                 append="root=/dev/sda", port1="none", port2="tap:tap2")
    console = console_of(guest, 180)
    assert "eth1: address 11.4.4.130/24 by the settings" in console
    assert has_booted(console)
    assert SECRET not in console
