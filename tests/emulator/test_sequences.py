# SPDX-License-Identifier: GPL-2.0-only
"""Whole sessions as the two known drivers have them, command by command: the
parts that other tests try alone, in their order and with their oddities."""

import pytest

import frames
from adapters import CONNECTX, CONNECTX_2, CONNECTX_3, CONNECTX_3_PRO, MAC_1
from connectx import (MTT_BASE, PAGE, CompletionQueue, EventQueue, QueuePair,
                      inline_split, lso_segment, pointer, wqe)
from fixtures import card, on
from layout import CX, get, make, put, rows
from steering import Groups, attach, detach, ethernet

MANUAL_DEVICES = [row[0] for row in rows("PCI_DEVICES")][:11]


class Ipxe:
    """The boot firmware's driver: polls, knows no interrupts, writes MTT
    entries by command, passes contexts with only what it needs."""

    def __init__(self, card):
        self.card = card
        card.write_mtt = True

    def start(self):
        card = self.card
        card.start_firmware()
        card.run("QUERY_DEV_CAP")
        pages = card.run("SET_ICM_SIZE", imm=0x1000000).imm
        assert pages >= 1
        left, at = pages, 0
        while left:  # descending powers of two, an entry a command
            block = 1 << left.bit_length() - 1
            card.map_pages("MAP_ICM_AUX", block, at)
            left, at = left - block, at + block * PAGE
        card.mtt_bus = card.map_pages("MAP_ICM", 4, MTT_BASE)
        mailbox = make(CX.INIT_HCA_SIZE, {
            CX.INIT_HCA_VERSION: 2, CX.INIT_HCA_UD_PORT_CHECK: 1,
            CX.INIT_HCA_LOG_QPS: 7, CX.INIT_HCA_LOG_SRQS: 6,
            CX.INIT_HCA_LOG_CQS: 8, CX.INIT_HCA_LOG_EQS: 4,
            CX.INIT_HCA_LOG_DMPTS: 9, CX.INIT_HCA_MTT_BASE: MTT_BASE,
            CX.INIT_HCA_LOG_UARS: 8, CX.INIT_HCA_LOG_MC_ENTRY: 6,
            CX.INIT_HCA_LOG_MC_HASH: 7, CX.INIT_HCA_LOG_MC_TABLE: 7})
        card.run("INIT_HCA", data=mailbox)
        entry = make(CX.MPT_SIZE, {
            CX.MPT_ATOMIC: 1, CX.MPT_REMOTE_WRITE: 1, CX.MPT_REMOTE_READ: 1,
            CX.MPT_LOCAL_WRITE: 1, CX.MPT_LOCAL_READ: 1, CX.MPT_PHYSICAL: 1,
            CX.MPT_REGION: 1, CX.MPT_KEY: 0x77000100, CX.MPT_PD: 0x123456,
            CX.MPT_LENGTH_64: 1})
        card.run("SW2HW_MPT", 0x100, data=entry)
        self.lkey = 0x10077
        self.events = EventQueue(card, log_size=3, page_offset=0x120, fields={
            CX.EQC_STATE: CX.QUEUE_STATE_FIRED, CX.EQC_OVERRUN_IGNORE: 1})
        self.events.map_events(2 ** 64 - 1)
        card.run("CONF_SPECIAL_QP", 64)

    def open(self, port):
        """One queue pair for both ways, random high bits in its number."""
        card = self.card
        self.cq = CompletionQueue(card, self.events, log_size=5,
                                  page_offset=0x6a0, fields={
                                      CX.CQC_STATE: CX.QUEUE_STATE_FIRED})
        self.qp = QueuePair(card, self.cq, log_sq=6, sq_stride=128, log_rq=3,
                            rq_stride=32, qpn=0x5a9 << 12 | 0x50,
                            page_offset=0x40, state="RST")
        context = CX.QP_MAILBOX_CONTEXT
        first = bytearray(self.qp.mailbox)
        first[context] = 0
        put(first, CX.QPC_PATH_MIGRATION, 3, context)
        put(first, CX.QPC_PD, 0x123456, context)
        put(first, CX.PATH_SCHEDULE_QUEUE, 0, context + CX.QPC_PRIMARY_PATH)
        second = bytearray(context + CX.QPC_SIZE)
        put(second, CX.QPC_MTU, 7, context)
        put(second, CX.QPC_LOG_MESSAGE_MAX, 31, context)
        put(second, CX.PATH_SCHEDULE_QUEUE, 0x83 | (port - 1) << 6,
            context + CX.QPC_PRIMARY_PATH)
        last = make(context + CX.QPC_SIZE, {
            CX.QP_OPTIONAL_MASK: CX.QP_OPTIONAL_QKEY})
        for name, data in (("RST2INIT_QP", first), ("INIT2RTR_QP", second),
                           ("RTR2RTS_QP", bytes(context + CX.QPC_SIZE)),
                           ("RTS2RTS_QP", last)):
            card.run(name, self.qp.qpn, data=data)
        self.qp.ring.write(0, b"\xff" * (128 << 6))
        card.run("SET_PORT", port, 1, make(64, {
            CX.PORT_GENERAL_VALID_MTU: 1, CX.PORT_GENERAL_VALID_PAUSE_RX: 1,
            CX.PORT_GENERAL_VALID_PAUSE_TX: 1, CX.PORT_GENERAL_MTU: 1554,
            CX.PORT_GENERAL_PFC_TX: 8, CX.PORT_GENERAL_PFC_RX: 8}))
        card.promiscuous(self.qp.qpn & 0xffffff, port)
        card.run("INIT_PORT", port)
        event = self.events.take()[0]
        assert get(event, CX.EQE_TYPE) == CX.EVENT_PORT_CHANGE
        assert get(event, CX.EQE_SUBTYPE) & 4
        assert get(event, CX.EQE_PORT) == port
        self.events.doorbell(arm=False)

    def close(self, port):
        card = self.card
        card.run("CLOSE_PORT", port)
        card.run("TO_RST_QP", self.qp.qpn, 3, out=False)
        card.run("HW2SW_CQ", self.cq.cqn)
        card.run("MAP_EQ", self.events.eqn | CX.MAP_EQ_UNMAP,
                 imm=2 ** 64 - 1)
        card.run("HW2SW_EQ", self.events.eqn, 1)
        card.run("HW2SW_MPT", 0x100, out=False)
        card.run("CLOSE_HCA")
        card.run("UNMAP_ICM", 4, imm=MTT_BASE)
        card.run("UNMAP_ICM_AUX")
        card.run("UNMAP_FA")
        card.chip_reset()


