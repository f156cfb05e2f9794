# SPDX-License-Identifier: GPL-2.0-only
"""The vfio-user protocol, as a hostile or clumsy client speaks it. The list
follows section 8.3 of the protocol's notes."""

import array
import errno
import json
import os
import random
import socket
import struct
import time

import pytest

from vfio_user import (
    ACTION_MASK, ACTION_TRIGGER, ACTION_UNMASK, Client, Closed, DATA_BOOL,
    DATA_EVENTFD, DATA_NONE, DEVICE_GET_INFO, DEVICE_GET_IRQ_INFO,
    DEVICE_GET_REGION_INFO, DEVICE_RESET, DEVICE_SET_IRQS, DMA_MAP, DMA_UNMAP,
    ERROR, GuestMemory, HEADER, IRQ_ERROR, IRQ_INTX, IRQ_MSI, IRQ_MSIX,
    IRQ_REQUEST, NO_REPLY, QEMU_CAPABILITIES, REGION_READ, REGION_WRITE,
    REGION_WRITE_MULTI, RemoteError, VERSION, wait_for)

BAR0_SIZE = 0x10000
REG_DOORBELLS = 0x130
REG_SUM = 0x158

QEMU_TEXT = json.dumps(QEMU_CAPABILITIES).encode() + b"\0"


def doorbells(client):
    return int.from_bytes(client.bar_read(0, REG_DOORBELLS, 4), "little")


def refused(client, number, command, payload=b"", fds=()):
    with pytest.raises(RemoteError) as caught:
        client.call(command, payload, fds)
    assert caught.value.errno == number
    client.device_info()  # the connection lives and is in step


# --- 1: coming and going ---

def test_connect_and_close(echo):
    for _ in range(50):
        Client(echo.socket, negotiate=False).close()
    with Client(echo.socket) as client:
        client.device_info()


def test_reconnect_500_times_is_flat(echo):
    with Client(echo.socket) as client:
        client.device_info()
        before = echo.descriptors(), echo.resident()
    for _ in range(500):
        with Client(echo.socket) as client:
            client.map_memory(4096, 0)
            client.enable_intx()
    with Client(echo.socket) as client:
        client.device_info()
        assert echo.descriptors() == before[0]
        assert echo.resident() < before[1] + (8 << 20)


def transcript(client):
    """The messages of a client's life, one after the other."""
    memory = GuestMemory(1 << 16, 0)
    event = os.eventfd(0, os.EFD_NONBLOCK)
    try:
        for index in range(3):
            yield DMA_MAP, struct.pack("<IIQQQ", 32, 3, 0, index << 16,
                                       1 << 16), [memory.fd]
        yield DEVICE_GET_INFO, struct.pack("<IIII", 16, 0, 0, 0), []
        for index in (0, 1, 2, 3, 4, 5, 7, 6):
            yield DEVICE_GET_REGION_INFO, struct.pack(
                "<IIIIQQ", 32, 0, index, 0, 0, 0), []
        for index in (3, 2):
            yield DEVICE_GET_IRQ_INFO, struct.pack("<IIII", 16, 0, index,
                                                   0), []
        yield REGION_READ, struct.pack("<QII", 0, 7, 4096), []
        for value in (0xfffff800, 0):
            yield REGION_WRITE, struct.pack("<QIII", 0x30, 7, 4, value), []
        for index in (0, 3):
            yield DEVICE_SET_IRQS, struct.pack("<IIIII", 20, 0x24, index, 0,
                                               1), [event]
        yield REGION_WRITE, struct.pack("<QIIH", 4, 7, 2, 6), []
        yield DEVICE_RESET, b"", []
        yield REGION_READ, struct.pack("<QII", 0, 0, 8), []
        yield DEVICE_SET_IRQS, struct.pack("<IIIII", 20, 0x24, 2, 0, 1), []
        yield DEVICE_SET_IRQS, struct.pack("<IIIII", 20, 0x24, 2, 0,
                                           1), [event]
        yield DMA_UNMAP, struct.pack("<IIQQ", 24, 0, 0, 1 << 16), []
    finally:
        memory.close()
        os.close(event)


