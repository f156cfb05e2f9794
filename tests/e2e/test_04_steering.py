# SPDX-License-Identifier: GPL-2.0-only
"""What arrives and what does not: filters, rings, rules. Counted by the
rings, so that nothing of the stack's own filters hides what the adapter
does."""

import contextlib
import itertools
import re

import pytest

from tests.e2e.frames import (LAB_MAC, Ether, Raw, TCP, UDP, Wire, build,
                              flow_data, network, padded, toeplitz)
from tests.e2e.machine import MAC, SERVER4, VLAN, until
from tests.e2e.test_03_frames import hash_key

PORT = 2
COUNT = 300
# Frames of others that may pass meanwhile: ARP, neighbours, a ping
NOISE = 12
FOREIGN = "02:00:00:00:aa:01"
GROUP, OTHER_GROUP = "01:00:5e:7f:00:01", "01:00:5e:7f:00:02"


def settled(machine, port=PORT):
    """The rings' packet counters when all that was sent has been counted: the
    answer to a ping comes behind it."""
    assert machine.ping(SERVER4[port], timeout=20) == 1, "no answer to a ping"
    machine.run("sleep 0.1")
    return machine.received(port)


def arrived(machine, wire, frames):
    """How many frames each ring has more after sending these."""
    before = settled(machine)
    for at in range(0, len(frames), 100):
        wire.send(*frames[at:at + 100])
    after = settled(machine)
    return [new - old for old, new in zip(before, after)]


def plain(destination, tag=None, count=COUNT):
    """Frames that are not IP."""
    head = bytes.fromhex((destination + LAB_MAC).replace(":", ""))
    if tag is not None:
        head += b"\x81\x00" + tag.to_bytes(2, "big")
    return [head + b"\x88\xb5" + bytes(46)] * count


def expect(machine, wire, destination, yes, what, tag=None):
    number = sum(arrived(machine, wire, plain(destination, tag)))
    if yes:
        assert COUNT <= number <= COUNT + NOISE, \
            f"{what}: {number} of {COUNT} arrived"
    else:
        assert number <= NOISE, f"{what}: {number} of {COUNT} arrived"


@pytest.fixture
def wire(machine):
    with Wire(machine.lab, "tap2") as made:
        yield made


def test_unicast_and_broadcast(machine, wire):
    """Own unicast and broadcast arrive once; another's unicast and a group
    that nobody joined do not."""
    expect(machine, wire, MAC[PORT], True, "own address")
    expect(machine, wire, "ff:ff:ff:ff:ff:ff", True, "broadcast")
    expect(machine, wire, FOREIGN, False, "another's address")
    expect(machine, wire, MAC[1], False, "the other port's address")
    expect(machine, wire, GROUP, False, "a group not joined")


def test_multicast(machine, wire):
    """A group that was joined arrives, another does not; left again, neither
    does."""
    machine.run(f"ip maddress add {GROUP} dev eth1")
    try:
        until(lambda: expect(machine, wire, GROUP, True, "joined"), 5, "join")
        expect(machine, wire, OTHER_GROUP, False, "another group")
        expect(machine, wire, FOREIGN, False, "another's address")
    finally:
        machine.run(f"ip maddress del {GROUP} dev eth1")
    until(lambda: expect(machine, wire, GROUP, False, "left"), 5, "leave")


def test_all_multicast(machine, wire):
    """All-multicast: every group arrives, another's unicast does not; off
    again, groups do not."""
    machine.run("ip link set eth1 allmulticast on")
    try:
        until(lambda: expect(machine, wire, GROUP, True, "any group"), 5, "on")
        expect(machine, wire, OTHER_GROUP, True, "any other group")
        expect(machine, wire, FOREIGN, False, "another's address")
        expect(machine, wire, MAC[PORT], True, "own address")
    finally:
        machine.run("ip link set eth1 allmulticast off")
    until(lambda: expect(machine, wire, GROUP, False, "any group"), 5, "off")


def test_promiscuous(machine, wire):
    """Promiscuous: everything arrives, once; off again, it does not."""
    machine.run("ip link set eth1 promisc on")
    try:
        until(lambda: expect(machine, wire, FOREIGN, True,
                             "another's address"), 5, "on")
        expect(machine, wire, GROUP, True, "any group")
        expect(machine, wire, MAC[PORT], True, "own address")
        expect(machine, wire, "ff:ff:ff:ff:ff:ff", True, "broadcast")
    finally:
        machine.run("ip link set eth1 promisc off")
    until(lambda: expect(machine, wire, FOREIGN, False, "another's address"),
          5, "off")
    expect(machine, wire, GROUP, False, "any group")
    expect(machine, wire, MAC[PORT], True, "own address")