@on(*MANUAL_DEVICES)
@pytest.mark.parametrize("port", [1, 2])
def test_ipxe(card, port):
    """Opened twice, as booting from two places does it."""
    wire = card.adapter.wire(port)
    for _ in range(2):
        driver = Ipxe(card)
        driver.start()
        driver.open(port)
        wire.drain()
        qp, cq = driver.qp, driver.cq
        qp.post_buffers(7, driver.lkey, 1600)
        for i in range(20):
            out = frames.raw(100 + i, dst=frames.BROADCAST, src=MAC_1)
            address = card.alloc(1600)
            card.write(address, out)
            index = qp.post(wqe([pointer(address, len(out), driver.lkey)]))
            qp.doorbell()
            assert wire.recv() == out
            cqe, = cq.take()
            assert get(cqe, CX.CQE_IS_SEND)
            assert get(cqe, CX.CQE_WQE_INDEX) == index
            assert get(cqe, CX.CQE_QPN) == qp.qpn
            qp.stamp(index, index + 1)
            tagged = i % 5 == 4
            reply = frames.padded(frames.udp4(
                bytes(i), mac=MAC_1, tags=((frames.CVLAN, 7),) * tagged))
            wire.send(reply)
            cqe, = cq.take()
            assert get(cqe, CX.CQE_CVLAN) == tagged
            assert qp.received(cqe) == (reply[:12] + reply[16:] if tagged
                                        else reply)
            qp.post_buffers(1, driver.lkey, 1600)
        driver.close(port)


