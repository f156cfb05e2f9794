# SPDX-License-Identifier: GPL-2.0-only
"""One checksummed TCP transfer: transfer.py send|receive ADDRESS PORT MIB.

The same program runs on both ends. What is sent are blocks of 64 KiB that all
differ; both ends print the SHA-256 and the length of what they have seen.
"""

import hashlib
import socket
import struct
import sys

BLOCK = 1 << 16


def blocks(mib):
    """Blocks that all differ: each begins with its number."""
    body = hashlib.shake_256(b"connectx").digest(BLOCK - 8)
    for number in range(mib << 4):
        yield struct.pack(">Q", number * 0x9e3779b97f4a7c15 % (1 << 64)) + body


def send(connection, mib):
    """Send `mib` MiB; the SHA-256 and the length as text."""
    digest, length = hashlib.sha256(), 0
    for block in blocks(mib):
        connection.sendall(block)
        digest.update(block)
        length += len(block)
    connection.shutdown(socket.SHUT_WR)
    return f"{digest.hexdigest()} {length}"


def receive(connection):
    """Receive to the end; the SHA-256 and the length as text."""
    digest, length = hashlib.sha256(), 0
    buffer = bytearray(1 << 18)
    while True:
        got = connection.recv_into(buffer)
        if not got:
            return f"{digest.hexdigest()} {length}"
        digest.update(memoryview(buffer)[:got])
        length += got


def main(way, address, port, mib):
    with socket.create_connection((address, int(port)), 10) as connection:
        connection.settimeout(60)
        print(send(connection, int(mib)) if way == "send"
              else receive(connection))


if __name__ == "__main__":
    main(*sys.argv[1:])
