# SPDX-License-Identifier: GPL-2.0-only
"""Ports: link and its events, settings, counters, modules, management."""

import struct

import pytest

import frames
from adapters import (CONNECTX, CONNECTX_2, CONNECTX_3, CONNECTX_3_PRO, MAC_1,
                      MAC_2, Wire)
from connectx import EventQueue, Nic, lso_segment, pointer, wqe
from fixtures import card, nic, on
from frames import CVLAN
from layout import CX, get, hexbytes, make, put


# --- link ---

@pytest.fixture
def events(card):
    card.bring_up()
    queue = EventQueue(card)
    queue.map_events()
    return queue


PORT_1_UP = """
    0000: 00 09 00 04  00 00 00 00  00 00 00 00  10 00 00 00
    0010: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00"""
PORT_2_DOWN = """
    0000: 00 09 00 01  00 00 00 00  00 00 00 00  20 00 00 00
    0010: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00"""


def test_event_example_up(events):
    card = events.card
    assert not card.link_up(1)
    card.run("INIT_PORT", 1)
    events.raised()
    assert events.take()[0] == hexbytes(PORT_1_UP)
    assert card.link_up(1) and not card.link_up(2)


def test_event_example_down(events):
    card = events.card
    card.run("INIT_PORT", 2)
    events.take()
    card.run("CLOSE_PORT", 2)
    assert events.take()[0] == hexbytes(PORT_2_DOWN)
    assert not card.link_up(2)


def test_opening_twice_is_one_event(events):
    card = events.card
    card.run("INIT_PORT", 1)
    events.take()
    card.run("INIT_PORT", 1)
    card.nop()
    assert not events.poll() and card.link_up(1)
    card.run("CLOSE_PORT", 1)
    card.run("CLOSE_PORT", 1)
    assert len(events.take()) == 1 and not events.poll()


def test_the_other_end_goes_and_comes(card):
    """The link follows who is at the other end of the wire."""
    nic = Nic(card)
    nic.events.poll()
    wires = card.adapter.wires
    wires[0].close()
    down = nic.events.take()[0]
    assert get(down, CX.EQE_SUBTYPE) == CX.PORT_CHANGE_DOWN
    assert get(down, CX.EQE_PORT) == 1
    assert not card.link_up(1)
    wires[0] = nic.wire = Wire(card.adapter.ports[0])
    up = nic.events.take()[0]
    assert get(up, CX.EQE_SUBTYPE) == CX.PORT_CHANGE_UP
    assert card.link_up(1)
    assert nic.sent(frames.raw(60))[0] == frames.raw(60)


def test_ports_that_are_not_there(card):
    card.bring_up()
    for port in 0, 3, 255, 0xffffffff:
        for name in "INIT_PORT", "CLOSE_PORT", "QUERY_PORT", "SENSE_PORT":
            assert card.status(name, port) == "BAD_INDEX"
        assert card.status("SET_VLAN_FLTR", port, data=bytes(512)) == \
            "BAD_INDEX"
        assert card.status("SET_PORT", port, 1, data=bytes(64)) == \
            "BAD_INDEX"
    assert card.status("DUMP_ETH_STATS", 3) == "BAD_INDEX"


SPEEDS = [(25448, CX.PORT_SPEED_10G_XFI), (26448, CX.PORT_SPEED_10G_XFI),
          (26478, CX.PORT_SPEED_40G), (4099, CX.PORT_SPEED_40G),
          (4103, CX.PORT_SPEED_40G)]


@pytest.mark.parametrize("card,code", SPEEDS, indirect=["card"])
def test_speed(card, code):
    card.bring_up()
    card.open_port(1)
    assert get(card.port_info(1), CX.QUERY_PORT_SPEED) == code


@pytest.mark.parametrize("card,kind", [
    (25448, CX.TRANSCEIVER_FIBRE), (25458, CX.TRANSCEIVER_TWISTED_PAIR)],
    indirect=["card"])
def test_transceiver(card, kind):
    assert get(card.port_info(1), CX.QUERY_PORT_TRANSCEIVER_TYPE) == kind


# --- SET_PORT ---

def general(card, fields, port=1):
    return card.status("SET_PORT", port, CX.SET_PORT_ETHERNET,
                       make(64, fields))