def test_killed_at_every_message(echo):
    length = sum(1 for _ in transcript(None))
    assert length > 20
    for end in range(length + 1):
        with Client(echo.socket) as client:
            for number, (command, payload, fds) in enumerate(
                    transcript(client)):
                if number == end:
                    client.send(command, payload, fds)
                    break
                client.call(command, payload, fds)
    with Client(echo.socket) as client:
        assert client.device_info() == (3, 9, 5)


def test_a_second_client_is_refused_and_the_first_goes_on(echo, client):
    with Client(echo.socket, negotiate=False) as second:
        with pytest.raises(RemoteError) as caught:
            second.version()
        assert caught.value.errno == errno.EBUSY
        assert second.closed()
    assert client.device_info() == (3, 9, 5)


def test_many_second_clients_that_say_nothing(echo, client):
    crowd = [Client(echo.socket, negotiate=False) for _ in range(40)]
    assert client.device_info() == (3, 9, 5)
    for one in crowd:
        one.close()
    assert client.device_info() == (3, 9, 5)


def test_socket_of_a_running_server_is_not_taken(echo, build):
    status = os.spawnl(os.P_WAIT, build / "tests/echo-function",
                       "echo-function", str(echo.socket))
    assert status == 1
    with Client(echo.socket) as client:
        client.device_info()


def test_socket_file_that_nobody_listens_on_is_replaced(
        build, start_program, tmp_path):
    path = tmp_path / "left"
    stale = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stale.bind(str(path))
    stale.close()
    program = start_program([build / "tests/echo-function", path], path)

    def connects():
        try:
            return Client(path)
        except ConnectionRefusedError:
            return None
    with wait_for(connects) as client:
        client.device_info()
    assert program.stop() == 0
    assert not path.exists()


def test_other_files_are_left_alone(build, tmp_path):
    path = tmp_path / "file"
    path.write_text("precious")
    assert os.spawnl(os.P_WAIT, build / "tests/echo-function",
                     "echo-function", str(path)) == 1
    assert path.read_text() == "precious"


# --- 2: VERSION ---

ACCEPTED = {
    "as QEMU": QEMU_TEXT,
    "no text": b"",
    "empty object": b"{}\0",
    "members at top level": b'{"max_msg_fds":8}\0',
    "unknown members": b'{"capabilities":{"future":[1,{"a":null}]}}\0',
    "64 KiB": b'{"x":"' + b"y" * 65536 + b'"}\0',
    "deep nesting": b"[" * 20000 + b"\0",
    "duplicate keys": b'{"capabilities":{},"capabilities":{}}\0',
    "huge number": b'{"capabilities":{"max_msg_fds":' + b"9" * 400 + b"}}\0",
    "negative number": b'{"capabilities":{"max_data_xfer_size":-1}}\0',
    "wrong type": b'{"capabilities":{"max_msg_fds":"many"}}\0',
}


@pytest.mark.parametrize("what", ACCEPTED)
def test_version_accepted(echo, what):
    with Client(echo.socket, negotiate=False) as client:
        assert client.version(text=ACCEPTED[what]) == (0, 0)
        assert client.device_info() == (3, 9, 5)


def test_version_reply_fits_into_what_qemu_reserves(echo):
    with Client(echo.socket, negotiate=False) as client:
        client.send(VERSION, struct.pack("<HH", 0, 0) + QEMU_TEXT)
        reply = client.recv_message()
        assert reply.size <= 214
        assert reply.payload[-1] == 0
        capabilities = json.loads(reply.payload[4:-1])["capabilities"]
        assert capabilities["max_msg_fds"] == 16
        assert capabilities["max_data_xfer_size"] == 1 << 20
        assert "write_multiple" not in capabilities


