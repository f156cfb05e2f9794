# SPDX-License-Identifier: GPL-2.0-only
"""Segments, checksums, tags and hashes, bit for bit as scapy computes them."""

import re
import zlib

import pytest

from tests.e2e.frames import (LAB_MAC, Dot1Q, Ether, IP, Raw, TCP, UDP, Wire,
                              build, compare, flow_data, network, padded,
                              pattern, pseudo_sum, start_of, toeplitz)
from tests.e2e.machine import MAC, SERVER4, VLAN

# Frames go over port 2, whose backend hands on what a wire would carry.
PORT = 2
CSUM_OFFSET = {TCP: 16, UDP: 6}
# Around 60 bytes, the inline thresholds, 64-byte units, and a full frame
LENGTHS = (0, 1, 2, 5, 6, 7, 17, 18, 19, 30, 49, 50, 51, 52, 63, 64, 65, 100,
           127, 128, 129, 255, 256, 257, 1000, 1439, 1440)


def test_toeplitz_vectors():
    """The hash here is the one of the published verification suite."""
    key = bytes.fromhex("6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b4"
                        "77cb2da38030f20c6a42b73bbeac01fa")
    packet = IP(src="66.9.149.187", dst="161.142.100.80") / \
        TCP(sport=2794, dport=1766)
    assert toeplitz(key, flow_data(packet)) == 0x51ccc178
    assert toeplitz(key, flow_data(packet, ports=False)) == 0x323e8fc2


def hash_key(machine, port=PORT):
    out = machine.ethtool("-x", port)
    text = re.search(r"^((?:[0-9a-f]{2}:){39}[0-9a-f]{2})$", out, re.M)[1]
    return bytes.fromhex(text.replace(":", ""))


# received

def good_frames():
    """(name, packet) of frames whose checksums a device can vouch for."""
    ether = Ether(src=LAB_MAC, dst=MAC[PORT])
    for family in (4, 6):
        for layer in (TCP, UDP):
            for number, length in enumerate(LENGTHS):
                yield (f"IPv{family} {layer.__name__} {length}",
                       ether / network(family) /
                       layer(sport=1024 + 37 * number, dport=7) /
                       Raw(pattern(number, length)))
    yield "IPv4 with options", (
        ether / network(4, options=b"\x01" * 8) / TCP(sport=5, dport=6) /
        Raw(b"after options"))
    yield "TCP with options", (
        ether / network(4) /
        TCP(sport=5, dport=6, flags="S",
            options=[("MSS", 1460), ("Timestamp", (1, 2))]))


def other_frames():
    """(name, bytes) of frames that no device can vouch for."""
    ether = Ether(src=LAB_MAC, dst=MAC[PORT])
    frame = bytearray(build(ether / network(4) / TCP(sport=1, dport=2) /
                            Raw(b"wrong TCP checksum")))
    frame[start_of(Ether(bytes(frame)), TCP) + 16] ^= 0x10
    yield "wrong TCP checksum", bytes(frame)
    frame = bytearray(build(ether / network(6) / UDP(sport=1, dport=2) /
                            Raw(b"wrong UDP checksum")))
    frame[-1] ^= 0x01
    yield "wrong UDP checksum", bytes(frame)
    # IPv4 has a checksum of its own: the sum over TCP is right here
    frame = bytearray(build(ether / network(4) / TCP(sport=1, dport=2) /
                            Raw(b"wrong IP checksum")))
    frame[14 + 10] ^= 0x01
    yield "wrong IP checksum", bytes(frame)
    yield "first fragment", build(
        ether / network(4, flags="MF") / UDP(sport=1, dport=2) /
        Raw(bytes(64)))
    yield "not IP", build(ether)[:12] + b"\x88\xb5" + bytes(46)


def receive(machine, wire, frames):
    """Send frames over the wire; what the guest gets of them."""
    end = padded(Ether(src=LAB_MAC, dst=MAC[PORT], type=0x88b6).build())
    with machine.capture("", PORT, count=len(frames) + 50) as seen:
        wire.send(*frames)
        # The end overtakes what is still in other rings if it comes at once.
        machine.ping("11.4.4.7")
        wire.send(end)
    return {bytes.fromhex(entry["frame"]): entry for entry in seen
            if bytes.fromhex(entry["frame"])[6:12].hex(":") == LAB_MAC}


