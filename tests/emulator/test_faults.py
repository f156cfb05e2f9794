# SPDX-License-Identifier: GPL-2.0-only
"""Each fault of the control socket, as a driver meets it."""

import time

import pytest

import connectx
from connectx import COMMANDS
from control_client import adapter, card, control, nic
from frames import raw, tcp4, udp4
from layout import CX, get, rows
from vfio_user import wait_for

DATA_FAULTS = [
    "send-error", "receive-error", "cqe-owner", "cqe-index", "cqe-qpn",
    "cqe-length", "cqe-duplicate", "cqe-lost", "cq-overrun", "event-lost",
    "event-unknown", "event-cqn", "interrupt-lost", "interrupt-spurious",
    "rx-drop", "rx-crc", "rx-corrupt", "tx-drop", "doorbell-lost",
    "owner-held", "semaphore-held", "reset-lost"]
FRAME = udp4(b"y" * 200)


# --- commands that fail ---

@pytest.mark.parametrize("status", [name for name, value in rows("STATUSES")
                                    if value])
def test_command_fails_with_each_status(control, card, status):
    control.fault("NOP", "status", status=status)
    assert card.status("NOP", CX.NOP_AT_ONCE) == status
    assert card.nop()


@pytest.mark.parametrize("name", [row[0] for row in rows("COMMANDS")])
def test_each_command_can_fail(control, card, name):
    control.fault(name, "status", status="BAD_NVMEM")
    assert card.status(name, data=b"") == "BAD_NVMEM"
    assert control.do("faults")["command"] == []


def test_failed_command_does_nothing(control, card):
    card.bring_up()
    control.fault("INIT_PORT", "status", status="BAD_PARAM")
    assert card.status("INIT_PORT", 1) == "BAD_PARAM"
    assert not control.port(1)["open"]
    card.run("INIT_PORT", 1)
    assert control.port(1)["open"]


def test_count_and_skip(control, card):
    control.fault("NOP", "status", status="RESOURCE_BUSY", skip=2, count=3)
    assert control.do("faults")["command"] == [
        {"name": "NOP", "effect": "status", "status": "RESOURCE_BUSY",
         "skip": 2, "count": 3}]
    said = [card.status("NOP", CX.NOP_AT_ONCE) for _ in range(7)]
    assert said == ["OK"] * 2 + ["RESOURCE_BUSY"] * 3 + ["OK"] * 2


def test_always(control, card):
    control.fault("NOP", "status", status="BAD_OP", always=True)
    assert all(card.status("NOP", CX.NOP_AT_ONCE) == "BAD_OP"
               for _ in range(20))
    assert control.do("faults")["command"][0]["count"] == "always"
    assert card.status("QUERY_FW") == "OK"
    control.do("clear")
    assert card.nop()


def test_any_command(control, card):
    control.fault("*", "status", status="INTERNAL_ERR", count=2)
    assert control.do("faults")["command"][0]["name"] == "*"
    assert card.status("QUERY_FW") == "INTERNAL_ERR"
    assert card.status("NOP", CX.NOP_AT_ONCE) == "INTERNAL_ERR"
    assert card.nop()


def test_command_by_its_opcode(control, card):
    control.fault("0x031", "status", status="BAD_SIZE")
    assert card.status("NOP", CX.NOP_AT_ONCE) == "BAD_SIZE"


def test_faults_of_several_commands(control, card):
    control.fault("NOP", "status", status="BAD_OP")
    control.fault("QUERY_FW", "status", status="BAD_SIZE")
    assert card.status("QUERY_FW") == "BAD_SIZE"
    assert card.status("NOP", CX.NOP_AT_ONCE) == "BAD_OP"


def test_fault_survives_a_reset(control, card):
    """A driver's recovery must meet it too."""
    control.fault("NOP", "status", status="BAD_OP")
    card.chip_reset()
    assert card.status("NOP", CX.NOP_AT_ONCE) == "BAD_OP"


def test_slow_command(control, card):
    control.fault("QUERY_FW", "slow", ms=150)
    begin = time.monotonic()
    firmware = card.run("QUERY_FW").data
    assert 0.14 < time.monotonic() - begin < 1
    assert get(firmware, CX.QUERY_FW_PAGES)
    assert control.do("faults")["command"] == []


