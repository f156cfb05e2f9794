# SPDX-License-Identifier: GPL-2.0-only
"""A kernel that is asked what it makes of images.

It boots in QEMU up to the place where it unpacks its initrd. There the debug
stub has its own unpack_to_rootfs() called again and again, with an image each
time, and asks by its own functions which files are there then: hundreds of
images a boot."""

from tests.lab import Lab, wait_for

from . import cells
from .debugger import RDI, RSP, Debugger

# Room for an image, and behind it for a path
ROOM = 256 << 10
TIMEOUT = 300
FUNCTIONS = ("unpack_to_rootfs", "init_eaccess", "init_unlink")


def addresses(lab, kernel):
    """Where a kernel has its functions, if it is not moved."""
    guest = lab.guest(kernel=kernel, append="nokaslr", smp=1,
                      boot_timeout=TIMEOUT)
    names = " ".join(f"-e {name}" for name in FUNCTIONS)
    lines = guest.run(f"grep -w {names} /proc/kallsyms",
                      TIMEOUT).stdout.splitlines()
    guest.stop()
    found = {line.split()[2]: int(line.split()[0], 16) for line in lines}
    missing = [name for name in FUNCTIONS if not found.get(name)]
    assert not missing, f"kernel {kernel} does not tell where {missing} are"
    return found


class Kernel:
    """One that stands before its initrd. A context manager."""

    def __init__(self, kernel):
        self._lab = Lab(network=False)
        try:
            self._functions = addresses(self._lab, kernel)
            self._debugger = self._start(kernel)
            self._go_to_initrd()
        except BaseException:
            self._lab.close()
            raise

    def _start(self, kernel):
        initrd = self._lab.folder / "room"
        initrd.write_bytes(bytes(ROOM))
        socket = self._lab.folder / "debug"
        self._lab.guest(
            kernel=kernel, initrd=initrd, memory=256, smp=1,
            append="nokaslr initramfs_async=0",
            qemu=["-S", "-gdb", f"unix:{socket.name},server=on,wait=off"])
        wait_for(socket.exists, 20, "no debug stub")
        return Debugger(socket, TIMEOUT)

    def _go_to_initrd(self):
        """The second call: the first one unpacks what is built in."""
        for _ in range(2):
            self._debugger.run_to(self._functions["unpack_to_rootfs"])
        self._stack = self._debugger.register(RSP)
        self._room = self._debugger.register(RDI)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._debugger.__exit__()
        self._lab.close()

    def _call(self, name, *arguments):
        return self._debugger.call(self._functions[name], self._stack,
                                   *arguments)

    def _on_path(self, name, path, *arguments):
        """Whether a function that takes a path and returns -errno does it."""
        at = self._room + ROOM - 64
        self._debugger.write(at, path.encode() + b"\0")
        return not self._call(name, at, *arguments) & 0xffffffff

    def unpack(self, image):
        """What becomes of an image: the message that the kernel would print
        or None, and which of both files are there."""
        assert len(image) < ROOM - 64
        self._debugger.write(self._room, image + bytes(64))
        message = self._call("unpack_to_rootfs", self._room, len(image))
        seen = [name for name in (cells.FIRST, cells.SECOND)
                if self._on_path("init_eaccess", f"/{name}")]
        for name in seen:
            assert self._on_path("init_unlink", f"/{name}")
        return self._debugger.text(message) if message else None, seen
