# SPDX-License-Identifier: GPL-2.0-only
"""A tiny ConnectX driver over the vfio-user client: brings a card up, makes
queues, sends and receives. It does what the documents say and checks little,
so that tests can also do what the documents forbid.
"""

import collections
import struct
import time

from layout import CX, get, make, put, rows
from vfio_user import Client, wait_for

MIB = 1 << 20
PAGE = 4096
MEMORY_BASE, MEMORY_SIZE = 0x110000000, 256 * MIB
MTT_BASE = 0x1000000000  # in ICM
MTT_PAGES = 64
RESERVED_QPS, RESERVED_CQS, RESERVED_MTTS, RESERVED_MPTS = 64, 128, 16, 256
FIRST_EQN = 4
PD = 4
ASYNC_EVENTS = 0x1d1f46fe  # what Linux maps
POISON = 0xa5
VECTORS = 8
UAR = 0x81

COMMANDS = {name: (opcode, kind_in, kind_out, size)
            for name, opcode, kind_in, kind_out, size in rows("COMMANDS")}
STATUS = {name: value for name, value in rows("STATUSES")}
STATUS_NAME = {value: name for name, value in STATUS.items()}

Reply = collections.namedtuple("Reply", "status imm data")


class CommandError(Exception):
    """A command did not end with OK."""

    def __init__(self, name, status):
        super().__init__(f"{name}: {STATUS_NAME.get(status, hex(status))}")
        self.status = STATUS_NAME.get(status, status)


def log2(value):
    assert value & (value - 1) == 0, value
    return value.bit_length() - 1


