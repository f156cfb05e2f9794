# SPDX-License-Identifier: GPL-2.0-only
"""The PCI function and the guest's memory, with a device behind them that
copies memory, raises interrupts and counts (echo_function.c)."""

import errno
import os
import socket
import struct
import time

import pytest

from vfio_user import (
    ACTION_MASK, ACTION_TRIGGER, ACTION_UNMASK, Client, DATA_BOOL,
    DATA_EVENTFD, DATA_NONE, DMA_MAP, DMA_UNMAP, GuestMemory, IRQ_ERROR,
    IRQ_INTX, IRQ_MSIX, RemoteError, wait_for)

# Registers of echo_function.c
SOURCE, DESTINATION, LENGTH, GO, VECTOR = 0x100, 0x108, 0x110, 0x118, 0x11c
STATUS, RAISE, INTX = 0x120, 0x128, 0x12c
RESETS, MEMORY_CHANGES, FAULTS = 0x138, 0x144, 0x148
REMOVE, RAISE_ERROR, LOG = 0x150, 0x154, 0x168
LOGGED, LOG_ENTRIES = 0x1000, 0x2000
MSIX_TABLE, MSIX_PBA, VECTORS = 0x8000, 0x9000, 20
NOW, IN_SLICES = 1, 2
DONE = 1
FAILED = errno.EFAULT << 8
AGAIN = errno.EAGAIN << 8

PM, VPD, PCIE, MSIX = 0x40, 0x48, 0x60, 0x9c
MIB = 1 << 20


def get(client, register, length=4):
    return int.from_bytes(client.bar_read(0, register, length), "little")


def put(client, register, value, length=4, posted=True):
    client.bar_write(0, register, value.to_bytes(length, "little"), posted)


def copy(client, source, destination, length, how=NOW):
    """Returns the status that the function ended with."""
    put(client, SOURCE, source, 8)
    put(client, DESTINATION, destination, 8)
    put(client, LENGTH, length)
    put(client, GO, how)
    return wait_for(lambda: get(client, STATUS))


@pytest.fixture
def memory(client):
    memory = client.map_memory(4 * MIB, MIB)
    client.enable_bus_master()
    return memory


# --- configuration space ---

def test_identity(client):
    assert client.config_read(0) == 0xfff015b3
    assert client.config_read(8) == 0xff0000b0
    assert client.config_read(0x2c) == 0x000115b3
    assert client.config_read(0x3d, 1) == 1
    assert client.config_read(6, 2) & 0x10


def test_capability_list_is_in_the_cards_order(client):
    found = []
    at = client.config_read(0x34, 1)
    while at:
        found.append((at, client.config_read(at, 1)))
        at = client.config_read(at + 1, 1)
    assert found == [(PM, 1), (VPD, 3), (MSIX, 0x11), (PCIE, 0x10)]


def test_extended_list_and_serial_number(client):
    ari = client.config_read(0x100)
    assert ari & 0xffff == 0x000e and ari >> 20 == 0x148
    assert client.config_read(0x148) == 0x00010003
    assert client.config_read(0x14c) == 0x00010203
    assert client.config_read(0x150) == 0x0002c903


def test_whole_space_in_one_read(client):
    data = client.config_read(0, 4096)
    assert data[:4] == b"\xb3\x15\xf0\xff"
    assert data[0x148] == 3


READ_ONLY = {0x00: 4, 0x06: 2, 0x08: 4, 0x0e: 1, 0x2c: 4, 0x34: 1, 0x3d: 1,
             PM: 4, VPD: 2, MSIX: 2, MSIX + 4: 4, MSIX + 8: 4, PCIE: 4,
             PCIE + 4: 4, PCIE + 0xc: 4, 0x100: 4, 0x148: 12, 0x28: 4,
             0xf00: 4}


@pytest.mark.parametrize("offset", READ_ONLY)
def test_read_only(client, offset):
    length = READ_ONLY[offset]
    before = client.config_read(offset, length)
    client.config_write(offset, b"\xff" * length)
    assert client.config_read(offset, length) == before
    client.config_write(offset, bytes(length))
    assert client.config_read(offset, length) == before


def test_command_register(client):
    client.config_write(4, 0xffff, 2)
    assert client.config_read(4, 2) == 0x0546
    client.config_write(4, 0, 2)
    assert client.config_read(4, 2) == 0