def test_slow_command_in_event_mode(control, nic):
    nic.events.poll()
    control.fault("NOP", "slow", ms=100)
    nic.card.post(COMMANDS["NOP"][0], event=True, token=0x77)
    assert nic.card.done() is not None  # taken at once
    assert nic.events.poll() == []
    event = nic.events.take()[0]
    assert get(event, CX.EQE_TYPE) == CX.EVENT_COMMAND
    assert get(event, CX.EQE_TOKEN) == 0x77


def test_reset_ends_a_slow_command(control, card):
    control.fault("NOP", "slow", ms=50)
    card.post(COMMANDS["NOP"][0], CX.NOP_AT_ONCE)
    card.chip_reset()
    time.sleep(0.08)
    assert card.hcr() == bytes(CX.HCR_DWORDS * 4)
    assert card.nop()


def test_many_slow_commands_in_event_mode(control, nic):
    """More than the adapter puts off: the rest is answered at once."""
    nic.events.poll()
    control.fault("NOP", "slow", ms=20, always=True)
    for token in range(24):
        nic.card.post(COMMANDS["NOP"][0], event=True, token=token)
    tokens = []
    while len(tokens) < 24:
        tokens += [get(e, CX.EQE_TOKEN) for e in nic.events.take()]
        nic.events.doorbell()
    assert sorted(tokens) == list(range(24))


def test_command_that_never_ends(control, card):
    control.fault("NOP", "never")
    card.post(COMMANDS["NOP"][0], CX.NOP_AT_ONCE)
    time.sleep(0.05)
    assert card.done() is None
    card.chip_reset()
    assert card.nop()


def test_command_that_never_ends_in_event_mode(control, nic):
    nic.events.poll()
    control.fault("NOP", "never")
    nic.card.post(COMMANDS["NOP"][0], event=True, token=1)
    assert nic.card.done() is not None
    time.sleep(0.05)
    assert nic.events.poll() == []
    assert nic.card.nop()


def test_command_that_is_not_even_taken(control, nic):
    nic.events.poll()
    control.fault("NOP", "stuck")
    nic.card.post(COMMANDS["NOP"][0], event=True, token=1)
    time.sleep(0.05)
    assert nic.card.done() is None
    nic.card.chip_reset()
    assert nic.card.nop()


@pytest.mark.parametrize("name", ["QUERY_FW", "QUERY_DEV_CAP", "QUERY_ADAPTER"])
def test_garbage(control, card, name):
    good = card.run(name).data
    control.fault(name, "garbage", count=2)
    bad = [card.run(name).data for _ in range(2)]
    assert bad[0] != good and bad[1] != good and bad[0] != bad[1]
    assert len(set(bad[0])) > 50
    assert card.run(name).data == good


def test_garbage_of_an_immediate(control, card):
    card.bring_up()
    good = card.run("SENSE_PORT", 1).imm
    control.fault("SENSE_PORT", "garbage")
    assert card.run("SENSE_PORT", 1).imm != good
    assert card.run("SENSE_PORT", 1).imm == good


@pytest.mark.parametrize("arguments,said", [
    ({}, "kind"), ({"kind": "command"}, "name"),
    ({"kind": "wire", "name": "NOP"}, "kind"),
    ({"kind": "command", "name": "NOP"}, "effect"),
    ({"kind": "command", "name": "NOP", "effect": "slower"}, "effect"),
    ({"kind": "command", "name": "NOP", "effect": "status"}, "status"),
    ({"kind": "command", "name": "NOP", "effect": "status",
      "status": "BAD"}, "status"),
    ({"kind": "command", "name": "NOP", "effect": "slow",
      "status": "BAD_OP"}, "status"),
    ({"kind": "command", "name": "NOP", "effect": "never", "ms": 1}, "ms"),
    ({"kind": "command", "name": "NOP", "effect": "slow", "ms": 0}, "ms"),
    ({"kind": "command", "name": "NOPE", "effect": "never"}, "NOPE"),
    ({"kind": "command", "name": "0x1000", "effect": "never"}, "0x1000"),
    ({"kind": "command", "name": "0x", "effect": "never"}, "0x"),
    ({"kind": "command", "name": "0x31g", "effect": "never"}, "0x31g"),
    ({"kind": "command", "name": "0x-1", "effect": "never"}, "0x-1"),
    ({"kind": "command", "name": "nop", "effect": "never"}, "nop"),
    ({"kind": "command", "name": "NOP", "effect": "never", "count": 0},
     "count"),
    ({"kind": "command", "name": "NOP", "effect": "never", "skip": -1},
     "skip"),
    ({"kind": "data", "name": "cqe"}, "cqe"),
    ({"kind": "data", "name": "cqe-owner", "effect": "slow"}, "effect"),
    ({"kind": "data", "name": "cqe-owner", "skip": 1}, "skip"),
    ({"kind": "data", "name": "cqe-owner", "count": 2 ** 32}, "count")])