@pytest.mark.parametrize("minor", [1, 2, 65535])
def test_version_minor(echo, minor):
    with Client(echo.socket, negotiate=False) as client:
        assert client.version(minor=minor) == (0, 0)


@pytest.mark.parametrize("major,text", [
    (1, QEMU_TEXT), (65535, b""), (0, b"{}"), (0, b"{")])
def test_version_refused(echo, major, text):
    with Client(echo.socket, negotiate=False) as client:
        with pytest.raises(RemoteError) as caught:
            client.version(major, 0, text)
        assert caught.value.errno == errno.EINVAL
        assert client.closed()


def test_version_with_a_descriptor(echo):
    before = echo.descriptors()
    with Client(echo.socket, negotiate=False) as client:
        with pytest.raises(RemoteError):
            client.call(VERSION, struct.pack("<HH", 0, 0) + QEMU_TEXT, [0])
        assert client.closed()
    wait_for(lambda: echo.descriptors() <= before)


def test_version_too_short(echo):
    with Client(echo.socket, negotiate=False) as client:
        with pytest.raises(RemoteError):
            client.call(VERSION, b"\0\0")
        assert client.closed()


def test_version_twice(client):
    refused(client, errno.EINVAL, VERSION, struct.pack("<HH", 0, 0))


@pytest.mark.parametrize("command", [0, DMA_MAP, DEVICE_GET_INFO, DEVICE_RESET,
                                     REGION_WRITE, 99])
def test_anything_before_version_ends_it(echo, command):
    with Client(echo.socket, negotiate=False) as client:
        client.send(command, bytes(32))
        with pytest.raises(Closed):
            client.recv_message()


# --- 3: headers ---

@pytest.mark.parametrize("size", [0, 1, 15, 16 + 16 + (1 << 20) + 1, 1 << 31,
                                  (1 << 32) - 1])
def test_header_size_that_ends_it(client, size):
    client.send_raw(HEADER.pack(1, DEVICE_GET_INFO, size, 0, 0))
    assert client.closed()


@pytest.mark.parametrize("kind", range(2, 16))
def test_header_type_that_ends_it(client, kind):
    client.send_raw(HEADER.pack(1, DEVICE_GET_INFO, 16, kind, 0))
    assert client.closed()


@pytest.mark.parametrize("command", [0, 6, 11, 12, 14, 16, 17, 18, 19, 65535])
def test_command_that_is_not_supported(client, command):
    refused(client, errno.EOPNOTSUPP, command, bytes(64))
    client.send(command, bytes(64), flags=NO_REPLY)
    assert client.silent()
    assert client.device_info() == (3, 9, 5)


SHORTEST = {DMA_MAP: 32, DMA_UNMAP: 24, DEVICE_GET_INFO: 16,
            DEVICE_GET_REGION_INFO: 32, DEVICE_GET_IRQ_INFO: 16,
            DEVICE_SET_IRQS: 20, REGION_READ: 16, REGION_WRITE: 16,
            REGION_WRITE_MULTI: 8}


@pytest.mark.parametrize("command", SHORTEST)
def test_payload_too_short(client, command):
    for length in {0, 1, SHORTEST[command] - 1}:
        refused(client, errno.EINVAL, command, bytes(length))
        client.send(command, bytes(length), flags=NO_REPLY)
    client.device_info()


def test_payload_longer_than_needed(client):
    request = struct.pack("<IIIIQQ", 32, 0, 7, 0, 0, 0) + bytes(1000)
    assert len(client.call(DEVICE_GET_REGION_INFO, request)) == 32


def test_error_fields_and_ids_are_only_echoed(client):
    client.send_raw(HEADER.pack(0xabcd, DEVICE_GET_INFO, 32, 0x40, 77) +
                    struct.pack("<IIII", 16, 0, 0, 0))
    client.send_raw(HEADER.pack(0xabcd, DEVICE_GET_INFO, 32, 0, 0) +
                    struct.pack("<IIII", 16, 0, 0, 0))
    for _ in range(2):
        reply = client.recv_message()
        assert (reply.id, reply.command) == (0xabcd, DEVICE_GET_INFO)
        assert reply.flags == 1 and reply.error == 0