def test_one_byte_of_the_command_register(client):
    client.config_write(5, 4, 1)
    assert client.config_read(4, 2) == 0x400
    client.config_write(4, 6, 1)
    assert client.config_read(4, 2) == 0x406


@pytest.mark.parametrize("offset,size,kind", [(0x10, 0x10000, 4),
                                              (0x18, 0x100000, 0xc)])
def test_bar_sizing(client, offset, size, kind):
    assert client.config_read(offset) == kind
    client.config_write(offset, 0xffffffff)
    client.config_write(offset + 4, 0xffffffff)
    value = client.config_read(offset) | client.config_read(offset + 4) << 32
    assert value & 0xf == kind
    assert (~(value & ~0xf) & (2 ** 64 - 1)) + 1 == size
    client.config_write(offset, 0xfe000000)
    client.config_write(offset + 4, 0xe0)
    assert client.config_read(offset) == 0xfe000000 | kind
    assert client.config_read(offset + 4) == 0xe0


def test_absent_bars_read_zero(client):
    for offset in 0x20, 0x24:
        client.config_write(offset, 0xffffffff)
        assert client.config_read(offset) == 0


def test_rom_bar_and_rom(client):
    client.config_write(0x30, 0xfffff800)
    assert client.config_read(0x30) == 0xfffff000  # 3,000 bytes need 4 KiB
    client.config_write(0x30, 0xffffffff)
    assert client.config_read(0x30) == 0xfffff001
    rom = client.rom()
    assert len(rom) == 3000 and rom[:2] == b"\x55\xaa"


def test_vpd(client):
    def read(address):
        client.config_write(VPD + 2, address, 2)
        assert client.config_read(VPD + 2, 2) == address | 0x8000
        return client.config_read(VPD + 4).to_bytes(4, "little")

    def write(address, data):
        client.config_write(VPD + 4, data)
        client.config_write(VPD + 2, address | 0x8000, 2)
        assert client.config_read(VPD + 2, 2) == address

    data = b"".join(read(address) for address in range(0, 28, 4))
    assert data[:7] == b"\x82\x04\x00echo"
    position = data.index(b"V5\x04")
    assert position % 4 == 3
    assert read(0x7ffc) == b"\xff" * 4
    first = position + 1  # the dword behind: "5", length and two letters
    old = read(first)
    write(first, b"5\x04zz")
    assert read(first) == b"5\x04zz"
    write(first, old)
    write(0, b"abcd")  # the read-only part
    assert read(0) == b"\x82\x04\x00e"
    write(0x7ffc, b"abcd")


def test_vendors_own_dwords(client):
    for index in range(4):
        client.config_write(0x58, index)
        client.config_write(0x5c, 0x11111111 * index)
    for index in range(4):
        client.config_write(0x58, index)
        assert client.config_read(0x5c) == 0x11111111 * index
    client.config_write(0x58, 3)
    client.config_write(0x5d, 0xab, 1)
    assert client.config_read(0x5c) == 0x3333ab33
    assert client.config_read(0x5d, 1) == 0xab
    assert client.config_read(0x5e, 2) == 0x3333


def test_express_capability(client):
    assert client.config_read(PCIE + 2, 2) == 0x0002
    assert client.config_read(PCIE + 4) & 1 << 28  # FLR
    assert client.config_read(PCIE + 0xc) & 0x3ff == 8 << 4 | 2
    assert client.config_read(PCIE + 0x12, 2) & 0x3ff == 8 << 4 | 2
    client.config_write(PCIE + 8, 0x2810, 2)
    assert client.config_read(PCIE + 8, 2) == 0x2810
    client.config_write(PCIE + 0x10, 0x0040, 2)
    assert client.config_read(PCIE + 0x10, 2) == 0x0040


# --- BAR accesses ---

def accesses(client):
    count = get(client, LOG)
    entries = client.bar_read(0, LOG_ENTRIES, 16 * count)
    return [(offset - LOGGED, length, bool(write)) for offset, length, write, _
            in struct.iter_unpack("<IIII", entries)]


@pytest.mark.parametrize("offset,length,expected", [
    (0, 1, [(0, 1)]), (0, 2, [(0, 2)]), (0, 4, [(0, 4)]), (0, 8, [(0, 8)]),
    (4, 8, [(4, 4), (8, 4)]), (1, 4, [(1, 1), (2, 2), (4, 1)]),
    (0, 3, [(0, 2), (2, 1)]), (3, 2, [(3, 1), (4, 1)]),
    (0, 16, [(0, 8), (8, 8)]), (7, 10, [(7, 1), (8, 8), (16, 1)]),
    (6, 12, [(6, 2), (8, 8), (16, 2)])])
