# SPDX-License-Identifier: GPL-2.0-only
"""Receive: buffers, what completions say, hashes, spreading over queues."""

import struct
import zlib

import pytest

import frames
from adapters import CONNECTX, CONNECTX_3
from connectx import CompletionQueue, Nic, QueuePair, pointer
from fixtures import card, nic, on
from frames import CVLAN, SVLAN
from layout import CX, get, hexbytes, put
from vfio_user import wait_for

KEY = frames.KEY


def got(nic, frame):
    """Sends a frame in; its completion and its bytes."""
    nic.wire.send(frame)
    return nic.receive()


# --- byte-exact examples ---

def example_frame(tags=()):
    """1,514 bytes of TCP from 192.0.2.1:40000 to 192.0.2.2:443"""
    return frames.tcp4(b"\x5a" * 1460, tags=tags)


@pytest.fixture
def example(card):
    """Four children from QPN 0x410 on, the parent 0x300, Toeplitz with the
    well-known key: the documents' example."""
    card.next_qpn = 0x3f0
    nic = Nic(card, buffers=0)
    nic.children = []
    for i in range(4):
        cq = CompletionQueue(card, nic.eq)
        child = QueuePair(card, cq, qpn=0x410 + i)
        child.post_buffers(16, nic.lkey)
        nic.children.append(child)
    nic.parent = rss_parent(nic, 0x300, 0x410, 2)
    card.promiscuous(0x300)
    return nic


def rss_parent(nic, qpn, base, log_queues, fields=0x3f, function=1,
               default=None, key=KEY):
    """A parent as the documents' example has it, in RTS."""
    parent = QueuePair(nic.card, nic.children[0].send_cq, qpn=qpn,
                       log_rq=0, log_sq=0, fields={CX.QPC_RSS: 1},
                       state="RST")
    mailbox = bytearray(parent.mailbox)
    at = CX.QP_MAILBOX_CONTEXT + CX.QPC_RSS_CONTEXT
    for field, value in {
            CX.RSS_LOG_QUEUES: log_queues, CX.RSS_BASE_QPN: base,
            CX.RSS_DEFAULT_QPN: base if default is None else default,
            CX.RSS_HASH_FUNCTION: function, CX.RSS_HASH_FIELDS: fields,
            CX.RSS_BASE_QPN_UDP: base}.items():
        put(mailbox, field, value, at)
    mailbox[at + CX.RSS_KEY:at + CX.RSS_KEY + 40] = key
    put(mailbox, CX.QPC_RECORD, 0x47f800000 >> 2, CX.QP_MAILBOX_CONTEXT)
    parent.mailbox = mailbox
    for step in "RST2INIT_QP", "INIT2RTR_QP", "RTR2RTS_QP":
        nic.card.run(step, qpn, data=mailbox)
    return parent


def child_of(nic, timeout=2.0):
    """Waits until some child has a completion; (child number, cqe)."""
    def look():
        for i, child in enumerate(nic.children):
            if child.receive_cq.valid():
                return i, child.receive_cq.take()[0]
        return None
    return wait_for(look, timeout)


HASH = 0x7b9ed7e4  # 192.0.2.1:40000 -> 192.0.2.2:443


def test_completion_example(example):
    number = HASH & 3
    child = example.children[number]
    for i in range(7):
        example.wire.send(example_frame())
    child.receive_cq.take(7)
    example.wire.send(example_frame())
    which, cqe = child_of(example)
    wanted = bytearray(hexbytes("""
        0000: 00 00 04 10  7b 9e d7 e4  00 00 00 00  00 00 00 00
        0010: 14 40 00 04  00 00 05 ea  00 07 ff ff  00 00 00 01"""))
    wanted[3] += number
    assert which == number and cqe == wanted
    assert child.received(cqe) == example_frame()


def test_completion_example_with_a_tag_in_an_odd_pass(card):
    """log size 3: the ninth completion stands in pass 1."""
    nic = Nic(card, log_cq=3, qpn=0x410, buffers=16)
    for i in range(15):
        nic.wire.send(frames.raw(60))
        nic.rx_cq.take()
    nic.qp.post_buffers(1, nic.lkey)
    cqe, data = got(nic, example_frame(((CVLAN, 0x6064),)))
    wanted = bytearray(hexbytes("""
        0000: 20 00 04 10  00 00 00 00  00 00 00 00  60 64 00 00
        0010: 14 40 00 04  00 00 05 ea  00 0f ff ff  00 00 00 81"""))
    assert cqe == wanted and data == example_frame()


