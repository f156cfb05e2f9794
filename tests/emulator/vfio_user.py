# SPDX-License-Identifier: GPL-2.0-only
"""A vfio-user client for tests: it plays QEMU, and can misbehave.

    with Client(path) as client:
        memory = client.map_memory(1 << 20, 0x100000)
        client.enable_bus_master()
        client.enable_msix(4)
        client.bar_write(0, 0x10, b"\\0\\0\\0\\1")
        client.wait_vector(0)
        memory.read(0x100000, 64)

Guest bus addresses are used everywhere. Nothing in here knows ConnectX.

Memory is shared through its descriptor, or as Client(memory=...) says:
"messages" gives no descriptor away, "private" one in which the guest's writes
do not arrive (QEMU's share=off). Then, and to find out, the server sends
DMA_READ and DMA_WRITE. With shared memory these are answered whenever the test
looks at the socket, at the memory, or waits for an interrupt; else a thread
answers them at once, as QEMU does.
"""

import array
import collections
import json
import mmap
import os
import queue
import select
import socket
import struct
import threading
import time

VERSION = 1
DMA_MAP = 2
DMA_UNMAP = 3
DEVICE_GET_INFO = 4
DEVICE_GET_REGION_INFO = 5
DEVICE_GET_REGION_IO_FDS = 6
DEVICE_GET_IRQ_INFO = 7
DEVICE_SET_IRQS = 8
REGION_READ = 9
REGION_WRITE = 10
DMA_READ = 11
DMA_WRITE = 12
DEVICE_RESET = 13
REGION_WRITE_MULTI = 15

NO_REPLY = 0x10
ERROR = 0x20
REPLY = 1

REGION_ROM = 6
REGION_CONFIG = 7

IRQ_INTX, IRQ_MSI, IRQ_MSIX, IRQ_ERROR, IRQ_REQUEST = range(5)
DATA_NONE, DATA_BOOL, DATA_EVENTFD = 1, 2, 4
ACTION_MASK, ACTION_UNMASK, ACTION_TRIGGER = 8, 0x10, 0x20

HEADER = struct.Struct("<HHIII")

# What QEMU 11.1.3 says of itself
QEMU_CAPABILITIES = {
    "capabilities": {
        "pgsizes": 4096,
        "max_msg_fds": 16,
        "max_dma_maps": 65535,
        "max_data_xfer_size": 1048576,
        "migration": {"max_bitmap_size": 268435456, "pgsize": 4096},
        "write_multiple": True,
    }
}

Message = collections.namedtuple(
    "Message", "id command size flags error payload fds")


class RemoteError(OSError):
    """The server answered with an error; .errno says which."""

    def __init__(self, command, number):
        super().__init__(number, f"command {command}: {os.strerror(number)}")


class Closed(ConnectionError):
    """The server closed the connection."""


class GuestMemory:
    """A memfd that stands at a range of guest bus addresses."""

    def __init__(self, size, address, name="guest", private=False,
                 look=lambda: None):
        self.address = address
        self.size = size
        self.fd = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, size)
        self.map = mmap.mmap(self.fd, size, mmap.MAP_PRIVATE if private
                             else mmap.MAP_SHARED)
        self.next = address
        self.look = look  # called before the memory is looked at

    def __contains__(self, address):
        return self.address <= address < self.address + self.size

    def read(self, address, length):
        self.look()
        at = address - self.address
        if at < 0 or at + length > self.size:
            raise IndexError(f"0x{address:x} is not in this memory")
        return self.map[at:at + length]

    def write(self, address, data):
        at = address - self.address
        if at < 0 or at + len(data) > self.size:
            raise IndexError(f"0x{address:x} is not in this memory")
        self.map[at:at + len(data)] = bytes(data)

    def fill(self, address, length, byte=0):
        self.write(address, bytes([byte]) * length)

    def alloc(self, size, align=64):
        """The address of @size zeroed bytes that nobody was given yet."""
        address = (self.next + align - 1) // align * align
        if address + size > self.address + self.size:
            raise MemoryError(f"{size} bytes")
        self.next = address + size
        self.fill(address, size)
        return address

    def close(self):
        if self.fd >= 0:
            self.map.close()
            os.close(self.fd)
            self.fd = -1


