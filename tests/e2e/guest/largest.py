# SPDX-License-Identifier: GPL-2.0-only
"""largest.py DEVICE SECONDS: bytes of the largest packet that the stack gave to
the device meanwhile."""

import socket
import sys
import time

ETH_P_ALL = 3


def main(device, seconds):
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                            socket.htons(ETH_P_ALL))
    sniffer.bind((device, 0))
    sniffer.settimeout(0.2)
    end, largest = time.monotonic() + float(seconds), 0
    while time.monotonic() < end:
        try:
            length, _, _, (_, _, kind, *_) = sniffer.recvmsg_into([ROOM])[:4]
        except socket.timeout:
            continue
        if kind == socket.PACKET_OUTGOING:
            largest = max(largest, length)
    print(largest)


ROOM = bytearray(1 << 19)

if __name__ == "__main__":
    main(*sys.argv[1:])