@pytest.mark.parametrize("mtu,status", [
    (1526, "OK"), (64, "OK"), (63, "BAD_PARAM"), (9626, "OK"),
    (0xffff, "BAD_PARAM"), (0, "BAD_PARAM")])
def test_frame_limit(card, mtu, status):
    card.bring_up()
    assert general(card, {CX.PORT_GENERAL_VALID_MTU: 1,
                          CX.PORT_GENERAL_MTU: mtu}) == status


def test_each_valid_bit_stands_for_itself(nic):
    """Pause alone must not take the MTU of 0 that stands beside it."""
    assert general(nic.card, {CX.PORT_GENERAL_VALID_PAUSE_TX: 1,
                              CX.PORT_GENERAL_VALID_PAUSE_RX: 1,
                              CX.PORT_GENERAL_PAUSE_TX: 1}) == "OK"
    assert general(nic.card, {CX.PORT_GENERAL_VALID_USER_MTU: 1,
                              CX.PORT_GENERAL_USER_MTU: 1500}) == "OK"
    nic.wire.send(frames.raw(1500))
    assert nic.receive()[1] == frames.raw(1500)


@pytest.mark.parametrize("table,data,status", [
    (CX.SET_PORT_PRIO2TC, b"\x01\x23\x45\x67", "OK"),
    (CX.SET_PORT_PRIO2TC, b"\x01\x23\x45\x68", "BAD_PARAM"),
    (CX.SET_PORT_SCHEDULER, struct.pack(">4H", 7, 13, 4, 255) * 8, "OK"),
    (CX.SET_PORT_SCHEDULER, struct.pack(">4H", 8, 13, 4, 255) * 8,
     "BAD_PARAM"),
    (CX.SET_PORT_SCHEDULER, struct.pack(">4H", 7, 101, 4, 255) * 8,
     "BAD_PARAM"),
    (CX.SET_PORT_SCHEDULER, struct.pack(">4H", 7, 10, 2, 255) * 8,
     "BAD_PARAM"),
    (CX.SET_PORT_VXLAN, bytes(8), "BAD_PARAM"),
    (CX.SET_PORT_GID_TABLE, bytes(8), "BAD_PARAM"), (0xff, b"", "BAD_PARAM")])
def test_tables(card, table, data, status):
    card.bring_up()
    assert card.status("SET_PORT", table << 8 | 1, 1, data) == status


@pytest.mark.parametrize("card,status", [(CONNECTX, "BAD_OP"),
                                         (CONNECTX_3, "OK")],
                         indirect=["card"])
def test_beacon(card, status):
    card.bring_up()
    assert card.status("SET_PORT", 1, CX.SET_PORT_BEACON,
                       make(8, {CX.PORT_BEACON_DURATION: 65535})) == status


def test_set_port_of_infiniband(card):
    card.bring_up()
    assert card.status("SET_PORT", 1, CX.SET_PORT_INFINIBAND,
                       bytes(64)) == "BAD_OP"


# --- counters ---

def row_of(length):
    """The size row of a frame of @length bytes without FCS."""
    wire = max(60, length) + 4
    for name, limit in (("64", 64), ("127", 127), ("255", 255), ("511", 511),
                        ("1023", 1023), ("1518", 1518), ("1522", 1522),
                        ("1548", 1548)):
        if wire <= limit:
            return getattr(CX, "ETH_STATS_" + name)
    return CX.ETH_STATS_TO_MTU


def expected_counters(sent, direction):
    """All counters of a direction by offset, from a list of frames."""
    offset = getattr(CX, f"ETH_STATS_{direction}_OFFSET")
    octets = getattr(CX, f"ETH_STATS_{direction}_OCTETS")
    totals = getattr(CX, f"ETH_STATS_{direction}_TOTALS")
    counters = {}

    def add(at, number=1):
        counters[at] = counters.get(at, 0) + number
    for frame in sent:
        tagged = frame[12:14] in (b"\x81\x00", b"\x88\xa8")
        column = frame[14] >> 5 if tagged else CX.ETH_STATS_UNTAGGED
        length = max(60, len(frame))
        add(offset(row_of(length), column))
        cast = CX.ETH_STATS_BROADCAST if frame[:6] == frames.BROADCAST else \
            CX.ETH_STATS_MULTICAST if frame[0] & 1 else CX.ETH_STATS_UNICAST
        add(offset(cast, column))
        triple = CX.ETH_STATS_TRIPLE
        add(triple(octets, column, CX.ETH_STATS_OCTETS_FRAMED), length + 24)
        add(triple(octets, column, CX.ETH_STATS_OCTETS_UNFRAMED), length)
        add(triple(octets, column, CX.ETH_STATS_OCTETS), length + 4)
        add(triple(totals, column, CX.ETH_STATS_FRAMES))
        if tagged:
            add(triple(totals, column, CX.ETH_STATS_TAGGED))
    return counters