@on(CONNECTX_3)
def test_time_stamps_take_the_place_of_the_tag(card):
    nic = Nic(card)
    cq = CompletionQueue(card, nic.eq, fields={CX.CQC_TIMESTAMP: 1})
    qp = QueuePair(card, nic.tx_cq, cq, fields={CX.QPC_VLAN_STRIP_OFF: 1})
    qp.post_buffers(4, nic.lkey)
    card.promiscuous(qp.qpn)

    def clock():
        return card.reg(CX.REG_INTERNAL_CLOCK) << 32 | \
            card.reg(CX.REG_INTERNAL_CLOCK + 4)
    before = clock()
    frame = frames.tcp4(tags=((CVLAN, 0x6064),))
    nic.wire.send(frame)
    cqe = cq.take()[0]
    after = clock()
    high, low = get(cqe, CX.CQE_TIMESTAMP_HIGH), get(cqe,
                                                     CX.CQE_TIMESTAMP_LOW)
    assert before <= (high + (low == 0)) << 16 | low <= after
    assert get(cqe, CX.CQE_CVLAN) and get(cqe, CX.CQE_OPCODE) == 1
    assert qp.received(cqe) == frame


# --- buffers ---

@pytest.mark.parametrize("stride,lengths", [
    (16, [2048]), (32, [64, 1500]), (64, [2048, 2048, 426]),
    (64, [1, 1, 1, 2000]), (64, [14, 20, 20, 1500]), (128, [200] * 8),
    (512, [50] * 32)])
def test_scatter_lists(card, stride, lengths):
    nic = Nic(card, rq_stride=stride, buffers=0, log_rq=2)
    for frame in frames.raw(60), frames.raw(min(sum(lengths), 1514)), \
            frames.raw(256):
        if len(frame) > sum(lengths):
            continue
        entries = [(card.alloc(length, 1), length, nic.lkey)
                   for length in lengths]
        guard = card.alloc(64)
        nic.qp.post_receive([entries])
        assert got(nic, frame)[1] == frame
        assert card.read(guard, 64) == bytes(64)


def test_scatter_fills_in_order_and_exactly(card):
    nic = Nic(card, rq_stride=64, buffers=0)
    block = card.alloc(1024)
    card.memory.fill(block, 1024, 0xee)
    nic.qp.post_receive([[(block + 500, 30, nic.lkey),
                          (block + 100, 40, nic.lkey),
                          (block + 300, 700, nic.lkey)]])
    frame = frames.raw(100)
    got(nic, frame)
    wanted = bytearray(b"\xee" * 1024)
    wanted[500:530] = frame[:30]
    wanted[100:140] = frame[30:70]
    wanted[300:330] = frame[70:]
    assert card.read(block, 1024) == wanted


def test_entries_behind_the_terminator_are_not_used(card):
    nic = Nic(card, rq_stride=64, buffers=0)
    good, stale = card.alloc(2048), card.alloc(2048)
    card.memory.fill(stale, 2048, 0xee)
    nic.qp.post_receive([[(good, 1000, nic.lkey), (0, 0, 0x100),
                          (stale, 2048, nic.lkey)]])
    nic.qp.post_buffers(1, nic.lkey)
    nic.wire.send(frames.raw(1200))  # dropped: 1,000 bytes are there
    cqe, data = got(nic, frames.raw(200))
    assert get(cqe, CX.CQE_WQE_INDEX) == 0 and data == frames.raw(200)
    assert card.read(stale, 2048) == b"\xee" * 2048
    assert get(nic.statistics(), CX.ETH_STATS_RX_DROP_LENGTH) == 1


def test_all_entries_posted_and_wraps(card):
    nic = Nic(card, buffers=16, log_rq=4)
    for i in range(70):
        frame = frames.raw(60 + i, first=i)
        cqe, data = got(nic, frame)
        assert data == frame
        assert get(cqe, CX.CQE_WQE_INDEX) == i
        nic.qp.post_buffers(1, nic.lkey)


