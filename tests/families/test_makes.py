# SPDX-License-Identifier: GPL-2.0-only
"""Initrds of other makes than Debian's and dracut's, to the root over iSCSI:
each family once, and each way to load the drivers."""

import pytest

from tests.e2e.test_tools_boot import NAME, lab, probe
from tests.e2e.test_tools_root import start_target
from tests.families import images
from tests.families.booting import (INITIATOR, KERNEL, PORT_2, boot,
                                    has_booted, serve)
from tests.lab import paths

assert lab and probe  # fixtures


def test_a_script_that_knows_no_iscsi(lab, probe):
    serve(lab, probe)
    base = images.shell(lab.folder / "base", lab.folder / "base.img")
    console = boot(lab, base, "--iscsi-target", "auto", *INITIATOR,
                   append="root=/dev/sda")
    assert f"target {NAME} from the lease's root-path" in console
    assert has_booted(console)


def test_tiny_initramfs(lab, probe):
    """No shell, no modprobe, no libc; port 2 and a fixed address."""
    start_target(lab, probe, "11.4.4.7")
    base = images.tiny_initramfs(lab.folder / "base", lab.folder / "base.img")
    console = boot(lab, base, "--iscsi-target", "11.4.4.7", "--iscsi-iqn", NAME,
                   "--ip", "11.4.4.130/24", *INITIATOR,
                   append="root=/dev/sda", **PORT_2)
    assert "eth1: address 11.4.4.130/24 by the settings" in console
    assert has_booted(console)


@pytest.mark.parametrize("way", ("native", "wrapper"))
def test_a_hook_of_mkinitcpio(way, lab, probe):
    """busybox's modprobe, which reads modules.dep and not kmod's index."""
    serve(lab, probe)
    base = images.mkinitcpio(lab.folder / "base", lab.folder / "base.img")
    console = boot(lab, base, "--iscsi-target", "11.4.3.7", "--load", way,
                   *INITIATOR)
    assert ("connectx-en: loaded" in console) == (way == "wrapper")
    assert has_booted(console)


@pytest.mark.parametrize("way", ("insmod", "wrapper"))
def test_sles10_by_the_manual(way, lab, probe):
    """Its own login, at the address that the patch has written."""
    serve(lab, probe)
    base = images.sles10(lab.folder / "base", lab.folder / "base.img", KERNEL)
    console = boot(lab, base, "--iscsi-target", "11.4.3.7", "--iscsi-iqn",
                   NAME, "--load", way)
    assert ("loading Mellanox ConnectX EN driver" in console) == \
        (way == "insmod")
    assert has_booted(console)


@pytest.mark.parametrize("way, root", (("native", ""),
                                       ("wrapper", "root=/dev/sda")))
def test_systemd_without_dracut(way, root, lab, probe):
    serve(lab, probe)
    base = images.systemd(lab.folder / "base", lab.folder / "base.img",
                          paths.LAB / "dracut" / f"systemd-{KERNEL}.img")
    console = boot(lab, base, "--iscsi-target", "11.4.3.7", "--load", way,
                   append=root, memory=768)
    # The first login has an initiator to answer it.
    assert "Operation timed out" not in console
    assert has_booted(console)


@pytest.mark.parametrize("make", ("initrd/initrd", "dracut/plain",
                                  "dracut/systemd"))
def test_native(make, lab, probe):
    """The image's own modprobe finds the drivers by the index that we wrote."""
    serve(lab, probe)
    console = boot(lab, paths.LAB / f"{make}-{KERNEL}.img", "--iscsi-target",
                   "11.4.3.7", "--load", "native", memory=768)
    assert "connectx-en: loaded" not in console
    assert has_booted(console)
