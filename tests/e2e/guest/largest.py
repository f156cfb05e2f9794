# SPDX-License-Identifier: GPL-2.0-only
"""largest.py DEVICE COMMAND...: runs the command; bytes of the largest packet
that the stack gave to the device meanwhile, and the command's status."""

import socket
import subprocess
import sys

ETH_P_ALL = 3


def main(device, command):
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                            socket.htons(ETH_P_ALL))
    sniffer.bind((device, 0))
    sniffer.settimeout(0.2)
    largest = 0
    with subprocess.Popen(command, stdout=sys.stderr) as running:
        while running.poll() is None:
            try:
                length, _, _, (_, _, kind, *_) = \
                    sniffer.recvmsg_into([ROOM])[:4]
            except socket.timeout:
                continue
            if kind == socket.PACKET_OUTGOING:
                largest = max(largest, length)
    print(largest)
    return running.returncode


ROOM = bytearray(1 << 19)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
