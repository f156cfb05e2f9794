# SPDX-License-Identifier: GPL-2.0-only
"""Event queues, completion queues, and the states of queue pairs."""

import time

import pytest

from adapters import CONNECTX, CONNECTX_3
from connectx import (PAGE, CompletionQueue, EventQueue, Nic, QueuePair,
                      inline, wqe)
from fixtures import card, nic, on
from layout import CX, get, hexbytes, make, put
from vfio_user import wait_for

NOP = wqe([], CX.SEND_OP_NOP)


@pytest.fixture
def up(card):
    card.bring_up()
    return card


def complete(qp, count=1):
    """Makes @count completions by NOP descriptors."""
    for _ in range(count):
        qp.post(NOP)
    qp.doorbell()


# --- event queues ---

LINUX_ASYNC_EQ = """
    0000: 00 00 09 00  00 00 00 00  00 00 00 00  09 00 00 00
    0010: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 20 00
    0020: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    0030: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00"""
IPXE_EQ = """
    0000: 00 02 0a 00  00 00 00 00  00 00 01 20  03 00 00 00
    0010: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 20 18
    0020: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    0030: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00"""


@pytest.mark.parametrize("text,mtt,pages,entries,offset,state", [
    (LINUX_ASYNC_EQ, 0x2000, 4, 512, 0, CX.QUEUE_STATE_ARMED),
    (IPXE_EQ, 0x2018, 1, 8, 0x120, CX.QUEUE_STATE_FIRED)])
