# SPDX-License-Identifier: GPL-2.0-only
"""netdev.py DEVICE: the device's queues, NAPI instances, queue statistics and
page pools, as the kernel's "netdev" family of generic netlink has them; JSON."""

import json
import socket
import struct
import sys

NETLINK_GENERIC = 16
GENL_ID_CTRL, CTRL_GETFAMILY = 16, 3
FAMILY_ID, FAMILY_NAME = 1, 2
DUMP = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
DONE, ERROR = 3, 2

# linux/netdev.h: the command, and the names of attributes of interest
PAGE_POOL = 5, {1: "id", 2: "ifindex", 3: "napi", 4: "inflight"}
QUEUE = 10, {1: "id", 2: "ifindex", 3: "type", 4: "napi"}
NAPI = 11, {1: "ifindex", 2: "id", 3: "irq"}
STATISTICS = 12, {1: "ifindex", 2: "type", 3: "queue", 8: "rx_packets",
                  9: "rx_bytes", 10: "tx_packets", 11: "tx_bytes",
                  12: "rx_alloc_fail", 16: "rx_csum_unnecessary",
                  27: "tx_needs_csum", 33: "tx_stop", 34: "tx_wake"}
STATISTICS_SCOPE, SCOPE_QUEUE = 4, 1


def attribute(kind, data):
    return struct.pack("HH", 4 + len(data), kind) + data + \
        bytes(-len(data) % 4)


def attributes(data):
    while len(data) >= 4:
        length, kind = struct.unpack_from("HH", data)
        yield kind & 0x3fff, data[4:length]
        data = data[(length + 3) & ~3:]


def number(data):
    return int.from_bytes(data, sys.byteorder)


def dump(link, family, command, extra=b""):
    """The attributes of each answer."""
    body = struct.pack("BBH", command, 1, 0) + extra
    link.send(struct.pack("IHHII", 16 + len(body), family, DUMP, 1, 0) + body)
    while True:
        data = link.recv(1 << 16)
        while data:
            length, kind = struct.unpack_from("IH", data)
            if kind == DONE:
                return
            if kind == ERROR:
                raise OSError(-struct.unpack_from("i", data, 16)[0], "netlink")
            yield dict(attributes(data[20:length]))
            data = data[(length + 3) & ~3:]


def objects(link, family, what, index, extra=b""):
    command, names = what
    found = ({names[kind]: number(value) for kind, value in answer.items()
              if kind in names} for answer in
             dump(link, family, command, extra))
    return [each for each in found if each.get("ifindex") == index]


def main(device):
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
    link.bind((0, 0))
    families = {each[FAMILY_NAME]: number(each[FAMILY_ID]) for each in
                dump(link, GENL_ID_CTRL, CTRL_GETFAMILY)}
    family = families[b"netdev\0"]
    index = socket.if_nametoindex(device)
    scope = attribute(STATISTICS_SCOPE, struct.pack("I", SCOPE_QUEUE))
    print(json.dumps({
        "queues": objects(link, family, QUEUE, index),
        "napis": objects(link, family, NAPI, index),
        "statistics": objects(link, family, STATISTICS, index, scope),
        "pools": objects(link, family, PAGE_POOL, index)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