def test_replies_to_nothing_are_dropped(client):
    for payload in b"", bytes(100), bytes(1 << 20):
        client.send(11, payload, flags=1)
    assert client.silent(0.02)
    client.device_info()


def test_random_bytes_never_stop_the_server(echo):
    chance = random.Random(4)
    for _ in range(200):
        with Client(echo.socket) as client:
            try:
                client.send_raw(chance.randbytes(chance.randrange(1, 300)))
            except OSError:
                pass
    with Client(echo.socket) as client:
        client.device_info()


def test_random_messages_never_stop_the_server(echo):
    chance = random.Random(5)
    for _ in range(60):
        with Client(echo.socket, timeout=2) as client:
            for _ in range(50):
                payload = bytearray(chance.choice([16, 20, 24, 32, 48]))
                for index in range(0, len(payload), 4):
                    struct.pack_into("<I", payload, index, chance.choice(
                        [0, 1, 2, 3, 4, 7, 16, 32, 0x24, 4096, 1 << 31,
                         0xffffffff]))
                client.send(chance.randrange(1, 20), payload,
                            flags=chance.choice([0, NO_REPLY]))
            client.send(DEVICE_GET_INFO, struct.pack("<IIII", 16, 0, 0, 0),
                        message_id=0xfffe)
            while client.recv_message().id != 0xfffe:
                pass


# --- 4: how bytes arrive ---

def test_one_byte_at_a_time(client):
    message = client.header(DEVICE_GET_INFO, 16) + struct.pack("<IIII", 16, 0,
                                                               0, 0)
    for byte in message:
        client.send_raw(bytes([byte]))
    assert struct.unpack("<IIII", client.recv_message().payload) == (16, 3, 9,
                                                                      5)


def test_many_messages_in_one_send(client):
    one = client.header(DEVICE_GET_INFO, 16) + struct.pack("<IIII", 16, 0, 0,
                                                           0)
    client.send_raw(one * 500)
    for _ in range(500):
        assert client.recv_message().size == 32


@pytest.mark.parametrize("where", ["first part", "second part", "both"])
def test_message_with_descriptors_split_at_every_offset(client, where):
    for cut in range(1, 36):
        event, other = os.eventfd(0), os.eventfd(0)
        first, second = [event], [other]
        if where == "first part":
            second = []
            count = 1
        elif where == "second part":
            first, second = [], [event]
            count = 1
        else:
            count = 2
        message = client.header(DEVICE_SET_IRQS, 20) + struct.pack(
            "<IIIII", 20, DATA_EVENTFD | ACTION_TRIGGER, IRQ_MSIX, 0, count)
        # a neighbour before and behind must get none of them
        neighbour = client.header(DEVICE_GET_INFO, 16) + struct.pack(
            "<IIII", 16, 0, 0, 0)
        client.send_raw(neighbour)
        client.send_raw(message[:cut], first)
        client.send_raw(message[cut:], second)
        client.send_raw(neighbour)
        for command in DEVICE_GET_INFO, DEVICE_SET_IRQS, DEVICE_GET_INFO:
            reply = client.recv_message()
            assert (reply.command, reply.flags) == (command, 1)
        client.set_irqs(DATA_NONE | ACTION_TRIGGER, IRQ_MSIX, 0, count)
        client.wait_eventfd(event)
        if where == "both":
            client.wait_eventfd(other)
        os.close(event)
        os.close(other)


def test_end_in_the_middle_of_a_message(echo):
    before = echo.descriptors()
    event = os.eventfd(0)
    for cut in range(1, 36):
        with Client(echo.socket) as client:
            message = client.header(DEVICE_SET_IRQS, 20) + struct.pack(
                "<IIIII", 20, 0x24, IRQ_MSIX, 0, 1)
            client.send_raw(message[:cut], [event])
    os.close(event)
    wait_for(lambda: echo.descriptors() <= before)