def test_bad_fault_is_refused(control, arguments, said):
    assert said in control.error("fault", **arguments)
    faults = control.do("faults")
    assert faults["command"] == [] and faults["data"] == []


def test_number_of_faults_is_bounded(control, card):
    for _ in range(32):
        control.fault("NOP", "status", status="BAD_OP")
    assert "32" in control.error("fault", kind="command", name="NOP",
                                 effect="never")
    assert card.status("NOP", CX.NOP_AT_ONCE) == "BAD_OP"
    control.fault("NOP", "status", status="BAD_SIZE")  # one has struck
    said = [card.status("NOP", CX.NOP_AT_ONCE) for _ in range(33)]
    assert sorted(said) == ["BAD_OP"] * 31 + ["BAD_SIZE"] + ["OK"]


# --- the data path ---

def test_all_faults_are_listed(control):
    assert control.do("faults")["known"] == DATA_FAULTS
    for name in DATA_FAULTS:
        control.data_fault(name, count=2)
    assert control.do("faults")["data"] == [
        {"name": name, "count": 2} for name in DATA_FAULTS]
    control.do("clear")
    assert control.do("faults")["data"] == []


def works(nic):
    """The data path is as good as new, both ways."""
    nic.wire.send(FRAME)
    assert nic.receive()[1] == FRAME
    assert nic.sent(FRAME)[0] == FRAME


def test_send_error(control, nic):
    control.data_fault("send-error")
    index = nic.send(FRAME)
    cqe = nic.tx_cq.take()[0]
    assert get(cqe, CX.CQE_OPCODE) == CX.CQE_OP_ERROR
    assert get(cqe, CX.CQE_IS_SEND) == 1
    assert get(cqe, CX.CQE_WQE_INDEX) == index
    assert get(cqe, CX.CQE_ERROR_SYNDROME)
    with pytest.raises(TimeoutError):
        nic.wire.recv(0.05)


def test_receive_error(control, nic):
    control.data_fault("receive-error")
    nic.wire.send(FRAME, raw(100))
    bad, good = nic.rx_cq.take(2)
    assert get(bad, CX.CQE_OPCODE) == CX.CQE_OP_ERROR
    assert get(bad, CX.CQE_IS_SEND) == 0
    assert get(good, CX.CQE_OPCODE) != CX.CQE_OP_ERROR
    assert nic.qp.received(good) == raw(100)
    works(nic)


def test_cqe_with_the_wrong_owner(control, nic):
    control.data_fault("cqe-owner")
    nic.wire.send(FRAME)
    wait_for(lambda: control.do("queues", kind="cq")["queues"][1]["producer"])
    assert not nic.rx_cq.valid()
    nic.rx_cq.index += 1  # software skips what it never saw
    nic.rx_cq.consumed()
    works(nic)


@pytest.mark.parametrize("fault,field", [
    ("cqe-index", CX.CQE_WQE_INDEX), ("cqe-qpn", CX.CQE_QPN),
    ("cqe-length", CX.CQE_BYTE_COUNT)])