def test_access_sizes(client, offset, length, expected):
    data = bytes(range(1, length + 1))
    put(client, LOG, 0)
    client.bar_write(0, LOGGED + offset, data)
    assert accesses(client) == [(o, n, True) for o, n in expected]
    put(client, LOG, 0)
    assert client.bar_read(0, LOGGED + offset, length) == data
    assert accesses(client) == [(o, n, False) for o, n in expected]


def test_msix_table_is_kept_and_pending_bits_are_zero(client):
    for vector in range(VECTORS):
        entry = client.bar_read(0, MSIX_TABLE + 16 * vector, 16)
        assert entry == bytes(12) + b"\1\0\0\0"
    client.bar_write(0, MSIX_TABLE + 16, bytes(range(16)))
    assert client.bar_read(0, MSIX_TABLE + 16, 16) == bytes(range(16))
    assert client.bar_read(0, MSIX_TABLE, 4) == bytes(4)
    client.bar_write(0, MSIX_PBA, b"\xff" * 8)
    assert client.bar_read(0, MSIX_PBA, 8) == bytes(8)
    # behind the table the device answers again
    client.bar_write(0, MSIX_TABLE + 16 * VECTORS - 8, bytes(range(16)))
    assert client.bar_read(0, MSIX_TABLE + 16 * VECTORS, 8) == bytes(
        range(8, 16))
    client.reset()
    assert client.bar_read(0, MSIX_TABLE + 16, 16) == bytes(12) + b"\1\0\0\0"


# --- MSI-X ---

def test_each_vector(client):
    client.enable_bus_master()
    client.enable_msix(VECTORS)
    for vector in range(VECTORS):
        put(client, RAISE, vector)
        assert client.wait_vector(vector) == 1
    assert not any(client.vector_raised(v) for v in range(VECTORS))


def test_vectors_that_do_not_exist(client):
    client.enable_bus_master()
    client.enable_msix(VECTORS)
    for vector in VECTORS, 2047, 2 ** 32 - 1:
        put(client, RAISE, vector)
    get(client, STATUS)
    assert not any(client.vector_raised(v) for v in range(VECTORS))


def test_nothing_while_msix_is_disabled(client):
    client.enable_bus_master()
    client.enable_msix(2)
    client.config_write(MSIX + 2, 0, 2)
    put(client, RAISE, 0)
    get(client, STATUS)
    assert not client.vector_raised(0)
    client.config_write(MSIX + 2, 0x8000, 2)
    assert not client.vector_raised(0)


def test_event_before_the_eventfd_is_delivered_once(client):
    client.enable_bus_master()
    client.config_write(MSIX + 2, 0x8000, 2)
    client.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, IRQ_MSIX, 0, 1)
    for _ in range(3):
        put(client, RAISE, 1)
    client.enable_msix(4)
    assert client.wait_vector(1) == 1
    assert not client.vector_raised(1) and not client.vector_raised(0)


def test_event_without_bus_master_waits_for_it(client):
    client.enable_msix(1)
    put(client, RAISE, 0)
    get(client, STATUS)
    assert not client.vector_raised(0)
    client.enable_bus_master()
    assert client.wait_vector(0) == 1


def test_pending_events_are_forgotten_when_msix_goes_off(client):
    client.enable_bus_master()
    client.config_write(MSIX + 2, 0x8000, 2)
    put(client, RAISE, 0)
    client.disable_msix()
    client.enable_msix(1)
    assert not client.vector_raised(0)


def test_replacing_an_eventfd(client):
    client.enable_bus_master()
    old = client.enable_msix(1)[0]
    new = os.eventfd(0, os.EFD_NONBLOCK)
    client.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, IRQ_MSIX, 0, 1, fds=[new])
    put(client, RAISE, 0)
    client.wait_eventfd(new)
    with pytest.raises(TimeoutError):
        client.wait_eventfd(old, 0)
    os.close(new)


def test_replacing_eventfds_loses_no_interrupt(client):
    client.enable_bus_master()
    client.enable_msix(1)
    events = [os.eventfd(0, os.EFD_NONBLOCK) for _ in range(2)]
    for number in range(200):
        put(client, RAISE, 0)
        client.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, IRQ_MSIX, 0, 1,
                        fds=[events[number % 2]])
        put(client, RAISE, 0)
    get(client, STATUS)
    total = 0
    for fd in events + client.vectors:
        try:
            total += os.eventfd_read(fd)
        except BlockingIOError:
            pass
    assert total == 400
    for fd in events:
        os.close(fd)


