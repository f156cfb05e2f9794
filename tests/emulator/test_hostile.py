# SPDX-License-Identifier: GPL-2.0-only
"""Guests that do what they must not, go in the middle of work, or come after
one that did: the card answers with a status, an error or nothing, and after a
reset it is as good as new."""

import os
import random
import struct
import time

import pytest

import frames
from adapters import CONNECTX_3
from connectx import (MIB, PAGE, Card, CompletionQueue, Nic, QueuePair,
                      inline, lso_segment, pointer, wqe)
from fixtures import card, nic, on
from layout import CX, get, make, put
from vfio_user import wait_for


def as_good_as_new(card):
    """After a chip reset the card comes up, sends and receives."""
    card.chip_reset()
    assert card.nop()
    card.memory.next = card.in_box + 16 * PAGE
    fresh = Nic(card)
    # what has left the card before the reset may still be on its way
    fresh.send(frames.raw(77))
    fresh.wire.recv_until(frames.raw(77))
    assert get(fresh.tx_cq.take()[0], CX.CQE_WQE_INDEX) == 0
    fresh.wire.send(frames.raw(88))
    assert fresh.receive()[1] == frames.raw(88)


# --- memory that is not there ---

CONTEXTS = ["SW2HW_EQ", "SW2HW_CQ", "RST2INIT_QP", "SW2HW_MPT", "INIT_HCA",
            "MODIFY_CQ", "UPDATE_QP", "INIT2RTR_QP", "WRITE_MTT", "MAP_ICM",
            "FLOW_STEERING_ATTACH", "WRITE_MCG", "SET_PORT", "MAD_IFC",
            "ACCESS_REG", "CONGESTION_CTRL", "VIRT_PORT_MAP"]


@on(CONNECTX_3)
@pytest.mark.parametrize("name", CONTEXTS)
def test_noise_for_a_context(card, name):
    """Random mailboxes and modifiers, the same in each run."""
    nic = Nic(card)
    dice = random.Random(name)
    for turn in range(25):
        data = dice.randbytes(PAGE)
        if turn % 3 == 0:  # mostly zeros goes further
            data = bytes(b if dice.random() < 0.02 else 0 for b in data)
        card.command(name, dice.choice([
            1, 4, 64, 128, 200, dice.getrandbits(10), dice.getrandbits(32)]),
            dice.randrange(3), data=data)
    assert nic.card.nop()
    as_good_as_new(card)


@pytest.mark.parametrize("what", ["SQ", "RQ", "RX CQ", "TX CQ", "EQ"])
@pytest.mark.parametrize("where", [0, 0x1000, 2 ** 60, 0x120000000 - PAGE])
def test_ring_that_moves_outside_of_memory(card, what, where):
    """The MTT entry changes before the page was used for the first time."""
    nic = Nic(card, log_cq=8, log_sq=8, log_rq=9)
    ring = {"SQ": nic.qp.ring, "RQ": nic.qp.ring, "RX CQ": nic.rx_cq.ring,
            "TX CQ": nic.tx_cq.ring, "EQ": nic.eq.ring}[what]
    for i in range(len(ring.pages)):
        card.write(card.mtt_bus + ring.mtt + 8 * i,
                   struct.pack(">Q", where | 1))
    nic.tx_cq.arm()
    nic.rx_cq.arm()
    nic.send(frames.raw(60))
    nic.wire.send(frames.raw(60))
    assert card.nop()
    as_good_as_new(card)


@pytest.mark.parametrize("entry", [0, 1, 2 ** 64 - 1, 0xfffffffffffff001])
def test_mtt_of_nonsense(card, entry):
    card.bring_up()
    card.write(card.mtt_bus, struct.pack(">Q", entry) * 512)
    for name, size, log in (("SW2HW_EQ", CX.EQC_SIZE, CX.EQC_LOG_SIZE),
                            ("SW2HW_CQ", CX.CQC_SIZE, CX.CQC_LOG_SIZE)):
        status = card.status(name, 6, data=make(size, {log: 22}))
        assert status in ("ICM_ERROR", "BAD_RES_STATE")
    as_good_as_new(card)


@pytest.mark.parametrize("log_page", [31, 51, 63])
def test_page_sizes_beyond_reason(card, log_page):
    card.bring_up()
    mtt, _ = card.buffer(PAGE)
    card.command("SW2HW_EQ", 6, data=make(CX.EQC_SIZE, {
        CX.EQC_LOG_SIZE: 22, CX.EQC_LOG_PAGE_SIZE: log_page,
        CX.EQC_MTT: mtt >> 3}))
    assert card.nop()
    as_good_as_new(card)


