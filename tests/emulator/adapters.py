# SPDX-License-Identifier: GPL-2.0-only
"""Adapter processes that tests share, and the other ends of their wires.

A process starts when a test first asks for its kind and serves every later
one: a client that leaves resets the card, as a guest that ends does.
"""

import select
import socket
import struct
import time

import vfio_user

# Device ids, one a generation
CONNECTX, CONNECTX_2, CONNECTX_3, CONNECTX_3_PRO = \
    25448, 26448, 4099, 4103
MAC_1, MAC_2 = b"\x00\x02\xc9\x0a\x0b\xfe", b"\x00\x02\xc9\x0a\x0b\xff"

_running = {}


class Wire:
    """The peer of a port: frames behind their lengths, on a unix socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(str(path))
        self.socket.settimeout(2)
        self.buffer = bytearray()

    def send(self, *frames):
        self.socket.sendall(b"".join(
            struct.pack(">I", len(f)) + bytes(f) for f in frames))

    def _whole(self):
        if len(self.buffer) < 4:
            return None
        length, = struct.unpack_from(">I", self.buffer)
        if len(self.buffer) < 4 + length:
            return None
        frame = bytes(self.buffer[4:4 + length])
        del self.buffer[:4 + length]
        return frame

    def recv(self, timeout=2.0):
        """The next frame; TimeoutError if none comes."""
        end = time.monotonic() + timeout
        while True:
            frame = self._whole()
            if frame is not None:
                return frame
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                raise TimeoutError("no frame on the wire")
            data = self.socket.recv(1 << 20)
            if not data:
                raise ConnectionError("the adapter left the wire")
            self.buffer += data

    def recv_many(self, count, timeout=2.0):
        return [self.recv(timeout) for _ in range(count)]

    def drain(self):
        """Forgets the frames that have arrived; one that is on its way stays
        whole."""
        while select.select([self.socket], [], [], 0)[0]:
            data = self.socket.recv(1 << 20)
            if not data:
                raise ConnectionError("the adapter left the wire")
            self.buffer += data
        while self._whole() is not None:
            pass

    def recv_until(self, frame, timeout=2.0):
        """Passes over what comes in front of @frame."""
        while self.recv(timeout) != frame:
            pass

    def close(self):
        self.socket.close()


class Adapter:
    """A running connectx-adapter with both wires connected."""

    def __init__(self, start_program, build, folder, device, options):
        self.folder = folder
        self.device = device
        self.ports = [folder / "port1", folder / "port2"]
        socket_path = folder / "vfio"
        self.control = folder / "control"
        arguments = [
            build / "bin/connectx-adapter", "--socket", socket_path,
            "--device", device, "--mac", MAC_1.hex(":"),
            "--port1", f"stream:listen:{self.ports[0]}",
            "--port2", f"stream:listen:{self.ports[1]}",
            "--link-training-ms", 0, *options]
        self.program = start_program(arguments, socket_path)
        self.socket = socket_path
        # The socket's name is there a moment before it listens
        vfio_user.wait_for(self.listens)
        self.wires = [Wire(path) for path in self.ports]

    def listens(self):
        try:
            with vfio_user.Client(self.socket):
                return True
        except ConnectionRefusedError:
            return False

    def wire(self, port):
        """@port: 1 or 2"""
        return self.wires[port - 1]

    def log(self):
        return self.program.log()


def adapter(device, build, start_program, tmp_path_factory, options=()):
    """The running adapter of that kind; started if it is the first."""
    key = (device, tuple(options), str(build))
    found = _running.get(key)
    if found is None or not found.program.alive():
        folder = tmp_path_factory.mktemp("adapter")
        found = Adapter(start_program, build, folder, device, options)
        _running[key] = found
    return found
