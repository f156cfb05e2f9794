# SPDX-License-Identifier: GPL-2.0-only
"""Writes seeds for fuzz-adapter into a folder: scripts of fuzz_adapter.c that
do what a decent driver does, a subject each. The numbers of steps and of
known values are the places in the tables there."""

import pathlib
import re
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COMMANDS = re.findall(
    r"X\((\w+),\s*0x[0-9a-f]+, ",
    (ROOT / "include/connectx/commands.h").read_text())
COMMAND, POST, FRAME, SEND, CQ, EQ, BAR, MEMORY, WORLD, BUFFER = \
    0, 3, 5, 7, 8, 9, 10, 11, 12, 13
RAW, EVENT, IMMEDIATE, NO_OUTPUT = 1, 2, 4, 8
A0, B0, MANAGED = 0, 4, 8
GENERATION_3, GENERATION_3_PRO = 2, 3
OWN, GROUP, BROADCAST, OTHER = range(4)  # addresses
# What changes of the world take from the script
WORLD_TAKES = {3: 2, 5: 4, 6: 4, 9: 2, 10: 2, 11: 2}
# What the mailboxes of commands take from the script besides changes
TAKEN = {"SW2HW_CQ": 3, "MODIFY_CQ": 3, "SW2HW_MPT": 0, "MAD_IFC": 3,
         "ACCESS_REG": 5}


def number(value):
    return b"\xff" + struct.pack(">I", value)


def command(name, in_mod=0, how=0, op_mod=0, tail=None):
    """A decent mailbox with no changes, unless @how says raw or immediate."""
    text = bytes([COMMAND, COMMANDS.index(name), how | op_mod << 4])
    text += number(in_mod)
    if tail is None:
        tail = bytes(TAKEN.get(name, 1))
    if how & IMMEDIATE:
        return text + tail
    if how & RAW:
        return text + bytes([len(tail)]) + tail
    return text + b"\0" + tail


def immediate(name, value, in_mod=0, op_mod=0):
    return command(name, in_mod, IMMEDIATE, op_mod,
                   tail=struct.pack(">Q", value))


def pointer(length, offset=0):
    return b"\0" + struct.pack(">H", length) + b"\7" + \
        struct.pack(">H", offset)


def inline(data):
    return bytes([1, len(data)]) + data


def post(segments, flags=0, control=bytes(8) + b"\0\0\0\x3e", lso=b""):
    control = control[:12].ljust(12, b"\0")
    return bytes([POST, len(segments) << 4 | flags]) + lso + \
        b"".join(segments) + control


def lso(mss):
    return b"\0" + struct.pack(">H", mss)


def frame(kind, length=600, how=0, mac=OWN):
    return bytes([FRAME, how]) + struct.pack(">H", length) + b"\0" + \
        bytes([mac, kind])


def rule(kind, mac=OWN, dwords=16):
    """@kind: 0 regular, 1 all, 2 multicast"""
    return command("FLOW_STEERING_ATTACH", dwords, tail=bytes([kind, mac, 0]))


def address(place, offset=0):
    return bytes([place]) + struct.pack(">H", offset)