def odd_descriptors():
    pipe_read, pipe_write = os.pipe()
    os.close(pipe_read)
    left, right = socket.socketpair()
    right.close()
    full = os.eventfd(0, os.EFD_NONBLOCK)
    os.eventfd_write(full, 2 ** 64 - 2)
    blocking = os.eventfd(0)
    os.eventfd_write(blocking, 2 ** 64 - 2)
    return [("closed pipe", pipe_write), ("closed socket", left.detach()),
            ("full eventfd", full), ("full blocking eventfd", blocking),
            ("read only", os.open("/dev/null", os.O_RDONLY)),
            ("directory", os.open("/", os.O_RDONLY)),
            ("random numbers", os.open("/dev/zero", os.O_RDWR))]


def test_descriptors_that_are_no_eventfds(client):
    client.enable_bus_master()
    client.config_write(MSIX + 2, 0x8000, 2)
    odd = odd_descriptors()
    for _, fd in odd:
        client.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, IRQ_MSIX, 0, 1,
                        fds=[fd])
        put(client, RAISE, 0)
        client.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, IRQ_INTX, 0, 1,
                        fds=[fd])
        put(client, INTX, 1)
        put(client, INTX, 0)
        try:
            client.set_irqs(DATA_EVENTFD | ACTION_UNMASK, IRQ_INTX, 0, 1,
                            fds=[fd])
        except RemoteError:
            pass  # what epoll does not take
        assert get(client, STATUS) == 0
        os.close(fd)


def test_eventfd_that_is_made_blocking_afterwards(client):
    """It stops the function for a second at most, and then is dropped."""
    client.enable_bus_master()
    event, = client.enable_msix(1)
    os.set_blocking(event, True)
    os.eventfd_write(event, 2 ** 64 - 2)
    put(client, RAISE, 0)
    begin = time.monotonic()
    assert get(client, STATUS) == 0
    assert time.monotonic() - begin < 3
    begin = time.monotonic()
    for _ in range(10):
        put(client, RAISE, 0)
    assert get(client, STATUS) == 0
    assert time.monotonic() - begin < 0.5


def test_error_interrupt(client):
    event = os.eventfd(0, os.EFD_NONBLOCK)
    client.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, IRQ_ERROR, 0, 1,
                    fds=[event])
    put(client, RAISE_ERROR, 1)
    client.wait_eventfd(event)
    client.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, IRQ_ERROR, 0, 1)
    put(client, RAISE_ERROR, 1)
    get(client, STATUS)
    with pytest.raises(TimeoutError):
        client.wait_eventfd(event, 0)
    os.close(event)


# --- INTx ---

def intx_raised(client):
    get(client, STATUS)
    try:
        return bool(client.wait_intx(0))
    except TimeoutError:
        return False


def test_intx_is_masked_until_the_end_of_interrupt(client):
    client.enable_intx()
    put(client, INTX, 1)
    client.wait_intx()
    assert client.config_read(6, 2) & 8
    put(client, INTX, 0)
    put(client, INTX, 1)
    assert not intx_raised(client)
    client.unmask_intx()  # the level is still there
    client.wait_intx()
    put(client, INTX, 0)
    client.unmask_intx()
    assert not intx_raised(client)
    assert not client.config_read(6, 2) & 8
    put(client, INTX, 1)
    client.wait_intx()


def test_intx_raised_before_it_is_enabled(client):
    put(client, INTX, 1)
    client.enable_intx()
    client.wait_intx()


@pytest.mark.parametrize("kind,data", [(DATA_NONE, b""), (DATA_BOOL, b"\1")])
def test_intx_masked_by_the_client(client, kind, data):
    client.enable_intx()
    client.set_irqs(kind | ACTION_MASK, IRQ_INTX, 0, 1, data)
    put(client, INTX, 1)
    assert not intx_raised(client)
    if data:
        client.set_irqs(kind | ACTION_UNMASK, IRQ_INTX, 0, 1, b"\0")
        assert not intx_raised(client)
    client.set_irqs(kind | ACTION_UNMASK, IRQ_INTX, 0, 1, data)
    client.wait_intx()