MIX = [frames.raw(n) for n in (14, 60, 61, 123, 124, 251, 252, 507, 508, 1019,
                               1020, 1514)] + \
    [frames.tcp4(b"m" * 400, mac=frames.BROADCAST),
     frames.tcp4(b"m" * 40, mac=b"\x01\x00\x5e\x00\x00\x01")] + \
    [frames.tcp4(b"v" * n, tags=((CVLAN, p << 13 | 5),))
     for p, n in enumerate((10, 100, 500, 1000, 1460, 0, 46, 47))]


def nonzero(data, first, last):
    return {at: struct.unpack_from(">Q", data, at)[0]
            for at in range(first, last, 8)
            if struct.unpack_from(">Q", data, at)[0]}


def test_receive_counters_are_exact(card):
    nic = Nic(card, buffers=0, log_rq=5)
    nic.qp.post_buffers(32, nic.lkey)
    nic.statistics(reset=True)
    nic.wire.send(*MIX)
    nic.receive(len(MIX))
    data = nic.statistics()
    assert nonzero(data, 0, CX.ETH_STATS_RX_SINGLES) == \
        expected_counters(MIX, "RX")
    assert get(data, CX.ETH_STATS_RX_GOOD_FRAMES) == len(MIX)
    assert nonzero(data, CX.ETH_STATS_TX, CX.ETH_STATS_SINGLES) == {}


def test_transmit_counters_are_exact(card):
    nic = Nic(card, log_sq=5)
    nic.statistics(reset=True)
    for frame in MIX:
        nic.send(frame)
    nic.wire.recv_many(len(MIX))
    nic.tx_cq.take(len(MIX))
    data = nic.statistics(reset=True)
    assert nonzero(data, CX.ETH_STATS_TX, CX.ETH_STATS_SINGLES) == \
        expected_counters(MIX, "TX")
    assert nonzero(data, 0, CX.ETH_STATS_RX_SINGLES) == {}
    assert not any(nic.statistics())


def test_lso_counts_its_segments(nic):
    header = frames.tcp4(b"")
    payload = bytes(3001)
    address = nic.card.alloc(3001)
    nic.statistics(reset=True)
    nic.qp.post(wqe([lso_segment(1000, header),
                     pointer(address, 3001, nic.lkey)], CX.SEND_OP_LSO))
    nic.qp.doorbell()
    nic.wire.recv_many(4)
    nic.tx_cq.take()
    assert nonzero(nic.statistics(), CX.ETH_STATS_TX, CX.ETH_STATS_SINGLES) \
        == expected_counters(frames.tcp_segments(header, payload, 1000), "TX")


def test_loopback_has_a_column_of_its_own(nic):
    nic.statistics(reset=True)
    nic.send(frames.raw(100), fields={CX.SEND_FORCE_LOOPBACK: 1})
    nic.receive()
    counters = nonzero(nic.statistics(), CX.ETH_STATS_TX,
                       CX.ETH_STATS_SINGLES)
    assert counters[CX.ETH_STATS_TX_OFFSET(CX.ETH_STATS_127,
                                           CX.ETH_STATS_LOOPBACK)] == 1
    assert CX.ETH_STATS_TX_OFFSET(CX.ETH_STATS_127,
                                  CX.ETH_STATS_UNTAGGED) not in counters


@pytest.mark.parametrize("ethertype,field", [
    (46, None), (100, CX.ETH_STATS_RX_IN_RANGE_LENGTH),
    (186, None), (1501, CX.ETH_STATS_RX_OUT_RANGE_LENGTH),
    (1535, CX.ETH_STATS_RX_OUT_RANGE_LENGTH), (1536, None)])