class Card:
    """A client of the adapter that plays a driver."""

    def __init__(self, adapter, vectors=VECTORS, memory="shared"):
        self.adapter = adapter
        self.client = Client(adapter.socket, memory=memory)
        self.memory = self.client.map_memory(MEMORY_SIZE, MEMORY_BASE)
        self.client.enable_bus_master()
        if vectors:
            self.client.enable_msix(vectors)
        self.in_box = self.alloc(PAGE, PAGE)
        self.out_box = self.alloc(PAGE, PAGE)
        self.forget()

    def forget(self):
        """What a driver knows right after a chip reset."""
        self.toggle = 0
        self.next_cqn = RESERVED_CQS
        self.next_qpn = RESERVED_QPS
        self.next_eqn = FIRST_EQN
        self.next_mpt = RESERVED_MPTS
        self.next_mtt = RESERVED_MTTS
        self.mtt_bus = None
        self.write_mtt = False  # by command, as iPXE does
        self.log_cqs = self.log_qps = 0
        self.cqe_size = self.eqe_size = 32

    def close(self):
        self.client.close()

    def alloc(self, size, align=64):
        return self.memory.alloc(size, align)

    def read(self, address, length):
        return self.memory.read(address, length)

    def write(self, address, data):
        self.memory.write(address, data)

    # --- registers ---

    def reg(self, offset):
        return int.from_bytes(self.client.bar_read(CX.BAR_DCS, offset, 4),
                              "big")

    def set_reg(self, offset, value):
        self.client.bar_write(CX.BAR_DCS, offset, value.to_bytes(4, "big"))

    def uar(self, offset, data, page=UAR):
        self.client.bar_write(CX.BAR_UAR, (page << CX.UAR_PAGE_SHIFT) + offset,
                              data)

    def chip_reset(self):
        self.set_reg(CX.REG_RESET, CX.RESET_BIT)
        wait_for(lambda: self.client.config_read(0, 2) == CX.PCI_VENDOR_ID)
        self.restore_config()
        self.forget()

    def restore_config(self):
        """What a driver writes back after a reset, and MSI-X."""
        self.client.enable_bus_master()
        if self.client.vectors:
            control = self.client.capability(0x11) + 2
            self.client.config_write(
                control, self.client.config_read(control, 2) | 0x8000, 2)

    # --- commands ---

    def hcr(self):
        return b"".join(self.client.bar_read(CX.BAR_DCS, CX.REG_HCR + i, 4)
                        for i in range(0, CX.HCR_DWORDS * 4, 4))

    def post(self, opcode, in_mod=0, op_mod=0, in_param=0, out_param=0,
             event=False, token=0xffff, toggle=None):
        """Writes the command register, the trigger last."""
        if toggle is None:
            self.toggle ^= 1
            toggle = self.toggle
        hcr = make(CX.HCR_DWORDS * 4, {
            CX.HCR_IN_PARAM: in_param, CX.HCR_IN_MODIFIER: in_mod,
            CX.HCR_OUT_PARAM: out_param, CX.HCR_TOKEN: token, CX.HCR_GO: 1,
            CX.HCR_EVENT: int(event), CX.HCR_TOGGLE: toggle,
            CX.HCR_OP_MODIFIER: op_mod, CX.HCR_OPCODE: opcode})
        self.client.write_multi([
            (CX.BAR_DCS, CX.REG_HCR + i, bytes(hcr[i:i + 4]))
            for i in range(0, len(hcr), 4)])

    def done(self):
        """The trigger dword once go is clear, or None."""
        word = bytearray(CX.HCR_DWORDS * 4)
        at = CX.HCR_TRIGGER_DWORD * 4
        word[at:at + 4] = self.client.bar_read(CX.BAR_DCS, CX.REG_HCR + at, 4)
        return None if get(word, CX.HCR_GO) else word

    def command(self, name, in_mod=0, op_mod=0, data=None, imm=None,
                out=True):
        """Runs a polled command. @data: the input mailbox; @imm: immediate
        input; @out: offer an output mailbox if the command can have one.

        Whatever the adapter wrote beyond the documented size of the output
        fails the test that provoked it.
        """
        opcode, _, kind_out, size = COMMANDS[name]
        in_param = imm or 0
        if data is not None:
            self.write(self.in_box, bytes(data).ljust(PAGE, b"\0"))
            in_param = self.in_box
        self.memory.fill(self.out_box, PAGE, POISON)
        out_param = self.out_box if out and kind_out == "MBOX" else 0
        self.post(opcode, in_mod, op_mod, in_param, out_param)
        word = wait_for(self.done, 5)
        assert get(word, CX.HCR_TOGGLE) == self.toggle
        raw = self.read(self.out_box, PAGE)
        limit = size if out_param else 0
        assert raw.count(POISON, limit) == PAGE - limit, \
            f"{name} wrote beyond its {limit} bytes of output"
        value = 0
        if kind_out == "IMM":
            value = self.immediate_out()
        return Reply(get(word, CX.HCR_STATUS), value, raw[:limit])

    def run(self, name, *args, **kwargs):
        """As command(), but only success is good."""
        reply = self.command(name, *args, **kwargs)
        if reply.status:
            raise CommandError(name, reply.status)
        return reply

    def status(self, name, *args, **kwargs):
        """The name of the status that the command ends with."""
        reply = self.command(name, *args, **kwargs)
        return STATUS_NAME.get(reply.status, reply.status)

    def immediate_out(self):
        at = CX.REG_HCR + (CX.HCR_OUT_PARAM >> 16)
        return self.reg(at) << 32 | self.reg(at + 4)

    def nop(self):
        """True if the command interface is alive."""
        return self.status("NOP", CX.NOP_AT_ONCE) == "OK"

    # --- bring-up ---

    def map_pages(self, command, pages, virtual=0):
        """Hands over @pages (a power of two) in one block; its address."""
        bus = self.alloc(pages * PAGE, PAGE)
        entry = make(CX.MAP_ENTRY_SIZE, {
            CX.MAP_ENTRY_VIRTUAL_PAGE: virtual >> CX.ICM_PAGE_SHIFT,
            CX.MAP_ENTRY_PHYSICAL_PAGE: bus >> CX.ICM_PAGE_SHIFT})
        put(entry, CX.MAP_ENTRY_LOG_PAGES, log2(pages))
        self.run(command, 1, data=entry)
        return bus

    def start_firmware(self):
        firmware = self.run("QUERY_FW").data
        pages = get(firmware, CX.QUERY_FW_PAGES)
        self.map_pages("MAP_FA", 1 << (pages - 1).bit_length())
        self.run("RUN_FW")
        return firmware

    def map_icm(self, aux=True):
        """The auxiliary area and the pages of the MTT table."""
        if aux:
            pages = self.run("SET_ICM_SIZE", imm=MTT_BASE * 2).imm
            self.map_pages("MAP_ICM_AUX", 1 << (pages - 1).bit_length())
        self.mtt_bus = self.map_pages("MAP_ICM", MTT_PAGES, MTT_BASE)

    @staticmethod
    def hca_parameters(steering="a0", fields=None):
        """A mailbox of INIT_HCA; @fields are set last."""
        values = {
            CX.INIT_HCA_VERSION: CX.INIT_HCA_VERSION_2,
            CX.INIT_HCA_COUNTERS: 1, CX.INIT_HCA_LOG_QPS: 12,
            CX.INIT_HCA_LOG_CQS: 10, CX.INIT_HCA_LOG_SRQS: 7,
            CX.INIT_HCA_LOG_EQS: 7, CX.INIT_HCA_LOG_DMPTS: 10,
            CX.INIT_HCA_MTT_BASE: MTT_BASE, CX.INIT_HCA_LOG_UARS: 8,
        }
        if steering == "dmfs":
            values.update({CX.INIT_HCA_DEVICE_MANAGED_STEERING: 1,
                           CX.INIT_HCA_FS_LOG_ENTRY: 7,
                           CX.INIT_HCA_FS_LOG_TABLE: 10})
        else:
            values.update({CX.INIT_HCA_LOG_MC_ENTRY: 10,
                           CX.INIT_HCA_LOG_MC_HASH: 3,
                           CX.INIT_HCA_LOG_MC_TABLE: 6,
                           CX.INIT_HCA_UC_STEERING: int(steering == "b0")})
        values.update(fields or {})
        return make(CX.INIT_HCA_SIZE, values)

    def init_hca(self, steering="a0", fields=None):
        mailbox = self.hca_parameters(steering, fields)
        self.run("INIT_HCA", data=mailbox)
        self.log_cqs = get(mailbox, CX.INIT_HCA_LOG_CQS)
        self.log_qps = get(mailbox, CX.INIT_HCA_LOG_QPS)

    def bring_up(self, steering="a0", fields=None):
        self.start_firmware()
        self.map_icm()
        self.init_hca(steering, fields)

    # --- memory ---

    def mtt_entries(self, pages, index=None):
        """Writes MTT entries of bus addresses; the first one's offset."""
        if index is None:
            index = self.next_mtt
            self.next_mtt += len(pages)
        offset = index * CX.MTT_SIZE
        data = b"".join(struct.pack(">Q", page | 1) for page in pages)
        if not self.write_mtt:
            self.write(self.mtt_bus + offset, data)
            return offset
        for i in range(len(pages)):
            mailbox = make(CX.WRITE_MTT_ENTRIES,
                           {CX.WRITE_MTT_FIRST: offset + 8 * i})
            self.run("WRITE_MTT", 1, data=mailbox + data[8 * i:8 * i + 8])
        return offset

    def buffer(self, size, page_offset=0, scattered=True):
        """A queue's buffer in 4 KiB pages that do not stand in a row.
        Returns (MTT offset, addresses of its pages)."""
        count = (page_offset + size + PAGE - 1) // PAGE
        pages = []
        for _ in range(count):
            pages.append(self.alloc(PAGE, PAGE))
            if scattered:
                self.alloc(64)
        return self.mtt_entries(pages), pages

    def region(self, fields=None, index=None):
        """Registers all bus addresses, or what @fields change; the lkey."""
        if index is None:
            index = self.next_mpt
            self.next_mpt += 1
        entry = make(CX.MPT_SIZE, {
            CX.MPT_STATUS: CX.MPT_STATUS_SOFTWARE, CX.MPT_LOCAL_WRITE: 1,
            CX.MPT_LOCAL_READ: 1, CX.MPT_PHYSICAL: 1, CX.MPT_REGION: 1,
            CX.MPT_KEY: index, CX.MPT_PD: PD, CX.MPT_LENGTH: 2 ** 64 - 1,
            CX.MPT_LOG_ENTITY_SIZE: 12, **(fields or {})})
        self.run("SW2HW_MPT", index, data=entry)
        key = get(entry, CX.MPT_KEY)
        return (key << 8 | key >> 24) & 0xffffffff

    # --- ports ---

    def port_info(self, port):
        return self.run("QUERY_PORT", port).data

    def link_up(self, port):
        return get(self.port_info(port), CX.QUERY_PORT_LINK_UP)

    def set_port(self, port, fields):
        """SET_PORT's general settings."""
        self.run("SET_PORT", CX.SET_PORT_GENERAL << 8 | port,
                 CX.SET_PORT_ETHERNET, make(64, fields))

    def set_mtu(self, port, frame_limit):
        self.set_port(port, {CX.PORT_GENERAL_VALID_MTU: 1,
                             CX.PORT_GENERAL_MTU: frame_limit})

    def open_port(self, port=1, frame_limit=1526):
        self.set_mtu(port, frame_limit)
        self.run("INIT_PORT", port)
        wait_for(lambda: self.link_up(port))

    def rqp_calc(self, port, fields):
        return self.run("SET_PORT", CX.SET_PORT_RQP_CALC << 8 | port,
                        CX.SET_PORT_ETHERNET, make(32, fields))

    def promiscuous(self, qpn, port=1):
        """Everything to one queue pair, as iPXE has it."""
        self.rqp_calc(port, {
            CX.RQP_CALC_BASE_QPN: qpn, CX.RQP_CALC_MAC_MISS: 128,
            CX.RQP_CALC_NO_VLAN: 126, CX.RQP_CALC_VLAN_MISS: 127,
            CX.RQP_CALC_UC_PROMISC: 1, CX.RQP_CALC_PROMISC_QPN: qpn,
            CX.RQP_CALC_MC_MODE: CX.MC_DEFAULT,
            CX.RQP_CALC_DEFAULT_MC_QPN: qpn})