def test_mac_change(machine, wire):
    """After a change of the MAC address the new one arrives, the old one does
    not; back again, the reverse."""
    address = "02:00:00:00:bb:02"
    machine.run(f"ip link set eth1 address {address}")
    try:
        machine.reachable(PORT)
        until(lambda: expect(machine, wire, address, True, "the new address"),
              5, "change")
        expect(machine, wire, MAC[PORT], False, "the old address")
    finally:
        machine.run(f"ip link set eth1 address {MAC[PORT]}")
        machine.reachable(PORT)
    expect(machine, wire, address, False, "the address that was left")
    expect(machine, wire, MAC[PORT], True, "the first address")


@pytest.mark.needs("filter")
def test_second_unicast(machine, wire):
    """A second unicast address arrives beside the first, a third does not."""
    machine.run(f"bridge fdb add {FOREIGN} dev eth1 self")
    try:
        until(lambda: expect(machine, wire, FOREIGN, True, "the second"), 5,
              "add")
        expect(machine, wire, MAC[PORT], True, "the first")
        expect(machine, wire, "02:00:00:00:aa:02", False, "a third")
    finally:
        machine.run(f"bridge fdb del {FOREIGN} dev eth1 self")
    until(lambda: expect(machine, wire, FOREIGN, False, "the second"), 5,
          "delete")


def test_vlan_filter(machine, wire):
    """Tagged frames arrive for the VLANs that there are, and for no other."""
    with machine.vlan():
        until(lambda: expect(machine, wire, MAC[PORT], True, "the VLAN", VLAN),
              5, "add")
        expect(machine, wire, MAC[PORT], False, "another VLAN", VLAN + 1)
        expect(machine, wire, MAC[PORT], True, "untagged")
    until(lambda: expect(machine, wire, MAC[PORT], False, "the VLAN", VLAN),
          5, "remove")


# rings

def flows(family, layer, count=256):
    """One frame of each of `count` flows: packets of scapy."""
    ether = Ether(src=LAB_MAC, dst=MAC[PORT])
    return [ether / network(family) /
            layer(sport=1000 + 7 * number, dport=5000 + number % 5) /
            Raw(bytes(20)) for number in range(count)]


def predicted(packets, key, rings):
    """How many packets each ring gets."""
    counts = [0] * rings
    for packet in packets:
        counts[toeplitz(key, flow_data(packet)) % rings] += 1
    return counts


def check_spread(machine, wire, packets, expected):
    got = arrived(machine, wire, [padded(build(packet)) for packet in packets])
    wrong = [ring for ring, (seen, wanted) in enumerate(zip(got, expected))
             if not wanted <= seen <= wanted + NOISE]
    assert not wrong, f"rings got {got}, not {expected}"


@pytest.mark.machine(smp=4)
@pytest.mark.parametrize("family", (4, 6))
@pytest.mark.parametrize("layer", (TCP, UDP), ids=("tcp", "udp"))
def test_rss(machine, wire, family, layer):
    """RSS spreads flows over four rings, each flow to the ring that Toeplitz
    says."""
    packets = flows(family, layer)
    expected = predicted(packets, hash_key(machine), 4)
    assert min(expected) > 16, "the flows chosen do not spread"
    check_spread(machine, wire, packets, expected)


@pytest.mark.machine(smp=4)
def test_rss_addresses(machine, wire):
    """What has no ports is spread by its addresses."""
    ether = Ether(src=LAB_MAC, dst=MAC[PORT])
    packets = [ether / network(family, **{"src": source % number}) / Raw(b"x")
               for number in range(1, 129)
               for family, source in ((4, "198.51.100.%d"),
                                      (6, "2001:db8::%x"))]
    for packet in packets:
        # an experimental protocol (RFC 3692)
        packet[1].setfieldval("proto" if packet[1].name == "IP" else "nh", 253)
    check_spread(machine, wire, packets,
                 predicted(packets, hash_key(machine), 4))


