# SPDX-License-Identifier: GPL-2.0-only
"""stamp.py DEVICE ADDRESS COUNT: sends datagrams and prints the hardware time
stamp of each, in nanoseconds, as the kernel hands it back."""

import select
import socket
import struct
import sys

SO_TIMESTAMPING = 37
TX_HARDWARE, RAW_HARDWARE, OPT_TSONLY = 1 << 0, 1 << 6, 1 << 11


def main(device, address, count):
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    out.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING,
                   TX_HARDWARE | RAW_HARDWARE | OPT_TSONLY)
    poll = select.poll()
    poll.register(out, 0)
    for number in range(int(count)):
        out.sendto(b"stamp %d" % number, (address, 9))
        while True:
            if not poll.poll(5000):
                sys.exit(f"no stamp for datagram {number}")
            try:
                _, extra, _, _ = out.recvmsg(
                    2048, 1024, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
            except ConnectionError:  # nobody listens at the far end
                continue
            except BlockingIOError:
                continue
            stamps = [data for level, kind, data in extra
                      if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPING)]
            if stamps:
                seconds, nano = struct.unpack("=6q", stamps[0])[4:]
                print(seconds * 1000000000 + nano)
                break


if __name__ == "__main__":
    main(*sys.argv[1:])
