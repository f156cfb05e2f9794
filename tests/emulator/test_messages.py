# SPDX-License-Identifier: GPL-2.0-only
"""Guest memory by DMA_READ and DMA_WRITE: when the server sends them, what it
does meanwhile, and what answers that are none lead to."""

import errno
import os
import socket
import struct
import time

import pytest

import vfio_user
from test_pci import (AGAIN, DESTINATION, DONE, FAILED, GO, IN_SLICES, LENGTH,
                      MIB, RESETS, SOURCE, STATUS, copy, get, put)
from vfio_user import DMA_READ, DMA_WRITE, Client, wait_for

SCRATCH, DOORBELLS, RESET_FLR = 0, 0x130, RESETS + 4
BASE = 16 * MIB
TIMED_OUT = errno.ETIMEDOUT << 8
NO_ANSWER = errno.EPROTO << 8
LIMIT = 2.0  # how long the server waits


@pytest.fixture
def guest(echo):
    """A client that shares nothing and answers at once."""
    with Client(echo.socket, memory="messages") as client:
        client.enable_bus_master()
        yield client
    assert echo.alive(), echo.log()


@pytest.fixture
def mute(echo):
    """One that shares nothing and leaves the answers to the test."""
    with Client(echo.socket, memory="messages") as client:
        client.enable_bus_master()
        client.memory = client.map_memory(MIB, BASE)
        client.answers_dma = False
        yield client
    assert echo.alive(), echo.log()


def start(client, length=64):
    """Begins a copy; returns the server's request."""
    put(client, SOURCE, BASE, 8)
    put(client, DESTINATION, BASE + 4096, 8)
    put(client, LENGTH, length)
    put(client, GO, IN_SLICES)
    return request(client)


def request(client, command=DMA_READ):
    message = client.recv_message()
    assert (message.command, message.flags) == (command, 0)
    return message


def good(message, data=bytes(64)):
    return message.payload[:16] + data


def status(client, timeout=1.0):
    return wait_for(lambda: get(client, STATUS), timeout)


def finish(client):
    """The copy's second half ends well; returns the server's request."""
    asked = request(client, DMA_WRITE)
    client.reply_dma(asked, asked.payload[:16])
    assert status(client) == DONE
    return asked


@pytest.mark.parametrize("length", [1, 63, 4096, 5000, 300000])
def test_copy(guest, length):
    memory = guest.map_memory(MIB, BASE)
    data = os.urandom(length)
    memory.write(BASE + 5, data)
    assert copy(guest, BASE + 5, BASE + 500001, length, IN_SLICES) == DONE
    assert memory.read(BASE + 500001, length) == data
    assert guest.dma_requests[0] == (DMA_READ, BASE + 5, min(length, 4096))


def test_copy_between_kinds_of_memory(echo, guest):
    memory = guest.map_memory(MIB, BASE)
    shared = vfio_user.GuestMemory(MIB, BASE + MIB)
    guest.memories.append(shared)
    guest.dma_map(BASE + MIB, MIB, shared.fd)
    memory.write(BASE + MIB - 100, b"a" * 100)
    shared.write(BASE + MIB, b"b" * 100)
    assert copy(guest, BASE + MIB - 100, BASE, 200, IN_SLICES) == DONE
    assert memory.read(BASE, 200) == b"a" * 100 + b"b" * 100


def test_read_only_memory_is_not_written(guest):
    guest.map_memory(MIB, BASE, writable=False)
    assert copy(guest, BASE, BASE + 4096, 16, IN_SLICES) == FAILED
    assert [command for command, _, _ in guest.dma_requests] == [DMA_READ]


def test_without_bus_mastering_nothing_is_asked(guest):
    guest.map_memory(MIB, BASE)
    guest.enable_bus_master(False)
    assert copy(guest, BASE, BASE + 4096, 16, IN_SLICES) == FAILED
    assert not guest.dma_requests


def test_no_message_while_the_client_waits_for_an_answer(guest):
    guest.map_memory(MIB, BASE)
    put(guest, SOURCE, BASE, 8)
    put(guest, DESTINATION, BASE + 4096, 8)
    put(guest, LENGTH, 16)
    guest.bar_write(0, GO, struct.pack("<I", 1), posted=False)
    assert status(guest) == AGAIN
    assert not guest.dma_requests