@pytest.mark.machine(smp=4)
def test_rss_change(machine, wire):
    """A new key, half of the rings, and the XOR function take effect."""
    packets = flows(4, TCP)
    key = bytes(range(7, 47))
    before = hash_key(machine)
    try:
        machine.ethtool(f"-X hkey {key.hex(':')}", PORT)
        machine.wait_link(PORT)
        machine.reachable(PORT)
        assert hash_key(machine) == key
        check_spread(machine, wire, packets, predicted(packets, key, 4))
        machine.ethtool("-X equal 2", PORT)
        machine.wait_link(PORT)
        machine.reachable(PORT)
        check_spread(machine, wire, packets,
                     predicted(packets, key, 2) + [0, 0])
        machine.ethtool("-X equal 4", PORT)
        machine.tolerate = "Enabling both XOR Hash function and RX Hashing"
        machine.ethtool("-X hfunc xor", PORT)
        machine.wait_link(PORT)
        machine.reachable(PORT)
        got = arrived(machine, wire, [padded(build(each)) for each in packets])
        assert sum(got) >= len(packets) and min(got) > 0, got
        assert got != predicted(packets, key, 4)
    finally:
        machine.ethtool("-X equal 4 hfunc toeplitz", PORT)
        machine.ethtool(f"-X hkey {before.hex(':')}", PORT)
        machine.wait_link(PORT)
        machine.reachable(PORT)


# n-tuple rules

@contextlib.contextmanager
def rule(machine, words, location):
    """A rule of ethtool -N at a location."""
    machine.ethtool(f"-N {words} loc {location}", PORT)
    try:
        yield
    finally:
        machine.ethtool(f"-N delete {location}", PORT)


@pytest.fixture
def ntuple(machine):
    with machine.feature(PORT, ntuple=True):
        yield


NTUPLE = pytest.mark.needs("dmfs")


@NTUPLE
@pytest.mark.parametrize("ring", (0, 1))
def test_ntuple_port(machine, wire, ntuple, ring):
    """A rule for a UDP port takes all its flows to one ring; without it they
    are spread."""
    packets = [packet for packet in flows(4, UDP)
               if packet[UDP].dport == 5001]
    others = [packet for packet in flows(4, UDP)
              if packet[UDP].dport == 5002]
    key = hash_key(machine)
    wanted = [0, 0]
    wanted[ring] = len(packets)
    with rule(machine, f"flow-type udp4 dst-port 5001 action {ring}", 3):
        shown = machine.ethtool("-n", PORT)
        assert "Total 1 rules" in shown, shown
        assert re.search(r"Filter: 3\b", shown), shown
        assert "Dest port: 5001 mask: 0x0" in shown, shown
        check_spread(machine, wire, packets, wanted)
        check_spread(machine, wire, others, predicted(others, key, 2))
    check_spread(machine, wire, packets, predicted(packets, key, 2))


@NTUPLE
def test_ntuple_flow(machine, wire, ntuple):
    """A rule for one TCP flow takes it and no other."""
    packets = flows(4, TCP, 8)
    key = hash_key(machine)
    chosen = packets[3]
    ring = 1 - predicted([chosen], key, 2).index(1)
    with rule(machine, f"flow-type tcp4 src-ip {chosen['IP'].src} dst-ip "
              f"{chosen['IP'].dst} src-port {chosen['TCP'].sport} dst-port "
              f"{chosen['TCP'].dport} action {ring}", 0):
        wanted = [0, 0]
        wanted[ring] = 200
        check_spread(machine, wire, [chosen] * 200, wanted)
        others = list(itertools.chain(*([each] * 30 for each in packets
                                        if each is not chosen)))
        check_spread(machine, wire, others, predicted(others, key, 2))


@NTUPLE
def test_ntuple_drop(machine, wire, ntuple):
    """A rule that drops: what it names does not arrive, the rest does."""
    packets = flows(4, UDP)
    kept = [packet for packet in packets if packet[UDP].dport != 5003]
    with rule(machine, "flow-type udp4 dst-port 5003 action -1", 9):
        check_spread(machine, wire, packets,
                     predicted(kept, hash_key(machine), 2))
    check_spread(machine, wire, packets,
                 predicted(packets, hash_key(machine), 2))


@NTUPLE
def test_ntuple_order(machine, wire, ntuple):
    """Of two rules that match, the one of the lower location wins."""
    packets = [packet for packet in flows(4, UDP) if packet[UDP].dport == 5004]
    number = len(packets)
    with rule(machine, "flow-type udp4 dst-port 5004 action 0", 20):
        check_spread(machine, wire, packets, [number, 0])
        with rule(machine, "flow-type udp4 dst-port 5004 action 1", 10):
            check_spread(machine, wire, packets, [0, number])
        check_spread(machine, wire, packets, [number, 0])


@NTUPLE
def test_ntuple_ether(machine, wire, ntuple):
    """A rule for a MAC address takes another's frames in, to its ring."""
    frames = plain(FOREIGN)
    assert sum(arrived(machine, wire, frames)) <= NOISE
    with rule(machine, f"flow-type ether dst {FOREIGN} action 1", 1):
        got = arrived(machine, wire, frames)
        assert got[1] >= COUNT and got[0] <= NOISE, got
    assert sum(arrived(machine, wire, frames)) <= NOISE