class Ring:
    """An array of entries in scattered pages."""

    def __init__(self, card, size, page_offset=0):
        self.card = card
        self.size = size
        self.page_offset = page_offset
        self.mtt, self.pages = card.buffer(size, page_offset)

    def pieces(self, offset, length):
        at = self.page_offset + offset
        while length:
            part = min(length, PAGE - at % PAGE)
            yield self.pages[at // PAGE] + at % PAGE, part
            at += part
            length -= part

    def read(self, offset, length):
        return b"".join(self.card.read(address, part)
                        for address, part in self.pieces(offset, length))

    def write(self, offset, data):
        for address, part in self.pieces(offset, len(data)):
            self.card.write(address, data[:part])
            data = data[part:]


class OwnedRing:
    """Entries that the adapter writes and the owner bit makes valid."""

    def __init__(self, card, log_size, entry_size, page_offset=0):
        self.card = card
        self.log_size = log_size
        self.entry_size = entry_size
        self.index = 0  # consumer, free running
        self.ring = Ring(card, entry_size << log_size, page_offset)

    def entry(self, index):
        """The 32 bytes that matter of an entry."""
        slot = index & ((1 << self.log_size) - 1)
        end = (slot + 1) * self.entry_size
        return self.ring.read(end - 32, 32)

    def valid(self):
        """True if the entry at the consumer index is software's."""
        owner = self.entry(self.index)[CX.ENTRY_OWNER_BYTE] >> 7
        return owner == (self.index >> self.log_size & 1)

    def poll(self):
        """Takes the entries that are there."""
        found = []
        while self.valid():
            found.append(self.entry(self.index))
            self.index += 1
        return found

    def take(self, count=1, timeout=2.0):
        """Takes @count entries, waiting for them."""
        found = []
        end = time.monotonic() + timeout
        while len(found) < count:
            if self.valid():
                found.append(self.entry(self.index))
                self.index += 1
                self.consumed()
            elif time.monotonic() > end:
                raise TimeoutError(f"{len(found)} of {count} entries")
            else:
                time.sleep(0.0002)
        return found

    def consumed(self):
        """Called for each entry that take() takes."""


class EventQueue(OwnedRing):
    """State ARMED and vector 0 unless told."""

    def __init__(self, card, log_size=5, vector=0, page_offset=0, eqn=None,
                 fields=None):
        super().__init__(card, log_size, card.eqe_size, page_offset)
        if eqn is None:
            eqn = card.next_eqn
            card.next_eqn += 1
        self.eqn = eqn
        self.vector = vector
        self.context = make(CX.EQC_SIZE, {
            CX.EQC_STATE: CX.QUEUE_STATE_ARMED,
            CX.EQC_PAGE_OFFSET: page_offset >> 5,
            CX.EQC_LOG_SIZE: log_size, CX.EQC_INTERRUPT: vector,
            CX.EQC_MTT: self.ring.mtt >> 3, **(fields or {})})
        card.run("SW2HW_EQ", eqn, data=self.context)

    def doorbell(self, arm=True):
        word = make(4, {CX.EQ_DOORBELL_ARM: int(arm),
                        CX.EQ_DOORBELL_CONSUMER_INDEX: self.index & 0xffffff})
        self.card.uar(CX.UAR_EQ_DOORBELL + CX.UAR_EQ_DOORBELL_STRIDE *
                      (self.eqn % CX.UAR_EQS_PER_PAGE), word,
                      self.eqn // CX.UAR_EQS_PER_PAGE)

    def map_events(self, mask=ASYNC_EVENTS):
        self.card.run("MAP_EQ", self.eqn, imm=mask)

    def raised(self, timeout=1.0):
        """Waits for its interrupt; how often it was raised."""
        return self.card.client.wait_vector(self.vector, timeout)

    def quiet(self):
        return not self.card.client.vector_raised(self.vector)

    def query(self):
        return self.card.run("QUERY_EQ", self.eqn).data

    def destroy(self):
        return self.card.run("HW2SW_EQ", self.eqn)


class CompletionQueue(OwnedRing):
    def __init__(self, card, eq, log_size=6, page_offset=0, cqn=None,
                 fields=None, op_mod=0):
        super().__init__(card, log_size, card.cqe_size, page_offset)
        if cqn is None:
            cqn = card.next_cqn
            card.next_cqn += 1
        self.cqn = cqn
        self.eq = eq
        self.record = card.alloc(8, 8)
        self.context = make(CX.CQC_SIZE, {
            CX.CQC_PAGE_OFFSET: page_offset >> 5, CX.CQC_LOG_SIZE: log_size,
            CX.CQC_UAR_PAGE: UAR, CX.CQC_EQN: eq.eqn,
            CX.CQC_MTT: self.ring.mtt >> 3, CX.CQC_RECORD: self.record >> 3,
            **(fields or {})})
        card.run("SW2HW_CQ", cqn, op_mod, data=self.context)

    def consumed(self):
        self.card.write(self.record,
                        struct.pack(">I", self.index & 0xffffff))

    def arm(self, command=None, index=None, sequence=1, split=False):
        index = self.index if index is None else index
        command = CX.CQ_ARM_NEXT if command is None else command
        word = make(8, {CX.CQ_DOORBELL_SEQUENCE: sequence,
                        CX.CQ_DOORBELL_COMMAND: command,
                        CX.CQ_DOORBELL_CQN: self.cqn,
                        CX.CQ_DOORBELL_CONSUMER_INDEX: index & 0xffffff})
        self.card.write(self.record + 4,
                        struct.pack(">I", sequence << 28 | command << 24 |
                                    index & 0xffffff))
        if split:
            self.card.uar(CX.UAR_CQ_DOORBELL, word[:4])
            self.card.uar(CX.UAR_CQ_DOORBELL + 4, word[4:])
        else:
            self.card.uar(CX.UAR_CQ_DOORBELL, word)

    def moderate(self, count, period):
        self.card.run("MODIFY_CQ", self.cqn, CX.MODIFY_CQ_MODERATION,
                      make(CX.CQC_SIZE, {CX.CQC_PERIOD: period,
                                         CX.CQC_MAX_COUNT: count}))

    def query(self):
        return self.card.run("QUERY_CQ", self.cqn).data

    def destroy(self):
        return self.card.run("HW2SW_CQ", self.cqn)


def pointer(address, length, lkey):
    """A data segment."""
    return make(CX.DATA_SIZE, {CX.DATA_LENGTH: length, CX.DATA_LKEY: lkey,
                               CX.DATA_ADDRESS: address})


def inline(data):
    """An inline segment, padded to the next unit."""
    segment = struct.pack(">I", 1 << 31 | len(data)) + bytes(data)
    return segment + bytes(-len(segment) % CX.WQE_UNIT)


def inline_split(data):
    """Inline segments, split so that none crosses a 64-byte block."""
    first = 64 - CX.WQE_UNIT - CX.INLINE_HEADER
    parts = [data[:first]]
    rest = data[first:]
    while rest:
        parts.append(rest[:60])
        rest = rest[60:]
    return b"".join(inline(part) for part in parts)


def lso_segment(mss, header):
    segment = struct.pack(">HH", mss, len(header)) + bytes(header)
    return segment + bytes(-len(segment) % CX.WQE_UNIT)


def wqe(segments, opcode=None, fields=None, complete=True):
    """A send WQE without its owner bit. @segments: bytes behind the control
    segment."""
    body = b"".join(bytes(s) for s in segments)
    values = {CX.SEND_OPCODE: CX.SEND_OP_SEND if opcode is None else opcode,
              CX.SEND_UNITS: 1 + len(body) // CX.WQE_UNIT,
              CX.SEND_SOLICITED: 1}
    if complete:
        values[CX.SEND_COMPLETION] = CX.SEND_COMPLETION_ALWAYS
    values.update(fields or {})
    return bytes(make(CX.WQE_UNIT, values)) + body


class QueuePair:
    """An Ethernet queue pair. The one with the larger stride stands first;
    equal strides: the send queue."""

    def __init__(self, card, send_cq, receive_cq=None, log_sq=4, sq_stride=64,
                 log_rq=4, rq_stride=16, port=1, qpn=None, page_offset=0,
                 fields=None, path=None, state="RTS", buffer=None):
        self.card = card
        self.send_cq, self.receive_cq = send_cq, receive_cq or send_cq
        self.log_sq, self.sq_stride = log_sq, sq_stride
        self.log_rq, self.rq_stride = log_rq, rq_stride
        self.sq_size = sq_stride << log_sq
        self.rq_size = rq_stride << log_rq
        if qpn is None:
            qpn = card.next_qpn
            card.next_qpn += 1
        self.qpn = qpn
        first = sq_stride >= rq_stride
        self.sq_offset = 0 if first else self.rq_size
        self.rq_offset = self.sq_size if first else 0
        self.ring = buffer or Ring(card, self.sq_size + self.rq_size,
                                   page_offset)
        self.record = card.alloc(8, 8)
        self.sq_head = self.rq_head = 0
        self.buffers = {}
        self.mailbox = self._mailbox(port, page_offset, fields, path)
        if state != "RST":
            self.to_state(state)

    def _mailbox(self, port, page_offset, fields, path):
        context = make(CX.QPC_SIZE, {
            CX.QPC_SERVICE_TYPE: CX.QP_SERVICE_ETHERNET, CX.QPC_PD: PD,
            CX.QPC_MTU: 7, CX.QPC_LOG_MESSAGE_MAX: 31,
            CX.QPC_LOG_RQ_SIZE: self.log_rq,
            CX.QPC_LOG_RQ_STRIDE: log2(self.rq_stride) - 4,
            CX.QPC_LOG_SQ_SIZE: self.log_sq,
            CX.QPC_LOG_SQ_STRIDE: log2(self.sq_stride) - 4,
            CX.QPC_UAR_PAGE: UAR, CX.QPC_LOCAL_QPN: self.qpn,
            CX.QPC_SEND_CQN: self.send_cq.cqn,
            CX.QPC_RECEIVE_CQN: self.receive_cq.cqn,
            CX.QPC_PAGE_OFFSET: page_offset >> 6,
            CX.QPC_RECORD: self.record >> 2, CX.QPC_MTT: self.ring.mtt >> 3,
            **(fields or {})})
        for field, value in {CX.PATH_SCHEDULE_QUEUE: 0x83 | (port - 1) << 6,
                             CX.PATH_LINK_TYPE: 1, **(path or {})}.items():
            put(context, field, value, CX.QPC_PRIMARY_PATH)
        return bytes(CX.QP_MAILBOX_CONTEXT) + context

    def to_state(self, state="RTS"):
        steps = {"INIT": ["RST2INIT_QP"],
                 "RTR": ["RST2INIT_QP", "INIT2RTR_QP"],
                 "RTS": ["RST2INIT_QP", "INIT2RTR_QP", "RTR2RTS_QP"]}[state]
        for step in steps:
            self.card.run(step, self.qpn, data=self.mailbox)
        for slot in range(1 << self.log_sq):
            for block in range(0, self.sq_stride, 64):
                self.ring.write(self.sq_offset + slot * self.sq_stride + block,
                                b"\xff\xff\xff\xff")

    def query(self):
        """(state, context)"""
        data = self.card.run("QUERY_QP", self.qpn).data
        context = data[CX.QP_MAILBOX_CONTEXT:]
        return get(context, CX.QPC_STATE), context

    def reset(self):
        self.card.run("TO_RST_QP", self.qpn, 2, out=False)

    # --- send ---

    def _sq_write(self, offset, data):
        """Into the send queue, round its end."""
        offset %= self.sq_size
        first = self.sq_size - offset
        self.ring.write(self.sq_offset + offset, data[:first])
        if len(data) > first:
            self.ring.write(self.sq_offset, data[first:])

    def post(self, descriptor, raw=False):
        """Writes a WQE, owner last; its index. @raw: keep its owner bit."""
        descriptor = bytearray(descriptor)
        index = self.sq_head
        if not raw:
            put(descriptor, CX.SEND_OWNER, index >> self.log_sq & 1)
        at = (index & ((1 << self.log_sq) - 1)) * self.sq_stride
        self._sq_write(at + 4, bytes(descriptor[4:]))
        self._sq_write(at, bytes(descriptor[:4]))
        self.sq_head += (len(descriptor) + self.sq_stride - 1) // \
            self.sq_stride
        return index & 0xffff

    def stamp(self, first, last):
        """Gives the slots of completed WQEs back: invalid in this pass and
        the next."""
        for index in range(first, last):
            parity = index >> self.log_sq & 1
            slot = index & ((1 << self.log_sq) - 1)
            for block in range(0, self.sq_stride, 64):
                self._sq_write(slot * self.sq_stride + block,
                               struct.pack(">I", 0x7fffffff | parity << 31))

    def doorbell(self):
        self.card.uar(CX.UAR_SEND_DOORBELL,
                      make(4, {CX.SEND_DOORBELL_QPN: self.qpn}))

    def send(self, frame, lkey, fields=None, complete=True):
        """Sends a frame out of memory of its own; the WQE's index."""
        address = self.card.alloc(max(len(frame), 1))
        self.card.write(address, frame)
        index = self.post(wqe([pointer(address, len(frame), lkey)],
                              fields=fields, complete=complete))
        self.doorbell()
        return index

    # --- receive ---

    def post_receive(self, lists):
        """Posts scatter lists: [(address, length, lkey), ...] each."""
        for entries in lists:
            data = b"".join(bytes(pointer(*entry)) for entry in entries)
            while len(data) < self.rq_stride:
                data += bytes(pointer(0, 0, CX.LKEY_INVALID))
            slot = self.rq_head & ((1 << self.log_rq) - 1)
            self.ring.write(self.rq_offset + slot * self.rq_stride, data)
            self.buffers[self.rq_head & 0xffff] = entries
            self.rq_head += 1
        self.card.write(self.record,
                        struct.pack(">I", self.rq_head & 0xffff))

    def post_buffers(self, count, lkey, size=2048):
        self.post_receive([[(self.card.alloc(size), size, lkey)]
                           for _ in range(count)])

    def received(self, cqe):
        """The bytes that a receive completion stands for."""
        left = get(cqe, CX.CQE_BYTE_COUNT)
        data = b""
        for address, length, _ in self.buffers[get(cqe, CX.CQE_WQE_INDEX)]:
            part = min(left, length)
            if part:
                data += self.card.read(address, part)
            left -= part
        assert not left, "longer than its buffers"
        return data


class Nic:
    """A card with what most tests need: events, one queue pair that sends
    and receives everything on port 1, and the wire's other end."""

    def __init__(self, card, steering="a0", port=1, fields=None, buffers=8,
                 log_cq=6, hca=None, **qp):
        self.card = card
        card.bring_up(steering, hca)
        self.wire = card.adapter.wire(port)
        self.port = port
        self.events = EventQueue(card)
        self.events.map_events()
        self.eq = EventQueue(card, vector=1)
        self.lkey = card.region()
        self.tx_cq = CompletionQueue(card, self.eq, log_cq)
        self.rx_cq = CompletionQueue(card, self.eq, log_cq)
        self.qp = QueuePair(card, self.tx_cq, self.rx_cq, port=port,
                            fields=fields, **qp)
        if buffers:
            self.qp.post_buffers(buffers, self.lkey)
        if steering == "a0":
            card.promiscuous(self.qp.qpn, port)
        card.open_port(port)
        self.wire.drain()

    def queue_pair(self, buffers=4, **options):
        """Another queue pair with completion queues of its own."""
        send = CompletionQueue(self.card, self.eq)
        receive = CompletionQueue(self.card, self.eq)
        qp = QueuePair(self.card, send, receive, **options)
        if buffers:
            qp.post_buffers(buffers, self.lkey)
        return qp

    def send(self, frame, **options):
        return self.qp.send(frame, self.lkey, **options)

    def sent(self, frame, **options):
        """Sends, and returns what came out and the completion."""
        self.send(frame, **options)
        return self.wire.recv(), self.tx_cq.take()[0]

    def receive(self, count=1, timeout=2.0):
        """The next completion and its frame; @count > 1: a list of them."""
        found = [(cqe, self.qp.received(cqe))
                 for cqe in self.rx_cq.take(count, timeout)]
        return found[0] if count == 1 else found

    def statistics(self, reset=False):
        return self.card.run(
            "DUMP_ETH_STATS",
            self.port | (CX.ETH_STATS_RESET if reset else 0)).data
