# SPDX-License-Identifier: GPL-2.0-only
"""What scapy says that frames, segments, checksums and hashes are; and the
lab's end of a wire."""

import logging
import socket
import struct
import time

logging.getLogger("scapy").setLevel(logging.ERROR)

from scapy.layers.inet import IP, TCP, UDP          # noqa: E402
from scapy.layers.inet6 import IPv6                 # noqa: E402
from scapy.layers.l2 import Dot1Q, Ether            # noqa: E402
from scapy.packet import Raw                        # noqa: E402
from scapy.utils import checksum                    # noqa: E402

from tests.e2e.guest.packets import pattern         # noqa: E402

SOL_PACKET = 263
PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 8, 23
STATUS_CSUM_NOT_READY, STATUS_VLAN = 1 << 3, 1 << 4
STATUS_VLAN_TPID = 1 << 6

# Addresses that nobody in the lab has: what is sent to them is not answered.
# (Both ranges are for documentation: RFC 5737, RFC 3849.)
SOURCE4, TARGET4 = "198.51.100.7", "198.51.100.77"
SOURCE6, TARGET6 = "2001:db8::7", "2001:db8::77"
LAB_MAC = "02:00:00:00:00:07"


def toeplitz(key, data):
    """The Toeplitz hash of `data` under `key`: for each 1 bit of the data, the
    32 bits of the key that begin at its place."""
    number, bits = int.from_bytes(key, "big"), len(key) * 8
    value = 0
    for place in range(len(data) * 8):
        if data[place // 8] & 0x80 >> place % 8:
            value ^= number >> bits - 32 - place & 0xffffffff
    return value


def flow_data(packet, ports=True):
    """What of a packet is hashed: addresses, and with `ports` the ports."""
    if IP in packet:
        data = socket.inet_aton(packet[IP].src) + \
            socket.inet_aton(packet[IP].dst)
    else:
        data = socket.inet_pton(socket.AF_INET6, packet[IPv6].src) + \
            socket.inet_pton(socket.AF_INET6, packet[IPv6].dst)
    for layer in (TCP, UDP):
        if ports and layer in packet:
            data += struct.pack(">HH", packet[layer].sport, packet[layer].dport)
    return data


def network(family, **fields):
    """An IP header from one documentation address to another."""
    if family == 4:
        return IP(**{"src": SOURCE4, "dst": TARGET4, **fields})
    return IPv6(**{"src": SOURCE6, "dst": TARGET6,
                   **{"hlim" if name == "ttl" else name: value
                      for name, value in fields.items() if name != "id"}})


def build(packet):
    """The bytes of a packet, every length and checksum by scapy."""
    return bytes(packet)


def start_of(packet, layer):
    """Offset of a layer in the packet's bytes."""
    at = 0
    while packet.__class__ is not layer:
        at += len(packet) - len(packet.payload)
        packet = packet.payload
    return at


def pseudo_sum(packet, length):
    """Ones' complement sum of the pseudo header, as a stack that leaves the
    rest to the device puts it into the checksum's place."""
    protocol = 6 if TCP in packet else 17
    data = flow_data(packet, ports=False)
    data += struct.pack(">II", length, protocol)
    return ~checksum(data) & 0xffff


class Wire:
    """The lab's end of a port: sends frames, takes those that come."""

    def __init__(self, lab, interface):
        self.socket = lab.packet_socket(interface)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 << 20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *frames):
        for frame in frames:
            self.socket.send(bytes(frame))

    def take(self, wanted, count, timeout=15):
        """Frames for which wanted(bytes) is true, until `count` are there or
        the time is over; a tag that the kernel has taken off put back."""
        found, deadline = [], time.monotonic() + timeout
        while len(found) < count:
            self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                frame, extra, _, _ = self.socket.recvmsg(1 << 17, 64)
            except (TimeoutError, BlockingIOError):
                break
            for level, kind, data in extra:
                if (level, kind) != (SOL_PACKET, PACKET_AUXDATA):
                    continue
                status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH",
                                                              data[:20])
                assert not status & STATUS_CSUM_NOT_READY, \
                    f"a checksum is missing: {frame.hex()}"
                if status & STATUS_VLAN:
                    kind = tpid if status & STATUS_VLAN_TPID else 0x8100
                    frame = frame[:12] + struct.pack(">HH", kind, tci) + \
                        frame[12:]
            if wanted(frame):
                found.append(frame)
        return found


def tagged_to(frame, mac, address):
    """Whether it is IPv4 from a MAC address to an IP address, behind one tag of
    any kind. (ARP has the number of IPv4 in the same place.)"""
    return frame[6:12].hex(":") == mac and frame[16:18] == b"\x08\x00" and \
        frame[34:38] == socket.inet_aton(address)


def padded(frame):
    """As a wire carries it: at least 60 bytes."""
    return frame + bytes(max(0, 60 - len(frame)))


def compare(name, seen, expected):
    """Fail with the first difference of two byte strings."""
    if seen == expected:
        return
    at = next((i for i, (a, b) in enumerate(zip(seen, expected)) if a != b),
              min(len(seen), len(expected)))
    raise AssertionError(
        f"{name}: differs at byte {at} of {len(expected)} (seen {len(seen)})\n"
        f"seen     {seen[:at + 16][-80:].hex()}\n"
        f"expected {expected[:at + 16][-80:].hex()}")


__all__ = ["Dot1Q", "Ether", "IP", "IPv6", "LAB_MAC", "Raw", "TCP", "UDP",
           "Wire", "build", "compare", "flow_data", "network", "padded",
           "pattern", "pseudo_sum", "start_of", "tagged_to", "toeplitz"]