def test_memory_that_the_guest_keeps_for_itself(echo):
    with Client(echo.socket, memory="private") as client:
        client.enable_bus_master()
        memory = client.map_memory(MIB, BASE)
        memory.write(BASE, b"only here")
        memory.write(BASE + 4096, b"here too")
        assert copy(client, BASE, BASE + 4096, 9, IN_SLICES) == DONE
        assert memory.read(BASE + 4096, 9) == b"only here"
    assert "share=on" in echo.log()


def test_private_memory_is_found_by_writing_too(echo):
    with Client(echo.socket, memory="private") as client:
        client.enable_bus_master()
        memory = client.map_memory(MIB, BASE)
        shared = vfio_user.GuestMemory(MIB, BASE + MIB)
        client.memories.append(shared)
        client.dma_map(BASE + MIB, MIB, shared.fd)
        shared.write(BASE + MIB, b"for the guest")
        memory.write(BASE, b"touched")
        assert copy(client, BASE + MIB, BASE, 13, IN_SLICES) == DONE
        assert memory.read(BASE, 13) == b"for the guest"


def test_shared_memory_is_asked_about_until_it_tells(client):
    memory = client.map_memory(MIB, BASE)
    client.enable_bus_master()
    # zeros are everywhere
    assert copy(client, BASE, BASE + 4096, 64, IN_SLICES) == DONE
    asked = len(client.dma_requests)
    assert 0 < asked < 5
    memory.write(BASE, b"something")
    assert copy(client, BASE, BASE + 4096, 64, IN_SLICES) == DONE
    asked = len(client.dma_requests)
    for _ in range(5):
        assert copy(client, BASE, BASE + 4096, 64, IN_SLICES) == DONE
    assert len(client.dma_requests) == asked
    assert memory.read(BASE + 4096, 9) == b"something"


def test_a_client_that_cannot_say_is_believed(client):
    memory = client.map_memory(MIB, BASE)
    client.enable_bus_master()
    client.answers_dma = False
    memory.write(BASE, b"something")
    put(client, SOURCE, BASE, 8)
    put(client, DESTINATION, BASE + 4096, 8)
    put(client, LENGTH, 9)
    put(client, GO, IN_SLICES)
    client.reply_dma(request(client), error=errno.EOPNOTSUPP)
    wait_for(lambda: memory.read(BASE + 4096, 9) == b"something")
    assert status(client) == DONE


@pytest.mark.parametrize("text, most", [
    (b'{"capabilities":{"max_data_xfer_size":1024}}\0', 1024),
    (b'{"capabilities":{"max_data_xfer_size" : 100}}\0', 100),
    (b'{"capabilities":{"max_data_xfer_size":0}}\0', 4096),
    (b'{"capabilities":{"max_data_xfer_size":-5}}\0', 4096),
    (b'{"capabilities":{"max_data_xfer_size":"x"}}\0', 4096),
    (b'{"max_data_xfer_size"\0', 4096),
    (b'{}\0', 4096), (b'', 4096)])
def test_no_message_is_longer_than_the_client_takes(echo, text, most):
    with Client(echo.socket, negotiate=False, memory="messages") as client:
        client.version(text=text)
        client.enable_bus_master()
        memory = client.map_memory(MIB, BASE)
        data = os.urandom(9000)
        memory.write(BASE, data)
        assert copy(client, BASE, BASE + 16384, 9000, IN_SLICES) == DONE
        assert memory.read(BASE + 16384, 9000) == data
        assert max(count for _, _, count in client.dma_requests) == most


# --- while it waits ---