class Linux:
    """The kernel's driver for one port: events and interrupts, RSS, checksum
    and segmentation in hardware."""

    RINGS = 4

    def __init__(self, card, steering):
        self.card, self.steering = card, steering
        card.run("MOD_STAT_CFG", 0, 0, make(256, {
            CX.MOD_STAT_CFG_LOG_PAGE_MODIFY: 1}))
        card.bring_up(steering)
        self.events = EventQueue(card, log_size=9)
        self.events.map_events()
        self.queues = [EventQueue(card, log_size=7, vector=1 + i)
                       for i in range(self.RINGS)]
        card.post(CX.CMD_NOP, CX.NOP_AT_ONCE, event=True, token=0)
        self.events.raised()
        self.events.take()
        self.events.doorbell()
        self.lkey = card.region()
        self.groups = Groups(card)
        self.rules = []

    def open(self):
        card = self.card
        card.next_qpn = (card.next_qpn + 3) & ~3
        base = card.next_qpn
        self.rx = []
        for i in range(self.RINGS):
            cq = CompletionQueue(card, self.queues[i], log_size=6)
            cq.moderate(44, 16)
            cq.arm()
            self.rx.append(QueuePair(card, cq, log_sq=0, log_rq=6))
            self.rx[i].post_buffers(64, self.lkey, 1536)
        self.parent = self.make_parent(base)
        self.tx_cq = CompletionQueue(card, self.queues[0], log_size=8)
        self.tx_cq.moderate(16, 16)
        self.tx = QueuePair(card, self.tx_cq, log_sq=8, fields={
            CX.QPC_RECORD: 0x47f800000 >> 2})
        self.tx_cq.arm()
        card.open_port(1)
        event = self.events.take()[0]
        assert get(event, CX.EQE_SUBTYPE) == CX.PORT_CHANGE_UP
        self.events.doorbell()
        self.steer(self.parent.qpn)

    def make_parent(self, base):
        parent = QueuePair(self.card, self.rx[0].send_cq, log_rq=0, log_sq=0,
                           fields={CX.QPC_RSS: 1,
                                   CX.QPC_RECORD: 0x47f800000 >> 2},
                           state="RST")
        mailbox = bytearray(parent.mailbox)
        at = CX.QP_MAILBOX_CONTEXT + CX.QPC_RSS_CONTEXT
        for field, value in {
                CX.RSS_LOG_QUEUES: 2, CX.RSS_BASE_QPN: base,
                CX.RSS_DEFAULT_QPN: base, CX.RSS_HASH_FUNCTION: 1,
                CX.RSS_HASH_FIELDS: 0x3f, CX.RSS_BASE_QPN_UDP: base}.items():
            put(mailbox, field, value, at)
        mailbox[at + CX.RSS_KEY:at + CX.RSS_KEY + 40] = frames.KEY
        for state, step in enumerate(("RST2INIT_QP", "INIT2RTR_QP",
                                      "RTR2RTS_QP"), 1):
            put(mailbox, CX.QPC_STATE, state, CX.QP_MAILBOX_CONTEXT)
            self.card.run(step, parent.qpn, data=mailbox)
        return parent

    def steer(self, qpn):
        table = bytearray(1024)
        put(table, CX.MAC_ENTRY_VALID, 1)
        put(table, CX.MAC_ENTRY_MAC, int.from_bytes(MAC_1, "big"))
        self.card.run("SET_PORT", CX.SET_PORT_MAC_TABLE << 8 | 1, 1, table)
        if self.steering == "a0":
            self.card.rqp_calc(1, {
                CX.RQP_CALC_BASE_QPN: qpn, CX.RQP_CALC_LOG_MACS: 7,
                CX.RQP_CALC_VLAN_MISS: 1, CX.RQP_CALC_PROMISC_QPN: qpn,
                CX.RQP_CALC_MC_MODE: CX.MC_DEFAULT,
                CX.RQP_CALC_DEFAULT_MC_QPN: qpn})
            return
        for mac in MAC_1, frames.BROADCAST:
            if self.steering == "b0":
                self.groups.attach(qpn, mac)
            else:
                self.rules.append(attach(self.card, qpn, ethernet(mac)))

    def close(self):
        card = self.card
        card.run("CLOSE_PORT", 1)
        if self.steering == "b0":
            for mac in MAC_1, frames.BROADCAST:
                self.groups.detach(self.parent.qpn, mac)
        while self.rules:
            detach(card, self.rules.pop())
        for qp in [self.tx, self.parent, *self.rx]:
            qp.reset()
        self.tx_cq.destroy()
        for qp in self.rx:
            qp.receive_cq.destroy()
        assert get(self.events.take()[0], CX.EQE_SUBTYPE) == \
            CX.PORT_CHANGE_DOWN
        self.events.doorbell()
        for eq in self.queues:  # what is left there is for queues that went
            eq.poll()
            eq.doorbell()


