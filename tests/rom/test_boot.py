# SPDX-License-Identifier: GPL-2.0-only
"""From power-on, with nothing but the ROM in the adapter."""

import re
import secrets
import subprocess
import time

import pytest

from tests.e2e.far_end import far_end
from tests.lab import paths
from tests.lab.demo import TARGET_NAME
from tests.rom.machine import (DISKS, FIRMWARES, IDS, ONE_EACH, ROOT_PATH,
                               ipxe_kernel, rom_of, serve_disk, serve_kernel,
                               serve_pxelinux, served)

MKROM = paths.binary("mkrom")
# Seconds: a kernel comes over the network and starts, on a busy host too
KERNEL = 600


def devices(ids, short=None):
    """A row for each device id, of which one is part of make test."""
    return pytest.mark.parametrize("device", [
        pytest.param(device, marks=pytest.mark.short) if device == short else
        device for device in ids])


each = devices(ONE_EACH)
firmwares = pytest.mark.parametrize("firmware", FIRMWARES)


def changed(lab, device, *options):
    """A ROM with other settings."""
    out = lab.folder / "changed.rom"
    subprocess.run([MKROM, "set", *options, "--output", out, rom_of(device)],
                   check=True)
    return out


def leased(port, net):
    """What the console shows when the DHCP server has answered."""
    return rf"^net{net}: 11\.4\.{2 + port}\.1\d\d/"


@devices(IDS, short=25448)
@firmwares
def test_lease(device, firmware, lab, power_on):
    """Every device id reaches the lease, and shows what it is."""
    lab.dnsmasq()
    machine = power_on(firmware, device)
    machine.wait(leased(1, 0))
    said = machine.said()
    assert re.search(r"^MLNX NIC \d+\.\d+\.\d+", said, re.M), said
    assert f"adapter mt{device} at PCI 0000:01:00.0, {firmware}" in said
    for net, mac in (("net0", "00:02:c9:00:00:bb"),
                     ("net1", "00:02:c9:00:00:bc")):
        assert f"is {net}, MAC {mac}" in said
        assert re.search(rf"^{net}: {mac} using mt{device} .*\n"
                         r" *\[Link:up", said, re.M), said


def boot_over_tftp(device, firmware, lab, power_on, options=()):
    """To a kernel that says so; `options` are more for the lease's server."""
    token = secrets.token_hex(8)
    folder = served(lab)
    name = ipxe_kernel(folder, token)
    lab.dnsmasq(tftp=folder, options=[f"--dhcp-boot={name}", *options])
    power_on(firmware, device).wait(f"e2e: {token}", KERNEL)


@each
@firmwares
def test_kernel_over_tftp(device, firmware, lab, power_on):
    boot_over_tftp(device, firmware, lab, power_on)


@each
@firmwares
def test_kernel_over_http(device, firmware, lab, power_on):
    token = secrets.token_hex(8)
    folder = served(lab)
    name = ipxe_kernel(folder, token)
    lab.http(folder)
    lab.dnsmasq(options=[f"--dhcp-boot=http://11.4.3.7/{name}"])
    power_on(firmware, device).wait(f"e2e: {token}", KERNEL)


@each
def test_pxelinux(device, lab, power_on):
    """Debian's pxelinux, its configuration, kernel and initrd over TFTP."""
    token = secrets.token_hex(8)
    folder = served(lab)
    words = serve_kernel(folder, token)
    serve_pxelinux(folder, words)
    lab.dnsmasq(tftp=folder, options=["--dhcp-boot=pxelinux.0"])
    power_on("bios", device).wait(f"e2e: {token}", KERNEL)


@each
@firmwares
def test_disk_over_iscsi(device, firmware, lab, power_on):
    """An empty filename and a root-path: the disk is booted."""
    serve_disk(lab, firmware)
    power_on(firmware, device).wait("^e2e: booted from the disk")


@devices(ONE_EACH, short=26448)
@firmwares
def test_second_port_alone(device, firmware, lab, power_on):
    """Port 1 has no link: it is skipped at once, and port 2 boots."""
    lab.dnsmasq("tap2", "11.4.4.100", "11.4.4.199")
    machine = power_on(firmware, device, adapter={"port1": "none"})
    machine.wait(r"^Port 1 \(net0\)")
    began = time.monotonic()
    machine.wait(r"^Port 2 \(net1\)")
    assert time.monotonic() - began < 10
    machine.wait(leased(2, 1))
    said = machine.wait_next_device()
    assert re.search("MLNX NIC: port 1: no link", said), said
    assert re.search("MLNX NIC: port 2: the DHCP answer names neither a file "
                     "nor a disk", said.replace("\n", " ")), said