def test_largest_message_in_pieces(client):
    payload = struct.pack("<QII", 0, 2, 1 << 20) + bytes(1 << 20)
    message = client.header(REGION_WRITE, len(payload)) + payload
    for start in range(0, len(message), 50000):
        client.send_raw(message[start:start + 50000])
    assert client.recv_message().flags == 1
    assert doorbells(client) == (1 << 20) // 8


def test_client_that_reads_no_replies_is_waited_for(client):
    """It is not dropped at once, and nothing is lost or out of order."""
    for number in range(300):
        client.send(REGION_READ, struct.pack("<QII", 0, 7, 256),
                    message_id=number)
    for number in range(300):
        reply = client.recv_message()
        assert reply.id == number and reply.size == 32 + 256


def test_client_that_never_reads_is_dropped(echo):
    """... after five seconds, and the next client is served."""
    with Client(echo.socket) as client:
        client.socket.setblocking(False)
        request = client.header(REGION_READ, 16) + struct.pack(
            "<QII", 0, 0, 0x8000)
        begin = time.monotonic()
        try:
            while time.monotonic() < begin + 0.3:
                client.socket.send(request)
        except BlockingIOError:
            pass
        with pytest.raises(RemoteError) as caught:
            with Client(echo.socket) as second:
                second.device_info()
        assert caught.value.errno == errno.EBUSY

        def served():
            try:
                return Client(echo.socket)
            except RemoteError:
                return None
        wait_for(served, 8, 0.1).close()
        assert 3 < time.monotonic() - begin < 8


# --- 5: regions ---

def test_region_bounds(client):
    sizes = {0: BAR0_SIZE, 1: 0, 2: 0x100000, 3: 0, 6: 3000, 7: 4096, 8: 0,
             9: 0, 0xffffffff: 0}
    for region, size in sizes.items():
        for offset in {0, 1, 7, 8, size - 8, size - 1, size, size + 1,
                       size + 8, 2 ** 64 - 8, 2 ** 64 - 1, 2 ** 63}:
            if offset < 0:
                continue
            for count in (0, 1, 4, 8, 9):
                good = region < 9 and offset + count <= size
                try:
                    client.region_read(region, offset, count)
                    assert good, (region, offset, count)
                except RemoteError as error:
                    assert error.errno == errno.EINVAL
                    assert not good, (region, offset, count)


@pytest.mark.parametrize("count,good", [(1 << 20, True), ((1 << 20) + 1, False),
                                        (1 << 31, False),
                                        ((1 << 32) - 1, False)])
def test_region_read_length(client, count, good):
    if good:
        assert len(client.region_read(2, 0, count)) == count
    else:
        refused(client, errno.EINVAL, REGION_READ,
                struct.pack("<QII", 0, 2, count))


@pytest.mark.parametrize("count,data", [(8, 4), (4, 8), (0, 4), (1 << 31, 4),
                                        ((1 << 32) - 1, 0)])
def test_region_write_count_differs_from_payload(client, count, data):
    refused(client, errno.EINVAL, REGION_WRITE,
            struct.pack("<QII", 0, 0, count) + bytes(data))


def test_write_of_nothing(client):
    client.region_write(0, 0, b"")
    client.region_write(0, BAR0_SIZE, b"")


def test_rom_cannot_be_written(client):
    refused(client, errno.EINVAL, REGION_WRITE,
            struct.pack("<QII", 0, 6, 4) + bytes(4))


# --- 6: posted writes ---