def test_intx_unmasked_by_an_eventfd(client):
    client.enable_intx()
    unmask = os.eventfd(0, os.EFD_NONBLOCK)
    client.set_irqs(DATA_EVENTFD | ACTION_UNMASK, IRQ_INTX, 0, 1, fds=[unmask])
    put(client, INTX, 1)
    client.wait_intx()
    assert not intx_raised(client)
    os.eventfd_write(unmask, 1)
    client.wait_intx()
    client.set_irqs(DATA_NONE | ACTION_TRIGGER, IRQ_INTX, 0, 0)
    os.eventfd_write(unmask, 1)
    assert not intx_raised(client)
    os.close(unmask)


def test_intx_disable_bit(client):
    client.enable_intx()
    client.config_write(4, 0x400, 2)
    put(client, INTX, 1)
    assert not intx_raised(client)
    assert client.config_read(6, 2) & 8
    client.config_write(4, 0, 2)
    client.wait_intx()


def test_no_intx_while_msix_is_enabled(client):
    client.enable_intx()
    client.enable_msix(1)
    put(client, INTX, 1)
    assert not intx_raised(client)


def test_intx_off_and_on_again(client):
    first = client.enable_intx()
    put(client, INTX, 1)
    client.wait_intx()
    client.set_irqs(DATA_NONE | ACTION_TRIGGER, IRQ_INTX, 0, 0)
    os.close(first)
    client.enable_intx()
    client.wait_intx()


# --- power and reset ---

def test_power_states(client, memory):
    client.enable_msix(1)
    assert client.config_read(PM + 4, 2) & 8  # no soft reset
    for missing in 1, 2:
        client.config_write(PM + 4, missing, 2)
        assert client.config_read(PM + 4, 2) & 3 == 0
    client.config_write(PM + 4, 3, 2)
    assert client.config_read(PM + 4, 2) & 3 == 3
    assert copy(client, MIB, 2 * MIB, 64) == FAILED
    put(client, RAISE, 0)
    get(client, STATUS)
    assert not client.vector_raised(0)
    client.config_write(PM + 4, 0, 2)
    assert client.wait_vector(0) == 1
    assert copy(client, MIB, 2 * MIB, 64) == DONE


def test_device_reset(client, memory):
    before = get(client, RESETS), get(client, RESETS + 4)
    client.enable_intx()
    client.enable_msix(1)
    client.config_write(0x3c, 11, 1)
    put(client, INTX, 1)
    put(client, 0, 0x12345678)
    client.reset()
    client.reset()
    assert (get(client, RESETS), get(client, RESETS + 4)) == (before[0] + 2,
                                                              before[1])
    assert get(client, 0) == 0
    assert client.config_read(4, 2) == 0
    assert client.config_read(0x3c, 1) == 0
    assert not client.config_read(MSIX + 2, 2) & 0x8000
    # mappings and eventfds stay
    client.enable_bus_master()
    client.config_write(MSIX + 2, 0x8000, 2)
    assert copy(client, MIB, 2 * MIB, 64) == DONE
    put(client, RAISE, 0)
    client.wait_vector(0)


def test_function_level_reset(client, memory):
    before = get(client, RESETS), get(client, RESETS + 4)
    client.config_write(0x3c, 11, 1)
    client.flr()
    assert (get(client, RESETS), get(client, RESETS + 4)) == (before[0],
                                                              before[1] + 1)
    assert not client.config_read(PCIE + 8, 2) & 0x8000
    assert client.config_read(4, 2) == 0
    client.config_write(PCIE + 9, 0x80, 1)  # by its byte
    assert get(client, RESETS + 4) == before[1] + 2
    client.config_write(PCIE + 8, 0x00002810)  # with status, without bit
    assert get(client, RESETS + 4) == before[1] + 2
    client.enable_bus_master()
    assert copy(client, MIB, 2 * MIB, 64) == DONE


def test_reset_forgets_pending_interrupts(client):
    client.enable_bus_master()
    client.config_write(MSIX + 2, 0x8000, 2)
    put(client, RAISE, 0)
    client.reset()
    client.enable_bus_master()
    client.enable_msix(1)
    assert not client.vector_raised(0)


def test_reset_under_load(client, memory):
    client.enable_msix(1)
    seconds = []
    for _ in range(5):  # the fastest: the machine may be busy
        client.enable_bus_master()
        put(client, SOURCE, MIB, 8)
        put(client, DESTINATION, 3 * MIB, 8)
        put(client, LENGTH, 2 * MIB)
        put(client, GO, IN_SLICES)
        begin = time.monotonic()
        client.reset()
        seconds.append(time.monotonic() - begin)
        assert get(client, LENGTH) == 0 and get(client, STATUS) == 0
    assert min(seconds) < 0.1