@pytest.mark.parametrize("record", [0, 0x1000, 2 ** 64 - 8, 0x120000000])
def test_records_outside_of_memory(card, record):
    nic = Nic(card)
    cq = CompletionQueue(card, nic.eq, fields={CX.CQC_RECORD: record >> 3})
    qp = QueuePair(card, cq, fields={CX.QPC_RECORD: record >> 2})
    qp.post(wqe([inline(frames.raw(60))]))
    qp.doorbell()
    card.promiscuous(qp.qpn)
    nic.wire.send(frames.raw(60))
    cq.arm()
    assert card.nop()
    as_good_as_new(card)


def test_memory_that_is_unmapped_under_the_card(nic):
    """As a guest that ends while its rings are full."""
    for _ in range(8):
        nic.send(frames.raw(60))
    nic.card.client.unmap_memory(nic.card.memory)
    nic.qp.doorbell()
    nic.wire.send(*[frames.raw(60)] * 20)
    assert nic.card.reg(CX.REG_HCR) == nic.card.reg(CX.REG_HCR)
    nic.card.post(CX.CMD_NOP)
    wait_for(nic.card.done)


def test_memory_that_comes_back(nic):
    """Firmware of a PC maps everything anew at times: nothing is lost."""
    client, memory = nic.card.client, nic.card.memory
    client.dma_unmap(memory.address, memory.size)
    nic.qp.doorbell()
    nic.wire.send(frames.raw(61))
    client.dma_map(memory.address, memory.size, memory.fd)
    assert nic.receive()[1] == frames.raw(61)
    assert nic.sent(frames.raw(62))[0] == frames.raw(62)


def test_memory_that_was_cut_short(nic):
    """The file behind the guest's memory shrinks: no SIGBUS for us."""
    os.ftruncate(nic.card.memory.fd, 16 * MIB)
    address = nic.card.memory.address + 128 * MIB
    nic.qp.post(wqe([pointer(address, 1000, nic.lkey)]))
    nic.qp.doorbell()
    nic.card.post(CX.CMD_NOP)
    wait_for(nic.card.done)


# --- doorbells and registers ---

