# SPDX-License-Identifier: GPL-2.0-only
"""A lease, pings, TCP and UDP both ways, transfers that are checksummed."""

import contextlib
import json
import re
import threading

import pytest

from tests.e2e.guest import transfer
from tests.e2e.machine import (IPV4, SERVER4, SERVER6, VLAN_SERVER4,
                               VLAN_SERVER6)

OFFLOADS = ("rx", "tx", "sg", "tso", "gso", "gro", "rxvlan", "txvlan", "rxhash")
# Payloads around the sizes at which something changes: the shortest frame,
# inline descriptors, powers of two, the MTUs, fragments, pages.
SIZES = sorted({1, 2, 8, 16, 17, 18, 19, 20, 33, 44, 45, 46, 47, 59, 60, 61, 62,
                63, 64, 65, 76, 77, 96, 104, 105, 127, 128, 129, 255, 256, 257,
                300, 470, 471, 511, 512, 513, 800, 1000, 1023, 1024, 1025, 1200,
                1400, 1471, 1472, 1473, 1480, 1481, 1499, 1500, 1501, 1514,
                1518, 2000, 2047, 2048, 2049, 2951, 2952, 2953, 3000, 3498,
                4000, 4053, 4054, 4055, 4095, 4096, 4097, 5000, 6000, 7000,
                7999, 8000})


@pytest.mark.parametrize("port", (1, 2))
def test_dhcp(machine, port):
    """DHCP: udhcpc gets a lease from dnsmasq."""
    if port == 2:
        second = machine.lab.dnsmasq("tap2", "11.4.4.100", "11.4.4.199")
    dev = machine.dev(port)
    try:
        machine.run(f"ip -4 address flush dev {dev}; udhcpc -i {dev} -f -n -q "
                    "-t 5 -s /sbin/lab-udhcpc", 60)
        lease = machine.run(f"cat /run/lease.{dev}").stdout
        address = re.search(rf"ip='?(11\.4\.{port + 2}\.1\d\d)'?$", lease, re.M)
        assert address, lease
        shown = machine.run(f"ip -4 address show dev {dev}").stdout
        assert address[1] in shown, shown
        machine.reachable(port)
    finally:
        if port == 2:
            second.stop()
        machine.run(f"ip -4 address flush dev {dev}")
        machine.set_up()


@pytest.mark.parametrize("size", (1500, 9000))
def test_ping_sizes(machine, size):
    """Ping with payloads of 1 to 8,000 bytes at MTU 1500 and 9000."""
    with machine.mtu(size):
        machine.reachable()
        listed = " ".join(str(payload) for payload in SIZES)
        out = machine.run(
            f"for s in {listed}; do ping -n -c 1 -W 5 -p 5a -s $s "
            f"{SERVER4[1]} >/tmp/ping 2>&1 || echo \"$s lost\"; "
            "grep -q 'wrong data' /tmp/ping && echo \"$s wrong\"; done; true",
            240).stdout
        assert out == "", f"payloads lost or changed: {out}"


@contextlib.contextmanager
def offloads(machine, on, port):
    """Every offload on (as it comes up), or every one off."""
    if on:
        yield
        return
    dev = machine.dev(port)
    words = " ".join(f"{name} off" for name in OFFLOADS)
    machine.run(f"ethtool -K {dev} {words}")
    try:
        features = machine.features(port)
        left = [name for name in ("rx-checksumming", "tx-checksum-ipv4",
                                  "tx-tcp-segmentation", "rx-vlan-offload",
                                  "tx-vlan-offload", "receive-hashing",
                                  "generic-receive-offload")
                if features[name]]
        assert not left, f"still on: {left}"
        machine.wait_link(port)
        machine.reachable(port)
        yield
    finally:
        words = " ".join(f"{name} on" for name in OFFLOADS)
        machine.run(f"ethtool -K {dev} {words}")
        machine.wait_link(port)
        machine.reachable(port)


# What a wrong checksum or length is counted as, at either end
WRONG = ("TcpInErrs", "TcpInCsumErrors", "UdpInCsumErrors", "Udp6InCsumErrors",
         "UdpLiteInCsumErrors", "IpInHdrErrors", "Ip6InHdrErrors",
         "Icmp6InCsumErrors", "IcmpInCsumErrors", "Ip6InTruncatedPkts")


@contextlib.contextmanager
def nothing_wrong(machine):
    """No wrong checksum or length is counted at either end."""
    before = machine.snmp(), machine.lab_snmp()
    yield
    after = machine.snmp(), machine.lab_snmp()
    for old, new, where in zip(before, after, ("guest", "lab")):
        wrong = {name: new[name] - old.get(name, 0) for name in WRONG
                 if new.get(name, 0) != old.get(name, 0)}
        assert not wrong, f"{where}: {wrong}"


def iperf3(machine, server, words):
    """A run of a second; its JSON."""
    machine.lab.iperf3_ready()
    result = machine.run(f"iperf3 -J -c {server} -t 1 {words}", 60,
                         check=False)
    assert result.status == 0, result.stdout + result.stderr
    answer = json.loads(result.stdout)
    assert "error" not in answer, answer["error"]
    return answer["end"]


@pytest.mark.parametrize("tag", ("untagged", "tagged"))
@pytest.mark.parametrize("family", (4, 6))
@pytest.mark.parametrize("offload", ("on", "off"))
@pytest.mark.parametrize("protocol", ("tcp", "udp"))
def test_iperf3(machine, protocol, offload, family, tag):
    """TCP and UDP by iperf3 both ways, every offload on and off, IPv4 and
    IPv6, tagged and untagged, without one wrong checksum."""
    port = 2  # whose frames are those of a wire
    server = {("untagged", 4): SERVER4[2], ("untagged", 6): SERVER6[2],
              ("tagged", 4): VLAN_SERVER4, ("tagged", 6): VLAN_SERVER6}
    words = "" if protocol == "tcp" else "-u -b 20M -l 1300"
    with contextlib.ExitStack() as stack:
        stack.enter_context(offloads(machine, offload == "on", port))
        if tag == "tagged":
            stack.enter_context(machine.vlan())
        stack.enter_context(nothing_wrong(machine))
        for way in ("", "-R"):
            end = iperf3(machine, server[tag, family], f"{words} {way}")
            if protocol == "tcp":
                assert end["sum_received"]["bytes"] > 100000, end
            else:
                total = end["sum"]
                assert total["packets"] > 100, total
                assert total["lost_packets"] < total["packets"] / 2, total


def transfer_once(machine, way, addresses, mib):
    """MiB between the addresses (lab, guest) over TCP, one way; both ends must
    have seen the same bytes."""
    server = machine.lab.socket()
    server.bind((addresses[0], 7777))
    server.listen(1)
    server.settimeout(30)
    outcome = []

    def serve():
        connection, peer = server.accept()
        with connection:
            connection.settimeout(120)
            assert peer[0] == addresses[1]
            outcome.append(transfer.receive(connection) if way == "send"
                           else transfer.send(connection, mib))
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        guest = machine.run(f"python3 /e2e/transfer.py {way} {addresses[0]} "
                            f"7777 {mib}", 400).stdout.strip()
    finally:
        thread.join(130)
        server.close()
    assert outcome == [guest]
    assert guest.endswith(f" {mib << 20}")


@pytest.mark.parametrize("way", ("send", "receive"))
def test_transfer(machine, way):
    """256 MiB over TCP arrive with the SHA-256 that they were sent with."""
    transfer_once(machine, way, (SERVER4[2], IPV4[2]), 256)
