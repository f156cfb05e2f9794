# SPDX-License-Identifier: GPL-2.0-only
"""Service tags (802.1ad) and VXLAN: traffic in them, and what is on the wire."""

import threading

import pytest
from scapy.layers.vxlan import VXLAN

from tests.e2e.frames import IP, TCP, Ether, Wire, tagged_to
from tests.e2e.machine import (MAC, VLAN_IPV4, VLAN_SERVER4, VXLAN_IPV4,
                               VXLAN_SERVER4)
from tests.e2e.test_02_traffic import nothing_wrong, transfer_once

PORT = 2
SERVICE_TAG = 0x88a8
MIB = 16


def test_service_tag(machine):
    """S-VLAN (802.1ad): ping, and a checksummed transfer each way; the frames
    on the wire carry the service tag."""
    # A packet socket takes a tag beyond the MTU only if it is a C-VLAN's.
    machine.lab.run("ip link set tap2 mtu 1504")
    try:
        service_tag(machine)
    finally:
        machine.lab.run("ip link set tap2 mtu 1500")


def service_tag(machine):
    with machine.vlan(SERVICE_TAG), nothing_wrong(machine):
        with Wire(machine.lab, "tap2") as wire:
            assert machine.ping(VLAN_SERVER4, 3, 1000) == 3
            seen = wire.take(
                lambda frame: tagged_to(frame, MAC[PORT], VLAN_SERVER4), 3)
        assert len(seen) >= 3
        assert {frame[12:14] for frame in seen} == {b"\x88\xa8"}
        for way in ("send", "receive"):
            transfer_once(machine, way, (VLAN_SERVER4, VLAN_IPV4), MIB)


def tunnelled(frame):
    return frame[6:12].hex(":") == MAC[PORT] and frame[12:14] == b"\x08\x00" \
        and frame[23] == 17 and frame[36:38] == (4789).to_bytes(2, "big")


def check(frame):
    """Both headers' lengths and checksums are what scapy makes of them; how
    much TCP carries."""
    outer = Ether(frame)
    inner = outer[VXLAN].payload
    if TCP not in inner:
        return 0
    assert len(frame) == 14 + outer[IP].len, "more than a packet"
    for packet in (outer[IP], inner[IP]):
        header = packet.copy()
        header.remove_payload()
        del header.chksum
        assert IP(bytes(header)).chksum == packet.chksum
    again = inner.copy()
    del again[TCP].chksum
    assert Ether(bytes(again))[TCP].chksum == inner[TCP].chksum
    return len(inner[TCP].payload)


@pytest.mark.needs("vxlan")
def test_vxlan(machine):
    """VXLAN: ping, and a checksummed transfer each way; the adapter fills the
    inner checksums in and cuts large segments, as the wire shows."""
    frames = []
    with machine.vxlan(), nothing_wrong(machine):
        features = machine.features(PORT)
        assert features["tx-udp_tnl-segmentation"]
        assert machine.ping(VXLAN_SERVER4, 3, 1000) == 3
        before = machine.settled_counters(PORT)["tso_packets"]
        with Wire(machine.lab, "tap2") as wire:
            taker = threading.Thread(target=lambda: frames.extend(
                wire.take(tunnelled, 2000, 60)))
            taker.start()
            transfer_once(machine, "send", (VXLAN_SERVER4, VXLAN_IPV4), MIB)
            taker.join(70)
        after = machine.settled_counters(PORT)["tso_packets"]
        transfer_once(machine, "receive", (VXLAN_SERVER4, VXLAN_IPV4), MIB)
    assert after - before > MIB << 20 >> 17, "the adapter did not segment"
    lengths = [check(frame) for frame in frames]
    assert len(lengths) == 2000
    assert sum(lengths) > 1 << 20
    assert max(lengths) <= 1450 - 40