def test_the_client_is_answered_meanwhile(mute):
    asked = start(mute)
    assert mute.config_read(0) == 0xfff015b3
    put(mute, SCRATCH, 0x1234)
    assert get(mute, SCRATCH) == 0x1234
    before = get(mute, DOORBELLS)
    for _ in range(1000):
        mute.bar_write(2, 0, bytes(8))
    assert get(mute, DOORBELLS) == before + 1000
    other = mute.map_memory(MIB, BASE + 8 * MIB)
    mute.unmap_memory(other)
    mute.enable_msix(4)
    assert get(mute, STATUS) == 0
    mute.reply_dma(asked, good(asked, b"x" * 64))
    assert finish(mute).payload == struct.pack("<QQ", BASE + 4096, 64) + b"x" * 64


def test_replies_that_fill_the_socket_meanwhile(mute):
    asked = start(mute)
    for _ in range(4000):
        mute.send(vfio_user.REGION_READ,
                  struct.pack("<QII", SCRATCH, 0, 64))
    mute.reply_dma(asked, good(asked))
    for _ in range(4000):
        assert mute.recv_message().command == vfio_user.REGION_READ
    finish(mute)


@pytest.mark.parametrize("how", ["bus", "flr"])
def test_reset_ends_the_wait(mute, how):
    asked = start(mute)
    begun = time.monotonic()
    if how == "bus":
        mute.reset()
    else:
        count = get(mute, RESET_FLR)
        mute.flr()
        assert get(mute, RESET_FLR) == count + 1
    assert time.monotonic() - begun < LIMIT / 2
    # late, and of no use to anybody
    mute.reply_dma(asked, good(asked))
    mute.enable_bus_master()
    assert get(mute, STATUS) == 0
    asked = start(mute)
    mute.reply_dma(asked, good(asked))
    finish(mute)


def test_unmapped_while_it_is_waited_for(mute):
    asked = start(mute)
    mute.unmap_memory(mute.memory)
    mute.reply_dma(asked, error=errno.ENODEV)
    assert status(mute) == errno.ENODEV << 8


def test_the_client_leaves_while_it_is_waited_for(echo):
    for _ in range(5):
        client = Client(echo.socket, memory="messages")
        client.enable_bus_master()
        client.map_memory(MIB, BASE)
        client.answers_dma = False
        start(client)
        begun = time.monotonic()
        client.close()
        with Client(echo.socket) as after:
            assert get(after, STATUS) == 0
        assert time.monotonic() - begun < LIMIT / 2
    assert echo.alive()


def test_nonsense_while_it_is_waited_for(echo):
    client = Client(echo.socket, memory="messages")
    client.enable_bus_master()
    client.map_memory(MIB, BASE)
    client.answers_dma = False
    start(client)
    client.send_raw(b"\xff" * 64)
    assert client.closed()
    client.close()
    with Client(echo.socket) as after:
        assert get(after, STATUS) == 0


@pytest.mark.parametrize("answer_first", [False, True])
def test_a_reply_fails_beside_the_answer(echo, answer_first):
    """The connection ends in the turn that brings the answer."""
    client = Client(echo.socket, memory="messages")
    client.enable_bus_master()
    client.map_memory(MIB, BASE)
    client.answers_dma = False
    asked = start(client)
    client.socket.shutdown(socket.SHUT_RD)  # from here on sending fails
    parts = [
        vfio_user.HEADER.pack(1, vfio_user.REGION_READ, 16 + 16, 0, 0) +
        struct.pack("<QII", SCRATCH, 0, 4),
        vfio_user.HEADER.pack(asked.id, asked.command, 16 + 80,
                              vfio_user.REPLY, 0) + good(asked)]
    client.send_raw(b"".join(reversed(parts) if answer_first else parts))
    client.close()
    with Client(echo.socket) as after:
        assert get(after, STATUS) == 0
    assert echo.alive()


# --- answers that are none ---

def test_no_answer(mute):
    asked = start(mute)
    begun = time.monotonic()
    assert wait_for(lambda: get(mute, STATUS), 2 * LIMIT) == TIMED_OUT
    assert LIMIT / 2 < time.monotonic() - begun < LIMIT + 1
    # nobody waits for it a second time
    put(mute, LENGTH, 64)
    begun = time.monotonic()
    put(mute, GO, IN_SLICES)
    assert status(mute) == TIMED_OUT
    assert time.monotonic() - begun < LIMIT / 2
    # until it answers after all
    mute.reply_dma(asked, good(asked))
    asked = start(mute)
    mute.reply_dma(asked, good(asked))
    finish(mute)