def test_receive_checksums(machine):
    """Received frames are what was sent; good TCP and UDP checksums are
    vouched for, wrong ones, fragments and others are not."""
    good = [(name, build(packet)) for name, packet in good_frames()]
    others = list(other_frames())
    with machine.feature(PORT, gro=False), \
            Wire(machine.lab, "tap2") as wire:
        seen = receive(machine, wire, [padded(frame) for _, frame in
                                       good + others])
    for vouched, frames in ((True, good), (False, others)):
        for name, frame in frames:
            assert padded(frame) in seen, f"{name}: not received unchanged"
            entry = seen[padded(frame)]
            assert entry["valid"] == vouched, \
                f"{name}: {'not ' if vouched else ''}vouched for"
            assert entry["len"] == len(padded(frame)), name


@pytest.mark.needs("managed")
def test_fcs(machine):
    """rx-fcs: frames end with the FCS of the wire, which is right; rx-all:
    one with a wrong FCS is counted. Both off again: frames as before."""
    frames = [padded(build(packet)) for name, packet in good_frames()
              if "options" not in name]

    def switch(words):
        machine.ethtool(f"-K {words}", PORT)
        machine.wait_link(PORT)
        machine.reachable(PORT)

    with machine.feature(PORT, gro=False), \
            Wire(machine.lab, "tap2") as wire:
        switch("rx-fcs on")
        try:
            seen = receive(machine, wire, frames)
            for frame in frames:
                whole = frame + zlib.crc32(frame).to_bytes(4, "little")
                assert whole in seen, f"not with its FCS: {frame.hex()}"
            switch("rx-all on")
            before = machine.settled_counters(PORT)["rx_crc_errors"]
            machine.adapter.order(command="fault", kind="data", name="rx-crc",
                                  count=1)
            assert machine.ping(SERVER4[PORT], 4) >= 2
            after = machine.settled_counters(PORT)["rx_crc_errors"]
            assert after - before == 1
            # the driver itself refuses rx-fcs off below rx-all
            switch("rx-all off")
        finally:
            switch("rx-all off rx-fcs off")
        seen = receive(machine, wire, frames)
        assert all(frame in seen for frame in frames)


def test_receive_hashes(machine):
    """The receive hash of TCP and UDP over IPv4 and IPv6 is Toeplitz over
    addresses and ports under the driver's key."""
    key = hash_key(machine)
    packets = [(name, packet) for name, packet in good_frames()
               if "options" not in name]
    with machine.feature(PORT, gro=False), \
            Wire(machine.lab, "tap2") as wire:
        seen = receive(machine, wire, [padded(build(packet))
                                       for _, packet in packets])
    for name, packet in packets:
        entry = seen[padded(build(packet))]
        expected = toeplitz(key, flow_data(packet))
        assert entry["hash"] == expected, \
            f"{name}: hash {entry['hash']:#010x}, not {expected:#010x}"


@pytest.mark.parametrize("strip", ("stripped", "kept"))
def test_receive_tags(machine, strip):
    """A C-VLAN tag of a frame received is stripped with its priority, or
    stays where stripping is off."""
    ether = Ether(src=LAB_MAC, dst=MAC[PORT])
    plain = [ether / network(family) / UDP(sport=99, dport=100) /
             Raw(pattern(family + prio, 200))
             for family in (4, 6) for prio in range(8)]
    tagged = []
    for number, packet in enumerate(plain):
        frame = build(packet)
        tci = (number % 8) << 13 | VLAN
        tagged.append((tci, frame, frame[:12] + b"\x81\x00" +
                       tci.to_bytes(2, "big") + frame[12:]))
    with machine.vlan(), machine.feature(PORT, gro=False), \
            machine.feature(PORT, rxvlan=strip == "stripped"), \
            Wire(machine.lab, "tap2") as wire:
        machine.reachable(PORT)
        seen = receive(machine, wire, [frame for _, _, frame in tagged])
    for tci, frame, _ in tagged:
        # With stripping off the kernel itself takes the tag off later on
        assert frame in seen, f"TCI {tci:#06x}: not received"
        entry = seen[frame]
        assert (entry["tci"], entry["tpid"]) == (tci, 0x8100), entry
        if strip == "stripped":
            assert entry["valid"], f"TCI {tci:#06x}: checksum not vouched for"


