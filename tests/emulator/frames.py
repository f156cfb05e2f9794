# SPDX-License-Identifier: GPL-2.0-only
"""Frames and what the adapter should make of them, computed on their own:
from RFCs 791, 793, 768, 2460 and 1071 and the definition of the Toeplitz
hash, with no look at the emulator.
"""

import ipaddress
import struct

ARP, IPV4, IPV6, CVLAN, SVLAN = 0x0806, 0x0800, 0x86dd, 0x8100, 0x88a8
TCP, UDP, ICMP = 6, 17, 1
FIN, PSH, ACK, CWR = 0x01, 0x08, 0x10, 0x80
HERE, THERE = b"\x52\x54\x00\xaa\xbb\xcc", b"\x00\x02\xc9\x01\x02\x03"
BROADCAST = b"\xff" * 6
KEY = bytes.fromhex(
    "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b4"
    "77cb2da38030f20c6a42b73bbeac01fa")


def ones_sum(data, start=0):
    """The folded one's complement sum, not inverted."""
    if len(data) % 2:
        data += b"\0"
    total = start + sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def checksum(data):
    return ones_sum(data) ^ 0xffff


def address(text):
    return ipaddress.ip_address(text).packed


def pseudo(source, destination, protocol, length):
    if len(source) == 4:
        return source + destination + struct.pack(">BBH", 0, protocol, length)
    return source + destination + struct.pack(">IHBB", length, 0, 0, protocol)


def tcp(source, destination, payload=b"", sport=40000, dport=443,
        seq=0x01020304, ack=0xa0b0c0d0, flags=PSH | ACK, options=b"",
        good=True):
    """A TCP segment between packed addresses."""
    header = struct.pack(">HHIIBBHHH", sport, dport, seq, ack,
                         (20 + len(options)) // 4 << 4, flags, 0x1f5, 0, 0)
    return l4(source, destination, TCP, header + options + payload, 16, good)


def udp(source, destination, payload=b"", sport=40000, dport=443, good=True):
    header = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0)
    return l4(source, destination, UDP, header + payload, 6, good)


def l4(source, destination, protocol, segment, at, good=True):
    """Fills in the checksum at @at; a bad one if not @good."""
    value = checksum(pseudo(source, destination, protocol, len(segment)) +
                     segment) or 0xffff
    if not good:
        value ^= 0x1234
    return segment[:at] + struct.pack(">H", value) + segment[at + 2:]


def ipv4(source, destination, protocol, payload, ident=0x1234, options=b"",
         fragment=0x4000, ttl=64, good=True):
    header = struct.pack(">BBHHHBBH", 0x40 | (20 + len(options)) // 4, 0,
                         20 + len(options) + len(payload), ident, fragment,
                         ttl, protocol, 0) + source + destination + options
    value = checksum(header) ^ (0 if good else 0x4321)
    return header[:10] + struct.pack(">H", value) + header[12:] + payload


def ipv6(source, destination, protocol, payload):
    return struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64) + \
        source + destination + payload


def ethernet(payload, ethertype, dst=HERE, src=THERE, tags=()):
    """@tags: (TPID, TCI), outer first"""
    return dst + src + b"".join(struct.pack(">HH", *t) for t in tags) + \
        struct.pack(">H", ethertype) + payload


def tcp4(payload=b"x" * 100, src="192.0.2.1", dst="192.0.2.2", tags=(),
         mac=HERE, ip_good=True, ip_options=b"", **options):
    a, b = address(src), address(dst)
    return ethernet(ipv4(a, b, TCP, tcp(a, b, payload, **options),
                         good=ip_good, options=ip_options), IPV4, mac,
                    tags=tags)


def udp4(payload=b"x" * 100, src="192.0.2.1", dst="192.0.2.2", tags=(),
         mac=HERE, ip_good=True, **options):
    a, b = address(src), address(dst)
    return ethernet(ipv4(a, b, UDP, udp(a, b, payload, **options),
                         good=ip_good), IPV4, mac, tags=tags)


def tcp6(payload=b"x" * 100, src="2001:db8::1", dst="2001:db8::2", tags=(),
         **options):
    a, b = address(src), address(dst)
    return ethernet(ipv6(a, b, TCP, tcp(a, b, payload, **options)), IPV6,
                    tags=tags)


def udp6(payload=b"x" * 100, src="2001:db8::1", dst="2001:db8::2", tags=(),
         **options):
    a, b = address(src), address(dst)
    return ethernet(ipv6(a, b, UDP, udp(a, b, payload, **options)), IPV6,
                    tags=tags)


def raw(length, dst=HERE, src=THERE, ethertype=0x88b5, first=0):
    """A frame of no known protocol with a payload that tells its place."""
    body = bytes((first + i) & 0xff for i in range(length - 14))
    return ethernet(body, ethertype, dst, src)


def padded(frame):
    return frame + bytes(max(0, 60 - len(frame)))


def insert_tag(frame, tpid, tci):
    return frame[:12] + struct.pack(">HH", tpid, tci) + frame[12:]


def toeplitz(data, key=KEY):
    """Bit by bit, as the definition has it."""
    window = int.from_bytes(key, "big")
    width = len(key) * 8
    result = 0
    for i, bit in enumerate(f"{int.from_bytes(data, 'big'):0{len(data) * 8}b}"):
        if bit == "1":
            result ^= window >> (width - 32 - i) & 0xffffffff
    return result


def xor_hash(data):
    result = 0
    for i in range(0, len(data), 4):
        result ^= int.from_bytes(data[i:i + 4], "big")
    return result


def flow(src, dst, ports=None):
    """What is hashed of a flow."""
    data = address(src) + address(dst)
    return data + struct.pack(">HH", *ports) if ports else data


def tcp_segments(header, payload, mss, l2=14, version=4):
    """The frames that LSO should make of a template and a payload."""
    l3 = 20 if version == 4 else 40
    at = l2 + l3
    frames = []
    count = max(1, (len(payload) + mss - 1) // mss)
    for i in range(count):
        part = payload[i * mss:(i + 1) * mss]
        head = bytearray(header)
        if version == 4:
            ident, = struct.unpack_from(">H", head, l2 + 4)
            struct.pack_into(">HH", head, l2 + 2,
                             len(head) - l2 + len(part), ident + i & 0xffff)
            struct.pack_into(">H", head, l2 + 10, 0)
            struct.pack_into(">H", head, l2 + 10,
                             checksum(bytes(head[l2:l2 + 20])))
            source, destination = head[l2 + 12:l2 + 16], head[l2 + 16:l2 + 20]
        else:
            struct.pack_into(">H", head, l2 + 4,
                             len(head) - l2 - 40 + len(part))
            source, destination = head[l2 + 8:l2 + 24], head[l2 + 24:l2 + 40]
        seq, = struct.unpack_from(">I", head, at + 4)
        struct.pack_into(">I", head, at + 4, seq + i * mss & 0xffffffff)
        if i:
            head[at + 13] &= ~CWR & 0xff
        if i < count - 1:
            head[at + 13] &= ~(FIN | PSH) & 0xff
        struct.pack_into(">H", head, at + 16, 0)
        segment = bytes(head[at:]) + part
        struct.pack_into(">H", head, at + 16, checksum(
            pseudo(bytes(source), bytes(destination), TCP, len(segment)) +
            segment))
        frames.append(padded(bytes(head) + part))
    return frames