def test_posted_errors_are_silent(client):
    for region, offset, data in ((0, BAR0_SIZE, b"1234"), (9, 0, b"1"),
                                 (1, 0, b"1"), (6, 0, b"1234"),
                                 (0, 2 ** 64 - 1, b"12")):
        client.region_write(region, offset, data, posted=True)
    client.send(REGION_WRITE, struct.pack("<QII", 0, 0, 8), flags=NO_REPLY)
    client.send(DMA_MAP, bytes(32), flags=NO_REPLY)
    client.send(DMA_UNMAP, bytes(24), flags=NO_REPLY)
    client.send(DEVICE_SET_IRQS, bytes(20), flags=NO_REPLY)
    assert client.silent()
    client.device_info()


def test_100000_posted_then_one_read(client):
    one = client.header(REGION_WRITE, 20, NO_REPLY) + struct.pack(
        "<QIII", 0x100, 2, 4, 3)
    begin = time.monotonic()
    for _ in range(100):
        client.send_raw(one * 1000)
    assert doorbells(client) == 100000
    assert int.from_bytes(client.bar_read(0, REG_SUM, 8), "little") == 300000
    assert time.monotonic() - begin < 5


# --- 7: WRITE_MULTI ---

@pytest.mark.parametrize("count", [0, 1, 200])
def test_write_multi(client, count):
    client.write_multi([(2, 8 * i, b"\1\0\0\0") for i in range(count)])
    assert doorbells(client) == count


def test_write_multi_answered(client):
    reply = client.write_multi([(2, 0, b"\1")] * 3, flags=0)
    assert reply == struct.pack("<Q", 3)


@pytest.mark.parametrize("number,entries", [
    (201, 201), (5, 4), (2 ** 64 - 1, 1), (2 ** 60, 3)])
def test_write_multi_refused_as_a_whole(client, number, entries):
    with pytest.raises(RemoteError) as caught:
        client.write_multi([(2, 0, b"\1")] * entries, number, flags=0)
    assert caught.value.errno == errno.EINVAL
    client.write_multi([(2, 0, b"\1")] * entries, number)
    assert doorbells(client) == 0


def test_write_multi_leaves_bad_entries_out(client):
    payload = struct.pack("<Q", 4)
    payload += struct.pack("<QII8s", 0, 2, 4, b"\1")
    payload += struct.pack("<QII8s", 0, 2, 9, b"\1")
    payload += struct.pack("<QII8s", 0x100000, 2, 4, b"\1")
    payload += struct.pack("<QII8s", 8, 2, 8, b"\1")
    client.send(REGION_WRITE_MULTI, payload, flags=NO_REPLY)
    assert doorbells(client) == 2
    refused(client, errno.EINVAL, REGION_WRITE_MULTI, payload)


# --- 8: SET_IRQS ---

VECTORS = 20
COUNTS = {IRQ_INTX: 1, IRQ_MSI: 0, IRQ_MSIX: VECTORS, IRQ_ERROR: 1,
          IRQ_REQUEST: 1}


def test_irq_info(client):
    assert client.irq_info(IRQ_INTX) == (1, 7)
    assert client.irq_info(IRQ_MSI) == (0, 0)
    assert client.irq_info(IRQ_MSIX) == (VECTORS, 1)
    assert client.irq_info(IRQ_ERROR) == (1, 1)
    assert client.irq_info(IRQ_REQUEST) == (1, 1)
    refused(client, errno.EINVAL, DEVICE_GET_IRQ_INFO,
            struct.pack("<IIII", 16, 0, 5, 0))


@pytest.mark.parametrize("index", COUNTS)
def test_set_irqs_bounds(client, index):
    count = COUNTS[index]
    for start, number in ((0, count + 1), (count, 1), (2 ** 32 - 1, 2),
                          (1, 2 ** 32 - 1), (count + 1, 0), (1, 0)):
        with pytest.raises(RemoteError):
            client.set_irqs(DATA_NONE | ACTION_TRIGGER, index, start, number)
    client.set_irqs(DATA_NONE | ACTION_TRIGGER, index, 0, 0)