@each
@firmwares
def test_no_server(device, firmware, power_on):
    """Some 30 seconds for each port, then the next boot device."""
    machine = power_on(firmware, device)
    machine.wait(r"^Port 1 \(net0\)")
    began = time.monotonic()
    machine.wait(r"^Port 2 \(net1\)", 90)
    waited = time.monotonic() - began
    said = machine.wait_next_device(120)
    print(f"{device}, {firmware}: port 1 {waited:.1f} s, next device "
          f"{time.monotonic() - machine.started:.1f} s after power-on")
    assert 25 < waited < 60
    for port in (1, 2):
        assert f"MLNX NIC: port {port}: no answer from a DHCP server" in said


def script_that_ends(folder, name):
    """A file that is fetched, says so, and boots nothing."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!ipxe\necho e2e: fetched\nexit 1\n")


@pytest.mark.parametrize("path", ("11.4.3.7:/srv/root",
                                  "nfs:11.4.3.7:/srv/root:ro", "/srv/root"))
@firmwares
def test_root_path_of_nfs(firmware, path, lab, power_on):
    """It is for the system that follows: the file is booted."""
    boot_over_tftp(25448, firmware, lab, power_on,
                   [f"--dhcp-option=17,{path}"])


@firmwares
def test_disk_is_missing(firmware, lab, power_on):
    """The file is not started without the disk that belongs to it."""
    folder = served(lab)
    script_that_ends(folder, "script")
    lab.tgt(None)
    path = f"{ROOT_PATH}x"
    lab.dnsmasq(tftp=folder, options=["--dhcp-boot=script",
                                      f"--dhcp-option=17,{path}"])
    machine = power_on(firmware, 25448, adapter={"port2": "none"})
    said = machine.wait_next_device().replace("\n", "")
    assert "e2e: fetched" not in said
    assert re.search(f"port 1: file 'script', disk '{path}': "
                     "error 0x[0-9a-f]+MLNX", said), said


@pytest.mark.parametrize("kind", ("ends", "no-program"))
@firmwares
def test_disk_after_a_file(firmware, kind, lab, power_on):
    """The file has booted nothing, or cannot be started: the disk is next."""
    folder = served(lab)
    script_that_ends(folder, "script")
    if kind == "no-program":
        (folder / "script").write_bytes(bytes(1 << 20))
    serve_disk(lab, firmware, folder, ["--dhcp-boot=script"])
    machine = power_on(firmware, 25448)
    machine.wait("^e2e: fetched" if kind == "ends" else "Exec format error")
    machine.wait("^e2e: booted from the disk")


@firmwares
def test_disk_that_does_not_boot(firmware, lab, power_on):
    """After a file that ends: it is given back, so that port 2 can have it."""
    folder = served(lab)
    script_that_ends(folder, "script")
    disk = lab.folder / "disk"
    disk.write_bytes(bytes(64 << 20))
    lab.tgt(disk)
    options = ["--dhcp-boot=script", f"--dhcp-option=17,{ROOT_PATH}"]
    lab.dnsmasq(tftp=folder, options=options)
    lab.dnsmasq("tap2", "11.4.4.100", "11.4.4.199", tftp=folder,
                options=options)
    said = power_on(firmware, 25448).wait_next_device()
    assert "Could not open SAN device" not in said
    for step in ("Registered", "Unregistered"):
        assert len(re.findall(f"^{step} SAN device", said, re.M)) == 2, said


@pytest.mark.parametrize("name, served_as", (
    ("boot/${mac:hexhyp}", "boot/00-02-c9-00-00-bb"),
    ("/script", "script"),
    ("a b#c?d%20e", "a b#c?d%20e")))
@firmwares
def test_file_names(firmware, name, served_as, lab, power_on):
    """With the adapter's settings in them, and with what is special in a URI."""
    folder = served(lab)
    script_that_ends(folder, served_as)
    lab.dnsmasq(tftp=folder, options=[f"--dhcp-boot={name}"])
    power_on(firmware, 25448).wait("^e2e: fetched")


def test_menu(lab, power_on):
    """A menu of the PXE kind: its first entry is booted. (dnsmasq sends none to
    UEFI, and the rest is the same script.)"""
    folder = served(lab)
    script_that_ends(folder, "script.0")
    lab.dnsmasq(tftp=folder, options=[
        "--pxe-prompt=e2e,1", "--pxe-service=x86PC,The first,script"])
    power_on("bios", 25448).wait("^e2e: fetched")


