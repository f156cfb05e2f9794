# SPDX-License-Identifier: GPL-2.0-only
"""Steering as a driver programs it: group entries and their chains, and
device-managed rules."""

import struct

import frames
from layout import CX, get, make, put


def number(mac):
    return int.from_bytes(mac, "big")


class Groups:
    """The table of groups (B0, and multicast of A0). Walks chains as software
    has to: the device names the hash slot, software links the overflow."""

    ENTRY = 1 << 10

    def __init__(self, card, log_hash=3, log_table=6):
        self.card = card
        self.overflow = iter(range(1 << log_hash, 1 << log_table))

    @staticmethod
    def key(mac, port=1, steer=None):
        steer = int(not mac[0] & 1) if steer is None else steer
        return make(CX.MCG_GID_SIZE, {
            CX.MCG_KEY_PORT: port, CX.MCG_KEY_STEER: steer,
            CX.MCG_KEY_MAC: number(mac)})

    def hash(self, key):
        return self.card.run("MGID_HASH", data=key).imm

    def read(self, index):
        return bytearray(self.card.run("READ_MCG", index).data[:self.ENTRY])

    def write(self, index, entry):
        self.card.run("WRITE_MCG", index, data=entry)

    @staticmethod
    def members(entry):
        at = CX.MCG_MEMBER_ARRAY
        return [get(entry, CX.MCG_MEMBER_QPN, at + 4 * i)
                for i in range(get(entry, CX.MCG_MEMBERS))]

    def find(self, key):
        """(index, entry, index before it); entry None if there is none."""
        previous, index = None, self.hash(key)
        while True:
            entry = self.read(index)
            if not get(entry, CX.MCG_MEMBERS):
                return index, None, previous
            if entry[CX.MCG_GID:CX.MCG_GID + 16] == key:
                return index, entry, previous
            previous = index
            index = get(entry, CX.MCG_NEXT_INDEX)
            if not index:
                return None, None, previous

    def attach(self, qpn, mac, port=1, block=0):
        key = self.key(mac, port)
        index, entry, previous = self.find(key)
        if entry is None:
            entry = bytearray(self.ENTRY)
            entry[CX.MCG_GID:CX.MCG_GID + 16] = key
            put(entry, CX.MCG_PROTOCOL, CX.MCG_PROTOCOL_ETHERNET)
        new = index is None
        if new:
            index = next(self.overflow)
        count = get(entry, CX.MCG_MEMBERS)
        at = CX.MCG_MEMBER_ARRAY + 4 * count
        put(entry, CX.MCG_MEMBER_QPN, qpn, at)
        put(entry, CX.MCG_MEMBER_BLOCK_LOOPBACK, block, at)
        put(entry, CX.MCG_MEMBERS, count + 1)
        self.write(index, entry)
        if new:
            before = self.read(previous)
            put(before, CX.MCG_NEXT_INDEX, index)
            self.write(previous, before)

    def detach(self, qpn, mac, port=1):
        key = self.key(mac, port)
        index, entry, previous = self.find(key)
        members = self.members(entry)
        left = [m for m in members if m != qpn]
        if left:
            at = CX.MCG_MEMBER_ARRAY
            for i, member in enumerate(left):
                struct.pack_into(">I", entry, at + 4 * i, member)
            put(entry, CX.MCG_MEMBERS, len(left))
            self.write(index, entry)
            return
        following = get(entry, CX.MCG_NEXT_INDEX)
        if previous is not None:
            before = self.read(previous)
            put(before, CX.MCG_NEXT_INDEX, following)
            self.write(previous, before)
        elif following:
            self.write(index, self.read(following))
        else:
            self.write(index, bytes(self.ENTRY))

    def default(self, qpns, steer, port=1):
        """The list for frames that match no entry; empty removes it."""
        entry = make(self.ENTRY, {CX.MCG_PROTOCOL: CX.MCG_PROTOCOL_ETHERNET,
                                  CX.MCG_MEMBERS: len(qpns)})
        for i, qpn in enumerate(qpns):
            struct.pack_into(">I", entry, CX.MCG_MEMBER_ARRAY + 4 * i, qpn)
        self.card.run("WRITE_MCG", port << CX.WRITE_MCG_PORT_SHIFT |
                      steer << CX.WRITE_MCG_STEER_SHIFT,
                      CX.WRITE_MCG_DEFAULT, entry)


def _spec(kind, fields):
    size = getattr(CX, f"RULE_SPEC_{kind}_SIZE")
    return make(size, {CX.RULE_SPEC_DWORDS: size // 4,
                       CX.RULE_SPEC_ID: getattr(CX, f"RULE_SPEC_{kind}"),
                       **fields})


def ethernet(mac=None, ethertype=None, vlan=None):
    fields = {}
    if mac is not None:
        fields[CX.RULE_ETHERNET_DMAC] = number(mac)
        fields[CX.RULE_ETHERNET_DMAC_MASK] = 2 ** 48 - 1
    if ethertype is not None:
        fields[CX.RULE_ETHERNET_ETHERTYPE_VALID] = 1
        fields[CX.RULE_ETHERNET_ETHERTYPE] = ethertype
    if vlan is not None:
        fields[CX.RULE_ETHERNET_VLAN_MASK] = 0xfff
        fields[CX.RULE_ETHERNET_VLAN] = vlan
    return _spec("ETHERNET", fields)


def ipv4(src=None, dst=None):
    fields = {}
    for text, value, mask in (
            (src, CX.RULE_IPV4_SRC, CX.RULE_IPV4_SRC_MASK),
            (dst, CX.RULE_IPV4_DST, CX.RULE_IPV4_DST_MASK)):
        if text:
            fields[value] = number(frames.address(text))
            fields[mask] = 0xffffffff
    return _spec("IPV4", fields)


def l4(kind, sport=None, dport=None):
    fields = {}
    for port, value, mask in (
            (sport, CX.RULE_L4_SRC_PORT, CX.RULE_L4_SRC_PORT_MASK),
            (dport, CX.RULE_L4_DST_PORT, CX.RULE_L4_DST_PORT_MASK)):
        if port is not None:
            fields[value] = port
            fields[mask] = 0xffff
    return _spec(kind, fields)


def control(qpn, priority=0x5000, kind=0, port=1, lifo=0, loopback=1):
    return make(CX.RULE_CONTROL_SIZE, {
        CX.RULE_CONTROL_PRIORITY: priority, CX.RULE_CONTROL_TYPE: kind,
        CX.RULE_CONTROL_ALLOW_LOOPBACK: loopback, CX.RULE_CONTROL_LIFO: lifo,
        CX.RULE_CONTROL_PORT: port, CX.RULE_CONTROL_QPN: qpn})


def attach(card, qpn, *specs, **options):
    """A rule; its registration id."""
    rule = bytes(control(qpn, **options)) + b"".join(bytes(s) for s in specs)
    identity = card.run("FLOW_STEERING_ATTACH", len(rule) // 4, data=rule).imm
    assert identity
    return identity


def attach_status(card, qpn, *specs, **options):
    rule = bytes(control(qpn, **options)) + b"".join(bytes(s) for s in specs)
    return card.status("FLOW_STEERING_ATTACH", len(rule) // 4, data=rule)


def detach(card, identity):
    card.run("FLOW_STEERING_DETACH", imm=identity)
