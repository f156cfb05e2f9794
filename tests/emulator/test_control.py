# SPDX-License-Identifier: GPL-2.0-only
"""The control socket: its protocol, its clients, and each command but those
of faults."""

import os
import socket
import struct
import subprocess
import time

import pytest

import adapters
import connectx
from adapters import CONNECTX, CONNECTX_2, CONNECTX_3, CONNECTX_3_PRO
from control_client import Control, adapter, card, control, nic, on
from frames import raw, udp4
from layout import CX, get, make, put
from vfio_user import wait_for

COMMANDS = {
    "help", "events", "status", "catastrophic", "remove", "insert",
    "temperature", "cable", "ready_ms", "training_ms", "link", "flap", "speed",
    "mac", "module", "statistics", "fault", "faults", "clear", "queues"}
LINE_MAX = 65536
CLIENTS = 8


# --- protocol ---

def test_help_lists_every_command_with_its_arguments(control):
    listed = control.do("help")["commands"]
    assert {c["name"] for c in listed} == COMMANDS
    assert all(c["help"] for c in listed)
    link = next(c for c in listed if c["name"] == "link")
    assert link["arguments"] == [
        {"name": "port", "type": "number", "required": True, "least": 1,
         "most": 2},
        {"name": "up", "type": "bool", "required": True}]


@pytest.mark.parametrize("line", [
    "{", "}", "[]", "[1]", "null", "1", '"status"', "true", "{]", "{,}",
    "not json", '{"command":"status"', '{"command":"status"}}',
    '{"command":"status"} {"command":"status"}', "{'command':'status'}",
    '{"command":}', '{"command":"status",}', b"\xff\xfe\xfd",
    b'{"command":"\xff"}', b"\0", b'{"command":"status"}\0x',
    "[" * 1000, '{"a":' * 1000, '{"command":{"command":"status"}}',
    '{"command":["status"]}', '{"command":null}', '{"command":1}', "{}",
    '{"id":1}', '{"command":"status\\u0000"}', '{"command":""}',
    '{"command":"nope"}', '{"command":"' + "x" * 60000 + '"}'])
def test_bad_line_is_answered_with_an_error(control, line):
    answer = control.ask_raw(line)
    assert list(answer) in (["error"], ["error", "id"]), answer
    assert answer["error"]
    assert len(answer["error"]) < 300
    assert control.do("status")


@pytest.mark.parametrize("arguments,said", [
    ({}, "port"), ({"port": 1}, "up"), ({"up": True}, "port"),
    ({"port": 0, "up": True}, "from 1 to 2"),
    ({"port": 3, "up": True}, "from 1 to 2"),
    ({"port": -1, "up": True}, "from 1 to 2"),
    ({"port": 2 ** 64, "up": True}, "from 1 to 2"),
    ({"port": 2 ** 63, "up": True}, "from 1 to 2"),
    ({"port": 4294967297, "up": True}, "from 1 to 2"),
    ({"port": 1.0, "up": True}, "port"), ({"port": "1", "up": True}, "port"),
    ({"port": None, "up": True}, "port"), ({"port": [1], "up": True}, "port"),
    ({"port": 1, "up": 1}, "up"), ({"port": 1, "up": "true"}, "up"),
    ({"port": 1, "up": None}, "up"),
    ({"port": 1, "up": True, "down": False}, "down")])
def test_arguments_are_checked(control, arguments, said):
    assert said in control.error("link", **arguments)
    assert control.port(1)["plugged"]


def test_text_with_a_nul_is_refused(control):
    assert "address" in control.error(
        "mac", port=1, address="00:02:c9:00:00:01\0:02")


def test_id_comes_back(control):
    assert control.ask("status", id=7)["id"] == 7
    assert control.ask("status", id={"a": "b"})["id"] == {"a": "b"}
    answer = control.ask("nope", id="x")
    assert answer["id"] == "x" and "error" in answer


def test_empty_lines_say_nothing(control):
    control.send_raw(b"\n\r\n  \n\t\n")
    assert control.ask("status", id=1)["id"] == 1