def test_random_doorbells(nic):
    dice = random.Random(1)
    size = nic.card.client.region_info(CX.BAR_UAR)[0]
    for _ in range(500):
        length = dice.choice([1, 2, 4, 8])
        offset = dice.choice([dice.randrange(size), 0x81014, 0x81020, 0x1800,
                              size // 2 + dice.randrange(4096)])
        offset -= offset % length
        nic.card.client.bar_write(CX.BAR_UAR, offset, dice.randbytes(length))
    assert nic.card.nop()
    as_good_as_new(nic.card)


def test_random_registers(card):
    dice = random.Random(2)
    for _ in range(500):
        offset = dice.randrange(CX.BAR0_SIZE // 4) * 4
        card.client.bar_write(CX.BAR_DCS, offset, dice.randbytes(4))
        if dice.random() < 0.1:
            card.client.bar_read(CX.BAR_DCS, offset, 4)
    as_good_as_new(card)


def test_commands_while_one_is_posted(card):
    """Writes of a register that the card owns change nothing."""
    for opcode in range(64):
        card.post(opcode, in_mod=opcode, in_param=card.in_box,
                  out_param=card.out_box)
    wait_for(card.done)
    as_good_as_new(card)


@pytest.mark.parametrize("count", [1, 100, 5000])
def test_doorbell_storm(nic, count):
    """One frame, however often the bell rings."""
    nic.qp.post(wqe([inline(frames.raw(60))]))
    word = make(4, {CX.SEND_DOORBELL_QPN: nic.qp.qpn})
    entry = (CX.BAR_UAR, 0x81000 + CX.UAR_SEND_DOORBELL, bytes(word))
    for start in range(0, count, 50):
        nic.card.client.write_multi([entry] * min(50, count - start))
    assert nic.wire.recv() == frames.raw(60)
    assert len(nic.tx_cq.take()) == 1
    assert nic.card.nop() and not nic.tx_cq.poll()


# --- descriptors ---

@pytest.mark.parametrize("seed", range(8))
def test_rings_of_noise(card, seed):
    dice = random.Random(seed)
    nic = Nic(card, log_sq=6, log_rq=6, rq_stride=64)
    for turn in range(10):
        nic.qp.ring.write(0, dice.randbytes(nic.qp.sq_size + nic.qp.rq_size))
        card.write(nic.qp.record, struct.pack(">I", dice.getrandbits(6)))
        nic.qp.doorbell()
        nic.wire.send(frames.raw(60 + turn), frames.tcp4())
        card.nop()
        nic.tx_cq.poll()
        nic.tx_cq.consumed()
        if nic.qp.query()[0] != CX.QP_RTS:
            nic.qp.reset()
            nic.qp.to_state()
    as_good_as_new(card)


@pytest.mark.parametrize("seed", range(4))
def test_nearly_right_descriptors(card, seed):
    """Right ones with a bit flipped: they get further than noise."""
    dice = random.Random(seed)
    nic = Nic(card, log_sq=6)
    address = card.alloc(64 * 1024)
    for _ in range(40):
        kind = dice.randrange(3)
        if kind == 0:
            descriptor = bytearray(wqe([pointer(address, 1000, nic.lkey)] * 3))
        elif kind == 1:
            descriptor = bytearray(wqe([inline(frames.tcp4(b"x" * 40))]))
        else:
            descriptor = bytearray(wqe(
                [lso_segment(500, frames.tcp4(b"")),
                 pointer(address, 9000, nic.lkey)], CX.SEND_OP_LSO))
        at = dice.randrange(len(descriptor) * 8)
        descriptor[at // 8] ^= 1 << at % 8
        nic.qp.post(descriptor)
        nic.qp.doorbell()
        card.nop()
        nic.wire.drain()
        nic.tx_cq.poll()
        nic.tx_cq.consumed()
        if nic.qp.query()[0] != CX.QP_RTS or nic.qp.sq_head > 40:
            nic.qp.reset()
            nic.qp.sq_head = 0
            nic.qp.to_state()
    as_good_as_new(card)


def test_descriptor_that_makes_very_many_segments(nic):
    """128 KiB in segments of one byte: bounded work, then an error or not."""
    address = nic.card.alloc(128 * 1024)
    nic.qp.post(wqe([lso_segment(1, frames.tcp4(b"")),
                     pointer(address, 128 * 1024 - 1, nic.lkey)],
                    CX.SEND_OP_LSO, {CX.SEND_FORCE_LOOPBACK: 1}))
    nic.qp.doorbell()
    assert nic.card.nop()
    nic.tx_cq.take(timeout=5)


# --- limits ---

def test_no_end_of_mpts(card):
    """All that the table has; the process holds little for it."""
    card.bring_up()
    before = card.adapter.program.resident()
    entry = make(CX.MPT_SIZE, {CX.MPT_REGION: 1, CX.MPT_PHYSICAL: 1})
    for index in range(1024):
        card.run("SW2HW_MPT", index, data=entry)
    assert card.status("SW2HW_MPT", 1024, data=entry) == "BAD_RES_STATE"
    assert card.adapter.program.resident() - before < 8 * MIB


def test_no_end_of_queue_pairs(card):
    nic = Nic(card)
    before = card.adapter.program.resident()
    mailbox = bytearray(nic.qp.mailbox)
    put(mailbox, CX.QPC_RSS, 1, CX.QP_MAILBOX_CONTEXT)
    at = CX.QP_MAILBOX_CONTEXT + CX.QPC_RSS_CONTEXT
    put(mailbox, CX.RSS_HASH_FUNCTION, CX.RSS_HASH_TOEPLITZ, at)
    answers = {card.status("RST2INIT_QP", qpn, data=mailbox)
               for qpn in range(100, 700)}
    assert answers == {"OK", "EXCEED_LIM"}
    assert card.adapter.program.resident() - before < 64 * MIB
    as_good_as_new(card)


def test_no_end_of_icm(card):
    """A mailbox of the largest blocks: refused or held in little memory."""
    card.bring_up()
    before = card.adapter.program.resident()
    for turn in range(4):
        entries = b"".join(bytes(make(16, {
            CX.MAP_ENTRY_VIRTUAL_PAGE: (turn * 256 + i) << 18,
            CX.MAP_ENTRY_LOG_PAGES: 18})) for i in range(256))
        assert card.status("MAP_ICM", 256, data=entries) in ("OK",
                                                             "EXCEED_LIM")
    assert card.adapter.program.resident() - before < 256 * MIB
    as_good_as_new(card)


def test_unmapping_everything_at_once(card):
    card.bring_up()
    card.run("UNMAP_ICM", 0xffffffff, imm=0)
    card.run("UNMAP_ICM", 0xffffffff, imm=2 ** 64 - PAGE)
    as_good_as_new(card)


# --- leaving in the middle ---

@pytest.mark.parametrize("how", ["chip_reset", "flr", "bus reset",
                                 "CLOSE_HCA"])
def test_reset_in_the_middle_of_traffic(card, how):
    nic = Nic(card, buffers=0, log_rq=6, log_sq=6, log_cq=7)
    nic.qp.post_buffers(64, nic.lkey)
    header = frames.tcp4(b"")
    address = card.alloc(60000)
    for _ in range(20):
        nic.qp.post(wqe([lso_segment(1448, header),
                         pointer(address, 60000, nic.lkey)], CX.SEND_OP_LSO))
    nic.qp.doorbell()
    nic.wire.send(*[frames.raw(1000)] * 60)
    if how == "chip_reset":
        card.chip_reset()
    elif how == "flr":
        card.client.flr()
        card.restore_config()
        card.forget()
    elif how == "bus reset":
        card.client.reset()
        card.restore_config()
        card.forget()
    else:
        card.run("CLOSE_HCA")
    before = nic.rx_cq.ring.read(0, 4096), nic.tx_cq.ring.read(0, 4096)
    assert card.nop()
    assert (nic.rx_cq.ring.read(0, 4096),
            nic.tx_cq.ring.read(0, 4096)) == before
    nic.wire.drain()
    as_good_as_new(card)


def test_client_that_dies_leaves_a_clean_card(card):
    nic = Nic(card)
    card.reg(CX.REG_SEMAPHORE)
    nic.send(frames.raw(60))
    nic.wire.send(*[frames.raw(60)] * 30)
    nic.qp.post(wqe([inline(frames.raw(60))]))
    nic.qp.doorbell()
    card.client.socket.close()
    card.client.socket = None
    card.close()
    for _ in range(3):
        second = Card(card.adapter)
        assert second.reg(CX.REG_SEMAPHORE) == 0
        assert second.hcr() == bytes(28)
        fresh = Nic(second)
        assert fresh.sent(frames.raw(66))[0] == frames.raw(66)
        second.close()


def test_client_that_dies_in_the_middle_of_a_message(card):
    card.client.send_raw(b"\0\0\12\0\xff\0\0\0")
    card.close()
    second = Card(card.adapter)
    assert second.nop()
    second.close()


def test_queues_that_go_in_the_wrong_order(nic):
    """EQ before CQ before QP, with work posted and events owed."""
    nic.tx_cq.arm()
    nic.rx_cq.arm()
    nic.eq.destroy()
    nic.send(frames.raw(60))
    nic.wire.send(frames.raw(60))
    nic.card.nop()
    nic.tx_cq.destroy()
    nic.rx_cq.destroy()
    nic.qp.doorbell()
    nic.wire.send(frames.raw(60))
    assert nic.card.nop()
    nic.qp.reset()
    as_good_as_new(nic.card)


def test_moderation_timer_of_a_queue_that_went(nic):
    period = 0.06
    start = time.monotonic()
    nic.tx_cq.moderate(10, int(period * 1e6))
    nic.tx_cq.arm()
    nic.send(frames.raw(60))
    nic.tx_cq.take()
    nic.qp.reset()
    nic.tx_cq.destroy()
    in_time = time.monotonic() - start < period
    time.sleep(period)
    assert nic.card.nop()
    assert not nic.eq.poll() or not in_time


def test_everything_again_and_again(card):
    """40 bring-ups leave nothing behind."""
    for _ in range(3):
        Nic(card)
        card.chip_reset()
        card.memory.next = card.in_box + 16 * PAGE
    before = card.adapter.program.resident()
    for _ in range(37):
        nic = Nic(card)
        nic.send(frames.raw(60))
        card.chip_reset()
        card.memory.next = card.in_box + 16 * PAGE
    # a sanitizer keeps freed memory for a while
    limit = 160 if "sanitize" in str(card.adapter.program.process.args) else 2
    assert card.adapter.program.resident() - before < limit * MIB
    assert card.adapter.program.descriptors() < 60


@pytest.mark.parametrize("mapped", [0, 40])
def test_unmapping_the_whole_space_takes_no_time(card, mapped):
    """4 Gi pages in a command, with few and with many that exist."""
    card.bring_up()
    for i in range(mapped):
        card.run("MAP_ICM", 1, data=make(16, {
            CX.MAP_ENTRY_VIRTUAL_PAGE: i << 20,
            CX.MAP_ENTRY_LOG_PAGES: 12}))
    before = card.adapter.program.cpu_seconds()
    for _ in range(100):
        card.run("UNMAP_ICM", 0xffffffff, imm=0)
    assert card.adapter.program.cpu_seconds() - before < 0.5
    for page in 0, 63:
        assert card.status("WRITE_MTT", 1, data=make(24, {
            CX.WRITE_MTT_FIRST: page * PAGE})) == "ICM_ERROR"