# sent

def order_of(packet, layer, **extra):
    """An order that leaves the checksums of a packet to the device."""
    frame = bytearray(build(packet))
    start = start_of(packet, layer)
    packet = Ether(bytes(frame))
    place = start + CSUM_OFFSET[layer]
    frame[place:place + 2] = pseudo_sum(packet, len(frame) - start).to_bytes(
        2, "big")
    if IP in packet:
        at = start_of(packet, IP) + 10
        frame[at:at + 2] = b"\0\0"
    return {"head": frame.hex(), "csum": [start, CSUM_OFFSET[layer]], **extra}


def from_guest(packet):
    return Ether(dst=LAB_MAC, src=MAC[PORT]) / packet


def is_ours(frame):
    return frame[:6].hex(":") == LAB_MAC


def flow(frame):
    """What the frames of one case share, and those of no other: flows may
    take different rings, which are not served in the order of the sends."""
    frame = padded(frame)
    packet = Ether(frame)
    for layer in (TCP, UDP):
        if layer in packet:
            return IP in packet, layer, packet[layer].sport
    return packet.type, frame[14:16]


def send_and_compare(machine, cases, port_device=None, tci=None):
    """cases: (name, order, frames expected on the wire, in this order)."""
    with Wire(machine.lab, "tap2") as wire:
        machine.send([order for _, order, _ in cases], PORT,
                     device=port_device)
        total = sum(len(frames) for _, _, frames in cases)
        seen = {}
        for frame in wire.take(is_ours, total):
            seen.setdefault(flow(frame), []).append(frame)
    for name, _, frames in cases:
        got = seen.pop(flow(frames[0]), [])
        for number, frame in enumerate(frames[:len(got)]):
            if tci is not None:
                frame = frame[:12] + b"\x81\x00" + tci.to_bytes(2, "big") + \
                    frame[12:]
            compare(f"{name}, frame {number}", got[number], padded(frame))
        assert len(got) == len(frames), \
            f"{name}: {len(got)} of {len(frames)} frames came"
    assert not seen, f"nobody has sent these: {seen}"


@pytest.mark.parametrize("family", (4, 6))
def test_send_checksums(machine, family):
    """Checksums that the guest leaves to the adapter are scapy's, for every
    length, UDP's zero sent as 0xffff."""
    cases = []
    for layer in (TCP, UDP):
        for number, length in enumerate(LENGTHS):
            packet = from_guest(network(family, id=number) /
                                layer(sport=number + 1, dport=9) /
                                Raw(pattern(number, length)))
            cases.append((f"{layer.__name__} {length}",
                          order_of(packet, layer), [build(packet)]))
    packet = from_guest(network(family) / UDP(sport=99, dport=9) / Raw(b"\0\0"))
    udp = start_of(packet, UDP)
    value = int.from_bytes(build(packet)[udp + 6:udp + 8], "big")
    packet[Raw].load = value.to_bytes(2, "big")
    assert build(packet)[udp + 6:udp + 8] == b"\xff\xff"
    cases.append(("UDP whose sum is zero", order_of(packet, UDP),
                  [build(packet)]))
    send_and_compare(machine, cases)


def test_send_plain(machine):
    """Frames of every length leave unchanged, short ones padded with zeros."""
    cases = []
    for length in (14, 15, 16, 17, 18, 40, 58, 59, 60, 61, 78, 104, 118, 119,
                   200, 1000, 1513, 1514):
        frame = bytes.fromhex(LAB_MAC.replace(":", "") +
                              MAC[PORT].replace(":", "") + "88b5") + \
            pattern(length, length - 14)
        cases.append((f"{length} bytes", {"head": frame.hex()}, [frame]))
    send_and_compare(machine, cases)