def test_record_passes_65535(card):
    """The record and the index in completions have 16 bits."""
    nic = Nic(card, buffers=0, log_rq=15)
    cq = CompletionQueue(card, nic.eq, log_size=2,
                         fields={CX.CQC_OVERRUN_IGNORE: 1})
    qp = QueuePair(card, cq, log_rq=15)
    entry = bytes(pointer(card.alloc(2048), 2048, nic.lkey))
    qp.ring.write(qp.rq_offset, entry * (1 << 15))
    card.promiscuous(qp.qpn)
    posted = 0
    for _ in range(5):
        posted += 0x4000
        card.write(qp.record, struct.pack(">I", posted & 0xffff))
        nic.wire.send(*[frames.raw(14)] * 0x4000)
        wait_for(lambda: get(cq.query(), CX.CQC_PRODUCER_INDEX) == posted, 10)
        assert get(cq.entry(posted - 1), CX.CQE_WQE_INDEX) == \
            (posted - 1) & 0xffff


def test_record_that_claims_more_than_the_ring_drops(card):
    nic = Nic(card, buffers=4, log_rq=3)
    card.write(nic.qp.record, struct.pack(">I", 9))
    nic.wire.send(frames.raw(60, first=1))
    wait_for(lambda: rx_total(nic) == 1)
    card.write(nic.qp.record, struct.pack(">I", 4))
    assert got(nic, frames.raw(60, first=2))[1] == frames.raw(60, first=2)


def rx_total(nic):
    """Frames counted on the port, in all columns."""
    data = nic.statistics()
    return sum(struct.unpack_from(">Q", data, CX.ETH_STATS_TRIPLE(
        CX.ETH_STATS_RX_TOTALS, column, CX.ETH_STATS_FRAMES))[0]
        for column in range(9))


def test_frames_wait_a_moment_for_buffers(card):
    nic = Nic(card, buffers=0)
    nic.wire.send(frames.raw(60))
    nic.qp.post_buffers(1, nic.lkey)
    assert nic.receive(timeout=1)[1] == frames.raw(60)


def test_frames_without_buffers_are_dropped_and_counted(card):
    nic = Nic(card, buffers=0)
    nic.wire.send(*[frames.raw(60, first=i) for i in range(5)])
    wait_for(lambda: get(nic.statistics(), CX.ETH_STATS_RX_DROP_OVERFLOW)
             == 5)
    assert get(nic.statistics(), CX.ETH_STATS_RX_DROP) == 5
    nic.qp.post_buffers(2, nic.lkey)
    cqe, data = got(nic, frames.raw(60, first=9))
    assert data == frames.raw(60, first=9)
    assert get(cqe, CX.CQE_WQE_INDEX) == 0


def test_short_frames_are_padded(nic):
    cqe, data = got(nic, frames.raw(30))
    assert data == frames.raw(30) + bytes(30)
    assert get(cqe, CX.CQE_BYTE_COUNT) == 60


def test_frames_beyond_the_limit_are_dropped(nic):
    """1,526 counts header, two tags and FCS."""
    nic.wire.send(frames.raw(1523), frames.raw(1522))
    assert len(nic.receive()[1]) == 1522
    data = nic.statistics()
    assert get(data, CX.ETH_STATS_RX_TOO_LONG) == 1
    assert not nic.rx_cq.poll()


def test_jumbo_frames(card):
    nic = Nic(card, rq_stride=64, buffers=0)
    nic.card.set_mtu(1, 9026)
    entries = [(card.alloc(3000), size, nic.lkey)
               for size in (2048, 2048, 2048, 2878)]
    nic.qp.post_receive([entries])
    assert got(nic, frames.raw(9018))[1] == frames.raw(9018)


def test_nothing_but_ethernet(nic):
    """Runts that are not even a header are no frames."""
    nic.wire.send(b"123", b"x" * 13, frames.raw(60))
    assert nic.receive()[1] == frames.raw(60)


@pytest.mark.parametrize("fields,lkey", [
    ({CX.MPT_LOCAL_WRITE: 0}, None), ({CX.MPT_PD: 9}, None), (None, 0x777)])