def test_line_may_end_with_cr_and_begin_with_blanks(control):
    assert control.ask_raw('  {"command": "status"} \r')["ok"]


def test_line_in_single_bytes(control):
    for byte in b'{"command":"status","id":5}\n':
        control.send_raw(bytes([byte]))
    assert control.answer()["id"] == 5


def test_many_lines_at_once_are_answered_in_order(control):
    control.send_raw(b"".join(
        b'{"command":"status","id":%d}\n' % i for i in range(200)))
    assert [control.answer()["id"] for _ in range(200)] == list(range(200))


def test_longest_line(control):
    head = b'{"command":"status","id":"'
    line = head + b"x" * (LINE_MAX - len(head) - 3) + b'"}\n'
    assert len(line) == LINE_MAX
    control.send_raw(line)
    assert len(control.answer()["id"]) == LINE_MAX - len(head) - 3


@pytest.mark.parametrize("extra", [1, 2, 1000, LINE_MAX, 10 * LINE_MAX])
def test_longer_line_is_refused_once_and_skipped(control, extra):
    head = b'{"command":"status","id":"'
    control.send_raw(head + b"x" * (LINE_MAX + extra - len(head) - 3) +
                     b'"}\n{"command":"status","id":9}\n')
    assert "65536" in control.answer()["error"]
    assert control.answer()["id"] == 9


def test_endless_line_costs_no_memory(adapter, control):
    control.send_raw(b"x" * LINE_MAX)
    control.answer()
    before = adapter.program.resident()
    for _ in range(100):
        control.send_raw(b"x" * LINE_MAX)
    control.send_raw(b"\n")
    assert control.do("status")
    assert adapter.program.resident() < before + (4 << 20)


def test_half_closed_client_gets_its_answers(adapter, control):
    with adapter.connect() as other:
        other.send_raw(b'{"command":"status","id":1}\n'
                       b'{"command":"faults","id":2}\n{"command":"sta')
        other.socket.shutdown(socket.SHUT_WR)
        assert other.answer()["id"] == 1
        assert other.answer()["id"] == 2
        assert other.answer() is None


def test_clients_are_bounded(adapter, control):
    others = [adapter.connect() for _ in range(CLIENTS - 1)]
    assert all(other.do("status") for other in others)
    for _ in range(3):
        with adapter.connect() as ninth:
            assert "too many" in ninth.answer()["error"]
            assert ninth.answer() is None
    others.pop().close()

    def admitted():
        with adapter.connect() as again:
            again.send_raw(b'{"command":"status"}\n')
            return "ok" in again.answer()
    wait_for(admitted)
    for other in others:
        assert other.do("status")
        other.close()


def test_client_that_vanishes_frees_its_place(adapter, control):
    before = adapter.program.descriptors()
    for _ in range(50):
        other = adapter.connect()
        other.send_raw(b'{"command":"help"}\n{"comm')
        other.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
        other.close()
    wait_for(lambda: adapter.program.descriptors() == before)
    assert control.do("status")


def test_slow_reader_is_closed_and_others_are_served(adapter, control, build):
    before = adapter.program.resident()
    lazy = adapter.connect()
    request = b'{"command":"help"}\n' * 100
    slowest = 0
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        for _ in range(1000):
            lazy.send_raw(request)
            start = time.monotonic()
            control.do("status")
            slowest = max(slowest, time.monotonic() - start)
    lazy.close()
    assert slowest < 0.5
    if build.name == "plain":  # a sanitizer keeps what was freed
        assert adapter.program.resident() < before + (4 << 20)
    assert "does not read" in adapter.log()
    assert control.do("status")


def test_slow_reader_within_bounds_gets_all(adapter, control):
    with adapter.connect() as lazy:
        lazy.send_raw(b'{"command":"help"}\n' * 100)
        time.sleep(0.1)
        assert all("commands" in lazy.answer() for _ in range(100))


