# SPDX-License-Identifier: GPL-2.0-only
"""xsk.py DEVICE QUEUE MAP COUNT: an AF_XDP socket on a queue, in copy mode, put
into a pinned XSKMAP. Prints "ready"; then each of COUNT frames that come, in
hex, and sends each back with its addresses swapped."""

import ctypes
import mmap
import select
import socket
import struct
import sys
import time

AF_XDP = 44
SOL_XDP = 283
MMAP_OFFSETS, RX_RING, TX_RING, UMEM_REG, FILL_RING, COMPLETION_RING = \
    range(1, 7)
# Where mmap() finds each ring
PAGE_OFFSET = {RX_RING: 0, TX_RING: 0x80000000, FILL_RING: 0x100000000,
               COMPLETION_RING: 0x180000000}
XDP_COPY = 1 << 1
ENTRIES = 256
FRAME = 4096
SYS_BPF, BPF_MAP_UPDATE_ELEM, BPF_OBJ_GET = 321, 2, 7

libc = ctypes.CDLL(None, use_errno=True)


def checked(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), what)
    return result


class Ring:
    """One of the four; of ours the producer's side, or the consumer's."""

    def __init__(self, fd, which, offsets, size):
        self.size = size
        producer, consumer, self.descriptors, _ = offsets
        checked(libc.setsockopt(fd, SOL_XDP, which,
                                struct.pack("I", ENTRIES), 4), "ring")
        self.memory = mmap.mmap(fd, self.descriptors + ENTRIES * size,
                                offset=PAGE_OFFSET[which])
        # Whole words: what the kernel sees is never half of one.
        self.producer, self.consumer = (
            ctypes.c_uint32.from_buffer(self.memory, at)
            for at in (producer, consumer))

    def put(self, *words):
        at = self.descriptors + self.producer.value % ENTRIES * self.size
        struct.pack_into("Q" if self.size == 8 else "QII", self.memory, at,
                         *words)
        self.producer.value += 1

    def take(self):
        while self.consumer.value != self.producer.value:
            at = self.descriptors + self.consumer.value % ENTRIES * self.size
            words = struct.unpack_from("Q" if self.size == 8 else "QII",
                                       self.memory, at)
            self.consumer.value += 1
            yield words


def put_into_map(path, key, fd):
    name = ctypes.create_string_buffer(path.encode())
    get = struct.pack("QII", ctypes.addressof(name), 0, 0)
    pinned = checked(libc.syscall(SYS_BPF, BPF_OBJ_GET, get, len(get)), path)
    keys, values = ctypes.c_uint32(key), ctypes.c_uint32(fd)
    update = struct.pack("IIQQQ", pinned, 0, ctypes.addressof(keys),
                         ctypes.addressof(values), 0)
    checked(libc.syscall(SYS_BPF, BPF_MAP_UPDATE_ELEM, update, len(update)),
            "map")


def main(device, queue, path, count):
    sock = socket.socket(AF_XDP, socket.SOCK_RAW)
    fd = sock.fileno()
    umem = mmap.mmap(-1, 2 * ENTRIES * FRAME)
    area = ctypes.addressof(ctypes.c_char.from_buffer(umem))
    registration = struct.pack("QQIIII", area, len(umem), FRAME, 0, 0, 0)
    checked(libc.setsockopt(fd, SOL_XDP, UMEM_REG, registration,
                            len(registration)), "umem")
    raw = struct.unpack("16Q", sock.getsockopt(SOL_XDP, MMAP_OFFSETS, 128))
    rx, tx, fill, completion = (
        Ring(fd, which, raw[4 * i:4 * i + 4], size) for i, (which, size) in
        enumerate(((RX_RING, 16), (TX_RING, 16), (FILL_RING, 8),
                   (COMPLETION_RING, 8))))
    for number in range(ENTRIES):
        fill.put(number * FRAME)
    address = struct.pack("HHIII", AF_XDP, XDP_COPY,
                          socket.if_nametoindex(device), int(queue), 0)
    checked(libc.bind(fd, address, len(address)), "bind")
    put_into_map(path, int(queue), fd)
    print("ready", flush=True)

    got = sent = 0
    deadline = time.monotonic() + 30
    while got < int(count) or sent < got:
        if time.monotonic() > deadline:
            sys.exit(f"{got} received, {sent} sent")
        select.select([fd], [], [], 0.1)
        for at, length, _ in rx.take():
            frame = umem[at:at + length]
            print(frame.hex())
            back = ENTRIES * FRAME + got % ENTRIES * FRAME
            umem[back:back + length] = frame[6:12] + frame[:6] + frame[12:]
            tx.put(back, length, 0)
            fill.put(at // FRAME * FRAME)
            got += 1
        libc.sendto(fd, None, 0, socket.MSG_DONTWAIT, None, 0)
        sent += sum(1 for _ in completion.take())


if __name__ == "__main__":
    main(*sys.argv[1:])
