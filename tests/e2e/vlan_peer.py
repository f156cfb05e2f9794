# SPDX-License-Identifier: GPL-2.0-only
"""A VLAN's far end without the kernel's 8021q module, which hosts may lack.

vlan_peer.py INTERFACE TPID:VID TAP ADDRESS...: runs in the lab's namespaces;
makes TAP with the addresses, gives it what comes over INTERFACE with that tag
("0x8100:5"), the tag taken off, and puts the tag on what comes from it. Plain
frames only: the interface must hand on no large segments and no half-done
checksums.
"""

import ctypes
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys

SOL_PACKET = 263
PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 8, 23
TUNSETIFF = 0x400454ca
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
STATUS_VLAN, STATUS_VLAN_TPID = 1 << 4, 1 << 6
FRAME_MAX = 65536


def open_tap(name):
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF,
                struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def open_packet(interface):
    packet = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    packet.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    packet.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    packet.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    packet.setblocking(False)
    packet.bind((interface, 3))
    return packet


def tag_of(ancillary):
    """The tag (TPID, VLAN id) that the kernel has taken off, or None."""
    for level, kind, data in ancillary:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH",
                                                          data[:20])
            if status & STATUS_VLAN:
                return (tpid if status & STATUS_VLAN_TPID else 0x8100,
                        tci & 0xfff)
    return None


def main(interface, wanted, name, *addresses):
    ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # die with the lab
    wanted = tuple(int(number, 0) for number in wanted.split(":"))
    tag = struct.pack(">HH", *wanted)
    tap, packet = open_tap(name), open_packet(interface)
    for address in addresses:
        subprocess.run(["ip", "address", "add", address, "dev", name,
                        *(["nodad"] if ":" in address else [])], check=True)
    subprocess.run(["ip", "link", "set", name, "up"], check=True)
    print("ready", flush=True)
    poll = select.epoll()
    poll.register(tap, select.EPOLLIN)
    poll.register(packet, select.EPOLLIN)
    while True:
        for ready, _ in poll.poll():
            try:
                if ready == tap:
                    frame = os.read(tap, FRAME_MAX)
                    packet.send(frame[:12] + tag + frame[12:])
                else:
                    frame, extra, _, _ = packet.recvmsg(FRAME_MAX, 64)
                    if tag_of(extra) == wanted:
                        os.write(tap, frame)
            except BlockingIOError:
                pass


if __name__ == "__main__":
    main(*sys.argv[1:])
