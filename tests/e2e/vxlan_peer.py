# SPDX-License-Identifier: GPL-2.0-only
"""A VXLAN tunnel's far end without the kernel's vxlan module, which hosts may
lack.

vxlan_peer.py LOCAL REMOTE PORT VNI TAP ADDRESS...: runs in the lab's
namespaces; makes TAP with the addresses, gives it the frames that come in UDP
datagrams to LOCAL:PORT with that VNI, and sends what comes from it to
REMOTE:PORT.
"""

import ctypes
import os
import select
import socket
import struct
import subprocess
import sys

from vlan_peer import FRAME_MAX, open_tap

VNI_VALID = 0x08000000
MTU = 1450


def main(local, remote, port, vni, name, *addresses):
    ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # die with the lab
    header = struct.pack(">II", VNI_VALID, int(vni) << 8)
    tap = open_tap(name)
    tunnel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tunnel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    tunnel.setblocking(False)
    tunnel.bind((local, int(port)))
    for address in addresses:
        subprocess.run(["ip", "address", "add", address, "dev", name],
                       check=True)
    subprocess.run(["ip", "link", "set", name, "mtu", str(MTU), "up"],
                   check=True)
    print("ready", flush=True)
    poll = select.epoll()
    poll.register(tap, select.EPOLLIN)
    poll.register(tunnel, select.EPOLLIN)
    while True:
        for ready, _ in poll.poll():
            try:
                if ready == tap:
                    frame = os.read(tap, FRAME_MAX)
                    tunnel.sendto(header + frame, (remote, int(port)))
                else:
                    data = tunnel.recv(FRAME_MAX)
                    if data[:8] == header:
                        os.write(tap, data[8:])
            except BlockingIOError:
                pass


if __name__ == "__main__":
    main(*sys.argv[1:])
