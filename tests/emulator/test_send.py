# SPDX-License-Identifier: GPL-2.0-only
"""Send: descriptors as the documents print them, and what comes out."""

import struct
import time

import pytest

import frames
from adapters import CONNECTX_3, MAC_1
from connectx import (MIB, PAGE, CompletionQueue, Nic, QueuePair, inline,
                      inline_split, lso_segment, pointer, wqe)
from fixtures import card, nic, on
from frames import ACK, CVLAN, CWR, FIN, PSH, SVLAN
from layout import CX, get, hexbytes, make, put

CHECKSUMS = {CX.SEND_L4_CHECKSUM: 1, CX.SEND_IP_CHECKSUM: 1}
LKEY = 0x8000  # of the documents' examples: slot 0x80


@pytest.fixture
def example(card):
    """Numbers of the documents' examples: QPN, CQN, slot of the region."""
    card.next_mpt = 0x80
    card.next_qpn = 0x208
    nic = Nic(card, sq_stride=64, log_sq=4)
    assert nic.lkey == LKEY
    return nic


def post_example(nic, text):
    nic.qp.post(hexbytes(text), raw=True)
    nic.qp.doorbell()


def template(payload_length, good=True, **options):
    """Headers of a TCP packet with the time stamps option: 66 bytes, then
    the payload."""
    payload = bytes((i * 7 + i // 251) & 0xff for i in range(payload_length))
    a, b = frames.address("192.0.2.1"), frames.address("192.0.2.2")
    segment = frames.tcp(a, b, payload, options=hexbytes(
        "01 01 08 0a 11 22 33 44 55 66 77 88"), good=good, **options)
    frame = frames.ethernet(frames.ipv4(a, b, frames.TCP, segment),
                            frames.IPV4)
    return frame[:66], payload


# --- byte-exact examples ---

def test_gather_example(example):
    header, payload = template(1448)
    stale = bytearray(header)
    stale[24:26] = b"\0\0"  # IPv4 checksum
    stale[50:52] = b"\xbc\xba"  # a pseudo header sum, as stacks leave it
    example.card.write(0x112345010, bytes(stale))
    example.card.write(0x11a000000, payload)
    post_example(example, """
        0000: 00 00 00 0a  00 00 00 03  00 00 00 3e  00 00 00 00
        0010: 00 00 00 42  00 00 80 00  00 00 00 01  12 34 50 10
        0020: 00 00 05 a8  00 00 80 00  00 00 00 01  1a 00 00 00""")
    assert example.wire.recv() == header + payload
    assert example.tx_cq.take()[0] == hexbytes("""
        0000: 00 00 02 08  00 00 00 00  00 00 00 00  00 00 00 00
        0010: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 4a""")


def test_odd_pass_with_a_tag_example(example):
    header, payload = template(1448)
    example.card.write(0x112345010, header)
    example.card.write(0x11a000000, payload)
    for i in range(16):
        example.qp.post(wqe([], CX.SEND_OP_NOP))
    example.qp.doorbell()
    example.tx_cq.take(16)
    post_example(example, """
        0000: 80 00 00 0a  60 64 40 03  00 00 00 3e  00 00 00 00
        0010: 00 00 00 42  00 00 80 00  00 00 00 01  12 34 50 10
        0020: 00 00 05 a8  00 00 80 00  00 00 00 01  1a 00 00 00""")
    assert example.wire.recv() == frames.insert_tag(header + payload, CVLAN,
                                                    0x6064)
    assert get(example.tx_cq.take()[0], CX.CQE_WQE_INDEX) == 16


ARP_42 = hexbytes("""
    ff ff ff ff  ff ff 00 02  c9 01 02 03
    08 06 00 01  02 03 04 05  06 07 08 09  0a 0b 0c 0d
    0e 0f 10 11  12 13 14 15  16 17 18 19  1a 1b""")


def test_inline_example(example):
    post_example(example, """
        0000: 00 00 00 0a  00 00 00 04  00 00 00 0e  00 00 00 00
        0010: 80 00 00 2a  ff ff ff ff  ff ff 00 02  c9 01 02 03
        0020: 08 06 00 01  02 03 04 05  06 07 08 09  0a 0b 0c 0d
        0030: 0e 0f 10 11  12 13 14 15  16 17 18 19  1a 1b 00 00""")
    assert example.wire.recv() == ARP_42 + bytes(18)


def test_inline_in_two_blocks_example(example):
    post_example(example, """
        0000: 00 00 00 0a  00 00 00 06  00 00 00 0e  00 00 00 00
        0010: 80 00 00 2c  ff ff ff ff  ff ff 00 02  c9 01 02 03
        0020: 08 06 00 01  02 03 04 05  06 07 08 09  0a 0b 0c 0d
        0030: 0e 0f 10 11  12 13 14 15  16 17 18 19  1a 1b 1c 1d
        0040: 80 00 00 10  1e 1f 20 21  22 23 24 25  26 27 28 29
        0050: 2a 2b 2c 2d  00 00 00 00  00 00 00 00  00 00 00 00""")
    assert example.wire.recv() == ARP_42[:14] + bytes(
        [0] + list(range(1, 46)))
    example.qp.post(wqe([], CX.SEND_OP_NOP))
    example.qp.doorbell()
    first, second = example.tx_cq.take(2)
    assert get(first, CX.CQE_WQE_INDEX) == 0
    assert get(second, CX.CQE_WQE_INDEX) == 2


def test_lso_example(example):
    header, _ = template(14480)
    payload = bytes(i * 13 & 0xff for i in range(14480))
    example.card.write(0x11b000000, payload[:4096])
    example.card.write(0x11c000000, payload[4096:])
    example.qp.post(wqe([], CX.SEND_OP_NOP))
    post_example(example, """
        0000: 00 00 00 4e  00 00 00 08  00 00 00 3e  00 00 00 00
        0010: 05 a8 00 42  52 54 00 aa  bb cc 00 02  c9 01 02 03
        0020: 08 00 45 00  38 c4 12 34  40 00 40 06  6b fc c0 00
        0030: 02 01 c0 00  02 02 9c 40  01 bb 01 02  03 04 a0 b0
        0040: c0 d0 80 18  01 f5 bc ba  00 00 01 01  08 0a 11 22
        0050: 33 44 55 66  77 88 00 00  00 00 00 00  00 00 00 00
        0060: 00 00 10 00  00 00 80 00  00 00 00 01  1b 00 00 00
        0070: 00 00 28 90  00 00 80 00  00 00 00 01  1c 00 00 00""")
    sent = example.wire.recv_many(10)
    assert sent == frames.tcp_segments(header, payload, 1448)
    assert sent[0][16:20] == b"\x05\xdc\x12\x34"
    assert sent[0][38:42] == b"\1\2\3\4" and not sent[0][47] & PSH
    assert sent[9][18:20] == b"\x12\x3d" and sent[9][47] & PSH
    assert sent[9][38:42] == b"\x01\x02\x35\xec"
    assert example.tx_cq.take(2)[1] == hexbytes("""
        0000: 00 00 02 08  00 00 00 00  00 00 00 00  00 00 00 00
        0010: 00 00 00 00  00 00 00 00  00 01 00 00  00 00 00 4e""")
    example.qp.post(wqe([], CX.SEND_OP_NOP))
    example.qp.doorbell()
    assert get(example.tx_cq.take()[0], CX.CQE_WQE_INDEX) == 3


def test_doorbell_example(example):
    example.qp.post(wqe([inline(ARP_42)]))
    example.card.uar(0x14, hexbytes("00 02 08 00"))
    assert example.wire.recv()[:42] == ARP_42


# --- gathering ---

@pytest.mark.parametrize("length", [1, 13, 14, 17, 44, 45, 59, 60, 61, 103,
                                    104, 164, 165, 900])
def test_inline_lengths(nic, length):
    data = frames.raw(max(length, 14))[:length]
    nic.qp.post(wqe([inline_split(data)]))
    nic.qp.doorbell()
    nic.tx_cq.take()
    nic.send(b"\xee" * 70)  # what is too short for Ethernet does not leave
    out = nic.wire.recv()
    assert out == (frames.padded(data) if length >= 14 else b"\xee" * 70)


@pytest.mark.parametrize("parts", [[60], [14, 46], [1] * 60, [7, 0, 53],
                                   [66, 1448], [1500, 4096, 3000],
                                   [1000] * 9])
def test_gather_lists(nic, parts):
    data = frames.raw(sum(parts))
    segments, at = [], 0
    for part in parts:
        address = nic.card.alloc(part + 3) + 3
        nic.card.write(address, data[at:at + part])
        segments.append(pointer(address, part, nic.lkey))
        at += part
    nic.qp.post(wqe(segments))
    nic.qp.doorbell()
    assert nic.wire.recv() == data


def test_inline_and_pointer_mixed(nic):
    data = frames.raw(300)
    address = nic.card.alloc(300)
    nic.card.write(address, data)
    nic.qp.post(wqe([inline(data[:20]), pointer(address + 20, 200, nic.lkey),
                     inline(data[220:])]))
    nic.qp.doorbell()
    assert nic.wire.recv() == data


@pytest.mark.parametrize("stride,log_size", [(64, 2), (64, 4), (128, 3),
                                             (256, 2), (32, 5), (16, 6)])
def test_ring_wraps_inside_of_descriptors(card, stride, log_size):
    nic = Nic(card, sq_stride=stride, log_sq=log_size)
    done = 0
    for i in range(40):
        data = frames.raw(60 + 13 * (i % 10), first=i)
        index = nic.qp.post(wqe([inline_split(data)]))
        nic.qp.doorbell()
        assert nic.wire.recv() == data, i
        cqe, = nic.tx_cq.take()
        assert get(cqe, CX.CQE_WQE_INDEX) == index
        nic.qp.stamp(done, nic.qp.sq_head)
        done = nic.qp.sq_head


def test_ring_that_crosses_pages_with_an_offset(card):
    nic = Nic(card, sq_stride=64, log_sq=6, page_offset=0xfc0)
    for i in range(100):
        data = frames.raw(90 + i, first=i)
        first = nic.qp.sq_head
        nic.qp.post(wqe([inline_split(data)]))
        nic.qp.doorbell()
        assert nic.wire.recv() == data
        nic.tx_cq.take()
        nic.qp.stamp(first, nic.qp.sq_head)


def test_counters_pass_65535(card):
    """The index in completions has 16 bits, the queue's pass goes on."""
    nic = Nic(card, log_sq=12, log_cq=12)
    nop = wqe([], CX.SEND_OP_NOP)
    image = {p: b"".join(bytes(bytearray([nop[0] | p << 7]) + nop[1:]) +
                         bytes(48) for _ in range(4096)) for p in (0, 1)}
    for turn in range(17):
        nic.qp.ring.write(0, image[turn & 1])
        nic.qp.doorbell()
        nic.qp.sq_head += 4096
        entries = nic.tx_cq.take(4096)
        assert get(entries[-1], CX.CQE_WQE_INDEX) == \
            (turn * 4096 + 4095) & 0xffff
    nic.qp.post(wqe([inline(ARP_42)]))
    nic.qp.doorbell()
    assert nic.wire.recv()[:42] == ARP_42


def test_one_doorbell_for_many(nic):
    sent = [frames.raw(60 + i, first=i) for i in range(14)]
    for data in sent:
        address = nic.card.alloc(len(data))
        nic.card.write(address, data)
        nic.qp.post(wqe([pointer(address, len(data), nic.lkey)]))
    nic.qp.doorbell()
    assert nic.wire.recv_many(14) == sent
    assert [get(e, CX.CQE_WQE_INDEX) for e in nic.tx_cq.take(14)] == \
        list(range(14))


def test_completion_only_where_asked(nic):
    nic.send(frames.raw(60), complete=False)
    nic.send(frames.raw(61), complete=False)
    nic.send(frames.raw(62))
    assert [len(f) for f in nic.wire.recv_many(3)] == [60, 61, 62]
    assert get(nic.tx_cq.take()[0], CX.CQE_WQE_INDEX) == 2
    assert not nic.tx_cq.poll()


def test_zeroed_ring_is_no_work(nic):
    nic.qp.ring.write(0, bytes(1024))
    nic.qp.doorbell()
    assert nic.card.nop()
    assert not nic.tx_cq.poll() and nic.qp.query()[0] == CX.QP_RTS
    nic.qp.post(wqe([inline(ARP_42)]))
    nic.qp.doorbell()
    assert nic.wire.recv()[:42] == ARP_42


def test_short_frames_are_padded_with_zeros(nic):
    for length in 60, 14, 59:
        data = frames.raw(length)
        assert nic.sent(data)[0] == frames.padded(data)


def test_queue_pairs_take_turns(nic):
    others = [nic.queue_pair() for _ in range(4)]
    for i, qp in enumerate(others):
        for j in range(10):
            data = frames.raw(60, first=16 * i + j)
            address = nic.card.alloc(60)
            nic.card.write(address, data)
            qp.post(wqe([pointer(address, 60, nic.lkey)]))
    for qp in others:
        qp.doorbell()
    firsts = [f[14] for f in nic.wire.recv_many(40)]
    for i in range(4):
        assert [x for x in firsts if x // 16 == i] == \
            [16 * i + j for j in range(10)]
    for qp in others:
        assert len(qp.send_cq.take(10)) == 10


def test_blueflame_push_is_understood(card):
    """The buffers stand behind the UAR pages; the ring has the same WQE. Bits
    7:6 of the QPN are 0: they fall on the flags of VLAN insertion."""
    nic = Nic(card, qpn=0x110)
    uars = 1 << get(nic.card.run("QUERY_DEV_CAP").data,
                    CX.DEV_CAP_LOG_UAR_MIB) + 20
    descriptor = bytearray(wqe([inline(ARP_42)]))
    put(descriptor, CX.SEND_BLUEFLAME_INDEX, 0)
    put(descriptor, CX.SEND_BLUEFLAME_QPN, nic.qp.qpn)
    nic.qp.post(descriptor)
    at = uars + (0x82 << 12) + 256
    for i in range(0, len(descriptor), 8):
        nic.card.client.bar_write(CX.BAR_UAR, at + i,
                                  bytes(descriptor[i:i + 8]))
    assert nic.wire.recv()[:42] == ARP_42


# --- checksums ---

BUILDERS = {"tcp4": frames.tcp4, "udp4": frames.udp4, "tcp6": frames.tcp6,
            "udp6": frames.udp6}


@pytest.mark.parametrize("tags", [(), ((CVLAN, 5),), ((SVLAN, 7),),
                                  ((SVLAN, 7), (CVLAN, 5))])
@pytest.mark.parametrize("kind", list(BUILDERS))
def test_checksums_are_filled_in(nic, kind, tags):
    build = BUILDERS[kind]
    options = {} if kind.endswith("6") else {"ip_good": False}
    for length in 0, 1, 100, 1401:
        data = (b"\x3c\xa7\x01" * 500)[:length]
        bad = build(data, good=False, tags=tags, **options)
        good = build(data, tags=tags)
        assert nic.sent(bad)[0] == frames.padded(bad)
        assert nic.sent(bad, fields=CHECKSUMS)[0] == frames.padded(good)


def test_each_checksum_alone(nic):
    bad = frames.udp4(good=False, ip_good=False)
    assert nic.sent(bad, fields={CX.SEND_IP_CHECKSUM: 1})[0] == \
        frames.udp4(good=False)
    assert nic.sent(bad, fields={CX.SEND_L4_CHECKSUM: 1})[0] == \
        frames.udp4(ip_good=False)


def test_udp_sum_of_zero_goes_out_as_ones(nic):
    """Found by search: a payload whose checksum computes to zero."""
    a, b = frames.address("192.0.2.1"), frames.address("192.0.2.2")
    body = struct.pack(">HHHH", 40000, 443, 10, 0)
    rest = frames.checksum(frames.pseudo(a, b, frames.UDP, 10) + body)
    frame = frames.udp4(struct.pack(">H", rest))
    assert frame[40:42] == b"\xff\xff"
    assert nic.sent(frames.udp4(struct.pack(">H", rest), good=False),
                    fields=CHECKSUMS)[0] == frames.padded(frame)


def test_what_is_not_ip_goes_out_unchanged(nic):
    for data in frames.raw(100), frames.ethernet(b"\0" * 50, frames.ARP):
        assert nic.sent(data, fields=CHECKSUMS)[0] == data


def test_fragments_keep_their_l4(nic):
    a, b = frames.address("192.0.2.1"), frames.address("192.0.2.2")
    for place in 0x2000, 0x2010, 0x0010:
        data = frames.ethernet(frames.ipv4(
            a, b, frames.UDP, bytes(range(80)), fragment=place), frames.IPV4)
        assert nic.sent(data, fields=CHECKSUMS)[0] == data


def test_ipv4_options(nic):
    good = frames.tcp4(b"abc" * 50, ip_options=b"\x94\x04\0\0")
    bad = frames.tcp4(b"abc" * 50, ip_options=b"\x94\x04\0\0", good=False,
                      ip_good=False)
    assert nic.sent(bad, fields=CHECKSUMS)[0] == good


def test_padding_is_not_summed(nic):
    """A padded frame's IP length says where the segment ends."""
    good = frames.udp4(b"") + b"\xaa" * 30
    bad = frames.udp4(b"", good=False) + b"\xaa" * 30
    assert nic.sent(bad, fields=CHECKSUMS)[0] == good


# --- VLAN ---

@pytest.mark.parametrize("field,tpid", [(CX.SEND_INSERT_CVLAN, CVLAN),
                                        (CX.SEND_INSERT_SVLAN, SVLAN)])
@pytest.mark.parametrize("length", [14, 59, 60, 1514])
def test_vlan_insertion(nic, field, tpid, length):
    data = frames.raw(length)
    out, _ = nic.sent(data, fields={field: 1, CX.SEND_VLAN_TCI: 0x6064})
    assert out == frames.padded(frames.insert_tag(data, tpid, 0x6064))


def test_vlan_and_checksum(nic):
    bad = frames.tcp4(good=False, ip_good=False)
    out, _ = nic.sent(bad, fields={CX.SEND_INSERT_CVLAN: 1,
                                   CX.SEND_VLAN_TCI: 0xe123, **CHECKSUMS})
    assert out == frames.tcp4(tags=((CVLAN, 0xe123),))


# --- LSO ---

def post_lso(nic, header, payload, mss, fields=None, parts=1):
    address = nic.card.alloc(len(payload) + 64)
    nic.card.write(address, payload)
    step = max(1, (len(payload) + parts - 1) // parts)
    segments = [pointer(address + i, min(step, len(payload) - i), nic.lkey)
                for i in range(0, len(payload), step)]
    nic.qp.post(wqe([lso_segment(mss, header)] + segments, CX.SEND_OP_LSO,
                    {CX.SEND_LSO_HEADER: 1, **CHECKSUMS, **(fields or {})}))
    nic.qp.doorbell()


@pytest.mark.parametrize("length,mss", [
    (1, 1448), (1448, 1448), (1449, 1448), (14480, 1448), (65483, 1448),
    (5000, 9), (4000, 536), (130000, 8960)])
def test_lso_ipv4(nic, length, mss):
    payload = bytes(i * 11 + i // 256 & 0xff for i in range(length))
    header, _ = template(0, flags=PSH | ACK | FIN | CWR)
    post_lso(nic, header, payload, mss, parts=3)
    wanted = frames.tcp_segments(header, payload, mss)
    assert nic.wire.recv_many(len(wanted)) == wanted
    assert get(nic.tx_cq.take()[0], CX.CQE_OPCODE) == CX.SEND_OP_LSO
    assert not nic.tx_cq.poll()


@pytest.mark.parametrize("length,mss", [(1, 1428), (10000, 1428),
                                        (120000, 8900)])
def test_lso_ipv6_with_a_length_of_zero(nic, length, mss):
    payload = bytes(i * 5 & 0xff for i in range(length))
    header = bytearray(frames.tcp6(b"", flags=PSH | ACK)[:74])
    wanted = frames.tcp_segments(bytes(header), payload, mss, version=6)
    header[18:20] = b"\0\0"
    post_lso(nic, header, payload, mss)
    assert nic.wire.recv_many(len(wanted)) == wanted


@pytest.mark.parametrize("inserted", [False, True])
def test_lso_with_a_tag(nic, inserted):
    payload = b"\x77" * 5000
    plain, _ = template(0)
    tagged = frames.insert_tag(plain, CVLAN, 0x2005)
    wanted = frames.tcp_segments(tagged, payload, 1448, l2=18)
    if inserted:
        post_lso(nic, plain, payload, 1448, {CX.SEND_INSERT_CVLAN: 1,
                                             CX.SEND_VLAN_TCI: 0x2005})
    else:
        post_lso(nic, tagged, payload, 1448)
    assert nic.wire.recv_many(len(wanted)) == wanted


def test_lso_header_round_the_ring_end(nic):
    for _ in range(15):
        nic.qp.post(wqe([], CX.SEND_OP_NOP))
    nic.qp.doorbell()
    nic.tx_cq.take(15)
    nic.qp.stamp(0, 15)
    header, _ = template(0)
    payload = bytes(range(250)) * 20
    post_lso(nic, header, payload, 1000)
    assert nic.wire.recv_many(5) == frames.tcp_segments(header, payload, 1000)
    nic.send(b"\x99" * 64)
    assert nic.wire.recv() == b"\x99" * 64


def test_lso_sequence_and_identification_wrap(nic):
    a, b = frames.address("192.0.2.1"), frames.address("192.0.2.2")
    header = frames.ethernet(frames.ipv4(
        a, b, frames.TCP, frames.tcp(a, b, seq=0xfffffff0), ident=0xfffe),
        frames.IPV4)
    payload = bytes(100)
    post_lso(nic, header, payload, 20)
    sent = nic.wire.recv_many(5)
    assert sent == frames.tcp_segments(header, payload, 20)
    assert sent[4][18:20] == b"\0\2"


def test_lso_of_a_tiny_payload_is_padded_behind_the_packet(nic):
    """What pads a frame to 60 bytes is no payload."""
    header = frames.tcp4(b"")
    post_lso(nic, header, b"ab", 1448)
    out = nic.wire.recv()
    assert out == frames.tcp4(b"ab") + bytes(4)


# --- errors ---

def error_of(nic, index=0):
    """The error completion; the queue pair is in error then."""
    cqe = nic.tx_cq.take()[0]
    assert get(cqe, CX.CQE_OPCODE) == CX.CQE_OP_ERROR
    assert get(cqe, CX.CQE_IS_SEND) == 1
    assert get(cqe, CX.CQE_QPN) == nic.qp.qpn
    assert get(cqe, CX.CQE_WQE_INDEX) == index
    assert nic.qp.query()[0] == CX.QP_ERR
    return get(cqe, CX.CQE_ERROR_SYNDROME)


def post_pointer(nic, address, length, lkey):
    nic.qp.post(wqe([pointer(address, length, lkey)]))
    nic.qp.doorbell()


@pytest.mark.parametrize("lkey", [0, 0x100, 0xffffffff, 0x10001, 0x10100])
def test_bad_lkey(nic, lkey):
    post_pointer(nic, nic.card.alloc(64), 64, lkey)
    assert error_of(nic) == CX.SYNDROME_LOCAL_PROTECTION


@pytest.mark.parametrize("fields", [
    {CX.MPT_PD: 5}, {CX.MPT_LOCAL_READ: 0},
    {CX.MPT_START: 0x118000000, CX.MPT_LENGTH: 64}])
def test_region_that_does_not_allow(nic, fields):
    post_pointer(nic, 0x117000000, 64, nic.card.region(fields))
    assert error_of(nic) == CX.SYNDROME_LOCAL_PROTECTION


@pytest.mark.parametrize("offset,length,good", [
    (0, 4096, True), (0, 4097, False), (4095, 1, True), (4096, 1, False),
    (-1, 2, False), (100, 3996, True), (100, 3997, False)])
def test_region_bounds(nic, offset, length, good):
    start = nic.card.alloc(3 * PAGE, PAGE) + PAGE
    lkey = nic.card.region({CX.MPT_START: start, CX.MPT_LENGTH: PAGE})
    nic.qp.post(wqe([inline(bytes(20)),
                     pointer(start + offset, length, lkey)]))
    nic.qp.doorbell()
    if good:
        assert len(nic.wire.recv()) == max(60, 20 + length)
    else:
        assert error_of(nic) == CX.SYNDROME_LOCAL_PROTECTION


def test_region_through_an_mtt(nic):
    """Virtual addresses of a region whose pages stand anywhere."""
    mtt, pages = nic.card.buffer(3 * PAGE)
    lkey = nic.card.region({
        CX.MPT_PHYSICAL: 0, CX.MPT_START: 0x70000000,
        CX.MPT_LENGTH: 3 * PAGE, CX.MPT_MTT: mtt >> 3})
    data = frames.raw(5000)
    nic.card.write(pages[0] + 4000, data[:96])
    nic.card.write(pages[1], data[96:4192])
    nic.card.write(pages[2], data[4192:])
    post_pointer(nic, 0x70000000 + 4000, 5000, lkey)
    assert nic.wire.recv() == data


def test_freed_region(nic):
    nic.card.run("HW2SW_MPT", 256, out=False)
    post_pointer(nic, nic.card.alloc(64), 64, nic.lkey)
    assert error_of(nic) == CX.SYNDROME_LOCAL_PROTECTION


@pytest.mark.parametrize("address", [0, 0x1000, 2 ** 64 - 8, 0x11ffffff8])
def test_address_outside_of_memory(nic, address):
    # the emulator waits a moment in case memory is being remapped
    post_pointer(nic, address, 64, nic.lkey)
    assert error_of(nic) == CX.SYNDROME_LOCAL_PROTECTION


@pytest.mark.parametrize("opcode", [0x01, 0x08, 0x10, 0x18, 0x1f])
def test_opcodes_that_are_not_ethernet(nic, opcode):
    nic.qp.post(wqe([inline(ARP_42)], opcode))
    nic.qp.doorbell()
    assert error_of(nic) == CX.SYNDROME_LOCAL_QP_OPERATION


def test_error_example(example):
    for _ in range(3):
        example.qp.post(wqe([], CX.SEND_OP_NOP))
    post_pointer(example, example.card.alloc(64), 64, 0x100)
    cqe = bytearray(example.tx_cq.take(4)[3])
    cqe[0x1a] = 1  # vendor syndrome: any
    assert cqe == hexbytes("""
        0000: 00 00 02 08  00 00 00 00  00 00 00 00  00 00 00 00
        0010: 00 00 00 00  00 00 00 00  00 03 01 04  00 00 00 5e""")


def test_error_without_a_completion_asked_completes_all_the_same(nic):
    nic.qp.post(wqe([pointer(0x111000000, 64, 0x100)], complete=False))
    nic.qp.doorbell()
    assert error_of(nic) == CX.SYNDROME_LOCAL_PROTECTION


def test_what_follows_an_error_is_flushed(nic):
    nic.qp.post(wqe([pointer(0x111000000, 64, 0x100)]))
    nic.qp.post(wqe([inline(ARP_42)]))
    nic.qp.post(wqe([inline(ARP_42)]))
    nic.qp.doorbell()
    assert error_of(nic) == CX.SYNDROME_LOCAL_PROTECTION
    assert [(get(e, CX.CQE_WQE_INDEX), get(e, CX.CQE_ERROR_SYNDROME))
            for e in nic.tx_cq.take(2)] == [(1, CX.SYNDROME_FLUSHED),
                                            (2, CX.SYNDROME_FLUSHED)]
    other = nic.queue_pair()
    other.send(frames.raw(60), nic.lkey)
    assert nic.wire.recv() == frames.raw(60)


def test_descriptor_longer_than_the_ring(card):
    nic = Nic(card, log_sq=1)
    nic.qp.ring.write(0, make(16, {CX.SEND_OPCODE: CX.SEND_OP_SEND,
                                   CX.SEND_UNITS: 63}))
    nic.qp.doorbell()
    assert card.nop()
    assert not nic.tx_cq.poll()


@pytest.mark.parametrize("segment", [
    struct.pack(">I", 0x80000000 | 1023) + bytes(12),
    struct.pack(">I", 0x80000000 | 13) + bytes(12)])
def test_inline_beyond_the_descriptor(nic, segment):
    nic.qp.post(wqe([segment]))
    nic.qp.doorbell()
    assert error_of(nic) == CX.SYNDROME_LOCAL_LENGTH


@pytest.mark.parametrize("header,mss", [
    (bytes(4), 1448), (bytes(66), 1448), (frames.udp4(b""), 1448),
    (frames.tcp4(b""), 0)])
def test_lso_of_nonsense(nic, header, mss):
    post_lso(nic, header, bytes(3000), mss)
    assert error_of(nic) in (CX.SYNDROME_LOCAL_LENGTH,
                             CX.SYNDROME_LOCAL_QP_OPERATION)


def test_lso_header_beyond_the_descriptor(nic):
    nic.qp.post(wqe([struct.pack(">HH", 1448, 1000) + bytes(12)],
                    CX.SEND_OP_LSO))
    nic.qp.doorbell()
    assert error_of(nic) == CX.SYNDROME_LOCAL_LENGTH


def test_more_than_a_frame_may_have(nic):
    address = nic.card.alloc(MIB)
    nic.qp.post(wqe([pointer(address, 100000, nic.lkey)] * 2))
    nic.qp.doorbell()
    assert error_of(nic) == CX.SYNDROME_LOCAL_LENGTH


def test_inline_behind_the_longest_frame(nic):
    """A pointer fills the frame's buffer, inline data would pass it."""
    address = nic.card.alloc(MIB)
    nic.qp.post(wqe([pointer(address, 131072 + 512, nic.lkey),
                     inline(bytes(700))]))
    nic.qp.doorbell()
    assert error_of(nic) == CX.SYNDROME_LOCAL_LENGTH


def test_ring_without_memory(nic):
    """The page of the ring is gone: an error, no hang."""
    mtt = nic.card.mtt_entries([0x40000])
    cq = CompletionQueue(nic.card, nic.eq)
    qp = QueuePair(nic.card, cq, state="RST")
    mailbox = bytearray(qp.mailbox)
    put(mailbox, CX.QPC_MTT, mtt >> 3, CX.QP_MAILBOX_CONTEXT)
    for step in "RST2INIT_QP", "INIT2RTR_QP", "RTR2RTS_QP":
        nic.card.run(step, qp.qpn, data=mailbox)
    qp.doorbell()
    cqe = cq.take()[0]
    assert get(cqe, CX.CQE_ERROR_SYNDROME) == \
        CX.SYNDROME_LOCAL_QP_OPERATION


# --- loopback, closed ports ---

def test_force_loopback_goes_to_the_own_port_only(nic):
    data = frames.raw(100)
    nic.send(data, fields={CX.SEND_FORCE_LOOPBACK: 1})
    assert nic.receive()[1] == data
    nic.send(b"\x99" * 64)
    assert nic.wire.recv() == b"\x99" * 64
    assert len(nic.tx_cq.take(2)) == 2


def test_loopback_by_destination(card):
    """What ethtool -t does: the address stands in the descriptor."""
    nic = Nic(card)
    table = bytearray(CX.MAC_TABLE_ENTRIES * CX.MAC_ENTRY_SIZE)
    put(table, CX.MAC_ENTRY_VALID, 1)
    put(table, CX.MAC_ENTRY_MAC, int.from_bytes(MAC_1, "big"))
    card.run("SET_PORT", CX.SET_PORT_MAC_TABLE << 8 | 1,
             CX.SET_PORT_ETHERNET, table)
    card.rqp_calc(1, {CX.RQP_CALC_BASE_QPN: nic.qp.qpn,
                      CX.RQP_CALC_LOG_MACS: 7})
    data = frames.ethernet(bytes(range(112)), frames.ARP, MAC_1, bytes(6))
    where = {CX.SEND_DMAC_HIGH: int.from_bytes(MAC_1[:2], "big"),
             CX.SEND_DMAC_LOW: int.from_bytes(MAC_1[2:], "big")}
    nic.send(data, fields=where)
    assert nic.receive()[1] == data
    other = {CX.SEND_DMAC_HIGH: 0x5254, CX.SEND_DMAC_LOW: 0x00aabbcc}
    nic.send(frames.raw(77), fields=other)
    assert nic.wire.recv() == frames.raw(77)


def test_lso_that_loops_back(nic):
    header, _ = template(0)
    payload = bytes(range(200)) * 10
    post_lso(nic, header, payload, 500, {CX.SEND_FORCE_LOOPBACK: 1})
    wanted = frames.tcp_segments(header, payload, 500)
    assert [f for _, f in nic.receive(4)] == wanted


def test_closed_port_completes_and_drops(nic):
    nic.card.run("CLOSE_PORT", 1)
    nic.send(frames.raw(99))
    assert get(nic.tx_cq.take()[0], CX.CQE_OPCODE) == CX.SEND_OP_SEND
    assert get(nic.statistics(), CX.ETH_STATS_TX_DROP) == 1
    nic.card.open_port(1)
    assert nic.sent(frames.raw(60))[0] == frames.raw(60)


def test_both_ports(nic):
    nic.card.open_port(2)
    second = QueuePair(nic.card, nic.tx_cq, port=2)
    nic.send(frames.raw(61))
    second.send(frames.raw(62), nic.lkey)
    assert nic.wire.recv() == frames.raw(61)
    assert nic.card.adapter.wire(2).recv() == frames.raw(62)


@on(CONNECTX_3)
def test_time_of_departure(card):
    nic = Nic(card)
    cq = CompletionQueue(card, nic.eq, fields={CX.CQC_TIMESTAMP: 1})
    qp = QueuePair(card, cq)
    before = card.reg(CX.REG_INTERNAL_CLOCK) << 32 | \
        card.reg(CX.REG_INTERNAL_CLOCK + 4)
    qp.send(frames.raw(60), nic.lkey)
    cqe = cq.take()[0]
    after = card.reg(CX.REG_INTERNAL_CLOCK) << 32 | \
        card.reg(CX.REG_INTERNAL_CLOCK + 4)
    high, low = get(cqe, CX.CQE_TIMESTAMP_HIGH), get(cqe,
                                                     CX.CQE_TIMESTAMP_LOW)
    stamp = (high + (low == 0)) << 16 | low
    assert before <= stamp <= after


def test_a_wire_that_does_not_read_holds_the_sender_back(nic):
    """More than socket and backend buffer: nothing is lost."""
    header, _ = template(0)
    payload = bytes(i & 0xff for i in range(60000))
    for _ in range(6):
        post_lso(nic, header, payload, 1448)
    nic.card.nop()
    wanted = frames.tcp_segments(header, payload, 1448) * 6
    assert nic.wire.recv_many(len(wanted)) == wanted
    assert len(nic.tx_cq.take(6)) == 6


def test_a_loop_that_fails_its_own_sender(nic):
    """The receive buffer may not be written, and the queue pair that fails
    is the one that sends: each descriptor has one completion."""
    nic.qp.reset()
    nic.qp.rq_head = 0
    nic.qp.to_state("RTS")
    nic.qp.post_buffers(1, 0x777)
    # What an earlier pass left behind the last one, but for its stamp
    nic.qp.ring.write(3 * 64 + 4, wqe([inline(frames.raw(40))])[4:])
    # Right after memory was mapped a failed access counts as "not yet"
    time.sleep(0.012)
    for _ in range(3):
        nic.qp.post(wqe([inline(frames.raw(40))],
                        fields={CX.SEND_FORCE_LOOPBACK: 1}))
    nic.qp.doorbell()
    assert get(nic.rx_cq.take()[0], CX.CQE_ERROR_SYNDROME) == \
        CX.SYNDROME_LOCAL_PROTECTION
    assert [get(e, CX.CQE_WQE_INDEX) for e in nic.tx_cq.take(3)] == [0, 1, 2]
    assert nic.card.nop() and not nic.tx_cq.poll()
    assert nic.qp.query()[0] == CX.QP_ERR