ARP = bytes.fromhex("ffffffffffff0002c9010203080600010203")
QPN = 64
SEEDS = {
    "send": bytes([A0]) + post([inline(ARP + bytes(42))]) +
    post([pointer(66), pointer(1448, 100)]) + post([pointer(200)] * 8),
    "lso": bytes([A0]) + post([pointer(5000)], 2, lso=lso(1448)) +
    post([pointer(60000), pointer(60000)], 2, lso=lso(536)),
    "loopback": bytes([A0]) +
    post([pointer(200)], control=bytes(8) + b"\0\0\0\x3f"),
    "receive": bytes([A0]) + b"".join(frame(k) for k in range(0, 256, 23)),
    "large": bytes([A0]) + frame(0, 3000, 8) + struct.pack(">HB", 500, 54),
    "events": bytes([A0]) + bytes([CQ, 2]) + number(128) + number(0) +
    post([inline(ARP + bytes(42))]) + bytes([EQ]) + number(5) +
    number(0x80000001) + command("NOP", 0x1f, EVENT),
    "states": bytes([A0]) + b"".join(
        command(name, QPN) for name in (
            "RTS2SQD_QP", "SQD2RTS_QP", "RTS2RTS_QP", "UPDATE_QP",
            "TO_ERR_QP", "QUERY_QP", "TO_RST_QP", "RST2INIT_QP",
            "INIT2RTR_QP", "RTR2RTS_QP")),
    "queues": bytes([A0]) + command("SW2HW_CQ", 130) +
    command("MODIFY_CQ", 130, 0, 1) + command("QUERY_CQ", 130) +
    command("HW2SW_CQ", 130) + command("SW2HW_EQ", 6) +
    command("HW2SW_EQ", 6) + command("SW2HW_MPT", 257) +
    command("HW2SW_MPT", 257),
    "groups": bytes([B0 | GENERATION_3]) + b"".join(
        command("WRITE_MCG", slot, tail=bytes([mac]))
        for slot in range(4) for mac in (OWN, GROUP)) +
    command("READ_MCG", 1) + command("MGID_HASH") + frame(0) +
    frame(0, mac=GROUP) + frame(4, mac=BROADCAST) +
    command("WRITE_MCG", 0x10000, 0, 1, bytes([OTHER])) +
    frame(4, mac=OTHER) + post([inline(ARP + bytes(42))],
                               control=bytes(8) + b"\0\0\0\x3f"),
    "rules": bytes([MANAGED | GENERATION_3]) + rule(0, dwords=16) +
    frame(0) + rule(0, GROUP) + rule(0, GROUP, 28) + frame(8, mac=GROUP) +
    rule(1, dwords=4) + rule(2, dwords=4) + frame(8, mac=BROADCAST) +
    frame(8, mac=OTHER) + immediate("FLOW_STEERING_DETACH", 0x100000001) +
    immediate("FLOW_STEERING_DETACH", 0x400000004),
    "hash": bytes([A0 | GENERATION_3_PRO]) + b"".join(
        command(name, 66, tail=b"\6\x3f") for name in (
            "RST2INIT_QP", "INIT2RTR_QP", "RTR2RTS_QP")) +
    command("SET_PORT", 0x101, 0, 1, number(66) + b"\2") +
    b"".join(frame(kind) for kind in (0, 4, 8, 12, 16, 32)),
    "moderation": bytes([A0]) + command("MODIFY_CQ", 128, 0, 1, b"\0\x64\7") +
    bytes([CQ, 2]) + number(128) + number(0) +
    post([inline(ARP + bytes(42))]) + bytes([WORLD, 9, 0x10, 0]),
    "buffers": bytes([A0, BUFFER, 0]) + struct.pack(">H", 100) +
    address(7) + struct.pack(">H", 1900) + address(7, 500) + frame(0) +
    bytes([BUFFER, 2]) + (struct.pack(">H", 2000) + b"\7" + address(7)) * 2 +
    frame(0) * 9,
    "management": bytes([A0 | GENERATION_3_PRO]) +
    command("MAD_IFC", 1, tail=b"\0\x10\x30") +
    command("ACCESS_REG", tail=b"\0\0\0\0\0") +
    command("ACCESS_REG", tail=b"\1\0\0\x20\0"),
    "ports": bytes([A0 | GENERATION_3]) + b"".join(
        command(name, 1, RAW, tail=bytes(40)) for name in (
            "QUERY_PORT", "SET_PORT", "SET_VLAN_FLTR", "DUMP_ETH_STATS",
            "MAD_IFC", "ACCESS_REG", "CONFIG_DEV", "MOD_STAT_CFG",
            "CONGESTION_CTRL", "ALLOCATE_VPP", "SET_VPORT_QOS",
            "VIRT_PORT_MAP", "QUERY_IF_STAT", "CLOSE_PORT", "INIT_PORT")),
    "bring-up": bytes([0x80]) + command("QUERY_FW") + command("MAP_FA", 1) +
    command("RUN_FW") + immediate("SET_ICM_SIZE", 1 << 40) +
    command("MAP_ICM_AUX", 1) + command("MAP_ICM", 1) +
    command("INIT_HCA") + command("CLOSE_HCA"),
    "world": bytes([A0]) + b"".join(
        bytes([WORLD, w]) + bytes(WORLD_TAKES.get(w % 12, 0))
        for w in range(0, 48)),
    "memory": bytes([A0, MEMORY, 6, 0, 0, 8]) + bytes(8) +
    bytes([MEMORY, 5, 0, 0, 64]) + bytes(64) + bytes([SEND]) + number(QPN),
    "registers": bytes([A0]) + b"".join(
        bytes([BAR, how]) + struct.pack(">I", at) + bytes(8)
        for how, at in ((10, 0x80680), (2, 0xf0010), (10, 0x1f020),
                        (6, 0x81014), (7, 0x81020), (6, 0x1800),
                        (7, 0x482000))),
}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS.items():
        (folder / f"seed-{name}").write_bytes(data)


main()
