# SPDX-License-Identifier: GPL-2.0-only
"""What a host is told by a DHCP server that iscsi-root has configured: a
checker takes a line that means something else."""

import socket
import struct
import time

import pytest

from tests.e2e.test_tools_iscsi_root_servers import (  # noqa: F401
    ME, NAME, dhcp, programs)
from tests.lab import paths

MAC = bytes.fromhex("0002c90000bb")
PATH = f"iscsi:[2001:db8::7]::3261:a:{NAME}"
URL = "http://11.4.3.7/a,b?x=${net0/mac}#1"
HOST_NAME, ROOT_PATH, FILENAME, INITIATOR = 12, 17, 67, 203


@pytest.fixture
def lab():
    """A cable: the server's end veth0, the host's end veth1"""
    if not paths.ROOT.is_dir():
        pytest.skip("no lab: run make lab")
    from tests.lab.testbed import Lab
    with Lab(network=False) as lab:
        lab.run("ip link add veth0 type veth peer name veth1 && "
                "ip link set veth0 up && ip link set veth1 up && "
                "ip address add 11.4.3.7/24 dev veth0")
        yield lab


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~((total & 0xffff) + (total >> 16)) & 0xffff


def discover():
    """A frame with a DHCPDISCOVER that asks for the options of interest"""
    wanted = bytes([1, 3, HOST_NAME, ROOT_PATH, 66, FILENAME, INITIATOR])
    bootp = struct.pack(">BBBBIHH16s16s192s", 1, 1, 6, 0, 0x12345678, 0, 0x8000,
                        b"", MAC, b"")
    bootp += (b"\x63\x82\x53\x63" + bytes([53, 1, 1, 55, len(wanted)]) + wanted
              + b"\xff")
    bootp = bootp.ljust(300, b"\0")
    udp = struct.pack(">HHHH", 68, 67, 8 + len(bootp), 0) + bootp
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0,
                     bytes(4), b"\xff" * 4)
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return b"\xff" * 6 + MAC + b"\x08\x00" + ip + udp


def options(data):
    found, at = {}, 0
    while at < len(data) and data[at] != 255:
        if data[at]:
            size = data[at + 1]
            found[data[at]] = data[at + 2:at + 2 + size]
            at += size + 1
        at += 1
    return found


def offer(lab, seconds=20):
    """(the address, the next server's, the file, the options)"""
    wire = lab.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    wire.bind(("veth1", 0x0800))
    wire.settimeout(1)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        wire.send(discover())
        try:
            while True:
                frame = wire.recv(2048)
                bootp = frame[42:]
                if frame[34:38] != b"\0\x43\0\x44" or bootp[:1] != b"\2":
                    continue
                found = options(bootp[240:])
                assert found[53] == b"\2"
                name = found.get(FILENAME) or bootp[108:236].split(b"\0")[0]
                return (socket.inet_ntoa(bootp[16:20]),
                        socket.inet_ntoa(bootp[20:24]),
                        name.rstrip(b"\0").decode(), found)
        except TimeoutError:
            continue
    pytest.fail("no offer")


def start(lab, server, text):
    if server == "dhcpd":
        lab.dhcpd("subnet 11.4.3.0 netmask 255.255.255.0 {}\n" + text, "veth0")
    elif server == "dnsmasq":
        folder = lab.folder / "dnsmasq.d"
        folder.mkdir()
        (folder / "hosts.conf").write_text(text)
        lab.dnsmasq("veth0", options=[f"--conf-dir={folder}"])
    else:
        hosts = lab.folder / "hosts.json"
        hosts.write_text(text)
        lab.kea('{"Dhcp4": {"interfaces-config": {"interfaces": ["veth0"]},'
                '"lease-database": {"type": "memfile", "persist": false},'
                '"subnet4": [{"id": 1, "subnet": "11.4.3.0/24",'
                f'"reservations": <?include "{hosts}"?>}}]}}}}')


@pytest.mark.parametrize("server", ["dhcpd", "kea", "dnsmasq"])
def test_the_host_is_told(server, lab):
    start(lab, server, dhcp(
        server, "--host", "host1", "--mac", MAC.hex(), "--address",
        "11.4.3.130", "--filename", URL, "--next-server", "11.4.3.8",
        "--initiator", ME, PATH))
    address, following, name, found = offer(lab)
    assert (address, following, name) == ("11.4.3.130", "11.4.3.8", URL)
    assert found[ROOT_PATH].decode() == PATH
    assert found[INITIATOR].decode() == ME
    if server != "dhcpd": # there it is use-host-decl-names that decides
        assert found[HOST_NAME] == b"host1"


@pytest.mark.parametrize("server", ["dhcpd", "kea", "dnsmasq"])
def test_a_host_without_a_file_boots_from_the_root_path(server, lab):
    start(lab, server, dhcp(
        server, "--host", "host1", "--mac", MAC.hex(), "--address",
        "11.4.3.130", "--next-server", "11.4.3.8", PATH))
    address, following, name, found = offer(lab)
    assert (address, following, name) == ("11.4.3.130", "11.4.3.8", "")
    assert found[ROOT_PATH].decode() == PATH
    assert INITIATOR not in found