def test_length_field_errors(nic, ethertype, field):
    """A frame of 200 bytes: a length of 186 is right. 46 stands for the
    minimum, which says nothing."""
    length = 60 if ethertype == 46 else 200
    nic.wire.send(frames.raw(length, ethertype=ethertype))
    nic.receive()
    data = nic.statistics()
    for each in (CX.ETH_STATS_RX_IN_RANGE_LENGTH,
                 CX.ETH_STATS_RX_OUT_RANGE_LENGTH):
        assert get(data, each) == (each == field)


@on(CONNECTX_2)
def test_interface_counters(card):
    nic = Nic(card, path={CX.PATH_COUNTER_INDEX: 5})
    nic.sent(frames.raw(100))
    nic.wire.send(frames.raw(200))
    nic.receive()
    read = [get(card.run("QUERY_IF_STAT", 5).data, field) for field in (
        CX.IF_STAT_RX_FRAMES, CX.IF_STAT_RX_BYTES, CX.IF_STAT_TX_FRAMES,
        CX.IF_STAT_TX_BYTES)]
    assert read == [1, 200, 1, 100]
    card.run("QUERY_IF_STAT", 5 | CX.IF_STAT_RESET)
    assert get(card.run("QUERY_IF_STAT", 5).data, CX.IF_STAT_TX_FRAMES) == 0
    assert card.status("QUERY_IF_STAT", 128) == "BAD_INDEX"


@on(CONNECTX_3)
def test_flow_control_counters(card):
    card.bring_up()
    data = card.run("DUMP_ETH_STATS", 1 | CX.ETH_STATS_FLOW_CONTROL).data
    assert data[:CX.FLOW_STATS_SIZE] == bytes(CX.FLOW_STATS_SIZE)


@on(CONNECTX)
def test_flow_control_counters_where_not_advertised(card):
    assert card.status("DUMP_ETH_STATS", 1 | CX.ETH_STATS_FLOW_CONTROL) == \
        "BAD_PARAM"


# --- PTYS ---

def ptys(card, method, fields=None, port=1, register=None):
    """(register status, PTYS)"""
    data = make(256, {
        CX.ACCESS_REG_CONSTANT: CX.ACCESS_REG_CONSTANT_VALUE,
        CX.ACCESS_REG_REGISTER: CX.REGISTER_PTYS if register is None
        else register, CX.ACCESS_REG_METHOD: method,
        CX.ACCESS_REG_CONSTANT_2: CX.ACCESS_REG_CONSTANT_2_VALUE,
        CX.ACCESS_REG_LENGTH: CX.ACCESS_REG_LENGTH_OF(CX.PTYS_SIZE)})
    for field, value in {CX.PTYS_PORT: port,
                         CX.PTYS_PROTOCOL: CX.PTYS_ETHERNET,
                         **(fields or {})}.items():
        put(data, field, value, CX.ACCESS_REG_DATA)
    out = card.run("ACCESS_REG", data=data).data
    return get(out, CX.ACCESS_REG_STATUS), \
        out[CX.ACCESS_REG_DATA:CX.ACCESS_REG_DATA + CX.PTYS_SIZE]


@on(CONNECTX_3)
def test_ptys_query(card):
    card.bring_up()
    status, register = ptys(card, CX.ACCESS_REG_QUERY)
    capable = get(register, CX.PTYS_CAPABLE)
    assert status == 0 and capable & CX.LINK_MODE_40GBASE_SR4
    assert get(register, CX.PTYS_OPERATIONAL) == 0
    card.open_port(1)
    _, register = ptys(card, CX.ACCESS_REG_QUERY)
    mode = get(register, CX.PTYS_OPERATIONAL)
    assert mode & capable == mode and bin(mode).count("1") == 1


