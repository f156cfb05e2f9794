# SPDX-License-Identifier: GPL-2.0-only
"""A client of QEMU's debug stub: GDB's remote protocol, as far as it takes to
call a function of the guest's kernel."""

import socket

# Numbers of GDB's x86-64 registers
RAX, RDX, RSI, RDI, RSP, RIP = 0, 3, 4, 5, 7, 16
ARGUMENTS = (RDI, RSI, RDX)
PIECE = 512


class DebuggerError(RuntimeError):
    """The stub's answer is not what was asked for."""


class Debugger:
    """The stub behind a UNIX socket; the machine must have been started with
    -S. A context manager."""

    def __init__(self, path, timeout):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout)
        self._socket.connect(str(path))
        self._input = self._socket.makefile("rb")
        # Registers are asked for by number from those only who know XML.
        self._ask("qSupported:xmlRegisters=i386")
        self._ask("qXfer:features:read:target.xml:0,400")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._input.close()
        self._socket.close()

    def _ask(self, text):
        data = text.encode()
        self._socket.sendall(b"$%s#%02x" % (data, sum(data) & 255))
        byte = self._input.read(1)
        while byte != b"$":
            if not byte:
                raise DebuggerError(f"{text}: QEMU is gone")
            byte = self._input.read(1)
        answer = b""
        while not answer.endswith(b"#"):
            answer += self._input.read(1)
        self._input.read(2)
        self._socket.sendall(b"+")
        if answer[:1] == b"E":
            raise DebuggerError(f"{text}: {answer.decode()}")
        return answer[:-1].decode()

    # registers and memory

    def register(self, number):
        """The value of a register."""
        return int.from_bytes(bytes.fromhex(self._ask(f"p{number:x}")),
                              "little")

    def set_register(self, number, value):
        self._ask(f"P{number:x}={value.to_bytes(8, 'little').hex()}")

    def read(self, address, size):
        """Bytes at a virtual address."""
        return bytes.fromhex(self._ask(f"m{address:x},{size:x}"))

    def write(self, address, data):
        for at in range(0, len(data), PIECE):
            part = data[at:at + PIECE]
            self._ask(f"M{address + at:x},{len(part):x}:{part.hex()}")

    def text(self, address):
        """The string at an address."""
        found = b""
        while b"\0" not in found:
            found += self.read(address + len(found), 32)
        return found.split(b"\0")[0].decode()

    # running

    def run_to(self, address):
        """Let the machine run until it is at an address."""
        # From a breakpoint's own place nothing goes on but a single step.
        self._ask("s")
        self._ask(f"Z1,{address:x},1")
        self._ask("c")
        self._ask(f"z1,{address:x},1")
        if self.register(RIP) != address:
            raise DebuggerError(f"stopped at {self.register(RIP):#x} on the way"
                                f" to {address:#x}")

    def call(self, function, stack, *arguments):
        """Call a function as the one was called whose first instruction saw
        the stack so; the machine is there, or back from such a call. What the
        function returns."""
        back = int.from_bytes(self.read(stack, 8), "little")
        for number, value in zip(ARGUMENTS, arguments):
            self.set_register(number, value)
        self.set_register(RSP, stack)
        self.set_register(RIP, function)
        self.run_to(back)
        return self.register(RAX)
