# SPDX-License-Identifier: GPL-2.0-only
"""Which queue pair gets a frame: A0, B0 and device-managed steering. The
port's counters say when a frame was dealt with that nobody gets."""

import pytest

import frames
import steering
from adapters import CONNECTX_2, CONNECTX_3, CONNECTX_3_PRO, MAC_1
from connectx import Nic
from fixtures import card, on
from frames import CVLAN
from layout import CX, get, make, put
from steering import Groups, attach, attach_status, detach, ethernet, ipv4, l4
from vfio_user import wait_for

ALL_ROUTERS = b"\x33\x33\x00\x00\x00\x02"
GROUP = b"\x01\x00\x5e\x00\x00\xfb"
OTHER = b"\x52\x54\x00\x00\x00\x99"
PRIORITY_RULE = 0x2000


class Switch:
    """A card in a steering mode with some queue pairs."""

    def __init__(self, card, mode, count=3, **options):
        self.nic = Nic(card, steering=mode, **options)
        self.card = card
        self.pairs = [self.nic.qp] + [
            self.nic.queue_pair(buffers=16) for _ in range(count - 1)]
        self.nic.qp.post_buffers(8, self.nic.lkey)
        self.qpns = [qp.qpn for qp in self.pairs]
        self.sent = 0
        self.groups = Groups(card)

    def total(self):
        data = self.nic.statistics()
        return sum(int.from_bytes(data[at:at + 8], "big") for at in (
            CX.ETH_STATS_TRIPLE(CX.ETH_STATS_RX_TOTALS, c,
                                CX.ETH_STATS_FRAMES) for c in range(9)))

    def to(self, frame):
        """The numbers of the queue pairs that a frame comes to."""
        self.sent += 1
        self.nic.wire.send(frame)
        wait_for(lambda: self.total() == self.sent)
        found = []
        for i, qp in enumerate(self.pairs):
            for cqe in qp.receive_cq.poll():
                assert get(cqe, CX.CQE_QPN) == qp.qpn
                assert qp.received(cqe)[:6] == frame[:6]
                found.append(i)
            qp.receive_cq.consumed()
        return found


def to(mac, tags=()):
    return frames.tcp4(mac=mac, tags=tags)


def mac_table(card, macs, port=1):
    """@macs: index -> address"""
    table = bytearray(CX.MAC_TABLE_ENTRIES * CX.MAC_ENTRY_SIZE)
    for index, mac in macs.items():
        put(table, CX.MAC_ENTRY_VALID, 1, 8 * index)
        put(table, CX.MAC_ENTRY_MAC, steering.number(mac), 8 * index)
    card.run("SET_PORT", CX.SET_PORT_MAC_TABLE << 8 | port,
             CX.SET_PORT_ETHERNET, table)


# --- A0 ---

@pytest.fixture
def a0(card):
    return Switch(card, "a0")


def test_a0_without_a_place_for_misses(card):
    switch = Switch(card, "a0")
    card.rqp_calc(1, {CX.RQP_CALC_MC_MODE: CX.MC_DIRECT_ONLY})
    assert switch.to(to(MAC_1)) == []
    assert switch.to(to(GROUP)) == []


def test_a0_as_ipxe_gets_everything(a0):
    for mac in MAC_1, OTHER, GROUP, frames.BROADCAST, ALL_ROUTERS:
        assert a0.to(to(mac)) == [0]
    assert a0.to(to(OTHER, ((CVLAN, 100),))) == [0]


def test_a0_computes_the_queue_pair(a0):
    base = a0.qpns[0]
    assert a0.qpns == [base, base + 1, base + 2]
    mac_table(a0.card, {0: MAC_1, 1: OTHER, 2: b"\2\0\0\0\0\1"})
    a0.card.rqp_calc(1, {CX.RQP_CALC_BASE_QPN: base, CX.RQP_CALC_LOG_MACS: 7,
                         CX.RQP_CALC_MC_MODE: CX.MC_DEFAULT,
                         CX.RQP_CALC_DEFAULT_MC_QPN: base + 2})
    assert a0.to(to(MAC_1)) == [0]
    assert a0.to(to(OTHER)) == [1]
    assert a0.to(to(b"\2\0\0\0\0\1")) == [2]
    assert a0.to(to(b"\2\0\0\0\0\2")) == []
    assert a0.to(to(GROUP)) == [2]