def test_idle_clients_cost_nothing(adapter, control):
    others = [adapter.connect() for _ in range(4)]
    others[0].do("events", all=True)
    others[1].send_raw(b'{"command":')
    others[2].socket.shutdown(socket.SHUT_WR)
    start = adapter.program.cpu_seconds()
    time.sleep(0.5)
    assert adapter.program.cpu_seconds() - start < 0.05
    for other in others:
        other.close()


# --- the socket's file ---

def start(build, folder, *options):
    return subprocess.Popen(
        [build / "bin/connectx-adapter", "--socket", folder / "vfio",
         "--control", folder / "control", *options],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def ask_new(folder):
    """Asks an adapter that has just been started."""
    with Control(folder / "control") as client:
        return client.do("status")


def test_stale_socket_is_replaced_and_ours_is_removed(build, tmp_path):
    for name in ("control", "vfio"):
        left = socket.socket(socket.AF_UNIX)
        left.bind(str(tmp_path / name))
        left.close()
    process = start(build, tmp_path)
    ask_new(tmp_path)
    process.terminate()
    assert process.wait(10) == 0, process.stdout.read()
    assert os.listdir(tmp_path) == []


def test_other_files_are_left_alone(build, tmp_path):
    (tmp_path / "control").write_text("precious")
    process = start(build, tmp_path)
    assert process.wait(10) == 1
    out = process.stdout.read()
    assert "--control" in out and "exists" in out
    assert (tmp_path / "control").read_text() == "precious"


def test_socket_in_use_is_left_alone(build, tmp_path, adapter):
    process = start(build, tmp_path, "--control", adapter.control)
    assert process.wait(10) == 1
    assert "in use" in process.stdout.read()
    with adapter.connect() as client:
        assert client.do("status")


def test_path_that_is_too_long(build, tmp_path):
    process = start(build, tmp_path, "--control", tmp_path / ("x" * 120))
    assert process.wait(10) == 1
    assert "too long" in process.stdout.read()


# --- status ---

@on(CONNECTX, CONNECTX_2, CONNECTX_3, CONNECTX_3_PRO)
def test_status_of_an_idle_card(adapter, control):
    wait_for(lambda: not control.do("status")["connected"])
    status = control.do("status")
    assert status["device"] == adapter.device
    assert status["generation"] == {
        CONNECTX: "ConnectX", CONNECTX_2: "ConnectX-2",
        CONNECTX_3: "ConnectX-3", CONNECTX_3_PRO: "ConnectX-3 Pro",
    }[adapter.device]
    assert status["present"] and not status["removed"]
    assert not status["hca_up"] and not status["dead"]
    assert status["steering"] == "none"
    assert (status["eqs"], status["cqs"], status["qps"]) == (0, 0, 0)
    one, two = status["ports"]
    assert one["mac"] == adapters.MAC_1.hex(":")
    assert two["mac"] == adapters.MAC_2.hex(":")
    assert one["backend"] == "up" and one["link"] == "down"


@pytest.mark.parametrize("adapter,steering,said", [
    (CONNECTX, "a0", "A0"), (CONNECTX_2, "b0", "B0"),
    (CONNECTX_3, "dmfs", "device-managed")], indirect=["adapter"])
def test_status_of_a_card_in_use(control, card, steering, said):
    before = control.do("status")["commands_done"]
    connectx.Nic(card, steering=steering)
    status = control.do("status")
    assert status["connected"] and status["hca_up"]
    assert status["firmware_running"]
    assert status["steering"] == said
    assert (status["eqs"], status["cqs"], status["qps"]) == (2, 2, 1)
    assert status["commands_done"] > before + 10
    assert status["ports"][0]["link"] == "up" and status["ports"][0]["open"]
    assert status["ports"][1]["link"] == "down"


# --- link, speed, address ---

def port_change(nic, subtype, timeout=2.0):
    event = nic.events.take(timeout=timeout)[0]
    assert get(event, CX.EQE_TYPE) == CX.EVENT_PORT_CHANGE
    assert get(event, CX.EQE_PORT) == nic.port
    assert get(event, CX.EQE_SUBTYPE) == subtype


def test_link_goes_down_and_up_with_events(control, nic):
    nic.events.poll()
    assert control.do("link", port=1, up=False)["physical"] is False
    port_change(nic, CX.PORT_CHANGE_DOWN)
    assert not nic.card.link_up(1)
    assert control.port(1)["link"] == "down"
    assert control.do("link", port=1, up=True)["physical"] is True
    port_change(nic, CX.PORT_CHANGE_UP)
    assert nic.card.link_up(1)
    nic.wire.send(raw(100))
    assert nic.receive()[1] == raw(100)


def test_nothing_passes_a_pulled_cable(control, nic):
    control.do("link", port=1, up=False)
    nic.wire.send(raw(100))
    nic.send(raw(100))
    nic.tx_cq.take()  # swallowed, and completed
    with pytest.raises(TimeoutError):
        nic.wire.recv(0.05)
    control.do("link", port=1, up=True)
    wait_for(lambda: nic.card.link_up(1))
    nic.wire.send(raw(200))
    assert nic.receive()[1] == raw(200)


def test_pulled_cable_stays_pulled_when_the_peer_comes_back(adapter, control,
                                                           nic):
    control.do("link", port=1, up=False)
    adapter.wires[0].close()
    wait_for(lambda: control.port(1)["backend"] == "down")
    adapter.wires[0] = adapters.Wire(adapter.ports[0])
    wait_for(lambda: control.port(1)["backend"] == "up")
    assert not nic.card.link_up(1)
    control.do("link", port=1, up=True)
    wait_for(lambda: nic.card.link_up(1))


def test_plugged_cable_does_not_replace_the_peer(adapter, control, nic):
    adapter.wires[0].close()
    wait_for(lambda: control.port(1)["backend"] == "down")
    assert control.do("link", port=1, up=True)["physical"] is False
    assert not nic.card.link_up(1)
    adapter.wires[0] = adapters.Wire(adapter.ports[0])
    wait_for(lambda: nic.card.link_up(1))


def test_other_port_is_left_alone(control, nic):
    control.do("link", port=2, up=False)
    assert nic.card.link_up(1)
    assert not control.port(2)["plugged"] and control.port(1)["plugged"]


def test_cable_stays_pulled_over_a_reset(control, card):
    control.do("link", port=1, up=False)
    card.chip_reset()
    card.bring_up()
    card.run("INIT_PORT", 1)
    time.sleep(0.02)
    assert not card.link_up(1)


def test_link_without_a_backend_is_refused(build, tmp_path):
    process = start(build, tmp_path)
    ask_new(tmp_path)
    with Control(tmp_path / "control") as client:
        assert "port 1" in client.error("link", port=1, up=True)
        assert "port 2" in client.error("flap", port=2)
        assert client.port(1)["backend"] == "none"
    process.terminate()
    assert process.wait(10) == 0


def test_flap_pulls_and_plugs_the_cable(control, nic):
    nic.events.poll()
    control.do("flap", port=1, count=3, period_ms=60)
    start_time = time.monotonic()
    for _ in range(3):
        port_change(nic, CX.PORT_CHANGE_DOWN)
        nic.events.doorbell()
        port_change(nic, CX.PORT_CHANGE_UP)
        nic.events.doorbell()
    assert 0.12 < time.monotonic() - start_time < 1
    assert nic.card.link_up(1)
    time.sleep(0.1)
    assert nic.events.poll() == []


@pytest.mark.parametrize("how", ["link", "clear", "flap"])
def test_flap_ends_when_told(control, nic, how):
    nic.events.poll()
    control.do("flap", port=1, count=1000, period_ms=20)
    time.sleep(0.03)
    if how == "link":
        control.do("link", port=1, up=True)
    elif how == "clear":
        control.do("clear")
    else:
        control.do("flap", port=1, count=1, period_ms=2)
    time.sleep(0.02)
    wait_for(lambda: nic.card.link_up(1))
    nic.events.poll()
    time.sleep(0.06)
    assert nic.events.poll() == []


def test_adapter_ends_while_a_link_flaps(build, tmp_path):
    process = start(build, tmp_path, "--port1", "cable", "--port2", "cable")
    ask_new(tmp_path)
    with Control(tmp_path / "control") as client:
        client.do("flap", port=1, count=1000000, period_ms=2)
        client.do("flap", port=2, count=1000000, period_ms=3600000)
        process.terminate()
        assert process.wait(10) == 0, process.stdout.read()


@on(CONNECTX_3)
def test_speed(control, nic):
    assert control.port(1)["speed"] == 40000
    nic.events.poll()
    control.do("speed", port=1, mbps=10000)
    port_change(nic, CX.PORT_CHANGE_DOWN)
    port_change(nic, CX.PORT_CHANGE_UP)
    assert control.port(1)["speed"] == 10000
    assert get(nic.card.port_info(1), CX.QUERY_PORT_SPEED) == \
        CX.PORT_SPEED_10G_XFI
    control.do("speed", port=1, mbps=40000)
    wait_for(lambda: control.port(1)["link"] == "up")
    assert control.port(1)["speed"] == 40000


def test_speed_that_the_card_has_not(control):
    assert "25000" in control.error("speed", port=1, mbps=25000)
    assert "mbps" in control.error("speed", port=1, mbps=0)
    assert control.port(1)["speed"] == 10000


def test_mac_is_seen_by_the_next_query(control, card):
    control.do("mac", port=2, address="02:11:22:33:44:55")
    info = card.port_info(2)
    assert get(info, CX.QUERY_PORT_MAC) == 0x021122334455
    assert control.port(2)["mac"] == "02:11:22:33:44:55"


@pytest.mark.parametrize("address", [
    "", "00", "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00",
    "00:02:c9:00:00", "00:02:c9:00:00:01:02", "00:02:c9:00:00:1",
    "00-02-c9-00-00-01", "0002c9000001", "00:02:c9:00:00:0g",
    " 0:02:c9:00:00:01", "00:02:c9:00:00:01 ", "+0:02:c9:00:00:01",
    "0x:02:c9:00:00:01", "-1:02:c9:00:00:01"])
def test_bad_mac_is_refused(control, address):
    before = control.port(1)["mac"]
    assert "unicast" in control.error("mac", port=1, address=address)
    assert control.port(1)["mac"] == before


@on(CONNECTX, CONNECTX_3)
def test_module(control, nic):
    control.do("module", port=1, present=False)
    wait_for(lambda: not nic.card.link_up(1))
    assert get(nic.card.port_info(1), CX.QUERY_PORT_TRANSCEIVER_TYPE) == 0
    assert not control.port(1)["module"] and control.port(2)["module"]
    control.do("module", port=1, present=True)
    wait_for(lambda: nic.card.link_up(1))
    assert get(nic.card.port_info(1), CX.QUERY_PORT_TRANSCEIVER_TYPE) == \
        CX.TRANSCEIVER_FIBRE


@on(25458)
def test_twisted_pair_has_no_module(control):
    assert "no modules" in control.error("module", port=1, present=False)


# --- statistics ---

def test_statistics(control, nic):
    control.do("statistics", port=1, reset=True)
    nic.wire.send(raw(100), udp4(tags=[(0x8100, 5)]),
                  raw(1000, dst=b"\xff" * 6), raw(60, dst=b"\1\0\x5e\0\0\1"))
    nic.receive(4)
    nic.sent(raw(300))
    counted = control.do("statistics", port=1)
    assert counted["rx"]["frames"] == 4
    assert counted["rx"]["unicast"] == 2
    assert counted["rx"]["multicast"] == 1
    assert counted["rx"]["broadcast"] == 1
    assert counted["rx"]["tagged"] == 1
    assert counted["rx"]["sizes"]["up_to_1023"] == 1
    assert counted["rx"]["sizes"]["up_to_64"] == 1
    assert counted["tx"]["frames"] == 1
    assert counted["tx"]["octets"] == 304
    assert counted["loopback"]["frames"] == 0
    assert not any(counted["errors"].values())
    assert control.do("status")["ports"][0]["rx_frames"] == 4
    again = control.do("statistics", port=1, reset=True)
    assert again["rx"]["frames"] == 4
    assert control.do("statistics", port=1)["rx"]["frames"] == 0


def test_statistics_tell_why_frames_were_dropped(control, nic):
    control.do("statistics", port=1, reset=True)
    nic.wire.send(*[raw(100)] * 12)  # 8 buffers are posted
    nic.receive(8)
    wait_for(lambda: control.do("statistics", port=1)["errors"]["rx_dropped"]
             == 4)
    errors = control.do("statistics", port=1)["errors"]
    assert errors["rx_dropped_overflow"] == 4
    assert errors["rx_dropped_length"] == 0


# --- the card as a whole ---

def catastrophic_buffer(card):
    return [card.reg(CX.REG_CATASTROPHIC + 4 * i)
            for i in range(CX.CATASTROPHIC_DWORDS)]


@pytest.mark.parametrize("arguments,first", [
    ({}, None), ({"code": 0x1234}, 0x1234), ({"code": 0xffffffff},
                                             0xffffffff)])
def test_catastrophic_error_until_reset(control, nic, arguments, first):
    card = nic.card
    control.do("catastrophic", **arguments)
    buffer = catastrophic_buffer(card)
    assert buffer[0] != 0
    if first is not None:
        assert buffer[0] == first
    assert control.do("status")["dead"]
    card.post(connectx.COMMANDS["NOP"][0])
    time.sleep(0.02)
    assert card.done() is None
    nic.wire.send(raw(100))
    nic.qp.doorbell()
    time.sleep(0.02)
    assert nic.rx_cq.poll() == []
    card.chip_reset()
    assert catastrophic_buffer(card)[0] == 0
    assert not control.do("status")["dead"]
    again = connectx.Nic(card)
    again.wire.send(raw(200))
    assert again.receive()[1] == raw(200)


def test_surprise_removal_and_insertion(control, nic):
    card = nic.card
    control.do("remove")
    assert card.client.config_read(0, 2) == 0xffff
    assert card.reg(CX.REG_HCR) == 0xffffffff
    assert control.do("status")["removed"]
    assert not control.do("status")["present"]
    nic.wire.send(raw(100))
    nic.qp.doorbell()
    card.set_reg(CX.REG_RESET, CX.RESET_BIT)
    time.sleep(0.03)
    assert card.client.config_read(0, 2) == 0xffff
    control.do("insert")
    wait_for(lambda: card.client.config_read(0, 2) == CX.PCI_VENDOR_ID)
    card.restore_config()
    card.forget()
    again = connectx.Nic(card)
    again.wire.send(raw(200))
    assert again.receive()[1] == raw(200)


@pytest.mark.parametrize("how", ["reset", "flr", "leave"])
def test_removed_card_stays_away(adapter, control, card, how):
    control.do("remove")
    if how == "leave":
        card.close()
        card = connectx.Client(adapter.socket)
    elif how == "reset":
        card.client.reset()
        card = card.client
    else:
        # configuration space is gone, and with it Device Control
        card = card.client
        card.config_write(0x68, 0xffff, 2)
    assert card.config_read(0, 2) == 0xffff
    control.do("insert")
    wait_for(lambda: card.config_read(0, 2) == CX.PCI_VENDOR_ID)
    if how == "leave":
        card.close()


def test_inserted_twice_is_inserted_once(control, card):
    control.do("insert")
    assert card.client.config_read(0, 2) == CX.PCI_VENDOR_ID
    assert card.nop()


@pytest.mark.parametrize("how", ["reset", "leave"])
def test_bus_reset_during_the_time_until_ready(adapter, control, card, how):
    """It used to leave the card absent for good."""
    control.do("ready_ms", ms=3600000)
    card.set_reg(CX.REG_RESET, CX.RESET_BIT)
    assert card.client.config_read(0, 2) == 0xffff
    if how == "reset":
        card.client.reset()
        assert card.client.config_read(0, 2) == CX.PCI_VENDOR_ID
    else:
        card.close()
        wait_for(lambda: control.do("status")["present"])


def test_ready_ms(control, card):
    for ms, least, most in ((100, 0.09, 1.0), (0, 0, 0.05)):
        control.do("ready_ms", ms=ms)
        begin = time.monotonic()
        card.chip_reset()
        assert least <= time.monotonic() - begin < most
    assert "ms" in control.error("ready_ms", ms=-1)


def test_training_ms(control, card):
    control.do("training_ms", ms=100)
    card.bring_up()
    begin = time.monotonic()
    card.run("INIT_PORT", 1)
    assert not card.link_up(1)
    wait_for(lambda: card.link_up(1))
    assert time.monotonic() - begin >= 0.09
    control.do("training_ms", ms=0, port=2)
    card.run("INIT_PORT", 2)
    wait_for(lambda: card.link_up(2), 0.05)


def test_temperature_warning_that_nobody_mapped(control, card):
    assert not control.do("temperature", celsius=120)["delivered"]
    card.bring_up()
    connectx.EventQueue(card)
    assert not control.do("temperature", celsius=120)["delivered"]


def test_temperature_warning(control, nic):
    nic.events.poll()
    assert control.do("temperature", celsius=120,
                      threshold=100)["delivered"]
    event = nic.events.take()[0]
    assert get(event, CX.EQE_TYPE) == CX.EVENT_FATAL_WARNING
    assert get(event, CX.EQE_SUBTYPE) == CX.WARNING_TEMPERATURE
    assert get(event, CX.EQE_TEMPERATURE) == 120
    assert get(event, CX.EQE_THRESHOLD) == 100
    assert nic.events.raised()


@pytest.mark.parametrize("state,subtype", [
    ("bad", CX.RECOVERABLE_BAD_CABLE),
    ("unsupported", CX.RECOVERABLE_UNSUPPORTED_CABLE)])
@on(CONNECTX_3)
def test_cable_warning_where_software_asked_for_it(control, card, state,
                                                   subtype):
    nic = connectx.Nic(card, hca={CX.INIT_HCA_RECOVERABLE_ERROR_EVENT: 1})
    nic.events.map_events(1 << CX.EVENT_RECOVERABLE_ERROR)
    nic.events.poll()
    assert control.do("cable", port=2, state=state)["delivered"]
    event = nic.events.take()[0]
    assert get(event, CX.EQE_TYPE) == CX.EVENT_RECOVERABLE_ERROR
    assert get(event, CX.EQE_SUBTYPE) == subtype
    assert get(event, CX.EQE_MANAGEMENT_PORT) == 2


def test_cable_warning_where_it_did_not(control, nic):
    nic.events.map_events(1 << CX.EVENT_RECOVERABLE_ERROR)
    nic.events.poll()
    assert not control.do("cable", port=1, state="bad")["delivered"]
    assert nic.events.poll() == []
    assert "state" in control.error("cable", port=1, state="fine")


# --- events ---

def test_events_of_links_resets_and_commands(adapter, control, card):
    with adapter.connect() as watcher:
        watcher.do("events", all=True)
        card.chip_reset()
        assert watcher.event() == {"event": "reset", "kind": "chip"}
        card.nop()
        assert watcher.event() == {
            "event": "command", "name": "NOP",
            "opcode": connectx.COMMANDS["NOP"][0], "op_mod": 0,
            "in_mod": CX.NOP_AT_ONCE, "status": "OK"}
        assert card.status("QUERY_PORT", 7) == "BAD_INDEX"
        assert watcher.event()["status"] == "BAD_INDEX"
        card.bring_up()
        card.open_port(1)
        assert watcher.event("link") == {"event": "link", "port": 1,
                                         "up": True, "speed": 10000}
        control.do("link", port=1, up=False)
        assert watcher.event("link") == {"event": "link", "port": 1,
                                         "up": False}
        card.client.reset()
        assert watcher.event("reset")["kind"] == "bus"
        card.client.enable_bus_master()
        card.client.flr()
        assert watcher.event("reset")["kind"] == "flr"
        card.close()
        assert watcher.event("reset")["kind"] == "disconnect"


def test_only_subscribed_events_come(adapter, control, card):
    with adapter.connect() as watcher:
        watcher.do("events", link=True)
        card.nop()
        card.chip_reset()
        watcher.do("status")
        assert watcher.events == []
        watcher.do("events", commands=True)
        card.nop()
        assert watcher.event()["event"] == "command"
        watcher.do("events")
        card.bring_up()
        card.open_port(1)
        watcher.do("status")
        assert watcher.events == []
    control.do("status")
    assert control.events == []


def test_subscriber_that_does_not_read_is_closed(adapter, control, card):
    lazy = adapter.connect()
    lazy.do("events", commands=True)
    closed = adapter.program.descriptors() - 1

    def flood():
        for _ in range(50):
            card.nop()
        return adapter.program.descriptors() == closed
    wait_for(flood, 30)
    lazy.close()
    assert card.nop()


# --- queues ---

def test_queues(control, nic):
    nic.wire.send(raw(100))
    nic.receive()
    queues = control.do("queues", kind="eq")["queues"]
    assert [q["eqn"] for q in queues] == [nic.events.eqn, nic.eq.eqn]
    assert [q["vector"] for q in queues] == [0, 1]
    assert queues[0]["state"] in ("armed", "fired")
    queues = control.do("queues", kind="cq")["queues"]
    assert [q["cqn"] for q in queues] == [nic.tx_cq.cqn, nic.rx_cq.cqn]
    assert [q["producer"] for q in queues] == [0, 1]
    assert [q["consumer"] for q in queues] == [0, 1]
    assert queues[1]["eqn"] == nic.eq.eqn and queues[1]["size"] == 64
    pair, = control.do("queues", kind="qp")["queues"]
    assert pair["qpn"] == nic.qp.qpn and pair["state"] == "RTS"
    assert pair["rq_head"] == 1 and pair["sq_head"] == 0
    assert pair["send_cqn"] == nic.tx_cq.cqn


@on(CONNECTX_3)
@pytest.mark.parametrize("unit,value,kbps", [
    (CX.RATE_KBPS, 900, 900), (CX.RATE_MBPS, 4095, 4095000),
    (CX.RATE_GBPS, 40, 40000000), (CX.RATE_NONE, 7, 0)])
def test_queues_show_the_rate_limit(control, nic, unit, value, kbps):
    assert get(nic.card.run("QUERY_DEV_CAP").data, CX.DEV_CAP_RATES) > 0
    update = make(CX.UPDATE_QP_CONTEXT + CX.QPC_SIZE,
                  {CX.UPDATE_QP_RATE_LIMIT: 1})
    put(update, CX.QPC_RATE_UNIT, unit, CX.UPDATE_QP_CONTEXT)
    put(update, CX.QPC_RATE_VALUE, value, CX.UPDATE_QP_CONTEXT)
    nic.card.run("UPDATE_QP", nic.qp.qpn, data=update)
    pair, = control.do("queues", kind="qp")["queues"]
    assert pair["rate_kbps"] == kbps


def test_queues_come_in_pages(control, card):
    card.bring_up()
    eq = connectx.EventQueue(card)
    made = [connectx.CompletionQueue(card, eq, 0).cqn for _ in range(20)]
    found, start_at, pages = [], 0, 0
    while start_at is not None:
        page = control.do("queues", kind="cq", limit=7, **{"from": start_at})
        assert len(page["queues"]) <= 7
        found += [q["cqn"] for q in page["queues"]]
        start_at = page.get("next")
        pages += 1
    assert found == made and pages == 3


def test_queues_of_no_kind(control):
    assert "kind" in control.error("queues", kind="srq")
    assert control.do("queues", kind="qp") == {"ok": True, "queues": []}