@firmwares
def test_second_port_after_a_lease(firmware, lab, power_on):
    """Port 1's answer names nothing: port 2, whose link comes again, boots its
    own."""
    folder = served(lab)
    script_that_ends(folder, "script")
    lab.dnsmasq()
    lab.dnsmasq("tap2", "11.4.4.100", "11.4.4.199", tftp=folder,
                options=["--dhcp-boot=script"])
    machine = power_on(firmware, 25448)
    machine.wait("^e2e: fetched")
    assert "Port 2 (net1)" in machine.said()


@firmwares
def test_file_is_missing(firmware, lab, power_on):
    lab.dnsmasq(tftp=served(lab), options=["--dhcp-boot=nowhere"])
    machine = power_on(firmware, 25448, adapter={"port2": "none"})
    said = machine.wait_next_device()
    assert "MLNX NIC: port 1: file 'nowhere', disk ''" in said, said
    assert "MLNX NIC: port 2: no link" in said


@each
@firmwares
def test_link_lost_in_a_transfer(device, firmware, lab, power_on):
    """Port 1 loses its link while a file comes: port 2 boots."""
    folder = served(lab)
    (folder / "large").write_bytes(bytes(40 << 20))
    lab.dnsmasq(tftp=folder, options=["--dhcp-boot=large"])
    lab.dnsmasq("tap2", "11.4.4.100", "11.4.4.199")
    machine = power_on(firmware, device, memory=1024)
    machine.wait(r"^large\.\.\. +\d+%")
    machine.adapter.order(command="link", port=1, up=False)
    machine.wait(leased(2, 1), 240)


@each
@firmwares
def test_chap(device, firmware, lab, power_on):
    """A script of the user's own sets name and secret."""
    disk = lab.folder / "disk"
    DISKS[firmware](disk)
    lab.tgt(None, configuration=f"<target {TARGET_NAME}>\n"
            f"  backing-store {disk}\n"
            "  incominguser diskless twelve-or-more\n</target>\n")
    lab.dnsmasq()
    script = lab.folder / "chap.ipxe"
    script.write_text(
        "#!ipxe\nset username diskless\nset password ${secret}\n"
        "dhcp ${rom-port1}\n"
        f"sanboot {ROOT_PATH} ||\n"
        "echo e2e: refused\nset password twelve-or-more\n"
        f"sanboot {ROOT_PATH}\n")
    rom = changed(lab, device, "--script", script)
    machine = power_on(firmware, device, rom=rom)
    machine.wait("^e2e: refused")
    machine.wait("^e2e: booted from the disk")


@each
@firmwares
def test_vlan(device, firmware, lab, power_on):
    """A ROM for VLAN 20 asks there, and there only."""
    rom = changed(lab, device, "--vlan", "20")
    with far_end(lab, "vlan20", "vlan_peer.py", "tap1", "0x8100:20", "vlan20",
                 "11.4.5.7/24"):
        lab.dnsmasq("vlan20", "11.4.5.100", "11.4.5.199")
        machine = power_on(firmware, device, rom=rom)
        machine.wait(r"^net0-20: 11\.4\.5\.1\d\d/")


@each
@firmwares
def test_two_adapters(device, firmware, lab, power_on):
    """Each ROM boots on its own adapter's ports."""
    lab.dnsmasq("tap2", "11.4.4.100", "11.4.4.199")
    lab.tap("tap3")
    first = {"port1": "tap:tap1", "port2": "none"}
    other = lab.adapter(device=26448, mac="00:02:c9:00:01:bb",
                        port1="tap:tap2", port2="tap:tap3",
                        options=("--rom", rom_of(26448)))
    machine = power_on(firmware, device, others=[other], adapter=first)
    machine.wait(f"adapter mt{device} at PCI 0000:01:00.0")
    machine.wait("adapter mt26448 at PCI 0000:02:00.0", 200)
    machine.wait("port 1 is net2, MAC 00:02:c9:00:01:bb")
    machine.wait(leased(2, 2))


def test_banner_and_no_prompt(lab, power_on):
    lab.dnsmasq()
    rom = changed(lab, 25448, "--banner", "Rack 7", "--timeout", "0")
    machine = power_on("bios", 25448, rom=rom)
    machine.wait(leased(1, 0))
    said = machine.said()
    assert re.search(r"^Rack 7 \d", said, re.M), said
    assert "Ctrl-B" not in said