def test_a0_promiscuous_gets_the_misses(a0):
    mac_table(a0.card, {0: MAC_1})
    a0.card.rqp_calc(1, {CX.RQP_CALC_BASE_QPN: a0.qpns[0],
                         CX.RQP_CALC_LOG_MACS: 7, CX.RQP_CALC_UC_PROMISC: 1,
                         CX.RQP_CALC_PROMISC_QPN: a0.qpns[1],
                         CX.RQP_CALC_MC_MODE: CX.MC_DEFAULT,
                         CX.RQP_CALC_DEFAULT_MC_QPN: a0.qpns[2]})
    assert a0.to(to(MAC_1)) == [0]
    assert a0.to(to(OTHER)) == [1]
    assert a0.to(to(frames.BROADCAST)) == [2]


def test_a0_mac_index_in_completions(a0):
    mac_table(a0.card, {5: MAC_1})
    a0.card.rqp_calc(1, {CX.RQP_CALC_BASE_QPN: a0.qpns[0] - 5,
                         CX.RQP_CALC_LOG_MACS: 7, CX.RQP_CALC_MAC_MISS: 0x61,
                         CX.RQP_CALC_UC_PROMISC: 1,
                         CX.RQP_CALC_PROMISC_QPN: a0.qpns[0]})
    for mac, index in (MAC_1, 5), (OTHER, 0x61):
        a0.nic.wire.send(to(mac))
        assert get(a0.nic.receive()[0], CX.CQE_MAC_INDEX) == index


def test_a0_mac_replaced_in_place(a0):
    mac_table(a0.card, {0: MAC_1})
    a0.card.rqp_calc(1, {CX.RQP_CALC_BASE_QPN: a0.qpns[0],
                         CX.RQP_CALC_LOG_MACS: 7})
    assert a0.to(to(MAC_1)) == [0]
    mac_table(a0.card, {0: OTHER})
    assert a0.to(to(MAC_1)) == []
    assert a0.to(to(OTHER)) == [0]


@pytest.mark.parametrize("mode,listed,others", [
    (CX.MC_DIRECT_ONLY, [1], []), (CX.MC_DIRECT, [1], [0]),
    (CX.MC_DEFAULT, [0], [0])])
def test_a0_multicast_modes(a0, mode, listed, others):
    a0.groups.attach(a0.qpns[1], GROUP)
    a0.card.rqp_calc(1, {CX.RQP_CALC_MC_MODE: mode,
                         CX.RQP_CALC_DEFAULT_MC_QPN: a0.qpns[0]})
    assert a0.to(to(GROUP)) == listed
    assert a0.to(to(ALL_ROUTERS)) == others


def multicast_filter(card, op_mod, mac=bytes(6), clear=0, port=1):
    card.run("SET_MCAST_FLTR", port, op_mod,
             imm=clear << 63 | steering.number(mac))


def test_a0_multicast_filter_as_linux_sets_it(a0):
    multicast_filter(a0.card, CX.MCAST_FILTER_DISABLE)
    multicast_filter(a0.card, CX.MCAST_FILTER_CONFIG, frames.BROADCAST, 1)
    multicast_filter(a0.card, CX.MCAST_FILTER_CONFIG, GROUP)
    assert a0.to(to(ALL_ROUTERS)) == [0]
    multicast_filter(a0.card, CX.MCAST_FILTER_ENABLE)
    assert a0.to(to(GROUP)) == [0]
    assert a0.to(to(frames.BROADCAST)) == [0]
    assert a0.to(to(ALL_ROUTERS)) == []
    assert a0.to(to(OTHER)) == [0]
    multicast_filter(a0.card, CX.MCAST_FILTER_CONFIG, clear=1)
    assert a0.to(to(GROUP)) == []
    multicast_filter(a0.card, CX.MCAST_FILTER_DISABLE)
    assert a0.to(to(ALL_ROUTERS)) == [0]


