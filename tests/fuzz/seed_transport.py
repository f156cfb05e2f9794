# SPDX-License-Identifier: GPL-2.0-only
"""Writes seeds for fuzz-transport into a folder: what a decent client says, as
steps of fuzz_transport.c."""

import pathlib
import struct
import sys

MESSAGE, SPLIT, REMOVE, TRUNCATE = 0x80, 0x20, 0x10, 0x08
NO_FD, MEMORY, EVENT, PIPE, TWO, MANY = 0, 3, 4, 5, 6, 7
NO_REPLY = 0x10


def step(what, data):
    return struct.pack("<BH", what, len(data)) + data


def message(command, payload=b"", flags=0, what=0):
    return step(MESSAGE | what, bytes([command, flags]) + payload)


def dma_map(address, size, offset=0, what=MEMORY):
    return message(2, struct.pack("<IIQQQ", 32, 3, offset, address, size),
                   what=what)


def dma_unmap(address, size, flags=0):
    return message(3, struct.pack("<IIQQ", 24, flags, address, size))


def irqs(flags, index, start, count, data=b"", what=0):
    return message(8, struct.pack("<IIIII", 20, flags, index, start, count) +
                   data, what=what)


def read(region, offset, count):
    return message(9, struct.pack("<QII", offset, region, count))


def write(region, offset, data, posted=False):
    return message(10, struct.pack("<QII", offset, region, len(data)) + data,
                   NO_REPLY if posted else 0)


def multi(entries):
    return message(15, struct.pack("<Q", len(entries)) + b"".join(
        struct.pack("<QII8s", offset, region, len(data), data)
        for region, offset, data in entries), NO_REPLY)


MASTER = write(7, 4, b"\6\0")
MSIX_ON = write(7, 0x9e, b"\0\x80")
COPY = b"".join(write(0, 8 * at, struct.pack("<Q", value), True)
                for at, value in enumerate((0x1000, 0x3000, 256, 1)))

SEEDS = {
    "info": message(4, struct.pack("<IIII", 16, 0, 0, 0)) + b"".join(
        message(5, struct.pack("<IIIIQQ", 32, 0, index, 0, 0, 0))
        for index in range(9)) + b"".join(
        message(7, struct.pack("<IIII", 16, 0, index, 0))
        for index in range(5)),
    "config": read(7, 0, 4096) + write(7, 0x30, b"\0\xf8\xff\xff") +
    read(7, 0x30, 4) + write(7, 0x10, b"\xff" * 8) + read(6, 0, 2048),
    "vpd": write(7, 0x4a, b"\0\0") + read(7, 0x4c, 4) +
    write(7, 0x4c, b"abcd") + write(7, 0x4a, b"\x08\x80"),
    "copy": MASTER + dma_map(0, 0x10000) + COPY + dma_unmap(0, 0x10000) + COPY,
    "truncated": MASTER + dma_map(0, 0x10000, what=MEMORY | TRUNCATE) +
    write(0, 0, struct.pack("<Q", 0xf000), True) + COPY[31:],
    "burst": MASTER + (dma_map(0, 0x10000) + dma_unmap(0, 0x10000)) * 8,
    "ranges": b"".join(dma_map(0x2000 * i, 0x1000, 0x1000 * i)
                       for i in range(12)) + dma_unmap(0, 0, 2),
    "unshared": MASTER + dma_map(0, 0x10000, what=NO_FD) + COPY,
    "vectors": MASTER + MSIX_ON + irqs(0x24, 2, 0, 1) +
    irqs(0x24, 2, 3, 1, what=EVENT) + write(0, 32, b"\3", True) +
    irqs(0x24, 2, 4, 2, what=TWO) + write(0, 32, b"\4", True) +
    irqs(0x21, 2, 0, 4) + irqs(0x22, 2, 0, 2, b"\1\0") + irqs(0x21, 2, 0, 0),
    "intx": irqs(0x24, 0, 0, 1, what=EVENT) + write(0, 40, b"\1", True) +
    irqs(0x11, 0, 0, 1) + irqs(0x14, 0, 0, 1, what=EVENT) +
    irqs(0x14, 0, 0, 1, what=PIPE) + irqs(0x09, 0, 0, 1) + irqs(0x21, 0, 0, 0),
    "error": irqs(0x24, 3, 0, 1, what=EVENT) + irqs(0x24, 3, 0, 1),
    "reset": MASTER + message(13) + write(7, 0x68, b"\0\x80") +
    write(7, 0x44, b"\3\0") + read(7, 0, 64),
    "removed": MASTER + message(13, what=REMOVE) + read(7, 0, 4) +
    read(0, 0, 8) + message(13, what=REMOVE) + read(7, 0, 4),
    "multi": multi([(0, 8 * i, bytes(8)) for i in range(8)]) + multi([]),
    "sizes": b"".join(write(0, o, bytes(n), True) + read(0, o, n)
                      for o in (0, 1, 4, 0x7ffe, 0x9000) for n in (1, 3, 8, 17)),
    "fds": message(4, bytes(16), what=MANY) + dma_map(0, 0x1000, what=TWO) +
    message(13, what=PIPE),
    "split": message(4, struct.pack("<IIII", 16, 0, 0, 0), what=SPLIT) +
    irqs(0x24, 2, 0, 1, what=SPLIT | EVENT),
    "raw": step(0, struct.pack("<HHIII", 1, 13, 16, 0, 0)) +
    step(0, struct.pack("<HHIII", 2, 4, 8, 0, 0)),
    "replies": message(11, bytes(32), 1) + message(99) + message(6, bytes(64)),
}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, steps in SEEDS.items():
        (folder / f"seed-{name}").write_bytes(b"\1" + steps)
    (folder / "seed-impolite").write_bytes(b"\0" + SEEDS["info"])


main()