def test_next_client_finds_a_new_function(echo):
    with Client(echo.socket) as client:
        before = get(client, RESETS + 8)
        client.map_memory(MIB, 0)
        client.enable_bus_master()
        client.enable_msix(2)
        client.config_write(PM + 4, 3, 2)
        put(client, 0, 1)
    with Client(echo.socket) as client:
        assert get(client, RESETS + 8) == before + 1
        assert get(client, 0) == 0
        assert client.config_read(4, 2) == 0
        assert client.config_read(PM + 4, 2) & 3 == 0
        client.enable_bus_master()
        client.config_write(MSIX + 2, 0x8000, 2)
        assert copy(client, 0, 4096, 64) == FAILED


def test_surprise_removal(client, memory):
    client.enable_msix(1)
    resets = get(client, RESETS)
    put(client, REMOVE, 200)
    assert client.config_read(0) == 0xffffffff
    assert client.bar_read(0, 0, 8) == b"\xff" * 8
    assert client.rom() == b"\xff" * 3000
    put(client, 0, 0x1234)
    client.config_write(4, 6, 2)
    client.reset()
    wait_for(lambda: client.config_read(0) == 0xfff015b3)
    assert get(client, 0) == 0
    assert client.config_read(4, 2) == 0
    assert get(client, RESETS) == resets + 1


# --- guest memory ---

def test_copy(client, memory):
    data = os.urandom(MIB)
    memory.write(MIB, data)
    assert copy(client, MIB, 3 * MIB, MIB) == DONE
    assert memory.read(3 * MIB, MIB) == data


def test_copy_in_slices_raises_a_vector(client, memory):
    client.enable_msix(3)
    data = os.urandom(MIB)
    memory.write(MIB, data)
    put(client, VECTOR, 2)
    assert copy(client, MIB, 3 * MIB, MIB, IN_SLICES) == DONE
    assert client.wait_vector(2) == 1
    assert memory.read(3 * MIB, MIB) == data


def test_reads_are_answered_between_slices(client, memory):
    put(client, SOURCE, MIB, 8)
    put(client, DESTINATION, 3 * MIB, 8)
    put(client, LENGTH, 2 * MIB)
    put(client, GO, IN_SLICES)
    left = [get(client, LENGTH) for _ in range(5)]
    assert left == sorted(left, reverse=True)
    wait_for(lambda: get(client, STATUS) == DONE)


def test_no_dma_without_bus_master(client, memory):
    client.enable_bus_master(False)
    assert copy(client, MIB, 2 * MIB, 64) == FAILED
    client.enable_bus_master()
    assert copy(client, MIB, 2 * MIB, 64) == DONE


@pytest.mark.parametrize("source,destination,length", [
    (0, 2 * MIB, 1), (MIB - 1, 2 * MIB, 2), (5 * MIB - 1, 2 * MIB, 2),
    (2 * MIB, 5 * MIB, 1), (2 ** 64 - 1, 2 * MIB, 2), (2 * MIB, 2 ** 64 - 1, 1),
    (2 ** 63, 2 * MIB, 64)])
def test_dma_outside_of_memory_fails(client, memory, source, destination,
                                     length):
    assert copy(client, source, destination, length) == FAILED


def test_dma_across_ranges(client):
    """One buffer over two ranges of two files, and over two of one file."""
    client.enable_bus_master()
    first = client.map_memory(MIB, MIB)
    second = client.map_memory(MIB, 2 * MIB)
    data = os.urandom(8192)
    first.write(2 * MIB - 4096, data[:4096])
    second.write(2 * MIB, data[4096:])
    assert copy(client, 2 * MIB - 4096, MIB, 8192) == DONE
    assert first.read(MIB, 8192) == data


def test_offset_in_the_file(client):
    client.enable_bus_master()
    memory = GuestMemory(MIB, 0)
    memory.write(0x80000, b"high")
    client.dma_map(0, 0x10000, memory.fd, 0)
    client.dma_map(1 << 32, 0x80000, memory.fd, 0x80000)
    assert copy(client, 1 << 32, 0, 4) == DONE
    assert memory.read(0, 4) == b"high"
    memory.close()