@pytest.mark.parametrize("card,steering", [
    (CONNECTX, "a0"), (CONNECTX_2, "b0"), (CONNECTX_3, "b0"),
    (CONNECTX_3, "dmfs"), (CONNECTX_3_PRO, "dmfs")], indirect=["card"])
def test_linux(card, steering):
    """Up and down three times: what a change of the MTU does."""
    driver = Linux(card, steering)
    wire = card.adapter.wire(1)
    for turn in range(3):
        driver.open()
        wire.drain()
        request = frames.tcp4(b"GET /", good=False, ip_good=False)
        driver.tx.post(wqe([inline_split(request)], fields={
            CX.SEND_L4_CHECKSUM: 1, CX.SEND_IP_CHECKSUM: 1}))
        driver.tx.doorbell()
        assert wire.recv() == frames.padded(frames.tcp4(b"GET /"))
        driver.queues[0].raised()
        event, = driver.queues[0].take()
        assert get(event, CX.EQE_NUMBER) == driver.tx_cq.cqn
        driver.queues[0].doorbell()
        header, payload = frames.tcp4(b""), bytes(range(256)) * 40
        address = card.alloc(len(payload))
        card.write(address, payload)
        driver.tx.post(wqe([lso_segment(1460, header),
                            pointer(address, len(payload), driver.lkey)],
                           CX.SEND_OP_LSO))
        driver.tx.doorbell()
        wanted = frames.tcp_segments(header, payload, 1460)
        assert wire.recv_many(len(wanted)) == wanted
        driver.tx_cq.take(2)
        for port in range(32):
            wire.send(frames.tcp4(b"data", mac=MAC_1, sport=2000 + port))
        counts = [0] * 4
        for port in range(32):
            expected = frames.toeplitz(frames.flow(
                "192.0.2.1", "192.0.2.2", (2000 + port, 443)))
            ring = driver.rx[expected & 3]
            cqe, = ring.receive_cq.take()
            assert get(cqe, CX.CQE_RSS_HASH) == expected
            counts[expected & 3] += 1
        assert all(counts)
        wire.send(frames.tcp4(mac=b"\x52\x54\0\0\0\x77"),
                  frames.ethernet(bytes(46), frames.ARP, frames.BROADCAST))
        cqe, = driver.rx[0].receive_cq.take()
        assert get(cqe, CX.CQE_BYTE_COUNT) == 60
        driver.close()
    card.run("CLOSE_HCA")
    assert card.nop()