def segments(head, mss, payload):
    """What TSO must make of a packet: headers by scapy, piece by piece."""
    pieces = [payload[at:at + mss] for at in range(0, len(payload), mss)]
    for number, piece in enumerate(pieces):
        packet = head.copy()
        packet[TCP].seq = (packet[TCP].seq + number * mss) & 0xffffffff
        if IP in packet:
            packet[IP].id = (packet[IP].id + number) & 0xffff
        if number < len(pieces) - 1:
            packet[TCP].flags = str(packet[TCP].flags).translate(
                {ord("P"): None, ord("F"): None})
        yield build(packet / Raw(piece))


def tso_case(family, mss, length, options=(), flags="PA", seq=1000, ipid=7,
             seed=1):
    head = from_guest(network(family, id=ipid, ttl=33) /
                      TCP(sport=seed, dport=80, flags=flags, seq=seq, ack=5,
                          window=77, options=list(options)))
    payload = pattern(seed, length)
    order = order_of(head / Raw(payload), TCP)
    size = len(build(head))
    order["head"] = order["head"][:size * 2]
    order["payload"] = [seed, length]
    order["gso"] = [f"tcp{family}", mss, size]
    return (f"IPv{family} {length} by {mss} {flags}", order,
            list(segments(head, mss, payload)))


TSO_SIZES = ((1448, 1449), (1448, 2896), (1448, 2897), (1448, 30000),
             (1448, 64000), (536, 5000), (100, 3000), (8, 64),
             (1000, 10007))


@pytest.mark.parametrize("family", (4, 6))
def test_tso(machine, family):
    """TCP segmentation: each segment has scapy's lengths, identification,
    sequence number, flags and checksums."""
    before = machine.settled_counters(PORT)["tso_packets"]
    cases = [tso_case(family, mss, length, seed=number + 1)
             for number, (mss, length) in enumerate(TSO_SIZES)]
    stamp = [("NOP", None), ("NOP", None), ("Timestamp", (123, 456))]
    cases += [tso_case(family, 1448, 9000, stamp, "FPA", 0xfffff000, 0xfffe, 40),
              tso_case(family, 1400, 4321, (), "A", 0x7fffffff, 0, 41),
              tso_case(family, 700, 6000, (), "FA", 0, 0xffff, 42)]
    send_and_compare(machine, cases)
    after = machine.settled_counters(PORT)["tso_packets"]
    assert after - before == len(cases), "not all were segmented by the adapter"


@pytest.mark.parametrize("what", ("checksum", "tso"))
def test_send_tags(machine, what):
    """The adapter inserts the VLAN tag, into each segment too."""
    cases = []
    for family in (4, 6):
        if what == "tso":
            cases += [tso_case(family, 1444, 20000, seed=family),
                      tso_case(family, 50, 500, seed=family + 10)]
        else:
            for length in LENGTHS[:-1]:
                packet = from_guest(network(family) /
                                    UDP(sport=2000 + length, dport=9) /
                                    Raw(pattern(family, length)))
                cases.append((f"IPv{family} {length}", order_of(packet, UDP),
                              [build(packet)]))
    with machine.vlan():
        machine.run(f"ip link set eth1.{VLAN} type vlan egress 0:6")
        before = machine.settled_counters(PORT)
        send_and_compare(machine, cases, f"eth1.{VLAN}", 6 << 13 | VLAN)
        after = machine.settled_counters(PORT)
    frames = sum(len(frames) for _, _, frames in cases)
    # A device that has come up says so, with the same priority.
    counted = after["tx_prio_6_packets"] - before["tx_prio_6_packets"]
    assert frames <= counted <= frames + 10


def test_dot1q_is_scapys():
    """The tag that is put into expected frames is the one that scapy builds."""
    frame = build(Ether(src=LAB_MAC, dst=MAC[PORT]) /
                  Dot1Q(prio=6, vlan=VLAN) / IP() / UDP())
    assert frame[12:16] == b"\x81\x00" + (6 << 13 | VLAN).to_bytes(2, "big")