def test_buffer_that_may_not_be_written(nic, fields, lkey):
    if lkey is None:
        lkey = nic.card.region(fields)
    nic.qp.reset()
    nic.qp.rq_head = 0
    nic.qp.to_state("RTS")
    nic.qp.post_buffers(3, lkey)
    nic.wire.send(frames.raw(60))
    first, *rest = nic.rx_cq.take(3)
    assert get(first, CX.CQE_OPCODE) == CX.CQE_OP_ERROR
    assert get(first, CX.CQE_IS_SEND) == 0
    assert get(first, CX.CQE_ERROR_SYNDROME) == CX.SYNDROME_LOCAL_PROTECTION
    for cqe in rest:
        assert get(cqe, CX.CQE_ERROR_SYNDROME) == CX.SYNDROME_FLUSHED
    assert nic.qp.query()[0] == CX.QP_ERR


def test_receive_in_rtr(card):
    nic = Nic(card, state="RTR")
    assert got(nic, frames.raw(60))[1] == frames.raw(60)


@pytest.mark.parametrize("state", ["INIT", "RST"])
def test_no_receive_before_rtr(nic, state):
    other = nic.queue_pair(state=state)
    nic.card.promiscuous(other.qpn)
    nic.wire.send(frames.raw(60, first=1))
    wait_for(lambda: rx_total(nic) == 1)
    nic.card.promiscuous(nic.qp.qpn)
    assert got(nic, frames.raw(60, first=2))[1] == frames.raw(60, first=2)
    assert not other.receive_cq.poll()


def test_two_queue_pairs_share_a_completion_queue(nic):
    second = QueuePair(nic.card, nic.tx_cq, nic.rx_cq)
    second.post_buffers(2, nic.lkey)
    nic.wire.send(frames.raw(60))
    assert get(nic.rx_cq.take()[0], CX.CQE_QPN) == nic.qp.qpn
    nic.card.promiscuous(second.qpn)
    nic.wire.send(frames.raw(60))
    assert get(nic.rx_cq.take()[0], CX.CQE_QPN) == second.qpn


def test_receive_ring_behind_a_send_entry(card):
    """mlx4_en: one send entry of 64 bytes, then the receive queue."""
    nic = Nic(card, log_sq=0, rq_stride=16, log_rq=3)
    assert nic.qp.rq_offset == 64
    assert got(nic, frames.raw(80))[1] == frames.raw(80)


def test_receive_queue_with_the_larger_stride_comes_first(card):
    nic = Nic(card, sq_stride=64, rq_stride=128, log_rq=2, buffers=4)
    assert nic.qp.rq_offset == 0
    assert got(nic, frames.raw(80))[1] == frames.raw(80)
    assert nic.sent(frames.raw(81))[0] == frames.raw(81)


def test_equal_strides_send_first(card):
    nic = Nic(card, sq_stride=64, rq_stride=64)
    assert nic.qp.sq_offset == 0
    assert got(nic, frames.raw(80))[1] == frames.raw(80)
    assert nic.sent(frames.raw(81))[0] == frames.raw(81)


def test_rx_cq_overrun_puts_the_queue_pair_into_error(card):
    nic = Nic(card, log_cq=2, buffers=8)
    nic.wire.send(*[frames.raw(60)] * 5)
    wait_for(lambda: nic.qp.query()[0] == CX.QP_ERR)
    assert len(nic.rx_cq.poll()) == 4


# --- what a completion says ---

def status_of(cqe):
    return {name for name in ("IP_GOOD", "UDP", "TCP", "IPV4_OPTIONS", "IPV6",
                              "IPV4_FRAGMENT", "IPV4", "L4_CHECKSUM_GOOD")
            if get(cqe, getattr(CX, "CQE_" + name))}


