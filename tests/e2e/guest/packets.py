# SPDX-License-Identifier: GPL-2.0-only
"""Frames in the test guest, byte for byte.

packets.py send DEVICE FILE
    FILE is a JSON list of orders:
      "head"     hexadecimal bytes of the frame's beginning
      "payload"  [seed, length]: pattern(seed, length) behind it
      "count"    how often (1)
      "csum"     [start, offset]: the device is to put a checksum there
      "gso"      ["tcp4" | "tcp6" (+ "ecn"), segment size, header length]
packets.py capture DEVICE HEX COUNT SECONDS READY [hw]
    Takes COUNT frames whose bytes from 12 on (tag stripped or not, as the
    kernel has them) begin with HEX, makes the file READY when it listens, and
    ends early on a frame of type 0x88b6. A JSON object a frame: "frame"; "len";
    "hash" the receive hash; "tci", "tpid" of a stripped tag or null; "valid"
    whether the device has vouched for its checksum; "time"; "stamped" whether
    the time is the device's (hw asks for that).
"""

import json
import mmap
import os
import select
import socket
import struct
import sys
import time

SOL_PACKET = 263
PACKET_RX_RING, PACKET_VERSION, PACKET_VNET_HDR = 5, 10, 15
PACKET_TIMESTAMP = 17
TPACKET_V3 = 2
FILL_RXHASH = 1
RAW_HARDWARE = 1 << 6
STATUS_VLAN, STATUS_CSUM_VALID = 1 << 4, 1 << 7
STATUS_VLAN_TPID, STATUS_RAW_HARDWARE = 1 << 6, 1 << 31
SENTINEL = bytes.fromhex("88b6")
BLOCK, BLOCKS = 1 << 18, 32
GSO = {"tcp4": 1, "tcp6": 4, "tcp4ecn": 0x81, "tcp6ecn": 0x84}


def pattern(seed, length):
    """`length` bytes that differ with their place and with `seed`."""
    return bytes((seed + i * 7 + (i >> 8)) & 255 for i in range(length))


def raw_socket(device):
    """An AF_PACKET socket that takes frames with a virtio header."""
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    made.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    made.bind((device, 0))
    return made


def send(device, path):
    os.sched_setaffinity(0, {0})  # one processor, one ring: one order
    out = raw_socket(device)
    with open(path, encoding="ascii") as file:
        orders = json.load(file)
    for order in orders:
        flags = gso_type = header = size = start = offset = 0
        if "csum" in order:
            flags, (start, offset) = 1, order["csum"]
        if "gso" in order:
            kind, size, header = order["gso"]
            gso_type = GSO[kind]
        virtio = struct.pack("<BBHHHH", flags, gso_type, header, size, start,
                             offset)
        frame = bytes.fromhex(order["head"]) + \
            pattern(*order.get("payload", (0, 0)))
        for _ in range(order.get("count", 1)):
            out.send(virtio + frame)


def frames_of(block):
    """The packets of a block of a TPACKET_V3 ring."""
    count, at = struct.unpack_from("=II", block, 12)
    for _ in range(count):
        following, seconds, nano, snap, length, status, mac, _ = \
            struct.unpack_from("=IIIIIIHH", block, at)
        rxhash, tci, tpid = struct.unpack_from("=IIH", block, at + 28)
        yield {"frame": bytes(block[at + mac:at + mac + snap]), "len": length,
               "hash": rxhash,
               "tci": tci if status & STATUS_VLAN else None,
               "tpid": tpid if status & STATUS_VLAN_TPID else None,
               "valid": bool(status & STATUS_CSUM_VALID),
               "time": seconds * 1000000000 + nano,
               "stamped": bool(status & STATUS_RAW_HARDWARE)}
        at += following


class Ring:
    """A TPACKET_V3 receive ring."""

    def __init__(self, device, options):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
        if "hw" in options:
            self.socket.setsockopt(SOL_PACKET, PACKET_TIMESTAMP, RAW_HARDWARE)
        self.socket.setsockopt(
            SOL_PACKET, PACKET_RX_RING,
            struct.pack("=7I", BLOCK, BLOCKS, BLOCK, BLOCKS, 5, 0, FILL_RXHASH))
        self.memory = mmap.mmap(self.socket.fileno(), BLOCK * BLOCKS)
        self.socket.bind((device, 3))

    def frames(self, deadline):
        """Frames until the deadline (monotonic)."""
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        number = 0
        while True:
            base = number * BLOCK
            while not struct.unpack_from("=I", self.memory, base + 8)[0] & 1:
                left = deadline - time.monotonic()
                if left <= 0:
                    return
                poll.poll(min(left, 1) * 1000)
            block = memoryview(self.memory)[base:base + BLOCK]
            yield from frames_of(block)
            block.release()
            struct.pack_into("=I", self.memory, base + 8, 0)
            number = (number + 1) % BLOCKS


def capture(device, wanted, count, seconds, ready, *options):
    ring = Ring(device, options)
    wanted, count = bytes.fromhex(wanted), int(count)
    with open(ready, "w", encoding="ascii"):
        pass
    found = []
    for entry in ring.frames(time.monotonic() + float(seconds)):
        frame = entry["frame"]
        if frame[12:14] == SENTINEL:
            break
        if frame[12:12 + len(wanted)] == wanted:
            entry["frame"] = frame.hex()
            found.append(entry)
            if len(found) >= count:
                break
    sys.stdout.writelines(json.dumps(entry) + "\n" for entry in found)


if __name__ == "__main__":
    {"send": send, "capture": capture}[sys.argv[1]](*sys.argv[2:])
