# SPDX-License-Identifier: GPL-2.0-only
"""From power-on to the mounted root: the ROM logs in to the disk, fetches kernel
and initrd, and leaves its table (iBFT), by which iscsi-root logs in once more
over our driver. Chapter 9 of the manual, as it stands there."""

import pytest

from tests.e2e.test_tools_boot import (console_of, file_system, probe, probed,
                                       root_folder)
from tests.e2e.tools_fixtures import run
from tests.lab import modules, paths
from tests.lab.demo import MAC, TARGET_NAME
from tests.rom.machine import FIRMWARES, ONE_EACH, ROOT_PATH, served

assert probe  # a fixture

KERNEL = "6.12"
INITRD = paths.LAB / "initrd" / f"initrd-{KERNEL}.img"
WORDS = "console=ttyS0 no_timer_check tsc=reliable net.ifnames=0"
# Seconds: 20 MB come over TFTP, two logins, on a busy host too
BOOT = 600


def made(program, *words):
    done = run(program, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def prepare(lab, probe, folder, filename="boot.ipxe"):
    """Target, DHCP and TFTP server as the manual has them; the file is there, or
    is the script."""
    disk = file_system(lab.folder / "disk.img",
                       root_folder(lab.folder / "tree", probe), "16M")
    lab.tgt(None, configuration=made("iscsi-root", "target", "--backing", disk,
                                     ROOT_PATH))
    (folder / "vmlinuz").write_bytes(
        (paths.kernel(KERNEL) / "vmlinuz").read_bytes())
    (folder / "boot.ipxe").write_text(
        f"#!ipxe\nkernel vmlinuz initrd=initrd.img {WORDS}\n"
        "initrd initrd.img\nboot\n")
    host = lab.folder / "host1.conf"
    made("iscsi-root", "dhcp", "--server", "dnsmasq", "--host", "host1",
         "--mac", MAC, "--address", "11.4.3.130", "--next-server", "11.4.3.7",
         "--filename", filename, "-o", host, ROOT_PATH)
    lab.dnsmasq(tftp=folder, options=[f"--conf-file={host}"])


def mkinitrd(*words):
    """Our drivers, and no word of the target."""
    done = run("mkinitrd-en", "--modules", modules.tree(KERNEL),
               "--iscsi-target", "auto", *words, INITRD)
    assert done.returncode == 0 and "driver dkms" in done.stderr, done


def assert_second_instance(console):
    """The root is there, by what the ROM has left and over our driver."""
    assert "Registered SAN device 0x80" in console
    said = [line.split("connectx-en: ", 1)[1].strip()
            for line in console.splitlines() if "connectx-en: " in line]
    assert "the firmware's table (iBFT) was taken into account" in said, said
    assert not any("the lease's root-path" in line for line in said), said
    assert any(line.startswith(f"logged in to {TARGET_NAME} at 11.4.3.7 as "
                               "iqn.2010-04.org.ipxe:host1")
               for line in said), said
    seen = probed(console)
    assert "module mlx4_en" in seen
    assert any(line.startswith("mount /dev/sda / ext4 ") for line in seen)


@pytest.mark.parametrize("device", ONE_EACH)
@pytest.mark.parametrize("firmware", FIRMWARES)
def test_second_instance(firmware, device, lab, power_on, probe):
    folder = served(lab)
    mkinitrd("-o", folder / "initrd.img")
    prepare(lab, probe, folder)
    machine = power_on(firmware, device, memory=1024)
    assert_second_instance(console_of(machine.guest, BOOT))