A, B = frames.address("192.0.2.1"), frames.address("192.0.2.2")
STATUS = [
    ("tcp4", frames.tcp4(), {"IP_GOOD", "TCP", "IPV4", "L4_CHECKSUM_GOOD"}),
    ("udp4", frames.udp4(), {"IP_GOOD", "UDP", "IPV4", "L4_CHECKSUM_GOOD"}),
    ("tcp6", frames.tcp6(), {"IP_GOOD", "TCP", "IPV6", "L4_CHECKSUM_GOOD"}),
    ("udp6", frames.udp6(), {"IP_GOOD", "UDP", "IPV6", "L4_CHECKSUM_GOOD"}),
    ("bad tcp4", frames.tcp4(good=False), {"IP_GOOD", "TCP", "IPV4"}),
    ("bad udp6", frames.udp6(good=False), {"IP_GOOD", "UDP", "IPV6"}),
    ("bad header", frames.tcp4(ip_good=False),
     {"TCP", "IPV4", "L4_CHECKSUM_GOOD"}),
    ("options", frames.tcp4(ip_options=b"\x94\x04\0\0"),
     {"IP_GOOD", "TCP", "IPV4", "IPV4_OPTIONS", "L4_CHECKSUM_GOOD"}),
    ("fragment", frames.ethernet(frames.ipv4(
        A, B, frames.UDP, bytes(80), fragment=0x2000), frames.IPV4),
     {"IP_GOOD", "IPV4", "IPV4_FRAGMENT"}),
    ("last fragment", frames.ethernet(frames.ipv4(
        A, B, frames.TCP, bytes(80), fragment=0x0010), frames.IPV4),
     {"IP_GOOD", "IPV4", "IPV4_FRAGMENT"}),
    ("icmp", frames.ethernet(frames.ipv4(
        A, B, frames.ICMP, bytes(80)), frames.IPV4), {"IP_GOOD", "IPV4"}),
    ("not ip", frames.raw(100), set()),
    ("arp", frames.ethernet(bytes(46), frames.ARP), set()),
]


@pytest.mark.parametrize("name,frame,status", STATUS,
                         ids=[row[0] for row in STATUS])
def test_status_bits(nic, name, frame, status):
    cqe, data = got(nic, frame)
    assert data == frame and status_of(cqe) == status
    checksum = get(cqe, CX.CQE_CHECKSUM)
    if status & {"TCP", "UDP"}:
        assert (checksum == 0xffff) == ("L4_CHECKSUM_GOOD" in status)
    else:
        assert checksum == 0  # mode 0: of no use for others


def test_bad_checksums_are_given_as_they_are(nic):
    a, b = A, B
    segment = frames.udp(a, b, b"hello", good=False)
    frame = frames.ethernet(frames.ipv4(a, b, frames.UDP, segment),
                            frames.IPV4)
    cqe, _ = got(nic, frame)
    assert get(cqe, CX.CQE_CHECKSUM) == frames.ones_sum(
        frames.pseudo(a, b, frames.UDP, len(segment)) + segment)


@on(CONNECTX_3)
def test_checksum_of_other_protocols_where_the_mode_says_so(nic):
    """Less the pseudo header it is the sum of what follows the IPv4 header."""
    mode = get(nic.card.run("CONFIG_DEV", op_mod=1).data,
               CX.CONFIG_DEV_RX_CHECKSUM_MODE_1)
    assert mode == CX.RX_CHECKSUM_ANY_IP
    payload = bytes(range(7, 87))
    for protocol in frames.ICMP, 2, 132:
        cqe, _ = got(nic, frames.ethernet(frames.ipv4(A, B, protocol, payload),
                                          frames.IPV4))
        assert get(cqe, CX.CQE_CHECKSUM) == frames.ones_sum(
            payload, frames.ones_sum(frames.pseudo(A, B, protocol,
                                                   len(payload))))


@on(CONNECTX_3)
def test_checksum_of_icmpv6(nic):
    a, b = frames.address("2001:db8::1"), frames.address("2001:db8::2")
    packet = frames.ipv6(a, b, 58, bytes(range(70)))
    cqe, _ = got(nic, frames.ethernet(packet, frames.IPV6))
    assert get(cqe, CX.CQE_CHECKSUM) == frames.ones_sum(
        packet[4:6] + packet[8:])


TAGS = [((CVLAN, 0x6064),), ((SVLAN, 0x0007),), ((CVLAN, 0xe000),),
        ((SVLAN, 0x0007), (CVLAN, 0x6064)), ((CVLAN, 1), (CVLAN, 2))]


@pytest.mark.parametrize("tags", TAGS)
@pytest.mark.parametrize("strip", [True, False])
def test_vlan_tags(card, tags, strip):
    nic = Nic(card, fields={CX.QPC_VLAN_STRIP_OFF: int(not strip)})
    frame = frames.tcp4(tags=tags)
    cqe, data = got(nic, frame)
    assert data == (frames.tcp4(tags=tags[1:]) if strip else frame)
    assert get(cqe, CX.CQE_BYTE_COUNT) == len(data)
    assert get(cqe, CX.CQE_CVLAN) == (tags[0][0] == CVLAN)
    assert get(cqe, CX.CQE_SVLAN) == (tags[0][0] == SVLAN)
    assert get(cqe, CX.CQE_VLAN_TCI) == tags[0][1]
    assert get(cqe, CX.CQE_TCP) and get(cqe, CX.CQE_CHECKSUM) == 0xffff