def test_cqe_with_a_wrong_field(control, nic, fault, field):
    control.data_fault(fault)
    nic.wire.send(FRAME, FRAME)
    bad, good = nic.rx_cq.take(2)
    if fault == "cqe-length":
        assert get(good, field) == len(FRAME)
        assert get(bad, field) > 1 << 20
    elif fault == "cqe-qpn":
        assert get(good, field) == nic.qp.qpn != get(bad, field)
    else:
        assert get(good, field) == 1
        assert get(bad, field) != 0
    works(nic)


def test_cqe_twice(control, nic):
    control.data_fault("cqe-duplicate")
    nic.wire.send(FRAME)
    first, second = nic.rx_cq.take(2)
    assert first[:31] == second[:31]
    works(nic)


def test_each_cqe_twice_until_the_queue_is_full(control, nic):
    """For ever: it neither recurses nor writes over what is unread."""
    control.data_fault("cqe-duplicate", always=True)
    nic.qp.post_buffers(6, nic.lkey)
    nic.wire.send(*[FRAME] * 14)
    assert len(nic.rx_cq.take(28)) == 28


def test_endless_duplicates_in_a_queue_that_ignores_overruns(control, card):
    nic = connectx.Nic(card, log_cq=6)
    cq = connectx.CompletionQueue(card, nic.eq, 1,
                                  fields={CX.CQC_OVERRUN_IGNORE: 1})
    qp = connectx.QueuePair(card, cq, cq)
    control.data_fault("cqe-duplicate", always=True)
    for _ in range(4):
        qp.send(FRAME, nic.lkey)
        assert nic.wire.recv() == FRAME
    assert card.nop()


def test_cqe_lost(control, nic):
    control.data_fault("cqe-lost")
    nic.wire.send(FRAME, raw(100))
    cqe = nic.rx_cq.take()[0]
    assert nic.qp.received(cqe) == raw(100)
    assert get(cqe, CX.CQE_WQE_INDEX) == 1
    works(nic)


def test_cq_overrun(control, nic):
    nic.events.poll()
    control.data_fault("cq-overrun")
    nic.wire.send(FRAME)
    event = nic.events.take()[0]
    assert get(event, CX.EQE_TYPE) == CX.EVENT_CQ_ERROR
    assert get(event, CX.EQE_NUMBER) == nic.rx_cq.cqn
    assert get(event, CX.EQE_STATUS) == CX.CQ_ERROR_OVERRUN
    assert nic.rx_cq.poll() == []


def test_event_lost(control, nic):
    nic.rx_cq.arm()
    control.data_fault("event-lost")
    nic.wire.send(FRAME)
    nic.receive()
    time.sleep(0.02)
    assert nic.eq.poll() == [] and nic.eq.quiet()
    nic.rx_cq.arm(sequence=2)
    nic.wire.send(FRAME)
    assert get(nic.eq.take()[0], CX.EQE_NUMBER) == nic.rx_cq.cqn


def test_event_lost_of_a_command(control, nic):
    nic.events.poll()
    control.data_fault("event-lost")
    nic.card.post(COMMANDS["NOP"][0], event=True, token=1)
    time.sleep(0.02)
    assert nic.events.poll() == []


def test_event_of_an_unknown_type(control, nic):
    control.data_fault("event-unknown")
    nic.rx_cq.arm()
    nic.wire.send(FRAME)
    event = nic.eq.take()[0]
    assert get(event, CX.EQE_TYPE) not in [v for _, v in rows("EVENTS")]


def test_event_for_a_wrong_queue(control, nic):
    control.data_fault("event-cqn")
    nic.rx_cq.arm()
    nic.wire.send(FRAME)
    event = nic.eq.take()[0]
    assert get(event, CX.EQE_TYPE) == CX.EVENT_COMPLETION
    assert get(event, CX.EQE_NUMBER) not in (nic.rx_cq.cqn, nic.tx_cq.cqn)


def test_interrupt_lost(control, nic):
    nic.rx_cq.arm()
    control.data_fault("interrupt-lost")
    nic.wire.send(FRAME)
    assert len(nic.eq.take()) == 1
    time.sleep(0.02)
    assert nic.eq.quiet()
    nic.eq.doorbell()
    nic.rx_cq.arm(sequence=2, index=1)
    nic.wire.send(FRAME)
    assert nic.eq.raised()