def test_multicast_filter_refuses(a0):
    assert a0.card.status("SET_MCAST_FLTR", 3, 2) == "BAD_INDEX"
    assert a0.card.status("SET_MCAST_FLTR", 1, 3) == "BAD_OP"


def vlan_filter(card, vids, port=1):
    bitmap = bytearray(CX.VLAN_FILTER_SIZE)
    for vid in vids:
        bitmap[511 - vid // 8] |= 1 << vid % 8
    card.run("SET_VLAN_FLTR", port, data=bitmap)


def test_vlan_filter(a0):
    tagged = {vid: to(OTHER, ((CVLAN, 0x6000 | vid),))
              for vid in (0, 1, 31, 32, 100, 4095)}
    for frame in tagged.values():
        assert a0.to(frame) == [0]  # all pass before the first filter
    vlan_filter(a0.card, [1, 32, 4095])
    for vid, frame in tagged.items():
        assert a0.to(frame) == ([0] if vid in (1, 32, 4095) else [])
    assert a0.to(to(OTHER)) == [0]


def test_vlan_filter_survives_the_port_being_closed(a0):
    vlan_filter(a0.card, [5])
    a0.card.run("CLOSE_PORT", 1)
    a0.card.open_port(1)
    assert a0.to(to(OTHER, ((CVLAN, 6),))) == []
    assert a0.to(to(OTHER, ((CVLAN, 5),))) == [0]


def test_a0_with_tags_and_priorities_in_the_number(a0):
    """No driver does that; the fields exist."""
    table = bytearray(CX.VLAN_TABLE_ENTRIES * CX.VLAN_ENTRY_SIZE)
    put(table, CX.VLAN_ENTRY_VALID, 1, 8)
    put(table, CX.VLAN_ENTRY_VID, 100, 8)
    a0.card.run("SET_PORT", CX.SET_PORT_VLAN_TABLE << 8 | 1,
                CX.SET_PORT_ETHERNET, table)
    mac_table(a0.card, {0: MAC_1})
    a0.card.rqp_calc(1, {CX.RQP_CALC_BASE_QPN: a0.qpns[0],
                         CX.RQP_CALC_LOG_MACS: 7, CX.RQP_CALC_LOG_VLANS: 2,
                         CX.RQP_CALC_NO_VLAN: 0, CX.RQP_CALC_VLAN_MISS: 1})
    assert a0.to(to(MAC_1)) == [0]
    assert a0.to(to(MAC_1, ((CVLAN, 99),))) == [1]
    assert a0.to(to(MAC_1, ((CVLAN, 100),))) == [2]


# --- B0 ---

@pytest.fixture
def b0(card):
    return Switch(card, "b0")


b0_card = on(CONNECTX_2)


@b0_card
def test_b0_unicast_and_broadcast(b0):
    b0.groups.attach(b0.qpns[0], MAC_1)
    b0.groups.attach(b0.qpns[1], frames.BROADCAST)
    assert b0.to(to(MAC_1)) == [0]
    assert b0.to(to(frames.BROADCAST)) == [1]
    assert b0.to(to(OTHER)) == []
    assert b0.to(to(GROUP)) == []


@b0_card
def test_b0_a_copy_to_each_member(b0):
    for qpn in b0.qpns:
        b0.groups.attach(qpn, GROUP)
    assert b0.to(to(GROUP)) == [0, 1, 2]
    b0.groups.detach(b0.qpns[1], GROUP)
    assert b0.to(to(GROUP)) == [0, 2]
    b0.groups.detach(b0.qpns[0], GROUP)
    b0.groups.detach(b0.qpns[2], GROUP)
    assert b0.to(to(GROUP)) == []


@b0_card
def test_b0_chains(b0):
    """40 groups over 8 hash slots: chains; then out again, crosswise."""
    macs = [bytes([1, 0, 0x5e, 0, 0, i]) for i in range(40)]
    for i, mac in enumerate(macs):
        b0.groups.attach(b0.qpns[i % 3], mac)
    for i in range(0, 40, 7):
        assert b0.to(to(macs[i])) == [i % 3]
    for i in range(0, 40, 2):
        b0.groups.detach(b0.qpns[i % 3], macs[i])
    for i in 0, 1, 6, 11, 12, 25, 38, 39:
        assert b0.to(to(macs[i])) == ([i % 3] if i % 2 else [])


@b0_card
def test_b0_defaults_come_only_where_nothing_matches(b0):
    b0.groups.attach(b0.qpns[0], MAC_1)
    b0.groups.attach(b0.qpns[0], GROUP)
    b0.groups.default([b0.qpns[2]], CX.STEER_UNICAST)
    b0.groups.default([b0.qpns[1], b0.qpns[2]], CX.STEER_MULTICAST)
    assert b0.to(to(MAC_1)) == [0]
    assert b0.to(to(OTHER)) == [2]
    assert b0.to(to(GROUP)) == [0]
    assert b0.to(to(ALL_ROUTERS)) == [1, 2]
    b0.groups.default([], CX.STEER_UNICAST)
    assert b0.to(to(OTHER)) == []


@b0_card
def test_b0_keys_have_a_port(b0):
    b0.groups.attach(b0.qpns[1], MAC_1, port=2)
    assert b0.to(to(MAC_1)) == []
    b0.groups.attach(b0.qpns[0], MAC_1, port=1)
    assert b0.to(to(MAC_1)) == [0]


@b0_card
def test_b0_entries_read_as_zeros_at_first_and_as_written_then(b0):
    assert b0.groups.read(5) == bytes(1024)
    entry = bytearray(i * 3 & 0xff for i in range(1024))
    put(entry, CX.MCG_MEMBERS, 3)
    b0.groups.write(5, entry)
    assert b0.groups.read(5) == entry
    b0.groups.write(5, bytes(1024))
    assert b0.groups.read(5) == bytes(1024)


@b0_card
def test_b0_hash_stays_in_its_half(b0):
    for i in range(64):
        assert b0.groups.hash(Groups.key(bytes([1, 2, 3, 4, 5, i]))) < 8


@b0_card
def test_b0_refusals(b0):
    card = b0.card
    assert card.status("READ_MCG", 64) == "BAD_INDEX"
    assert card.status("WRITE_MCG", 1 << 31, data=bytes(64)) == "BAD_INDEX"
    assert card.status("WRITE_MCG", 0, 2, data=bytes(64)) == "BAD_OP"
    many = make(1024, {CX.MCG_MEMBERS: 249})
    assert card.status("WRITE_MCG", 0, data=many) == "EXCEED_LIM"
    assert card.status("WRITE_MCG", 1 << 16, 1, data=many) == "EXCEED_LIM"
    assert card.status("WRITE_MCG", 9 << 16, 1, data=bytes(64)) == \
        "BAD_INDEX"


@b0_card
def test_b0_a_chain_that_is_a_loop(b0):
    key = Groups.key(GROUP)
    slot = b0.groups.hash(key)
    entry = make(1024, {CX.MCG_MEMBERS: 1, CX.MCG_NEXT_INDEX: 20})
    b0.groups.write(slot, entry)
    put(entry, CX.MCG_NEXT_INDEX, slot)
    b0.groups.write(20, entry)
    assert b0.to(to(GROUP)) == []


@b0_card
def test_b0_looped_multicast_and_the_block_bit(b0):
    b0.groups.attach(b0.qpns[0], GROUP, block=1)
    b0.groups.attach(b0.qpns[1], GROUP)
    b0.nic.send(to(GROUP), fields={CX.SEND_FORCE_LOOPBACK: 1})
    assert b0.pairs[1].receive_cq.take()
    assert not b0.pairs[0].receive_cq.poll()
    b0.sent = b0.total()
    assert b0.to(to(GROUP)) == [0, 1]


# --- device-managed ---

@pytest.fixture
def rules(card):
    return Switch(card, "dmfs", count=4)


managed = on(CONNECTX_3)


@managed
def test_rules_by_address(rules):
    attach(rules.card, rules.qpns[0], ethernet(MAC_1))
    group = attach(rules.card, rules.qpns[1], ethernet(GROUP))
    assert rules.to(to(MAC_1)) == [0]
    assert rules.to(to(GROUP)) == [1]
    assert rules.to(to(OTHER)) == []
    detach(rules.card, group)
    assert rules.to(to(GROUP)) == []


@managed
def test_rules_groups_have_many_members(rules):
    for qpn in rules.qpns[:3]:
        attach(rules.card, qpn, ethernet(GROUP))
    assert rules.to(to(GROUP)) == [0, 1, 2]


@managed
@pytest.mark.parametrize("lifo,winner", [(0, 0), (1, 2)])
def test_rules_of_one_priority(rules, lifo, winner):
    for qpn in rules.qpns[:3]:
        attach(rules.card, qpn, ethernet(MAC_1), lifo=lifo)
    assert rules.to(to(MAC_1)) == [winner]


@managed
def test_rules_smaller_priority_wins(rules):
    attach(rules.card, rules.qpns[0], ethernet(MAC_1))
    attach(rules.card, rules.qpns[2], ethernet(MAC_1),
           priority=PRIORITY_RULE | 9)
    first = attach(rules.card, rules.qpns[1], ethernet(MAC_1),
                   priority=PRIORITY_RULE | 1)
    assert rules.to(to(MAC_1)) == [1]
    detach(rules.card, first)
    assert rules.to(to(MAC_1)) == [2]


UDP_FRAME = frames.udp4(mac=MAC_1, sport=1111, dport=2222)
SPECS = [
    ([ethernet(MAC_1), ipv4("192.0.2.1", "192.0.2.2"),
      l4("TCP", 40000, 443)], frames.tcp4(mac=MAC_1), True),
    ([ethernet(MAC_1), ipv4(), l4("TCP", dport=443)],
     frames.tcp4(mac=MAC_1), True),
    ([ethernet(MAC_1), ipv4(), l4("TCP", dport=444)],
     frames.tcp4(mac=MAC_1), False),
    ([ethernet(MAC_1), ipv4(), l4("TCP", sport=40001)],
     frames.tcp4(mac=MAC_1), False),
    ([ethernet(MAC_1), ipv4(), l4("UDP", 1111, 2222)], UDP_FRAME, True),
    ([ethernet(MAC_1), ipv4(), l4("TCP", 1111, 2222)], UDP_FRAME, False),
    ([ethernet(MAC_1), ipv4(src="192.0.2.1")], UDP_FRAME, True),
    ([ethernet(MAC_1), ipv4(src="192.0.2.9")], UDP_FRAME, False),
    ([ethernet(MAC_1), ipv4(dst="192.0.2.2")], UDP_FRAME, True),
    ([ethernet(MAC_1), ipv4()], frames.tcp6(), False),
    ([ethernet(), ipv4()], UDP_FRAME, True),
    ([ethernet(ethertype=frames.ARP)],
     frames.ethernet(bytes(46), frames.ARP), True),
    ([ethernet(ethertype=frames.ARP)], UDP_FRAME, False),
    ([ethernet(MAC_1, vlan=100)], to(MAC_1, ((CVLAN, 0x6064),)), True),
    ([ethernet(MAC_1, vlan=101)], to(MAC_1, ((CVLAN, 0x6064),)), False),
    ([ethernet(MAC_1, vlan=0)], to(MAC_1), False),
    ([ethernet(MAC_1)], to(MAC_1, ((CVLAN, 0x6064),)), True),
    ([ethernet(MAC_1), ipv4(), l4("UDP", 1111)], frames.ethernet(
        frames.ipv4(frames.address("192.0.2.1"), frames.address("192.0.2.2"),
                    frames.UDP, UDP_FRAME[34:], fragment=0x2000),
        frames.IPV4, MAC_1), False),
]


@managed
@pytest.mark.parametrize("specs,frame,matches", SPECS)
def test_rule_specifications(rules, specs, frame, matches):
    attach(rules.card, rules.qpns[1], *specs, priority=PRIORITY_RULE)
    attach(rules.card, rules.qpns[0], kind=CX.RULE_ALL_DEFAULT, priority=0)
    assert rules.to(frame) == [1 if matches else 0]


@managed
def test_rule_defaults(rules):
    card, qpns = rules.card, rules.qpns
    attach(card, qpns[0], ethernet(MAC_1))
    attach(card, qpns[0], ethernet(GROUP))
    everything = attach(card, qpns[1], kind=CX.RULE_ALL_DEFAULT, priority=0)
    multicast = attach(card, qpns[2], kind=CX.RULE_MULTICAST_DEFAULT,
                       priority=0)
    assert rules.to(to(MAC_1)) == [0]
    assert rules.to(to(OTHER)) == [1]
    assert rules.to(to(GROUP)) == [0]
    assert rules.to(to(ALL_ROUTERS)) == [2]
    detach(card, multicast)
    assert rules.to(to(ALL_ROUTERS)) == [1]
    detach(card, everything)
    assert rules.to(to(OTHER)) == [] and rules.to(to(ALL_ROUTERS)) == []


@managed
def test_rules_have_a_port(rules):
    attach(rules.card, rules.qpns[0], ethernet(MAC_1), port=2)
    assert rules.to(to(MAC_1)) == []


@managed
def test_rule_to_a_queue_pair_in_reset_drops(rules):
    attach(rules.card, 0x7ff, ethernet(MAC_1), priority=PRIORITY_RULE)
    attach(rules.card, rules.qpns[0], ethernet(MAC_1))
    assert rules.to(to(MAC_1)) == []


@managed
@pytest.mark.parametrize("specs,options", [
    ([], {"port": 0}), ([], {"port": 3}),
    ([], {"kind": CX.RULE_MIRROR_RX}), ([], {"kind": 99}),
    ([b"\0\0\0\0"], {}), ([b"\x0c\0\xe0\1"], {}),
    ([make(48, {CX.RULE_SPEC_DWORDS: 12, CX.RULE_SPEC_ID: 0xe003})], {}),
    ([make(48, {CX.RULE_SPEC_DWORDS: 12, CX.RULE_SPEC_ID: 0x1234})], {}),
    ([make(48, {CX.RULE_SPEC_DWORDS: 11,
                CX.RULE_SPEC_ID: CX.RULE_SPEC_ETHERNET})], {}),
    ([make(48, {CX.RULE_SPEC_DWORDS: 12,
                CX.RULE_SPEC_ID: CX.RULE_SPEC_ETHERNET,
                CX.RULE_ETHERNET_DMAC_MASK: 0xff})], {}),
    ([make(48, {CX.RULE_SPEC_DWORDS: 12,
                CX.RULE_SPEC_ID: CX.RULE_SPEC_ETHERNET,
                CX.RULE_ETHERNET_SMAC_MASK: 2 ** 48 - 1})], {})])
def test_rules_refused(rules, specs, options):
    assert attach_status(rules.card, 0x100, *specs, **options) == "BAD_PARAM"


@managed
@pytest.mark.parametrize("dwords", [0, 3, 1025, 0xffffffff])
def test_rule_lengths_refused(rules, dwords):
    assert rules.card.status("FLOW_STEERING_ATTACH", dwords,
                             data=steering.control(0x100)) == "BAD_PARAM"


@managed
def test_rule_ids_are_not_reused_soon(rules):
    first = attach(rules.card, 0x100, ethernet(MAC_1))
    detach(rules.card, first)
    second = attach(rules.card, 0x100, ethernet(MAC_1))
    assert first != second
    for identity in first, 0, 2 ** 64 - 1, second + 1:
        assert rules.card.status("FLOW_STEERING_DETACH", imm=identity) == \
            "BAD_INDEX"
    detach(rules.card, second)


@managed
def test_rule_table_has_a_size(rules):
    """INIT_HCA said 2^10."""
    for i in range(1024):
        attach(rules.card, 0x100, ethernet(bytes([2, 0, 0, 0, i >> 8,
                                                  i & 0xff])))
    assert attach_status(rules.card, 0x100, ethernet(MAC_1)) == "EXCEED_LIM"


@managed
def test_rules_survive_the_port_being_closed(rules):
    attach(rules.card, rules.qpns[0], ethernet(MAC_1))
    rules.card.run("CLOSE_PORT", 1)
    rules.card.open_port(1)
    assert rules.to(to(MAC_1)) == [0]


@managed
@pytest.mark.parametrize("allowed", [0, 1])
def test_rules_and_loopback(rules, allowed):
    attach(rules.card, rules.qpns[1], ethernet(MAC_1), loopback=allowed)
    rules.nic.send(to(MAC_1), fields={CX.SEND_FORCE_LOOPBACK: 1})
    rules.nic.tx_cq.take()
    assert len(rules.pairs[1].receive_cq.poll()) == allowed


def test_rules_where_there_are_none(card):
    card.bring_up()
    assert attach_status(card, 0x100, ethernet(MAC_1)) == "BAD_SYS_STATE"
    assert card.status("FLOW_STEERING_DETACH", imm=1) == "BAD_SYS_STATE"


@managed
def test_source_check_keeps_own_multicast_away(card):
    """Same counter index, the bit set: what loops does not come back."""
    switch = Switch(card, "dmfs", path={CX.PATH_MULTICAST_SOURCE_CHECK: 1,
                                        CX.PATH_COUNTER_INDEX: 3})
    other = switch.nic.queue_pair(path={CX.PATH_COUNTER_INDEX: 4})
    attach(card, switch.qpns[0], ethernet(GROUP))
    attach(card, switch.qpns[1], ethernet(GROUP))
    switch.nic.send(to(GROUP), fields={CX.SEND_FORCE_LOOPBACK: 1})
    assert switch.pairs[1].receive_cq.take()
    assert not switch.pairs[0].receive_cq.poll()
    other.send(to(GROUP), switch.nic.lkey,
               fields={CX.SEND_FORCE_LOOPBACK: 1})
    assert switch.pairs[0].receive_cq.take()


# --- VXLAN ---

def vxlan(vni, inner, dport=4789):
    return frames.udp4(b"\x08\0\0\0" + vni.to_bytes(3, "big") + b"\0" + inner,
                       mac=MAC_1, dport=dport)


@on(CONNECTX_3_PRO)
def test_rules_look_into_vxlan(rules):
    card = rules.card
    card.run("CONFIG_DEV", op_mod=0, data=make(256, {
        CX.CONFIG_DEV_UPDATE_VXLAN_PORT: 1, CX.CONFIG_DEV_VXLAN_PORT: 4789}))
    card.run("SET_PORT", CX.SET_PORT_VXLAN << 8 | 1, 1, make(64, {
        CX.PORT_VXLAN_VALID_ENABLE: 1, CX.PORT_VXLAN_ENABLE: 1,
        CX.PORT_VXLAN_VALID_STEERING: 1, CX.PORT_VXLAN_STEERING: 1}))
    any_vni = make(16, {CX.RULE_SPEC_DWORDS: 4,
                        CX.RULE_SPEC_ID: CX.RULE_SPEC_VXLAN})
    one_vni = make(16, {CX.RULE_SPEC_DWORDS: 4,
                        CX.RULE_SPEC_ID: CX.RULE_SPEC_VXLAN,
                        CX.RULE_VXLAN_VNI: 77,
                        CX.RULE_VXLAN_VNI_MASK: 0xffffff})
    attach(card, rules.qpns[0], ethernet(MAC_1))
    attach(card, rules.qpns[1], ethernet(MAC_1), any_vni, ethernet(),
           priority=0x4000)
    attach(card, rules.qpns[2], ethernet(MAC_1), one_vni, ethernet(OTHER),
           priority=PRIORITY_RULE)
    inner = frames.tcp4(mac=OTHER)
    assert rules.to(vxlan(77, inner)) == [2]
    assert rules.to(vxlan(78, inner)) == [1]
    assert rules.to(vxlan(77, frames.tcp4(mac=MAC_1))) == [1]
    assert rules.to(vxlan(77, inner, dport=4790)) == [0]
    assert rules.to(to(MAC_1)) == [0]