def test_untagged_says_so(nic):
    cqe, _ = got(nic, frames.tcp4())
    assert not get(cqe, CX.CQE_CVLAN) and not get(cqe, CX.CQE_SVLAN)


@on(CONNECTX, CONNECTX_3)
@pytest.mark.parametrize("length", [60, 61, 67, 68, 100, 1514])
def test_fcs_is_appended_where_asked(card, length):
    """Whoever advertises it: the context has the bit."""
    nic = Nic(card, fields={CX.QPC_FCS_KEEP: 1})
    frame = frames.raw(length)
    cqe, data = got(nic, frame)
    assert get(cqe, CX.CQE_BYTE_COUNT) == length + 4
    assert not get(cqe, CX.CQE_BAD_FCS)
    assert data == frame + struct.pack("<I", zlib.crc32(frame))


def test_fcs_is_that_of_the_frame_with_its_tag(card):
    nic = Nic(card, fields={CX.QPC_FCS_KEEP: 1})
    plain = frames.tcp4()
    tagged = plain[:12] + bytes.fromhex("8100a005") + plain[12:]
    cqe, data = got(nic, tagged)
    assert get(cqe, CX.CQE_CVLAN) and get(cqe, CX.CQE_VLAN_TCI) == 0xa005
    assert data == plain + struct.pack("<I", zlib.crc32(tagged))


def test_events_for_received_frames(nic):
    nic.rx_cq.arm()
    nic.wire.send(frames.raw(60))
    nic.eq.raised()
    assert get(nic.eq.take()[0], CX.EQE_NUMBER) == nic.rx_cq.cqn


# --- RSS ---

def test_published_toeplitz_vectors():
    """The check of our own hash: values that Microsoft publishes."""
    assert frames.toeplitz(frames.flow("66.9.149.187", "161.142.100.80",
                                       (2794, 1766))) == 0x51ccc178
    assert frames.toeplitz(frames.flow("66.9.149.187", "161.142.100.80")) == \
        0x323e8fc2
    assert frames.toeplitz(frames.flow(
        "3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", (2794, 1766))) == \
        0x40207d3d


V4, V6 = ("66.9.149.187", "161.142.100.80"), \
    ("3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1")
PORTS = (2794, 1766)
BUILD = {"tcp4": frames.tcp4, "udp4": frames.udp4, "tcp6": frames.tcp6,
         "udp6": frames.udp6}
# bit of the flags for 4-tuples, bit for 2-tuples
BITS = {"tcp4": (4, 5), "udp4": (1, 5), "tcp6": (2, 3), "udp6": (0, 3)}


def hashed(kind, flags):
    """What is hashed of the packet with these flags, or None."""
    four, two = BITS[kind]
    addresses = V4 if kind.endswith("4") else V6
    if flags >> four & 1:
        return frames.flow(*addresses, PORTS)
    return frames.flow(*addresses) if flags >> two & 1 else None


@pytest.mark.parametrize("function", [0, 1])
@pytest.mark.parametrize("flags", [0x3f, 0x3c, 0x28, 0x14, 0x03, 0])
def test_hash(example, function, flags):
    rss_parent(example, 0x301, 0x410, 2, flags, function, 0x412)
    example.card.promiscuous(0x301)
    for kind, build in BUILD.items():
        src, dst = V4 if kind.endswith("4") else V6
        example.wire.send(build(b"z" * 50, src, dst, sport=PORTS[0],
                                dport=PORTS[1]))
        which, cqe = child_of(example)
        data = hashed(kind, flags)
        if data is None:
            assert get(cqe, CX.CQE_RSS_HASH) == 0 and which == 2
            continue
        value = frames.toeplitz(data) if function else frames.xor_hash(data)
        assert get(cqe, CX.CQE_RSS_HASH) == value
        assert which == value & 3
        assert get(cqe, CX.CQE_QPN) == 0x410 + which


def test_another_key(example):
    key = bytes(range(40))
    rss_parent(example, 0x301, 0x410, 2, key=key)
    example.card.promiscuous(0x301)
    example.wire.send(frames.tcp4(src=V4[0], dst=V4[1], sport=1, dport=2))
    _, cqe = child_of(example)
    assert get(cqe, CX.CQE_RSS_HASH) == frames.toeplitz(
        frames.flow(*V4, (1, 2)), key)


