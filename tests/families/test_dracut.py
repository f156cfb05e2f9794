# SPDX-License-Identifier: GPL-2.0-only
"""Images that dracut made, to the root over iSCSI: its own login is by iscsiadm,
its stages are hooks, with systemd or without."""

import pytest

from tests.e2e.test_tools_boot import NAME, lab, probe
from tests.e2e.test_tools_root import start_target
from tests.families import booting
from tests.lab import paths

assert lab and probe  # fixtures


def boot(lab, image, *options, **machine):
    return booting.boot(
        lab, paths.LAB / "dracut" / f"{image}-{booting.KERNEL}.img", *options,
        memory=768, **machine)


@pytest.mark.parametrize("image", ("systemd", "plain"))
def test_name_from_the_lease(image, lab, probe):
    booting.serve(lab, probe)
    console = boot(lab, image, "--iscsi-target", "11.4.3.7")
    assert f"target {NAME} from the lease's root-path" in console
    assert booting.has_booted(console)


@pytest.mark.parametrize("image", ("systemd", "plain"))
def test_second_port_static_address_and_secrets(image, lab, probe):
    """And root= on the command line: the disk is ours to bring, no more."""
    start_target(lab, probe, "11.4.4.7", booting.ASKS_WHO)
    console = boot(lab, image, "--iscsi-target", "11.4.4.7", "--iscsi-iqn",
                   NAME, "--ip", "11.4.4.130/24", "--iscsi-chap",
                   booting.secret_file(lab), append="root=/dev/sda",
                   **booting.PORT_2)
    assert "eth1: address 11.4.4.130/24 by the settings" in console
    assert booting.has_booted(console)
    assert booting.SECRET not in console