@pytest.mark.parametrize("flags", [
    0, DATA_NONE, ACTION_TRIGGER, DATA_NONE | DATA_BOOL | ACTION_TRIGGER,
    DATA_NONE | ACTION_MASK | ACTION_UNMASK, 0x40 | DATA_NONE | ACTION_TRIGGER,
    0xffffffff])
def test_set_irqs_flags(client, flags):
    with pytest.raises(RemoteError) as caught:
        client.set_irqs(flags, IRQ_INTX, 0, 1)
    assert caught.value.errno == errno.EINVAL


def test_set_irqs_index(client):
    for index in (5, 2 ** 32 - 1):
        with pytest.raises(RemoteError):
            client.set_irqs(DATA_NONE | ACTION_TRIGGER, index, 0, 0)


@pytest.mark.parametrize("count,fds", [(2, 1), (1, 2), (16, 15), (3, 16)])
def test_set_irqs_number_of_descriptors(echo, client, count, fds):
    before = echo.descriptors()
    events = [os.eventfd(0) for _ in range(fds)]
    with pytest.raises(RemoteError):
        client.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, IRQ_MSIX, 0, count,
                        fds=events)
    for fd in events:
        os.close(fd)
    client.device_info()
    assert echo.descriptors() == before


@pytest.mark.parametrize("fds", [17, 33, 200])
def test_more_descriptors_than_announced(echo, client, fds):
    before = echo.descriptors()
    with pytest.raises(RemoteError):
        client.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, IRQ_MSIX, 0, 17,
                        fds=[client.socket.fileno()] * fds)
    client.device_info()
    assert echo.descriptors() == before


def test_descriptors_with_commands_that_take_none(echo, client):
    before = echo.descriptors()
    refused(client, errno.EINVAL, DEVICE_GET_INFO,
            struct.pack("<IIII", 16, 0, 0, 0), [client.socket.fileno()])
    refused(client, errno.EINVAL, DEVICE_RESET, b"",
            [client.socket.fileno()] * 3)
    refused(client, errno.EINVAL, DMA_MAP, struct.pack(
        "<IIQQQ", 32, 3, 0, 0, 4096), [client.socket.fileno()] * 2)
    assert echo.descriptors() == before


def test_bool_data_length(client):
    for length in (0, 1, 3):
        with pytest.raises(RemoteError):
            client.set_irqs(DATA_BOOL | ACTION_TRIGGER, IRQ_MSIX, 0, 2,
                            bytes(length))
    client.set_irqs(DATA_BOOL | ACTION_TRIGGER, IRQ_MSIX, 0, 2, b"\1\0")


def test_vectors_can_be_triggered_by_the_client(client):
    client.enable_msix(4)
    client.set_irqs(DATA_NONE | ACTION_TRIGGER, IRQ_MSIX, 1, 2)
    client.wait_vector(1)
    client.wait_vector(2)
    client.set_irqs(DATA_BOOL | ACTION_TRIGGER, IRQ_MSIX, 0, 4, b"\0\0\0\1")
    client.wait_vector(3)
    assert not client.vector_raised(0)


def test_masking_is_for_intx_only(client):
    for index in IRQ_MSIX, IRQ_ERROR, IRQ_REQUEST:
        for action in ACTION_MASK, ACTION_UNMASK:
            with pytest.raises(RemoteError):
                client.set_irqs(DATA_NONE | action, index, 0, 1)


# --- 9 to 11 stand in test_pci.py; 15: seeds of the fuzzer's kind ---

def test_sockets_of_other_kinds_as_descriptors(echo, client):
    """A flood of descriptors, none of which is wanted."""
    before = echo.descriptors()
    control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                array.array("i", [client.socket.fileno()] * 100))]
    message = client.header(DEVICE_GET_INFO, 1000)
    for byte in message + bytes(1000):
        try:
            client.socket.sendmsg([bytes([byte])], control)
        except (BrokenPipeError, ConnectionResetError):
            break
    assert client.closed()
    with Client(echo.socket) as next_client:
        next_client.device_info()
        wait_for(lambda: echo.descriptors() <= before)