@on(CONNECTX_3)
def test_ptys_write_sets_the_speed(card):
    card.bring_up()
    status, register = ptys(card, CX.ACCESS_REG_WRITE, {
        CX.PTYS_ADMIN: CX.LINK_MODE_10GBASE_SR, CX.PTYS_AUTONEG_DISABLED: 1})
    assert status == 0
    assert get(register, CX.PTYS_ADMIN) == CX.LINK_MODE_10GBASE_SR
    assert get(register, CX.PTYS_AUTONEG_DISABLED) == 1
    card.open_port(1)
    assert get(card.port_info(1), CX.QUERY_PORT_SPEED) == \
        CX.PORT_SPEED_10G_XFI


@on(CONNECTX_3)
@pytest.mark.parametrize("method,fields,options,status", [
    (CX.ACCESS_REG_WRITE, {CX.PTYS_ADMIN: 0}, {},
     CX.ACCESS_REG_BAD_PARAMETER),
    (CX.ACCESS_REG_WRITE, {CX.PTYS_ADMIN: CX.LINK_MODE_100BASE_TX}, {},
     CX.ACCESS_REG_BAD_PARAMETER),
    (CX.ACCESS_REG_QUERY, {}, {"port": 3}, CX.ACCESS_REG_BAD_PARAMETER),
    (CX.ACCESS_REG_QUERY, {CX.PTYS_PROTOCOL: CX.PTYS_INFINIBAND}, {},
     CX.ACCESS_REG_BAD_PARAMETER),
    (3, {}, {}, CX.ACCESS_REG_METHOD_UNSUPPORTED),
    (CX.ACCESS_REG_QUERY, {}, {"register": 0x5003},
     CX.ACCESS_REG_UNKNOWN_REGISTER)])
def test_access_reg_refuses(card, method, fields, options, status):
    card.bring_up()
    assert ptys(card, method, fields, **options)[0] == status


# --- MAD_IFC ---

def mad(card, fields, port=1, method=CX.MAD_METHOD_GET):
    """(status, the answer)"""
    data = make(CX.MAD_SIZE, {CX.MAD_BASE_VERSION: 1, CX.MAD_CLASS: 1,
                              CX.MAD_CLASS_VERSION: 1, CX.MAD_METHOD: method,
                              CX.MAD_TRANSACTION: 0x0123456789abcdef,
                              **fields})
    out = card.run("MAD_IFC", port, 3, data).data
    assert get(out, CX.MAD_METHOD) == CX.MAD_METHOD_RESPONSE
    assert get(out, CX.MAD_TRANSACTION) == 0x0123456789abcdef
    return get(out, CX.MAD_STATUS), out


def cable(card, address, size, i2c=CX.MAD_CABLE_I2C, page=0, port=1):
    status, out = mad(card, {
        CX.MAD_ATTRIBUTE: CX.MAD_ATTRIBUTE_CABLE_INFO,
        CX.MAD_CABLE_I2C_ADDRESS: i2c, CX.MAD_CABLE_PAGE: page,
        CX.MAD_CABLE_ADDRESS: address, CX.MAD_CABLE_SIZE: size}, port)
    return status >> CX.MAD_CABLE_STATUS_SHIFT, \
        out[CX.MAD_CABLE_DATA:CX.MAD_CABLE_DATA + size]


def whole(card, start, length, **options):
    data = b""
    while len(data) < length:
        status, part = cable(card, start + len(data),
                             min(48, length - len(data)), **options)
        assert not status
        data += part
    return data


def test_port_info(card):
    status, out = mad(card, {CX.MAD_ATTRIBUTE: CX.MAD_ATTRIBUTE_PORT_INFO,
                             CX.MAD_ATTRIBUTE_MODIFIER: 1})
    assert status == 0 and get(out, CX.MAD_PORT_INFO_CAPABILITIES) == 0


def test_sfp_module(card):
    """SFF-8472: identifier, checksums, vendor, diagnostics on 0x51."""
    data = whole(card, 0, 128)
    assert data[0] == 0x03
    assert data[63] == sum(data[:63]) & 0xff
    assert data[95] == sum(data[64:95]) & 0xff
    assert data[20:36].strip() == b"VIRTUAL"
    diagnostics = whole(card, 0, 128, i2c=CX.MAD_CABLE_I2C_DIAGNOSTICS)
    assert diagnostics[95] == sum(diagnostics[:95]) & 0xff
    low_alarm, temperature = struct.unpack_from(">h", diagnostics, 2)[0], \
        struct.unpack_from(">h", diagnostics, 96)[0]
    assert low_alarm < temperature < struct.unpack_from(
        ">h", diagnostics, 0)[0]