def test_spurious_interrupt(control, nic):
    nic.eq.doorbell()
    assert nic.eq.quiet()
    control.data_fault("interrupt-spurious")
    nic.eq.doorbell()
    assert nic.eq.raised()
    assert nic.eq.poll() == []


def test_rx_drop(control, nic):
    control.data_fault("rx-drop", count=2)
    nic.wire.send(FRAME, FRAME, raw(100))
    assert nic.receive()[1] == raw(100)
    assert control.do("statistics", port=1)["rx"]["frames"] == 1


def test_rx_crc(control, nic):
    control.do("statistics", port=1, reset=True)
    control.data_fault("rx-crc", count=3)
    nic.wire.send(FRAME, FRAME, FRAME, raw(100))
    assert nic.receive()[1] == raw(100)
    assert control.do("statistics", port=1)["errors"]["rx_crc"] == 3


def test_rx_crc_where_the_port_takes_it(control, nic):
    """SET_PORT GENERAL's ignore FCS: it arrives, marked, and is counted."""
    nic.card.set_port(1, {CX.PORT_GENERAL_VALID_IGNORE_FCS: 1,
                          CX.PORT_GENERAL_IGNORE_FCS: 1})
    control.do("statistics", port=1, reset=True)
    control.data_fault("rx-crc")
    nic.wire.send(FRAME, raw(100))
    (bad, damaged), (good, whole) = nic.receive(2)
    assert get(bad, CX.CQE_BAD_FCS) and not get(good, CX.CQE_BAD_FCS)
    assert damaged == FRAME and whole == raw(100)
    assert control.do("statistics", port=1)["errors"]["rx_crc"] == 1
    nic.card.set_port(1, {CX.PORT_GENERAL_VALID_IGNORE_FCS: 1})
    control.data_fault("rx-crc")
    nic.wire.send(FRAME, raw(101))
    assert nic.receive()[1] == raw(101)


@pytest.mark.parametrize("frame", [
    udp4(b"z" * 200), tcp4(b"z" * 200), udp4(b"z"), raw(200)])
def test_rx_corrupt(control, nic, frame):
    control.data_fault("rx-corrupt")
    nic.wire.send(frame, frame)
    (bad, damaged), (good, whole) = nic.receive(2)
    # the adapter pads, as the wire would have
    assert whole == frame.ljust(60, b"\0")
    assert len(damaged) == len(whole)
    different = [i for i in range(len(whole)) if damaged[i] != whole[i]]
    assert len(different) == 1 and different[0] >= 14
    if frame != raw(200):
        assert different[0] == len(frame) - 1
        assert get(good, CX.CQE_L4_CHECKSUM_GOOD) == 1
        assert get(bad, CX.CQE_L4_CHECKSUM_GOOD) == 0


def test_tx_drop(control, nic):
    control.data_fault("tx-drop")
    nic.send(FRAME)
    nic.send(raw(100))
    assert len(nic.tx_cq.take(2)) == 2
    assert nic.wire.recv() == raw(100)
    assert control.do("statistics", port=1)["errors"]["tx_dropped"] == 1


def test_doorbell_lost(control, nic):
    control.data_fault("doorbell-lost")
    nic.send(FRAME)
    with pytest.raises(TimeoutError):
        nic.wire.recv(0.05)
    nic.send(raw(100))
    assert nic.wire.recv_many(2) == [FRAME, raw(100)]


# --- registers ---

@pytest.mark.parametrize("fault,register", [
    ("owner-held", CX.REG_OWNER), ("semaphore-held", CX.REG_SEMAPHORE)])
def test_register_says_that_it_is_held(control, card, fault, register):
    control.data_fault(fault, count=2)
    assert card.reg(register) == 1
    card.set_reg(register, 0)
    assert card.reg(register) == 1
    card.set_reg(register, 0)
    assert card.reg(register) == 0


def test_reset_lost(control, card):
    card.bring_up()
    control.data_fault("reset-lost")
    card.set_reg(CX.REG_RESET, CX.RESET_BIT)
    time.sleep(0.03)
    assert card.client.config_read(0, 2) == CX.PCI_VENDOR_ID
    assert control.do("status")["hca_up"]
    card.chip_reset()
    assert not control.do("status")["hca_up"]