def test_no_answer_to_one_of_a_client_that_goes(echo):
    with Client(echo.socket, memory="messages") as client:
        client.enable_bus_master()
        client.map_memory(MIB, BASE)
        client.answers_dma = False
        start(client)
        assert wait_for(lambda: get(client, STATUS), 2 * LIMIT) == TIMED_OUT
    with Client(echo.socket, memory="messages") as client:
        client.enable_bus_master()
        client.map_memory(MIB, BASE)
        assert copy(client, BASE, BASE + 4096, 64, IN_SLICES) == DONE


@pytest.mark.parametrize("payload", [
    b"", bytes(15), struct.pack("<QQ", BASE, 64),
    struct.pack("<QQ", BASE, 64) + bytes(63),
    struct.pack("<QQ", BASE, 64) + bytes(65),
    struct.pack("<QQ", BASE, 64) + bytes(1 << 20),
    struct.pack("<QQ", BASE, 63) + bytes(64),
    struct.pack("<QQ", BASE, 1 << 63) + bytes(64),
    struct.pack("<QQ", BASE + 1, 64) + bytes(64)])
def test_answer_of_the_wrong_size(mute, payload):
    asked = start(mute)
    mute.reply_dma(asked, payload)
    assert status(mute) == NO_ANSWER


def test_answer_to_another_command(mute):
    asked = start(mute)
    mute.reply_dma(asked, good(asked), command=DMA_WRITE)
    assert status(mute) == NO_ANSWER


def test_answers_with_other_ids_are_passed_over(mute):
    asked = start(mute)
    for other in (asked.id - 1, asked.id + 1, asked.id ^ 0x8000):
        mute.reply_dma(asked, good(asked), message_id=other & 0xffff)
    assert get(mute, STATUS) == 0
    mute.reply_dma(asked, good(asked, b"y" * 64))
    assert finish(mute).payload[16:] == b"y" * 64


def test_answer_twice(mute):
    asked = start(mute)
    mute.reply_dma(asked, good(asked))
    mute.reply_dma(asked, good(asked, b"z" * 64))
    asked = request(mute, DMA_WRITE)
    assert asked.payload[16:] == bytes(64)
    mute.reply_dma(asked, asked.payload[:16])
    mute.reply_dma(asked, asked.payload[:16])
    assert status(mute) == DONE


@pytest.mark.parametrize("number", [0, 1, errno.ENODEV, 4095, 4096,
                                    0x80000000, 0xffffffff])
def test_answer_with_an_error(mute, number):
    asked = start(mute)
    mute.send_raw(vfio_user.HEADER.pack(
        asked.id, asked.command, vfio_user.HEADER.size,
        vfio_user.REPLY | vfio_user.ERROR, number))
    want = number if 0 < number < 4096 else errno.EIO
    assert status(mute) == want << 8


def test_answer_with_descriptors(mute, echo):
    asked = start(mute)
    before = echo.descriptors()
    message = vfio_user.HEADER.pack(asked.id, asked.command, 16 + 80,
                                    vfio_user.REPLY, 0) + good(asked)
    fds = [os.eventfd(0) for _ in range(16)]
    mute.send_raw(message, fds)
    finish(mute)
    assert echo.descriptors() == before
    for fd in fds:
        os.close(fd)


def test_answer_in_pieces(mute):
    asked = start(mute)
    message = vfio_user.HEADER.pack(asked.id, asked.command, 16 + 80,
                                    vfio_user.REPLY, 0) + good(asked)
    for i in range(0, len(message), 7):
        mute.send_raw(message[i:i + 7])
        time.sleep(0.001)
    finish(mute)


def test_answer_to_nothing(client):
    for command in (DMA_READ, DMA_WRITE):
        for message_id in (0, 1, 65535):
            client.send_raw(vfio_user.HEADER.pack(
                message_id, command, 16 + 80, vfio_user.REPLY, 0) + bytes(80))
    assert client.config_read(0) == 0xfff015b3