@on(CONNECTX_3)
def test_qsfp_module(card):
    lower = whole(card, 0, 128)
    upper = whole(card, 128, 128)
    assert lower[0] == upper[0] == 0x0d
    assert upper[63] == sum(upper[:63]) & 0xff
    assert upper[95] == sum(upper[64:95]) & 0xff
    limits = whole(card, 128, 128, page=3)
    assert any(limits)


@pytest.mark.parametrize("options,error", [
    ({"address": 0, "size": 49}, CX.MAD_CABLE_BAD_RANGE),
    ({"address": 0, "size": 0}, CX.MAD_CABLE_BAD_RANGE),
    ({"address": 250, "size": 7}, CX.MAD_CABLE_BAD_RANGE),
    ({"address": 256, "size": 1}, CX.MAD_CABLE_BAD_RANGE),
    ({"address": 0xffff, "size": 48}, CX.MAD_CABLE_BAD_RANGE),
    ({"address": 0, "size": 1, "i2c": 0x20}, CX.MAD_CABLE_BAD_I2C),
    ({"address": 0, "size": 1, "page": 16}, CX.MAD_CABLE_BAD_PAGE)])
def test_module_refuses(card, options, error):
    assert cable(card, **options)[0] == error


@on(25458)
def test_module_of_twisted_pair(card):
    assert cable(card, 0, 1)[0] == CX.MAD_CABLE_UNSUPPORTED


def test_mad_refuses(card):
    assert mad(card, {CX.MAD_ATTRIBUTE: 0x0015}, method=2)[0] == \
        CX.MAD_STATUS_METHOD
    assert mad(card, {CX.MAD_ATTRIBUTE: 0x1234})[0] == \
        CX.MAD_STATUS_ATTRIBUTE
    assert card.status("MAD_IFC", 3, 3, bytes(256)) == "BAD_INDEX"


# --- MOD_STAT_CFG ---

def test_page_size_request_of_the_probe(card):
    assert card.status("MOD_STAT_CFG", 0, 0, make(
        256, {CX.MOD_STAT_CFG_LOG_PAGE_MODIFY: 1})) == "OK"


def test_physical_port_id(card):
    seen = set()
    for port in 1, 2:
        data = card.run("MOD_STAT_CFG", port << 8, 2).data
        seen.add((get(data, CX.MOD_STAT_CFG_GUID_HIGH),
                  get(data, CX.MOD_STAT_CFG_GUID_LOW)))
    assert len(seen) == 2 and (0, 0) not in seen


def immediate(card, op_mod, in_mod, value=0):
    card.command("MOD_STAT_CFG", in_mod, op_mod, imm=value, out=False)
    return card.immediate_out()


@on(CONNECTX_3)
def test_wake_on_lan(card):
    where = CX.MOD_STAT_CFG_MODE_WOL << CX.MOD_STAT_CFG_MODE_SHIFT | 1 << 8
    assert immediate(card, 3, where) == 0
    immediate(card, 1, where, 7 << 61)
    assert immediate(card, 3, where) == 3 << 61
    immediate(card, 1, where, 0)  # no modify bit
    assert immediate(card, 3, where) == 3 << 61
    card.chip_reset()
    assert immediate(card, 3, where) == 3 << 61
    immediate(card, 1, where, 1 << 63)
    assert immediate(card, 3, where) == 0


@on(CONNECTX)
def test_wake_on_lan_where_there_is_none(card):
    where = CX.MOD_STAT_CFG_MODE_WOL << CX.MOD_STAT_CFG_MODE_SHIFT | 1 << 8
    assert card.status("MOD_STAT_CFG", where, 3, out=False) == "BAD_PARAM"


def test_burnt_mac_can_be_changed_and_put_back(card):
    where = CX.MOD_STAT_CFG_MAC | 2 << 8
    assert immediate(card, 3, where) == int.from_bytes(MAC_2, "big")
    immediate(card, 1, where, 1 << 63 | 0x020304050607)
    assert get(card.port_info(2), CX.QUERY_PORT_MAC) == 0x020304050607
    assert card.status("MOD_STAT_CFG", where, 1,
                       imm=1 << 63 | 0x010304050607) == "BAD_PARAM"
    card.run("MOD_STAT_CFG", 0, 0xf)
    assert get(card.port_info(2), CX.QUERY_PORT_MAC) == \
        int.from_bytes(MAC_2, "big")
    assert get(card.port_info(1), CX.QUERY_PORT_MAC) == \
        int.from_bytes(MAC_1, "big")