class Client:
    """One connection. Replies that nobody waits for are an error."""

    def __init__(self, path, timeout=5.0, negotiate=True, minor=0,
                 memory="shared"):
        self.timeout = timeout
        self.memory_kind = memory
        self.backlog = collections.deque()
        self.answers_dma = True
        self.dma_requests = []  # what the server asked, without data
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.next_id = 0
        self.buffer = bytearray()
        self.fds = []
        self.memories = []
        self.vectors = []
        self.intx = None
        self.capabilities = None
        self.sending = threading.Lock()
        self.received = None  # what the thread took from the socket
        self.thread = None
        if memory != "shared":
            self.received = queue.Queue()
            self.thread = threading.Thread(target=self._run, daemon=True)
            self.thread.start()
        if negotiate:
            self.version(minor=minor)

    def _run(self):
        """Takes what comes until the connection ends."""
        self.socket.settimeout(None)
        try:
            while True:
                self._take(self._receive())
        except (Closed, OSError):
            self.received.put(None)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        if self.socket is not None:
            if self.thread is not None:
                self.socket.shutdown(socket.SHUT_RDWR)
                self.thread.join()
            self.socket.close()
            self.socket = None
        for fd in self.fds + self.vectors:
            if fd is not None:
                os.close(fd)
        if self.intx is not None:
            os.close(self.intx)
        for memory in self.memories:
            memory.close()
        self.fds, self.vectors, self.memories = [], [], []
        self.intx = None

    # --- messages ---

    def send_raw(self, data, fds=()):
        """Sends bytes as they are; the descriptors go with the first one."""
        data = memoryview(bytes(data))
        control = []
        if fds:
            control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                        array.array("i", fds))]
        with self.sending:
            while len(data):
                sent = self.socket.sendmsg([data], control)
                control = []
                data = data[sent:]

    def header(self, command, length, flags=0, message_id=None):
        if message_id is None:
            message_id = self.next_id
            self.next_id = (self.next_id + 1) & 0xffff
        return HEADER.pack(message_id, command, HEADER.size + length, flags, 0)

    def send(self, command, payload=b"", fds=(), flags=0, message_id=None):
        """Sends one message, and waits for nothing."""
        self.send_raw(self.header(command, len(payload), flags, message_id) +
                      payload, fds)

    def fill(self, length):
        while len(self.buffer) < length:
            try:
                data, control, flags, _ = self.socket.recvmsg(
                    max(65536, length - len(self.buffer)), 4096)
            except ConnectionResetError as error:
                raise Closed("the server reset the connection") from error
            for level, kind, value in control:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    fds = array.array("i")
                    fds.frombytes(value)
                    self.fds.extend(fds)
            if not data:
                raise Closed("the server closed the connection")
            self.buffer += data

    def recv_message(self):
        """The next message of the server's that is not answered here."""
        if self.thread is not None:
            try:
                message = self.received.get(timeout=self.timeout)
            except queue.Empty as error:
                raise socket.timeout("no message") from error
            if message is None:
                self.received.put(None)
                raise Closed("the server closed the connection")
            return message
        while not self.backlog:
            self._take(self._receive())
        return self.backlog.popleft()

    def serve(self):
        """Answers what the server asked so far; waits for nothing."""
        while self.socket is not None and self.thread is None and (
                self.buffer or select.select([self.socket], [], [], 0)[0]):
            try:
                self._take(self._receive())
            except Closed:
                return

    def _take(self, message):
        if self.answers_dma and message.flags & 0xf != REPLY and \
                message.command in (DMA_READ, DMA_WRITE):
            self.answer_dma(message)
        elif self.thread is not None:
            self.received.put(message)
        else:
            self.backlog.append(message)

    def answer_dma(self, message):
        """Does what DMA_READ or DMA_WRITE asks."""
        address, count = struct.unpack_from("<QQ", message.payload)
        self.dma_requests.append((message.command, address, count))
        data = b""
        try:
            memory = self._memory(address)
            at = address - memory.address
            if at + count > memory.size:
                raise IndexError(address)
            if message.command == DMA_READ:
                data = memory.map[at:at + count]
            else:
                assert len(message.payload) == 16 + count, message
                memory.map[at:at + count] = message.payload[16:]
        except IndexError:
            self.reply_dma(message, error=19)  # ENODEV, as QEMU
            return
        self.reply_dma(message, struct.pack("<QQ", address, count) + data)

    def reply_dma(self, message, payload=b"", error=0, message_id=None,
                  command=None):
        self.send_raw(HEADER.pack(
            message.id if message_id is None else message_id,
            message.command if command is None else command,
            HEADER.size + len(payload), REPLY | (ERROR if error else 0),
            error) + payload)

    def _receive(self):
        self.fill(HEADER.size)
        fields = HEADER.unpack_from(self.buffer)
        self.fill(fields[2])
        payload = bytes(self.buffer[HEADER.size:fields[2]])
        del self.buffer[:fields[2]]
        fds, self.fds = self.fds, []
        return Message(*fields, payload, fds)

    def silent(self, seconds=0.05):
        """True if the server says nothing for that long."""
        if self.thread is not None:
            time.sleep(seconds)
            return self.received.empty()
        self.serve()
        return not self.buffer and not self.backlog and not select.select(
            [self.socket], [], [], seconds)[0]

    def closed(self, seconds=2.0):
        """True if the server closes the connection within that time."""
        normal, self.timeout = self.timeout, seconds
        if self.thread is None:
            self.socket.settimeout(seconds)
        try:
            while True:
                self.recv_message()
        except Closed:
            return True
        except socket.timeout:
            return False
        finally:
            self.timeout = normal
            if self.thread is None:
                self.socket.settimeout(normal)

    def call(self, command, payload=b"", fds=()):
        """Sends a request and returns the payload of its reply."""
        message_id = self.next_id
        self.send(command, payload, fds)
        reply = self.recv_message()
        if reply.id != message_id or reply.command != command or \
                reply.flags & 0xf != REPLY:
            raise AssertionError(f"not the reply to {command}: {reply}")
        if reply.flags & ERROR:
            assert reply.size == HEADER.size and reply.error, reply
            raise RemoteError(command, reply.error)
        return reply.payload

    def version(self, major=0, minor=0, text=None):
        """Negotiates; @text: the JSON with its NUL, None says what QEMU does."""
        if text is None:
            text = json.dumps(QEMU_CAPABILITIES).encode() + b"\0"
        reply = self.call(VERSION, struct.pack("<HH", major, minor) + text)
        self.capabilities = json.loads(reply[4:].rstrip(b"\0"))
        return struct.unpack_from("<HH", reply)

    # --- what the device is ---

    def device_info(self):
        """(flags, regions, interrupts)"""
        reply = self.call(DEVICE_GET_INFO, struct.pack("<IIII", 16, 0, 0, 0))
        return struct.unpack("<IIII", reply)[1:]

    def region_info(self, index):
        """(size, flags)"""
        reply = self.call(DEVICE_GET_REGION_INFO,
                          struct.pack("<IIIIQQ", 32, 0, index, 0, 0, 0))
        _, flags, _, _, size, _ = struct.unpack("<IIIIQQ", reply)
        return size, flags

    def irq_info(self, index):
        """(count, flags)"""
        reply = self.call(DEVICE_GET_IRQ_INFO,
                          struct.pack("<IIII", 16, 0, index, 0))
        _, flags, _, count = struct.unpack("<IIII", reply)
        return count, flags

    def reset(self):
        """The device reset of a bus reset or of a guest's reboot."""
        self.call(DEVICE_RESET)

    # --- regions ---

    def region_read(self, region, offset, length):
        reply = self.call(REGION_READ,
                          struct.pack("<QII", offset, region, length))
        assert struct.unpack_from("<QII", reply) == (offset, region, length)
        assert len(reply) == 16 + length
        return reply[16:]

    def region_write(self, region, offset, data, posted=False):
        payload = struct.pack("<QII", offset, region, len(data)) + data
        if posted:
            self.send(REGION_WRITE, payload, flags=NO_REPLY)
        else:
            reply = self.call(REGION_WRITE, payload)
            assert reply == payload[:16]

    def bar_read(self, bar, offset, length):
        """Bytes in bus order; 1, 2, 4 or 8 of them make one access."""
        return self.region_read(bar, offset, length)

    def bar_write(self, bar, offset, data, posted=True):
        """A store of the guest's; posted, as QEMU sends them."""
        self.region_write(bar, offset, bytes(data), posted)

    def write_multi(self, entries, number=None, flags=NO_REPLY):
        """@entries: (region, offset, up to 8 bytes)"""
        payload = struct.pack("<Q", len(entries) if number is None else number)
        for region, offset, data in entries:
            payload += struct.pack("<QII8s", offset, region, len(data), data)
        if flags & NO_REPLY:
            self.send(REGION_WRITE_MULTI, payload, flags=flags)
            return None
        return self.call(REGION_WRITE_MULTI, payload)

    def config_read(self, offset, length=4):
        """@length 1, 2, 4: a number; else bytes"""
        data = self.region_read(REGION_CONFIG, offset, length)
        return int.from_bytes(data, "little") if length <= 4 else data

    def config_write(self, offset, value, length=4):
        if isinstance(value, int):
            value = value.to_bytes(length, "little")
        self.region_write(REGION_CONFIG, offset, value)

    def rom(self):
        size, _ = self.region_info(REGION_ROM)
        return self.region_read(REGION_ROM, 0, size) if size else b""

    # --- configuration space ---

    def capability(self, wanted):
        """The offset of a capability, or None."""
        at = self.config_read(0x34, 1)
        while at:
            if self.config_read(at, 1) == wanted:
                return at
            at = self.config_read(at + 1, 1)
        return None

    def enable_bus_master(self, on=True):
        """Memory decoding and bus mastering, or none of them."""
        command = self.config_read(4, 2)
        self.config_write(4, command | 6 if on else command & ~6, 2)

    def flr(self):
        """Function level reset by Device Control, as a driver does it."""
        control = self.capability(0x10) + 8
        self.config_write(control, self.config_read(control, 2) | 0x8000, 2)

    # --- interrupts ---

    def set_irqs(self, flags, index, start, count, data=b"", fds=()):
        self.call(DEVICE_SET_IRQS,
                  struct.pack("<IIIII", 20, flags, index, start, count) + data,
                  fds)

    def enable_msix(self, count, per_message=16):
        """Enables MSI-X with that many vectors; returns their eventfds."""
        control = self.capability(0x11) + 2
        self.config_write(control, self.config_read(control, 2) | 0x8000, 2)
        self.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, IRQ_MSIX, 0, 1)
        for start in range(0, count, per_message):
            fds = [os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
                   for _ in range(min(per_message, count - start))]
            self.vectors.extend(fds)
            self.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, IRQ_MSIX, start,
                          len(fds), fds=fds)
        return list(self.vectors)

    def disable_msix(self):
        control = self.capability(0x11) + 2
        self.config_write(control, self.config_read(control, 2) & 0x7fff, 2)
        self.set_irqs(DATA_NONE | ACTION_TRIGGER, IRQ_MSIX, 0, 0)
        for fd in self.vectors:
            os.close(fd)
        self.vectors = []

    def enable_intx(self):
        self.intx = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, IRQ_INTX, 0, 1,
                      fds=[self.intx])
        return self.intx

    def unmask_intx(self):
        """What QEMU says when the guest touched a BAR after an interrupt."""
        self.set_irqs(DATA_NONE | ACTION_UNMASK, IRQ_INTX, 0, 1)

    def wait_eventfd(self, fd, timeout=1.0):
        """How often it was signalled; TimeoutError if it was not."""
        end = time.monotonic() + timeout
        while True:
            left = max(0, end - time.monotonic())
            ready = select.select([fd] if self.thread is not None else
                                  [fd, self.socket], [], [], left)[0]
            if fd in ready:
                return os.eventfd_read(fd)
            if not ready:
                raise TimeoutError("no interrupt")
            self._take(self._receive())

    def wait_vector(self, vector, timeout=1.0):
        return self.wait_eventfd(self.vectors[vector], timeout)

    def wait_intx(self, timeout=1.0):
        return self.wait_eventfd(self.intx, timeout)

    def vector_raised(self, vector):
        """True if it was raised since the last look; does not wait."""
        try:
            return bool(self.wait_vector(vector, 0))
        except TimeoutError:
            return False

    # --- guest memory ---

    def dma_map(self, address, size, fd=None, offset=0, writable=True):
        """@fd None: memory that is not shared"""
        self.call(DMA_MAP,
                  struct.pack("<IIQQQ", 32, 3 if writable else 1, offset,
                              address, size), [] if fd is None else [fd])

    def dma_unmap(self, address, size, flags=0):
        payload = struct.pack("<IIQQ", 24, flags, address, size)
        assert self.call(DMA_UNMAP, payload) == payload

    def map_memory(self, size, address, writable=True):
        """New guest memory, known to the device; closed with the client."""
        memory = GuestMemory(size, address,
                             private=self.memory_kind == "private",
                             look=self.serve)
        self.memories.append(memory)
        self.dma_map(address, size,
                     None if self.memory_kind == "messages" else memory.fd,
                     0, writable)
        return memory

    def unmap_memory(self, memory):
        self.dma_unmap(memory.address, memory.size)
        self.memories.remove(memory)
        memory.close()

    def _memory(self, address):
        for memory in self.memories:
            if address in memory:
                return memory
        raise IndexError(f"0x{address:x} is not mapped")

    def memory_read(self, address, length):
        return self._memory(address).read(address, length)

    def memory_write(self, address, data):
        self._memory(address).write(address, data)


def wait_for(condition, timeout=2.0, step=0.001):
    """What @condition() returns once it is true; TimeoutError if never."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError("waited in vain")
        time.sleep(step)
