# SPDX-License-Identifier: GPL-2.0-only
"""The ways to a root disk that iscsi-root knows inside an initrd, over the
virtual adapter, to the file system's own init as PID 1."""

import json
import shutil

import pytest

from tests.e2e.ibft import ibft
from tests.e2e.test_tools_boot import (DHCPD, NAME, console_of, file_system,
                                       lab, mkinitrd, probe, probed,
                                       root_folder)
from tests.e2e.tools_fixtures import run
from tests.lab import paths

assert lab and probe  # fixtures

pytestmark = pytest.mark.skipif(not paths.is_built(),
                                reason="no lab: run make lab")

KERNEL = "6.12"
ME = "iqn.2007-08.com.example:me"
USER, SECRET = "diskless", "twelve-or-more"


def start_target(lab, probe, address="11.4.3.7", more=""):
    disk = file_system(lab.folder / "disk.img",
                       root_folder(lab.folder / "tree", probe), "16M")
    text = run("iscsi-root", "target", "--backing", disk,
               f"iscsi:[{address}]::::{NAME}" if ":" in address else
               f"iscsi:{address}::::{NAME}").stdout
    lab.tgt(disk, address=f"[{address}]" if ":" in address else address,
            configuration=text.replace("</target>", f"{more}</target>"))


def boot(lab, *options, port1="tap:tap1", port2="tap:tap2", qemu=()):
    out = lab.folder / "initrd.img"
    mkinitrd(KERNEL, paths.LAB / "initrd" / f"initrd-{KERNEL}.img", out,
             *options)
    adapter = lab.adapter(port1=port1, port2=port2)
    return console_of(lab.guest(kernel=KERNEL, initrd=out, memory=512,
                                append="net.ifnames=0", nics=[adapter],
                                qemu=qemu), 120)


def has_booted(console):
    return any(line.startswith("mount /dev/sda / ext4 ")
               for line in probed(console))


def test_second_port_static_address_and_secrets(lab, probe):
    """No DHCP server, no link on port 1, a target that asks who is there."""
    start_target(lab, probe, "11.4.4.7",
                 f"\tincominguser {USER} {SECRET}\n")
    secret = lab.folder / "chap"
    secret.write_text(f"{USER}\n{SECRET}\n")
    secret.chmod(0o600)
    console = boot(lab, "--iscsi-target", "11.4.4.7", "--iscsi-iqn", NAME,
                   "--ip", "11.4.4.130/24", "--iscsi-chap", secret,
                   port1="none")
    assert "eth1: address 11.4.4.130/24 by the settings" in console
    assert has_booted(console)
    assert SECRET not in console


def test_all_from_the_lease(lab, probe):
    """Nothing is known when the initrd is made."""
    start_target(lab, probe)
    entry = run("iscsi-root", "dhcp", "--host", "diskless", "--mac",
                "00:02:c9:00:00:bb", "--address", "11.4.3.130",
                f"iscsi:11.4.3.7:::1:{NAME}").stdout
    lab.dhcpd(DHCPD + entry)
    console = boot(lab, "--iscsi-target", "auto")
    assert "eth0: address 11.4.3.130/24 by DHCP" in console
    assert f"target {NAME} from the lease's root-path" in console
    assert "LUN 0001-0000-0000-0000" in console
    assert has_booted(console)


def test_ipv6_and_a_dead_portal(lab, probe):
    """Nobody listens at the first of two."""
    start_target(lab, probe, "fd11:4:3::7")
    console = boot(lab, "--iscsi-target", "[fd11:4:3::7]:3261",
                   "--iscsi-target", "[fd11:4:3::7]:3260", "--iscsi-iqn", NAME,
                   "--ip", "fd11:4:3::130/64", "--port", "1")
    assert f"{NAME} at fd11:4:3::7 over eth0" in console
    assert f"logged in to {NAME} at fd11:4:3::7" in console
    assert has_booted(console)


def test_the_firmwares_table(lab, probe):
    """What the ROM booted from: port 2, a fixed address, an initiator's name
    that the target insists on."""
    start_target(lab, probe, "11.4.4.7", f"\tinitiator-name {ME}\n")
    table = lab.folder / "ibft"
    table.write_bytes(ibft("00:02:c9:00:00:bc", "11.4.4.131", 24, "11.4.4.7",
                           NAME, 1, ME))
    console = boot(lab, "--iscsi-target", "auto",
                   qemu=["-acpitable", f"sig=iBFT,data={table}"])
    assert "eth1: address 11.4.4.131/24 by the settings" in console
    assert f"as {ME}" in console
    assert "LUN 0001-0000-0000-0000" in console
    assert has_booted(console)


def test_an_installed_disk(lab, probe):
    """iscsi-root install makes the disk and the initrd, for a target that is
    named; the disk is mounted by the UUID that it says."""
    release = paths.kernel_version(KERNEL)
    tree = root_folder(lab.folder / "tree", probe)
    for folder in ("boot", "etc/iscsi"):
        (tree / folder).mkdir()
    shutil.copy(paths.kernel(KERNEL) / "vmlinuz",
                tree / f"boot/vmlinuz-{release}")
    shutil.copy(paths.LAB / "initrd" / f"initrd-{KERNEL}.img",
                tree / f"boot/initrd.img-{release}")
    (tree / "etc/fstab").write_text("/dev/sda1 / ext4 defaults 0 1\n")
    (tree / "probe").write_text("/etc/fstab\n/etc/iscsi/iscsi.initramfs\n"
                                "/etc/iscsi/initiatorname.iscsi\n")
    disk, initrd = lab.folder / "disk.img", lab.folder / "initrd.img"
    done = run("iscsi-root", "install", "--json", "--from", tree,
               "--initiator", ME, "--initrd-out", initrd, disk,
               f"iscsi:11.4.3.7:::1:{NAME}", "--",
               "--modules", paths.kernel(KERNEL) / "modules",
               "--ip", "11.4.3.130/24", "--port", "1")
    assert done.returncode == 0, done.stderr
    uuid = json.loads(done.stdout)["uuid"]
    text = run("iscsi-root", "target", "--backing", disk, "--initiator", ME,
               f"iscsi:11.4.3.7:::1:{NAME}").stdout
    lab.tgt(disk, configuration=text)
    console = console_of(lab.guest(
        kernel=KERNEL, initrd=initrd, memory=512,
        append=f"net.ifnames=0 root=UUID={uuid}",
        nics=[lab.adapter(port1="tap:tap1", port2="tap:tap2")]), 300)
    assert f"as {ME}" in console
    assert has_booted(console)
    seen = {line.split()[0]: line for line in probed(console)}
    assert f"[UUID={uuid} / ext4 defaults,_netdev 0 1]" in seen["/etc/fstab"]
    assert "100600" in seen["/etc/iscsi/iscsi.initramfs"]
    assert f"[InitiatorName={ME}]" in seen["/etc/iscsi/initiatorname.iscsi"]