def test_flows_spread_and_stay(example):
    seen = {}
    for turn in range(2):
        for port in range(40):
            example.wire.send(frames.tcp4(sport=1000 + port))
            which, cqe = child_of(example)
            example.children[which].post_buffers(1, example.lkey)
            assert seen.setdefault(port, which) == which
    assert set(seen.values()) == {0, 1, 2, 3}


@pytest.mark.parametrize("frame", [frames.raw(100),
                                   frames.ethernet(bytes(46), frames.ARP)])
def test_what_has_no_hash_goes_to_the_default(example, frame):
    rss_parent(example, 0x301, 0x410, 2, default=0x413)
    example.card.promiscuous(0x301)
    example.wire.send(frame)
    which, cqe = child_of(example)
    assert which == 3 and get(cqe, CX.CQE_RSS_HASH) == 0


@pytest.mark.parametrize("card,bit", [(CONNECTX_3, 0), (CONNECTX_3, 1)],
                         indirect=["card"])
def test_fragments(card, bit):
    nic = Nic(card, buffers=0, hca={CX.INIT_HCA_RSS_IP_FRAGMENTS: bit})
    nic.children = [QueuePair(card, CompletionQueue(card, nic.eq),
                              qpn=0x410 + i) for i in range(4)]
    for child in nic.children:
        child.post_buffers(4, nic.lkey)
    rss_parent(nic, 0x300, 0x410, 2, default=0x413)
    card.promiscuous(0x300)
    nic.wire.send(frames.ethernet(frames.ipv4(
        frames.address(V4[0]), frames.address(V4[1]), frames.TCP, bytes(64),
        fragment=0x2000), frames.IPV4))
    which, cqe = child_of(nic)
    wanted = frames.toeplitz(frames.flow(*V4)) if bit else 0
    assert get(cqe, CX.CQE_RSS_HASH) == wanted
    assert which == (wanted & 3 if bit else 3)


def test_udp_children_of_their_own(example):
    more = [QueuePair(example.card, CompletionQueue(example.card, example.eq),
                      qpn=0x420 + i) for i in range(4)]
    for child in more:
        child.post_buffers(2, example.lkey)
    parent = QueuePair(example.card, example.children[0].send_cq, qpn=0x301,
                       fields={CX.QPC_RSS: 1}, state="RST")
    mailbox = bytearray(parent.mailbox)
    at = CX.QP_MAILBOX_CONTEXT + CX.QPC_RSS_CONTEXT
    for field, value in {
            CX.RSS_LOG_QUEUES: 2, CX.RSS_BASE_QPN: 0x410,
            CX.RSS_DEFAULT_QPN: 0x410, CX.RSS_HASH_FUNCTION: 1,
            CX.RSS_HASH_FIELDS: 0x3f, CX.RSS_BASE_QPN_UDP: 0x420}.items():
        put(mailbox, field, value, at)
    mailbox[at + CX.RSS_KEY:at + CX.RSS_KEY + 40] = KEY
    for step in "RST2INIT_QP", "INIT2RTR_QP", "RTR2RTS_QP":
        example.card.run(step, 0x301, data=mailbox)
    example.card.promiscuous(0x301)
    example.wire.send(frames.udp4())
    value = frames.toeplitz(frames.flow("192.0.2.1", "192.0.2.2",
                                        (40000, 443)))
    assert get(more[value & 3].receive_cq.take()[0],
               CX.CQE_RSS_HASH) == value


def test_child_in_reset_drops(example):
    example.children[HASH & 3].reset()
    example.wire.send(example_frame())
    wait_for(lambda: rx_total(example) == 1)
    assert not any(c.receive_cq.valid() for c in example.children)
    assert example.card.nop()


def test_parent_in_reset_drops(example):
    example.parent.reset()
    example.wire.send(example_frame())
    wait_for(lambda: rx_total(example) == 1)
    assert not any(c.receive_cq.valid() for c in example.children)


def test_parents_do_not_nest(example):
    """A parent whose children are parents loops nowhere."""
    rss_parent(example, 0x301, 0x300, 0)
    example.card.promiscuous(0x301)
    example.wire.send(example_frame())
    wait_for(lambda: rx_total(example) == 1)
    assert example.card.nop()