@pytest.mark.parametrize("op_mod,in_mod,status", [
    (3, 0xff, "BAD_PARAM"), (1, 0x08, "BAD_PARAM"), (5, 0, "BAD_OP")])
def test_mod_stat_cfg_refuses(card, op_mod, in_mod, status):
    assert card.status("MOD_STAT_CFG", in_mod, op_mod, imm=1) == status


# --- CONFIG_DEV and the small ones ---

@on(CONNECTX_3_PRO)
def test_config_dev(card):
    card.bring_up()
    card.run("CONFIG_DEV", 0, CX.CONFIG_DEV_SET, make(256, {
        CX.CONFIG_DEV_UPDATE_VXLAN_PORT: 1, CX.CONFIG_DEV_VXLAN_PORT: 4789}))
    card.run("CONFIG_DEV", 0, CX.CONFIG_DEV_SET, make(256, {
        CX.CONFIG_DEV_VXLAN_PORT: 1, CX.CONFIG_DEV_RX_PORT_CHECK_OFF: 1}))
    data = card.run("CONFIG_DEV", 0, CX.CONFIG_DEV_GET).data
    assert get(data, CX.CONFIG_DEV_VXLAN_PORT) == 4789
    assert get(data, CX.CONFIG_DEV_RX_PORT_CHECK_OFF) == 0
    assert card.status("CONFIG_DEV", 0, 2) == "BAD_OP"


@on(CONNECTX_3)
def test_congestion_parameters_are_kept(card):
    card.bring_up()
    data = make(256, {CX.CONGESTION_PARAMS_MODIFY_HIGH: 0xc0000000,
                      CX.CONGESTION_PARAMS_RPG_GD: 77})
    card.run("CONGESTION_CTRL", 1 | 1 << 8 + 3, CX.CONGESTION_SET, data)
    back = card.run("CONGESTION_CTRL", 1 | 1 << 8 + 3,
                    CX.CONGESTION_GET).data
    assert get(back, CX.CONGESTION_PARAMS_RPG_GD) == 77
    assert get(back, CX.CONGESTION_PARAMS_MODIFY_HIGH) == 0
    other = card.run("CONGESTION_CTRL", 1 | 1 << 8, CX.CONGESTION_GET).data
    assert not any(other)
    for in_mod, status in (1 | 3 << 8, "BAD_PARAM"), (3 | 1 << 8, "BAD_INDEX"), \
            (1 | 1 << 8 | 1 << 16, "BAD_PARAM"):
        assert card.status("CONGESTION_CTRL", in_mod, 0) == status


@on(CONNECTX_3)
def test_virtual_pipes_and_rates(card):
    card.bring_up()
    wanted = struct.pack(">I", 0) + struct.pack(">8I", *[16] * 8)
    card.run("ALLOCATE_VPP", 1, CX.QOS_SET, wanted)
    data = card.run("ALLOCATE_VPP", 1, CX.QOS_QUERY).data
    assert data[4:36] == wanted[4:]
    assert card.status("ALLOCATE_VPP", 1, CX.QOS_SET, struct.pack(
        ">9I", 0, *[17] * 8)) == "EXCEED_LIM"
    entries = bytes(range(256))
    card.run("SET_VPORT_QOS", 1, CX.QOS_SET, bytes(32) + entries)
    back = card.run("SET_VPORT_QOS", 1, CX.QOS_QUERY).data
    assert back[32:288] == entries
    assert card.status("SET_VPORT_QOS", 1 | 1 << 8, 0, bytes(8)) == \
        "BAD_INDEX"


def test_special_queue_pairs(card):
    card.bring_up()
    card.run("CONF_SPECIAL_QP", 64)
    card.run("CONF_SPECIAL_QP", 0)
    assert card.status("CONF_SPECIAL_QP", 65) == "BAD_PARAM"