def test_read_only_memory_is_not_written(client, memory):
    shadow = client.map_memory(MIB, 0, writable=False)
    shadow.write(0, b"rom")
    assert copy(client, 0, MIB, 3) == DONE
    assert memory.read(MIB, 3) == b"rom"
    assert copy(client, MIB + 16, 0, 3) == FAILED
    assert shadow.read(0, 3) == b"rom"


def test_read_only_file(client, memory, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"fixed" + bytes(4091))
    fd = os.open(path, os.O_RDONLY)
    client.dma_map(0, 4096, fd, 0, writable=True)
    os.close(fd)
    assert copy(client, 0, MIB, 5) == DONE
    assert memory.read(MIB, 5) == b"fixed"
    assert copy(client, MIB + 16, 0, 3) == FAILED


def test_memory_that_is_not_shared(echo, client):
    client.enable_bus_master()
    client.dma_map(0, MIB)
    # it would take a message, and the client waits for its own answer
    assert copy(client, 0, 4096, 64) == AGAIN
    assert "share=on" in echo.log()
    client.dma_unmap(0, MIB)


def test_memory_changes_are_told(client):
    before = get(client, MEMORY_CHANGES)
    memory = client.map_memory(MIB, 0)
    client.unmap_memory(memory)
    assert get(client, MEMORY_CHANGES) == before + 2


@pytest.mark.parametrize("address,size,offset", [
    (0, 0, 0), (1, 4096, 0), (0, 4095, 0), (0, 4096, 1), (2 ** 64 - 4096, 8192,
                                                         0),
    (0, 4 * MIB, 4096), (0, 8 * MIB, 0), (0, 4096, 4 * MIB),
    (0, 4096, 2 ** 64 - 4096), (0, 2 ** 64 - 4096, 0)])
def test_dma_map_refused(client, address, size, offset):
    memory = GuestMemory(4 * MIB, 0)
    with pytest.raises(RemoteError) as caught:
        client.dma_map(address, size, memory.fd, offset)
    assert caught.value.errno == errno.EINVAL
    memory.close()


@pytest.mark.parametrize("address,size", [
    (MIB, 2 * MIB), (0, 2 * MIB), (0, MIB + 4096), (2 * MIB, 4096),
    (5 * MIB - 4096, 8192), (0, 16 * MIB), (MIB + 4096, 4096)])
def test_dma_map_overlap(client, memory, address, size):
    other = GuestMemory(16 * MIB, 0)
    with pytest.raises(RemoteError) as caught:
        client.dma_map(address, size, other.fd)
    assert caught.value.errno == errno.EEXIST
    other.close()
    assert copy(client, MIB, 2 * MIB, 64) == DONE


def test_dma_map_identical_range_replaces(client):
    client.enable_bus_master()
    old, new = GuestMemory(MIB, 0), GuestMemory(MIB, 0)
    new.write(0, b"new")
    client.dma_map(0, MIB, old.fd)
    client.dma_map(0, MIB, new.fd)
    assert copy(client, 0, 4096, 3) == DONE
    assert new.read(4096, 3) == b"new" and old.read(4096, 3) == bytes(3)
    old.close()
    new.close()


def test_dma_map_of_what_is_no_file(echo, client):
    before = echo.descriptors()
    for kind, fd in odd_descriptors():
        with pytest.raises(RemoteError):
            client.dma_map(0, 4096, fd)
        os.close(fd)
    assert echo.descriptors() == before


@pytest.mark.parametrize("address,size", [(0, MIB), (MIB, MIB), (MIB, 0),
                                          (2 * MIB, MIB), (MIB, 8 * MIB)])
def test_dma_unmap_unknown(client, memory, address, size):
    with pytest.raises(RemoteError) as caught:
        client.dma_unmap(address, size)
    assert caught.value.errno == errno.ENOENT


def test_dma_unmap_flags(client, memory):
    with pytest.raises(RemoteError):
        client.dma_unmap(MIB, 4 * MIB, flags=1)
    assert copy(client, MIB, 2 * MIB, 64) == DONE
    client.dma_unmap(0, 0, flags=2)
    assert copy(client, MIB, 2 * MIB, 64) == FAILED


def test_dma_unmap_with_a_descriptor(client, memory):
    payload = struct.pack("<IIQQ", 24, 0, MIB, 4 * MIB)
    assert client.call(DMA_UNMAP, payload, [memory.fd]) == payload
    assert copy(client, MIB, 2 * MIB, 64) == FAILED