def test_eq_examples_own_exactly_their_ring(up, text, mtt, pages, entries,
                                            offset, state):
    at = [up.alloc(PAGE, 2 * PAGE) for _ in range(pages)]
    up.mtt_entries(at, mtt // 8)
    up.run("SW2HW_EQ", 4, data=hexbytes(text))
    ring = b"".join(up.read(page, PAGE) for page in at)
    wanted = bytearray(pages * PAGE)
    for i in range(entries):
        wanted[offset + i * 32 + 31] = 0x80
    assert ring == wanted
    for page in at:
        assert up.read(page + PAGE, 64) == bytes(64)
    context = up.run("QUERY_EQ", 4).data
    assert get(context, CX.EQC_STATE) == state
    assert get(context, CX.EQC_PRODUCER_INDEX) == 0
    assert up.run("HW2SW_EQ", 4, 1).data[0x10:0x20] == context[0x10:0x20]


@pytest.mark.parametrize("log_size,log_page,pages", [(7, 0, 1), (12, 3, 4),
                                                     (12, 5, 1), (17, 8, 4)])
def test_eq_in_large_pages(up, log_size, log_page, pages):
    size = PAGE << log_page
    at = [up.alloc(size, size) for _ in range(pages)]
    mtt = up.mtt_entries(at)
    up.run("SW2HW_EQ", 5, data=make(CX.EQC_SIZE, {
        CX.EQC_STATE: CX.QUEUE_STATE_ARMED, CX.EQC_LOG_SIZE: log_size,
        CX.EQC_LOG_PAGE_SIZE: log_page, CX.EQC_MTT: mtt >> 3}))
    ring = b"".join(up.read(page, size) for page in at)[:32 << log_size]
    assert ring.count(0x80) == 1 << log_size
    assert ring[31::32] == b"\x80" * (1 << log_size)


@pytest.mark.parametrize("eqn,fields,status", [
    (4, {CX.EQC_LOG_SIZE: 23}, "BAD_PARAM"),
    (128, {}, "BAD_INDEX"), (512, {}, "BAD_INDEX"),
    (0xffffffff, {}, "BAD_INDEX"),
    (4, {CX.EQC_MTT: 0x1fffffffff}, "ICM_ERROR"),
    (4, {CX.EQC_LOG_SIZE: 22}, "ICM_ERROR")])
def test_eq_refused(up, eqn, fields, status):
    mtt, _ = up.buffer(PAGE)
    context = make(CX.EQC_SIZE, {CX.EQC_LOG_SIZE: 3, CX.EQC_MTT: mtt >> 3,
                                 **fields})
    assert up.status("SW2HW_EQ", eqn, data=context) == status
    assert up.status("QUERY_EQ", eqn) == "BAD_RES_STATE"


def test_eq_ownership(up):
    eq = EventQueue(up)
    assert up.status("SW2HW_EQ", eq.eqn, data=eq.context) == "BAD_RES_STATE"
    eq.destroy()
    assert up.status("HW2SW_EQ", eq.eqn) == "BAD_RES_STATE"
    assert up.status("MAP_EQ", eq.eqn, imm=1) == "BAD_RES_STATE"


def test_eq_unmapped_memory(up):
    mtt = up.mtt_entries([0x10000])
    assert up.status("SW2HW_EQ", 4, data=make(CX.EQC_SIZE, {
        CX.EQC_LOG_SIZE: 3, CX.EQC_MTT: mtt >> 3})) == "ICM_ERROR"


def command_event(card, token=1):
    card.post(CX.CMD_NOP, event=True, token=token)
    wait_for(card.done)


def test_eq_owner_bits_over_wraps(up):
    eq = EventQueue(up, log_size=2)
    eq.map_events()
    for token in range(37):
        command_event(up, token)
        assert get(eq.take()[0], CX.EQE_TOKEN) == token
        eq.doorbell(arm=False)
    assert get(eq.query(), CX.EQC_PRODUCER_INDEX) == 37
    assert get(eq.query(), CX.EQC_CONSUMER_INDEX) == 37


def test_full_eq_keeps_events(up):
    eq = EventQueue(up, log_size=2)
    eq.map_events()
    for token in range(11):
        command_event(up, token)
    seen = []
    while len(seen) < 11:
        new = eq.poll()
        assert 0 < len(new) <= 4
        seen += [get(e, CX.EQE_TOKEN) for e in new]
        eq.doorbell()
        up.nop()
    assert seen == list(range(11))


def test_eq_that_ignores_overruns_goes_on(up):
    eq = EventQueue(up, log_size=2, fields={CX.EQC_OVERRUN_IGNORE: 1})
    eq.map_events()
    for token in range(6):
        command_event(up, token)
    assert get(eq.query(), CX.EQC_PRODUCER_INDEX) == 6
    assert [get(eq.entry(i), CX.EQE_TOKEN) for i in range(4)] == [4, 5, 2, 3]


def test_one_interrupt_an_arm(up):
    eq = EventQueue(up, vector=2)
    eq.map_events()
    command_event(up)
    assert eq.raised() == 1
    command_event(up)
    command_event(up)
    assert eq.quiet()
    assert get(eq.query(), CX.EQC_STATE) == CX.QUEUE_STATE_FIRED
    assert len(eq.poll()) == 3
    eq.doorbell()
    assert get(eq.query(), CX.EQC_STATE) == CX.QUEUE_STATE_ARMED
    assert eq.quiet()
    command_event(up)
    assert eq.raised() == 1


def test_arm_behind_the_producer_interrupts_at_once(up):
    eq = EventQueue(up)
    eq.map_events()
    command_event(up)
    eq.raised()
    command_event(up)
    eq.index = 1  # as if the second had not been seen
    eq.doorbell()
    eq.raised()
    assert get(eq.query(), CX.EQC_STATE) == CX.QUEUE_STATE_FIRED


def test_consumer_index_without_arm(up):
    eq = EventQueue(up)
    eq.map_events()
    command_event(up)
    eq.raised()
    eq.poll()
    eq.doorbell(arm=False)
    command_event(up)
    assert eq.quiet()
    assert get(eq.query(), CX.EQC_CONSUMER_INDEX) == 1


def test_always_armed(up):
    eq = EventQueue(up, fields={CX.EQC_STATE: CX.QUEUE_STATE_ALWAYS_ARMED})
    eq.map_events()
    for _ in range(3):
        command_event(up)
        assert eq.raised() == 1


def test_always_armed_eq_interrupts_for_events_that_waited(up):
    eq = EventQueue(up, log_size=2,
                    fields={CX.EQC_STATE: CX.QUEUE_STATE_ALWAYS_ARMED})
    eq.map_events()
    for _ in range(6):
        command_event(up)
    assert len(eq.take(4)) == 4 and not eq.valid()
    raised = 0
    while raised < 4:
        raised += eq.raised()
    assert raised == 4
    eq.doorbell(arm=False)
    eq.raised()
    assert len(eq.take(2)) == 2 and not eq.valid()


def test_fired_eq_is_silent(up):
    eq = EventQueue(up, fields={CX.EQC_STATE: CX.QUEUE_STATE_FIRED})
    eq.map_events()
    command_event(up)
    assert eq.take() and eq.quiet()


def test_destroyed_eq_is_not_written(up):
    eq = EventQueue(up)
    eq.map_events()
    eq.destroy()
    before = eq.ring.read(0, eq.ring.size)
    command_event(up)
    assert up.nop() and eq.ring.read(0, eq.ring.size) == before


def test_doorbells_of_every_place_in_a_page(up):
    queues = [EventQueue(up, log_size=1, eqn=eqn) for eqn in (4, 5, 6, 7, 66)]
    for eq in queues:
        eq.index = 1
        eq.doorbell(arm=False)
        assert get(eq.query(), CX.EQC_CONSUMER_INDEX) == 1
        assert [get(q.query(), CX.EQC_CONSUMER_INDEX)
                for q in queues].count(1) == queues.index(eq) + 1


@on(CONNECTX)
def test_intx_and_its_clearing(card):
    card.client.disable_msix()
    card.client.enable_intx()
    card.bring_up()
    eq = EventQueue(card)
    eq.map_events()
    command_event(card)
    card.client.wait_intx()
    card.set_reg(CX.REG_CLEAR_INTERRUPT + 4, 1)
    card.client.unmask_intx()
    eq.poll()
    eq.doorbell()
    card.nop()
    with pytest.raises(TimeoutError):
        card.client.wait_intx(0)
    command_event(card)
    card.client.wait_intx()


# --- completion queues ---

LINUX_RX_CQ = """
    0000: 00 00 00 00  00 00 00 00  00 00 00 00  0a 00 00 81
    0010: 00 00 00 00  00 00 00 41  03 00 00 00  00 00 30 00
    0020: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    0030: 00 00 00 00  00 00 00 00  00 00 00 01  1f e0 00 40"""


@pytest.mark.parametrize("op_mod,mark", [(0, 0x80), (1, 0)])
def test_cq_example(up, op_mod, mark):
    EventQueue(up, eqn=0x41)
    buffer = up.alloc(8 * PAGE, 8 * PAGE)
    up.mtt_entries([buffer], 0x3000 // 8)
    up.run("SW2HW_CQ", 0x85, op_mod, data=hexbytes(LINUX_RX_CQ))
    wanted = bytearray(8 * PAGE)
    wanted[31::32] = bytes([mark]) * 1024
    assert up.read(buffer, 8 * PAGE) == wanted
    context = up.run("QUERY_CQ", 0x85).data
    assert get(context, CX.CQC_RECORD) << 3 == 0x11fe00040
    assert get(context, CX.CQC_EQN) == 0x41


def test_cq_of_ipxe_with_an_offset(up):
    eq = EventQueue(up)
    cq = CompletionQueue(up, eq, log_size=5, page_offset=0xfe0)
    page = up.read(cq.ring.pages[0], PAGE)
    assert not any(page[:0xfe0]) and page[0xfff] == 0x80
    second = up.read(cq.ring.pages[1], PAGE)
    assert second[31:31 * 32:32] == b"\x80" * 31
    assert not any(second[31 * 32:])


@pytest.mark.parametrize("cqn,fields,status", [
    (0x90, {CX.CQC_LOG_SIZE: 23}, "BAD_PARAM"),
    (0x90, {CX.CQC_EQN: 99}, "BAD_RES_STATE"),
    (1 << 10, {}, "BAD_INDEX"), (0xffffff, {}, "BAD_INDEX"),
    (0x90, {CX.CQC_MTT: 0x1fffffffff}, "ICM_ERROR")])
def test_cq_refused(up, cqn, fields, status):
    eq = EventQueue(up)
    mtt, _ = up.buffer(PAGE)
    context = make(CX.CQC_SIZE, {CX.CQC_LOG_SIZE: 3, CX.CQC_EQN: eq.eqn,
                                 CX.CQC_MTT: mtt >> 3, **fields})
    assert up.status("SW2HW_CQ", cqn, data=context) == status


def test_cq_ownership(up):
    eq = EventQueue(up)
    cq = CompletionQueue(up, eq)
    assert up.status("SW2HW_CQ", cq.cqn, data=cq.context) == "BAD_RES_STATE"
    cq.destroy()
    assert up.status("HW2SW_CQ", cq.cqn) == "BAD_RES_STATE"
    assert up.status("QUERY_CQ", cq.cqn) == "BAD_RES_STATE"
    assert up.status("MODIFY_CQ", cq.cqn, 1, data=bytes(64)) == \
        "BAD_RES_STATE"


def test_cq_number_beyond_the_table_frees_no_other(up):
    """The bits above the table's size are masked on the way in and out."""
    eq = EventQueue(up)
    cq = CompletionQueue(up, eq)
    up.status("HW2SW_CQ", cq.cqn | 1 << 20)
    up.status("QUERY_CQ", cq.cqn)
    up.status("HW2SW_CQ", cq.cqn)
    CompletionQueue(up, eq, cqn=cq.cqn)
    assert up.status("QUERY_CQ", cq.cqn) == "OK"


def test_cq_owner_bits_over_wraps(nic):
    nic.card.run("TO_RST_QP", nic.qp.qpn, 2, out=False)
    cq = CompletionQueue(nic.card, nic.eq, log_size=2)
    qp = QueuePair(nic.card, cq, log_sq=3)
    for i in range(50):
        complete(qp)
        cqe = cq.take()[0]
        assert get(cqe, CX.CQE_WQE_INDEX) == i
        assert get(cqe, CX.CQE_OWNER) == i >> 2 & 1
        qp.stamp(i, i + 1)
    context = cq.query()
    assert get(context, CX.CQC_PRODUCER_INDEX) == 50
    assert get(context, CX.CQC_CONSUMER_INDEX) == 50


def test_all_entries_of_a_cq_may_be_outstanding(nic):
    cq = CompletionQueue(nic.card, nic.eq, log_size=3)
    qp = QueuePair(nic.card, cq)
    complete(qp, 8)
    wait_for(lambda: get(cq.query(), CX.CQC_PRODUCER_INDEX) == 8)
    assert get(cq.query(), CX.CQC_STATUS) == CX.QUEUE_STATUS_OK
    assert len(cq.poll()) == 8


def test_cq_overrun(nic):
    nic.events.poll()
    cq = CompletionQueue(nic.card, nic.eq, log_size=2)
    qp = QueuePair(nic.card, cq)
    complete(qp, 5)
    assert nic.events.take()[0] == make(32, {
        CX.EQE_TYPE: CX.EVENT_CQ_ERROR, CX.EQE_NUMBER: cq.cqn,
        CX.EQE_STATUS: CX.CQ_ERROR_OVERRUN})
    assert get(cq.query(), CX.CQC_STATUS) == CX.QUEUE_STATUS_OVERFLOW
    assert len(cq.poll()) == 4
    assert qp.query()[0] == CX.QP_ERR


def test_cq_that_ignores_overruns(nic):
    cq = CompletionQueue(nic.card, nic.eq, log_size=2,
                         fields={CX.CQC_OVERRUN_IGNORE: 1})
    qp = QueuePair(nic.card, cq)
    complete(qp, 7)
    wait_for(lambda: get(cq.query(), CX.CQC_PRODUCER_INDEX) == 7)
    assert [get(cq.entry(i), CX.CQE_WQE_INDEX) for i in range(4)] == \
        [4, 5, 6, 3]


def test_collapsed_cq(nic):
    cq = CompletionQueue(nic.card, nic.eq, log_size=3,
                         fields={CX.CQC_COLLAPSE: 1})
    qp = QueuePair(nic.card, cq)
    complete(qp, 5)
    wait_for(lambda: get(cq.query(), CX.CQC_PRODUCER_INDEX) == 5)
    assert get(cq.entry(0), CX.CQE_WQE_INDEX) == 4
    assert cq.entry(1)[:31] == bytes(31)


def test_arm_example_and_event(nic):
    cq = CompletionQueue(nic.card, nic.eq, cqn=0x85 + 0x100)
    qp = QueuePair(nic.card, cq)
    cq.arm()
    assert nic.card.read(cq.record + 4, 4) == b"\x12\0\0\0"
    complete(qp)
    nic.eq.raised()
    event, = nic.eq.take()
    assert event == hexbytes("""
        0000: 00 00 00 00  00 00 01 85  00 00 00 00  00 00 00 00
        0010: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00""")


@pytest.mark.parametrize("split", [False, True])
def test_one_event_an_arm(nic, split):
    cq, qp = nic.tx_cq, nic.qp
    cq.arm(split=split)
    complete(qp, 3)
    assert len(nic.eq.take()) == 1
    cq.take(3)
    complete(qp, 2)
    cq.take(2)
    nic.card.nop()
    assert not nic.eq.poll()
    cq.arm(split=split)
    complete(qp)
    assert get(nic.eq.take()[0], CX.EQE_NUMBER) == cq.cqn


def test_unarmed_cq_is_silent(nic):
    complete(nic.qp, 3)
    nic.tx_cq.take(3)
    nic.card.nop()
    assert not nic.eq.poll()


def test_arm_behind_the_producer_fires_at_once(nic):
    """The race: a completion between the last look and the arm."""
    complete(nic.qp, 2)
    nic.tx_cq.take(2)
    nic.tx_cq.arm(index=1)
    nic.eq.take()
    nic.tx_cq.arm(index=2)
    nic.card.nop()
    assert not nic.eq.poll()


def test_arm_race_for_long(nic):
    """Whenever software arms with what it has seen, an event comes."""
    cq, qp = nic.tx_cq, nic.qp
    done = events = 0
    for _ in range(60):
        complete(qp, 3)
        cq.arm()
        nic.eq.take()
        nic.eq.doorbell()
        events += 1
        taken = len(cq.take(1)) + len(cq.poll())
        cq.consumed()
        while taken < 3:
            taken += len(cq.take(1))
        qp.stamp(done, done + 3)
        done += 3
    assert events == 60


def test_solicited_arm(nic):
    cq, qp = nic.tx_cq, nic.qp
    cq.arm(CX.CQ_ARM_SOLICITED)
    plain = wqe([], CX.SEND_OP_NOP, {CX.SEND_SOLICITED: 0})
    qp.post(plain)
    qp.doorbell()
    cq.take()
    nic.card.nop()
    assert not nic.eq.poll()
    complete(qp)
    assert nic.eq.take()


def test_error_completions_are_solicited(nic):
    nic.tx_cq.arm(CX.CQ_ARM_SOLICITED)
    nic.qp.post(wqe([], 0x1f, {CX.SEND_SOLICITED: 0}))
    nic.qp.doorbell()
    assert nic.eq.take()


@pytest.mark.parametrize("state,armed", [
    (CX.QUEUE_STATE_ARMED, True), (CX.QUEUE_STATE_FIRED, False), (0, False)])
def test_state_in_the_context(nic, state, armed):
    cq = CompletionQueue(nic.card, nic.eq, fields={CX.CQC_STATE: state})
    complete(QueuePair(nic.card, cq))
    cq.take()
    nic.card.nop()
    assert bool(nic.eq.poll()) == armed


LONG = 65535  # microseconds


def quiet_so_far(nic, start):
    """No event yet, unless this machine stood still for the whole period."""
    found = nic.eq.poll()
    return not found or time.monotonic() - start > LONG / 1e6


def test_moderation_by_count(nic):
    cq, qp = nic.tx_cq, nic.qp
    cq.moderate(4, LONG)
    assert get(cq.query(), CX.CQC_MAX_COUNT) == 4
    start = time.monotonic()
    cq.arm()
    complete(qp, 3)
    cq.take(3)
    nic.card.nop()
    assert quiet_so_far(nic, start)
    complete(qp)
    cq.take()
    nic.card.nop()
    assert nic.eq.index == 1 or len(nic.eq.poll()) == 1


def test_moderation_by_time(nic):
    cq, qp = nic.tx_cq, nic.qp
    nic.card.run("MODIFY_CQ", cq.cqn, 1, hexbytes("""
        0000: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
        0010: 00 10 00 2c"""))
    context = cq.query()
    assert get(context, CX.CQC_PERIOD) == 16
    assert get(context, CX.CQC_MAX_COUNT) == 44
    cq.moderate(44, LONG)
    start = time.monotonic()
    cq.arm()
    complete(qp)
    cq.take()
    assert quiet_so_far(nic, start)
    if not nic.eq.index:
        nic.eq.take()
        assert time.monotonic() - start > LONG / 1e6


@pytest.mark.parametrize("count,period", [(0, 1000), (44, 0), (0, 0)])
def test_moderation_off(nic, count, period):
    nic.tx_cq.moderate(count, period)
    nic.tx_cq.arm()
    complete(nic.qp)
    nic.eq.take()


def test_full_eq_makes_cqs_wait_their_turn(nic):
    eq = EventQueue(nic.card, log_size=1, vector=4)
    queues = []
    for _ in range(6):
        cq = CompletionQueue(nic.card, eq, log_size=3)
        queues.append((cq, QueuePair(nic.card, cq)))
    for cq, qp in queues:
        cq.arm()
        complete(qp)
        cq.take()
    seen = set()
    while len(seen) < 6:
        for event in eq.take():
            seen.add(get(event, CX.EQE_NUMBER))
        eq.doorbell()
    assert seen == {cq.cqn for cq, _ in queues}


def test_cq_that_waits_for_a_full_eq_may_go(nic):
    eq = EventQueue(nic.card, log_size=1, vector=4)
    for _ in range(5):
        cq = CompletionQueue(nic.card, eq, log_size=3)
        qp = QueuePair(nic.card, cq)
        cq.arm()
        complete(qp)
        cq.take()
        qp.reset()
        cq.destroy()
    assert len(eq.poll()) == 2
    eq.doorbell()
    assert nic.card.nop()
    assert not eq.poll()


def test_resize_cq(nic):
    card = nic.card
    cq = CompletionQueue(card, nic.eq, log_size=2)
    qp = QueuePair(card, cq)
    complete(qp, 2)
    cq.take(2)
    mtt, pages = card.buffer(PAGE)
    context = make(CX.CQC_SIZE, {CX.CQC_LOG_SIZE: 4, CX.CQC_MTT: mtt >> 3})
    card.run("MODIFY_CQ", cq.cqn, CX.MODIFY_CQ_RESIZE, context)
    complete(qp)
    wait_for(lambda: card.read(pages[0] + 2 * 32 + 31, 1) != b"\x80")
    assert card.status("MODIFY_CQ", cq.cqn, CX.MODIFY_CQ_RESIZE, make(
        CX.CQC_SIZE, {CX.CQC_LOG_SIZE: 23})) == "BAD_PARAM"
    assert card.status("MODIFY_CQ", cq.cqn, 2, context) == "BAD_OP"


def test_destroyed_cq_is_not_written(nic):
    cq = CompletionQueue(nic.card, nic.eq)
    qp = QueuePair(nic.card, cq)
    cq.destroy()
    before = cq.ring.read(0, cq.ring.size)
    complete(qp)
    cq.arm()
    assert nic.card.nop()
    complete(nic.qp)
    nic.tx_cq.take()
    assert cq.ring.read(0, cq.ring.size) == before


# --- queue pairs ---

STATES = {"RST": CX.QP_RST, "INIT": CX.QP_INIT, "RTR": CX.QP_RTR,
          "RTS": CX.QP_RTS, "SQD": CX.QP_SQD, "ERR": CX.QP_ERR}
TRANSITIONS = {
    "RST2INIT_QP": {"RST": "INIT"}, "INIT2INIT_QP": {"INIT": "INIT"},
    "INIT2RTR_QP": {"INIT": "RTR"}, "RTR2RTS_QP": {"RTR": "RTS"},
    "RTS2RTS_QP": {"RTS": "RTS"}, "SQERR2RTS_QP": {},
    "RTS2SQD_QP": {"RTS": "SQD"}, "SQD2RTS_QP": {"SQD": "RTS"},
    "SQD2SQD_QP": {"SQD": "SQD"},
    "TO_ERR_QP": {s: "ERR" for s in STATES if s != "RST"},
    "TO_RST_QP": {s: "RST" for s in STATES},
}


@pytest.mark.parametrize("state", list(STATES))
@pytest.mark.parametrize("command", list(TRANSITIONS))
def test_state_machine(up, command, state):
    eq = EventQueue(up)
    cq = CompletionQueue(up, eq)
    qp = QueuePair(up, cq, state="RST")
    if state in ("INIT", "RTR", "RTS"):
        qp.to_state(state)
    elif state != "RST":
        qp.to_state("RTS")
        up.run({"SQD": "RTS2SQD_QP", "ERR": "TO_ERR_QP"}[state], qp.qpn,
               data=qp.mailbox)
    assert qp.query()[0] == STATES[state]
    to = TRANSITIONS[command].get(state)
    status = up.status(command, qp.qpn, 2 if command == "TO_RST_QP" else 0,
                       data=None if command == "TO_RST_QP" else qp.mailbox,
                       out=False)
    if to is None and command == "TO_ERR_QP":
        # never refused: a queue pair in RST stays there
        assert status == "OK" and qp.query()[0] == CX.QP_RST
    elif to is None:
        assert status == "BAD_QP_STATE"
        assert qp.query()[0] == STATES[state]
    else:
        assert status == "OK" and qp.query()[0] == STATES[to]


def test_unknown_cqs_are_refused(up):
    eq = EventQueue(up)
    cq = CompletionQueue(up, eq)
    qp = QueuePair(up, cq, state="RST")
    for field in CX.QPC_SEND_CQN, CX.QPC_RECEIVE_CQN:
        mailbox = bytearray(qp.mailbox)
        put(mailbox, field, 0x3ff, CX.QP_MAILBOX_CONTEXT)
        assert up.status("RST2INIT_QP", qp.qpn, data=mailbox) == \
            "BAD_RES_STATE"


LINUX_TX_QP = """
    0000: 10 07 00 00  00 00 00 04  ff 00 52 00  00 00 00 81
    0010: 00 00 02 08  00 00 00 00  00 00 00 00  03 00 00 00
    0020: 01 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    0030: 00 00 00 00  00 00 00 00  83 00 00 00  00 00 00 00
    0040: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    0050: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    0060: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    0070: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 86
    0080: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    0090: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 86
    00a0: 00 00 00 04  7f 80 00 00  00 00 00 00  00 00 00 00
    00b0: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    00c0: 00 00 00 00  00 00 00 00  04 00 00 00  00 00 40 00
    00d0: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    00e0: 00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
    00f0: 00 00 00 00  00 00 00 00"""


def test_linux_tx_queue_pair_touches_nothing(up):
    """Its record address is garbage and its ring not stamped yet."""
    EventQueue(up, eqn=0x41)
    cq = CompletionQueue(up, EventQueue(up), cqn=0x86)
    buffer = up.alloc(16 * PAGE, 16 * PAGE)
    up.mtt_entries([buffer], 0x4000 // 8)
    image = bytearray(8) + hexbytes(LINUX_TX_QP)
    for name, state in ("RST2INIT_QP", 1), ("INIT2RTR_QP", 2), \
            ("RTR2RTS_QP", 3):
        image[8] = state << 4
        up.run(name, 0x208, data=image)
    context = up.run("QUERY_QP", 0x208).data[CX.QP_MAILBOX_CONTEXT:]
    assert get(context, CX.QPC_STATE) == CX.QP_RTS
    assert get(context, CX.QPC_LOG_SQ_SIZE) == 10
    assert get(context, CX.QPC_LOG_SQ_STRIDE) == 2
    assert get(context, CX.QPC_RECORD) << 2 == 0x47f800000
    assert up.read(buffer, 16 * PAGE) == bytes(16 * PAGE)
    assert not cq.poll()


def test_ipxe_partial_contexts_keep_the_port(nic):
    """INIT2RTR names the port, RTR2RTS has a path of zeros."""
    card = nic.card
    card.open_port(2)
    qp = QueuePair(card, nic.tx_cq, state="RST", port=2)
    base = CX.QP_MAILBOX_CONTEXT
    first = bytearray(qp.mailbox)
    first[base] = 0
    put(first, CX.PATH_SCHEDULE_QUEUE, 0, base + CX.QPC_PRIMARY_PATH)
    card.run("RST2INIT_QP", qp.qpn, data=first)
    second = make(base + CX.QPC_SIZE, {})
    put(second, CX.QPC_MTU, 7, base)
    put(second, CX.QPC_LOG_MESSAGE_MAX, 31, base)
    put(second, CX.PATH_SCHEDULE_QUEUE, 0xc3, base + CX.QPC_PRIMARY_PATH)
    card.run("INIT2RTR_QP", qp.qpn, data=second)
    card.run("RTR2RTS_QP", qp.qpn, data=bytes(base + CX.QPC_SIZE))
    last = make(base + CX.QPC_SIZE, {
        CX.QP_OPTIONAL_MASK: CX.QP_OPTIONAL_QKEY})
    put(last, CX.QPC_QKEY, 0x1234, base)
    card.run("RTS2RTS_QP", qp.qpn, data=last)
    state, context = qp.query()
    assert state == CX.QP_RTS and get(context, CX.QPC_QKEY) == 0x1234
    for slot in range(16):
        qp.ring.write(slot * 64, b"\xff\xff\xff\xff")
    qp.post(wqe([inline(bytes(range(60)))]))
    qp.doorbell()
    assert card.adapter.wire(2).recv() == bytes(range(60))


def test_optional_fields_of_rts2rts(nic):
    base = CX.QP_MAILBOX_CONTEXT
    mailbox = make(base + CX.QPC_SIZE, {
        CX.QP_OPTIONAL_MASK: CX.QP_OPTIONAL_SCHEDULE_QUEUE})
    put(mailbox, CX.PATH_SCHEDULE_QUEUE, 0xc3, base + CX.QPC_PRIMARY_PATH)
    nic.card.open_port(2)
    nic.card.run("RTS2RTS_QP", nic.qp.qpn, data=mailbox)
    nic.send(bytes(range(80)))
    assert nic.card.adapter.wire(2).recv() == bytes(range(80))


def test_number_bits_above_the_table_are_echoed(nic):
    """iPXE puts random bits there and wants them back."""
    cq = CompletionQueue(nic.card, nic.eq)
    number = 0xabc << 12 | 0x155
    qp = QueuePair(nic.card, cq, qpn=number)
    complete(qp)
    assert get(cq.take()[0], CX.CQE_QPN) == number
    _, context = qp.query()
    assert get(context, CX.QPC_LOCAL_QPN) == number
    short = nic.card.run("QUERY_QP", 0x155).data[8:]
    assert get(short, CX.QPC_LOCAL_QPN) == number


def test_doorbell_finds_the_slot_without_the_high_bits(nic):
    cq = CompletionQueue(nic.card, nic.eq)
    qp = QueuePair(nic.card, cq, qpn=0xabc << 12 | 0x156)
    qp.post(NOP)
    nic.card.uar(CX.UAR_SEND_DOORBELL, (0x156 << 8).to_bytes(4, "big"))
    assert get(cq.take()[0], CX.CQE_QPN) == qp.qpn


def test_reset_starts_from_zero(nic):
    complete(nic.qp, 5)
    nic.tx_cq.take(5)
    nic.qp.reset()
    assert nic.qp.query()[0] == CX.QP_RST
    nic.qp.sq_head = 0
    nic.qp.to_state("RTS")
    complete(nic.qp)
    assert get(nic.tx_cq.take()[0], CX.CQE_WQE_INDEX) == 0


def test_reset_with_a_mailbox_gives_the_context(nic):
    data = nic.card.run("TO_RST_QP", nic.qp.qpn, 0).data
    assert get(data, CX.QPC_PD, CX.QP_MAILBOX_CONTEXT) == 4
    assert nic.qp.query()[0] == CX.QP_RST
    nic.card.run("TO_RST_QP", nic.qp.qpn, 3, out=False)


def test_to_err_flushes_both_queues(nic):
    for _ in range(3):
        nic.qp.post(NOP)
    nic.card.run("TO_ERR_QP", nic.qp.qpn, data=bytes(PAGE))
    for cq, count, send in (nic.tx_cq, 3, 1), (nic.rx_cq, 8, 0):
        entries = cq.take(count)
        assert [get(e, CX.CQE_WQE_INDEX) for e in entries] == \
            list(range(count))
        for entry in entries:
            assert get(entry, CX.CQE_OPCODE) == CX.CQE_OP_ERROR
            assert get(entry, CX.CQE_ERROR_SYNDROME) == CX.SYNDROME_FLUSHED
            assert get(entry, CX.CQE_IS_SEND) == send
    complete(nic.qp)
    assert get(nic.tx_cq.take()[0], CX.CQE_ERROR_SYNDROME) == \
        CX.SYNDROME_FLUSHED


def test_drained_event(nic):
    nic.events.poll()
    nic.card.run("RTS2SQD_QP", nic.qp.qpn | CX.SQD_EVENT, data=bytes(PAGE))
    event = nic.events.take()[0]
    assert get(event, CX.EQE_TYPE) == CX.EVENT_SQ_DRAINED
    assert get(event, CX.EQE_NUMBER) == nic.qp.qpn


def test_doorbells_in_other_states_do_nothing(nic):
    cq = CompletionQueue(nic.card, nic.eq)
    for state in "INIT", "RTR":
        qp = QueuePair(nic.card, cq, state=state)
        complete(qp)
        assert nic.card.nop()
        assert not cq.poll()


UPDATE_EXAMPLE_SIZE = CX.UPDATE_QP_CONTEXT + CX.QPC_SIZE


@on(CONNECTX_3)
def test_update_qp_examples(nic):
    check = bytearray(UPDATE_EXAMPLE_SIZE)
    check[0x08:0x10] = hexbytes("00 08 00 00 00 00 00 00")
    check[0x38] = 0x02
    nic.card.run("UPDATE_QP", nic.qp.qpn, data=check)
    context = nic.qp.query()[1]
    assert get(context, CX.PATH_MULTICAST_SOURCE_CHECK,
               CX.QPC_PRIMARY_PATH) == 1
    rate = bytearray(UPDATE_EXAMPLE_SIZE)
    rate[0:8] = hexbytes("00 00 00 08 00 00 00 00")
    rate[0xdc:0xde] = b"\x83\xe8"
    nic.card.run("UPDATE_QP", nic.qp.qpn, data=rate)
    context = nic.qp.query()[1]
    assert get(context, CX.QPC_RATE_UNIT) == 2
    assert get(context, CX.QPC_RATE_VALUE) == 1000
    assert get(context, CX.PATH_MULTICAST_SOURCE_CHECK,
               CX.QPC_PRIMARY_PATH) == 1


@on(CONNECTX_3)
@pytest.mark.parametrize("mask,field,base", [
    (CX.UPDATE_QP_VLAN_STRIP, CX.QPC_VLAN_STRIP_OFF, 0),
    (CX.UPDATE_QP_QOS_VPORT, CX.QPC_QOS_VPORT, 0),
    (CX.UPDATE_QP_SCHEDULE_QUEUE, CX.PATH_SCHEDULE_QUEUE,
     CX.QPC_PRIMARY_PATH),
    (CX.UPDATE_QP_UNICAST_SOURCE_CHECK, CX.PATH_UNICAST_SOURCE_CHECK,
     CX.QPC_PRIMARY_PATH)])
def test_update_qp_takes_what_the_mask_names(nic, mask, field, base):
    before = bytearray(nic.qp.query()[1])
    noise = bytearray(b"\xff" * UPDATE_EXAMPLE_SIZE)
    noise[:CX.UPDATE_QP_CONTEXT] = make(CX.UPDATE_QP_CONTEXT, {mask: 1})
    nic.card.run("UPDATE_QP", nic.qp.qpn, data=noise)
    put(before, field, (1 << (field & 0xff)) - 1, base)
    assert nic.qp.query()[1] == before


@on(CONNECTX_3)
def test_update_qp_in_reset(up):
    assert up.status("UPDATE_QP", 0x100, data=bytes(PAGE)) == "BAD_QP_STATE"


@pytest.mark.parametrize("by_command", [False, True])
def test_mtt_written_directly_or_by_command(card, by_command):
    card.write_mtt = by_command
    nic = Nic(card)
    assert nic.sent(bytes(range(64)))[0] == bytes(range(64))
