# SPDX-License-Identifier: GPL-2.0-only
"""What ethtool shows of our driver and not of the in-tree one: the module's
memory by page, counters that the kernel defines, which fields are hashed, what
is refused."""

import json
import re

import pytest

from tests.e2e.frames import UDP, build, padded
from tests.e2e.machine import MAC, SERVER4
# `wire` is a fixture
from tests.e2e.test_04_steering import (  # noqa: F401
    COUNT, FOREIGN, NOISE, NTUPLE, PORT, arrived, check_spread, flows, hash_key,
    ntuple, plain, predicted, rule, wire)

pytestmark = pytest.mark.needs("ours")


def page(machine, number, offset, length, i2c=0x50):
    """Bytes of the module's memory."""
    out = machine.ethtool(f"-m page {number} offset {offset} length {length} "
                          f"i2c {i2c} hex on")
    rows = re.findall(r"^0x[0-9a-f]+:\s+((?:[0-9a-f]{2}\s*)+)$", out, re.M)
    return bytes.fromhex("".join(rows))


def test_module_page(machine):
    """A page of the module's memory: who made it, and how hot it may get."""
    if page(machine, 0, 0, 1) == b"\x0d":  # QSFP+ (SFF-8024)
        vendor, limit = page(machine, 0, 148, 16), page(machine, 3, 128, 2)
    else:
        vendor, limit = page(machine, 0, 20, 16), page(machine, 0, 0, 2, 0x51)
    assert vendor == b"VIRTUAL         ", vendor
    assert limit == bytes([75, 0]), limit


def test_module_bank(machine):
    """A bank, which these modules have not, is refused with the reason."""
    result = machine.run("ethtool -m eth0 page 16 offset 128 length 1 bank 1 "
                         "i2c 0x50 hex on", check=False)
    assert result.status, result
    assert "no banks" in result.stdout + result.stderr, result


def groups(machine):
    out = machine.run("ethtool --json -S eth0 --groups eth-mac eth-phy "
                      "eth-ctrl rmon").stdout
    return json.loads(out)[0]


def test_standard_counters(machine):
    """Frames of a ping are counted by the kernel's standard names, octets and
    sizes too."""
    before = groups(machine)
    assert machine.ping(SERVER4[1], 10, size=1000) == 10
    after = groups(machine)
    for way in ("Transmitted", "Received"):
        for what, least in (("Frames", 10), ("Octets", 10 * 1046)):
            name = f"{what}{way}OK"
            assert after["eth-mac"][name] - before["eth-mac"][name] >= least, \
                name
    for way in ("rx", "tx"):
        def large(counters, way=way):
            return sum(entry["val"]
                       for entry in counters["rmon"][f"{way}-pktsNtoM"]
                       if (entry["low"], entry["high"]) == (1024, 1518))
        assert large(after) - large(before) >= 10, way


def test_hashed_fields(machine, wire):  # noqa: F811
    """UDP's ports are taken out of the hash and in again."""
    packets = flows(4, UDP)
    key = hash_key(machine)
    assert min(predicted(packets, key, 2)) > 16
    try:
        machine.ethtool("-N rx-flow-hash udp4 sd", PORT)
        # All of one pair of addresses: one ring
        out = machine.ethtool("-n rx-flow-hash udp4", PORT)
        assert "L4 bytes" not in out, out
        received = machine.received(PORT)
        wire.send(*[padded(build(packet)) for packet in packets])
        assert machine.ping(SERVER4[PORT]) == 1
        new = [b - a for a, b in zip(received, machine.received(PORT))]
        assert min(new) < len(packets) // 8 and sum(new) >= len(packets), new
    finally:
        machine.ethtool("-N rx-flow-hash udp4 sdfn", PORT)
    check_spread(machine, wire, packets, predicted(packets, key, 2))


@pytest.mark.machine(smp=4)
def test_indirection_refused(machine):
    """Three queues, which the card cannot hash to, are refused; all stay."""
    result = machine.run(machine.ethtool_command("-X equal 3"), check=False)
    assert result.status, result
    before = machine.ethtool("-x")
    table = [int(n) for line in
             re.findall(r"^\s+\d+:((?:\s+\d+)+)$", before, re.M)
             for n in line.split()]
    assert table == [0, 1, 2, 3], before


def test_ring_limits(machine):
    """A ring's size becomes a power of two, and no less than the card's."""
    try:
        machine.ethtool("-G rx 300 tx 65")
        out = machine.ethtool("-g").split("Current")[1].replace("\t", "")
        assert "RX:512\n" in out and "TX:128\n" in out, out
        assert machine.ping(SERVER4[1], 3) == 3
    finally:
        machine.ethtool("-G rx 1024 tx 1024")


def typed(destination, ethertype):
    """Frames of another type."""
    return [frame[:12] + ethertype.to_bytes(2, "big") + frame[14:]
            for frame in plain(destination)]


@NTUPLE
def test_ethertype_rule(machine, wire, ntuple):  # noqa: F811
    """A rule for an EtherType takes its frames for the port's address to one
    ring, or drops them, and neither another type's nor other stations'."""
    got = arrived(machine, wire, plain(MAC[PORT]))
    assert got[0] >= COUNT and got[1] <= NOISE, got
    with rule(machine, "flow-type ether proto 0x88b5 action 1", 2):
        shown = machine.ethtool("-n", PORT)
        assert "Ethertype: 0x88B5 mask: 0x0" in shown, shown
        got = arrived(machine, wire, plain(MAC[PORT]))
        assert got[1] >= COUNT and got[0] <= NOISE, got
        got = arrived(machine, wire, typed(MAC[PORT], 0x88b6))
        assert got[0] >= COUNT and got[1] <= NOISE, got
        assert sum(arrived(machine, wire, plain(FOREIGN))) <= NOISE
    with rule(machine, f"flow-type ether dst {FOREIGN} proto 0x88b5 action 1",
              2):
        got = arrived(machine, wire, plain(FOREIGN))
        assert got[1] >= COUNT and got[0] <= NOISE, got
        assert sum(arrived(machine, wire, typed(FOREIGN, 0x88b6))) <= NOISE
    with rule(machine, "flow-type ether proto 0x88b5 action -1", 2):
        assert sum(arrived(machine, wire, plain(MAC[PORT]))) <= NOISE
        assert sum(arrived(machine, wire, typed(MAC[PORT], 0x88b6))) >= COUNT
    half = machine.run(machine.ethtool_command(
        "-N flow-type ether proto 0x8800 m 0xff action 1 loc 2", PORT),
        check=False)
    assert half.status, "a part of a type"


def test_hash_of_one_ring(machine, wire):  # noqa: F811
    """With one ring, for which the adapter hashes nothing, the stack has hashes
    of its own: flows still differ."""
    frames = [padded(build(packet)) for packet in flows(4, UDP, 16)]
    machine.ethtool("-L rx 1", PORT)
    try:
        with machine.feature(PORT, gro=False), \
                machine.capture("0800", PORT, len(frames)) as seen:
            wire.send(*frames)
    finally:
        machine.ethtool("-L rx 2", PORT)
        machine.reachable(PORT)
    hashes = {entry["hash"] for entry in seen
              if bytes.fromhex(entry["frame"]) in frames}
    assert len(hashes) == len(frames) and 0 not in hashes, hashes