def test_dma_after_unmap_fails(client, memory):
    assert copy(client, MIB, 2 * MIB, 64) == DONE
    client.dma_unmap(MIB, 4 * MIB)
    assert copy(client, MIB, 2 * MIB, 64) == FAILED


def test_burst_of_remapping(client, memory):
    """As firmware does it, all sent before the first answer is read."""
    memory.write(MIB, b"still here")
    for _ in range(200):
        client.send(DMA_UNMAP, struct.pack("<IIQQ", 24, 0, MIB, 4 * MIB))
        client.send(DMA_MAP, struct.pack("<IIQQQ", 32, 3, 0, MIB, 4 * MIB),
                    [memory.fd])
    for _ in range(400):
        assert client.recv_message().flags == 1
    assert copy(client, MIB, 2 * MIB, 10) == DONE
    assert memory.read(2 * MIB, 10) == b"still here"


def test_5000_ranges_of_one_file(echo, client):
    client.enable_bus_master()
    before = echo.descriptors()
    memory = GuestMemory(4096, 0)
    for number in range(5000):
        client.send(DMA_MAP, struct.pack("<IIQQQ", 32, 3, 0, number * 8192,
                                         4096), [memory.fd])
        if number % 100 == 99:
            for _ in range(100):
                assert client.recv_message().flags == 1
    assert echo.descriptors() == before
    memory.write(0, b"x")
    assert copy(client, 4999 * 8192, 2500 * 8192 + 1, 1) == DONE
    assert memory.read(0, 2) == b"xx"
    assert copy(client, 4999 * 8192 + 4096, 0, 1) == FAILED
    memory.close()


def test_number_of_files_is_limited(echo, client):
    before = echo.descriptors()
    for number in range(300):
        memory = GuestMemory(4096, 0)
        try:
            client.dma_map(number * 4096, 4096, memory.fd)
        except RemoteError as error:
            assert error.errno == errno.ENOSPC
            break
        finally:
            memory.close()
    assert number == 256
    client.dma_unmap(0, 4096)
    memory = client.map_memory(4096, 0)
    client.enable_bus_master()
    assert copy(client, 0, 2048, 64) == DONE
    assert echo.descriptors() == before


def test_file_that_is_cut_short(echo, client):
    """The access goes on, the failure is seen, the process lives."""
    client.enable_bus_master()
    good = client.map_memory(MIB, 0)
    memory = GuestMemory(2 * MIB, 0)
    client.dma_map(16 * MIB, 2 * MIB, memory.fd)
    before = get(client, FAULTS)
    os.ftruncate(memory.fd, 4096)
    assert copy(client, 17 * MIB, 0, 64) == FAILED
    assert get(client, FAULTS) > before
    assert copy(client, 16 * MIB, 0, 64) == FAILED  # the file is bad now
    assert copy(client, 0, 4096, 64) == DONE  # the other is not
    assert good.read(4096, 64) == bytes(64)
    os.ftruncate(memory.fd, 2 * MIB)
    client.dma_map(16 * MIB, 2 * MIB, memory.fd)  # anew, and good again
    assert copy(client, 17 * MIB, 0, 64) == DONE
    memory.close()


def test_file_that_grows(client):
    client.enable_bus_master()
    memory = GuestMemory(MIB, 0)
    client.dma_map(0, MIB, memory.fd)
    os.ftruncate(memory.fd, 2 * MIB)
    client.dma_map(MIB, MIB, memory.fd, MIB)
    os.pwrite(memory.fd, b"grown", MIB)
    assert copy(client, MIB, 0, 5) == DONE
    assert os.pread(memory.fd, 5, 0) == b"grown"
    memory.close()


def test_mapping_goes_some_time_after_its_last_range(echo, client):
    def mapped():
        with open(f"/proc/{echo.process.pid}/maps", encoding="ascii") as maps:
            return "memfd:grace" in maps.read()

    memory = GuestMemory(MIB, 0, "grace")
    client.dma_map(0, MIB, memory.fd)
    client.dma_unmap(0, MIB)
    memory.close()
    assert mapped()  # a burst would have found it
    wait_for(lambda: not mapped(), 5, 0.05)


# --- cost ---

def test_an_idle_server_sleeps(echo, client):
    time.sleep(0.05)
    before = echo.cpu_seconds()
    time.sleep(0.5)
    assert echo.cpu_seconds() - before <= 0.02
