# SPDX-License-Identifier: GPL-2.0-only
"""reader.py ADDRESS PORT PEER PEERPORT CPU: reads a flow of datagrams on one
processor, and on another one from a datagram "cpu N" on, until one says "end".
Prints how many it has read on each."""

import collections
import os
import socket
import sys


def main(address, port, peer, peer_port, cpu):
    os.sched_setaffinity(0, {int(cpu)})
    reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    reader.bind((address, int(port)))
    reader.connect((peer, int(peer_port)))
    reader.settimeout(60)
    print("reading", flush=True)
    read = collections.Counter()
    while (data := reader.recv(2048).rstrip(b"\0")) != b"end":
        read[min(os.sched_getaffinity(0))] += 1
        if data.startswith(b"cpu "):
            os.sched_setaffinity(0, {int(data[4:])})
    for number in sorted(read):
        print(number, read[number])


if __name__ == "__main__":
    main(*sys.argv[1:])
