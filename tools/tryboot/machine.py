# SPDX-License-Identifier: GPL-2.0-only
"""Virtual machines: QEMU, its console, its QMP socket."""

import json
import re
import shlex
import shutil
import threading
import time

from .namespace import LabError, wait_for
from .unix_socket import connect

# What a kernel says when it cannot go on. A guest that says it is not waited
# for any longer.
DEAD = re.compile(r"Kernel panic - not syncing|end Kernel panic|"
                  r"vfio: DMA mapping failed")

# What a terminal would not show: control sequences and operating system
# commands (ECMA-48), character sets, carriage returns.
INVISIBLE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|"
                       r"[()].|[=>78cM])|\r|[\x00-\x08]")

# While nothing better than jiffies is there, 7.3 checks the TSC against them, and
# waits with interrupts disabled for the next one. If that comes from the other
# processor, which waits for this one in stop_machine(), neither goes on: one
# boot in some dozens on a busy host. A TSC to trust is not checked.
TRUST_TSC = "tsc=reliable"


class GuestError(LabError):
    """The guest did not do what it was asked for."""


class Machine:
    """A q35 under TCG whose memory the adapter shares. switch_on() starts what
    the words say; its files are in the lab's folder, named after it."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.process = None
        self.started = time.monotonic()
        self._keyboard = None

    def path(self, what):
        return self.lab.folder / f"{self.name}.{what}"

    # the command line

    def machine_words(self, memory, smp, reboot, firmware):
        argv = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max",
                "-nodefaults", "-display", "none",
                # SeaBIOS and the ROMs write to the serial port too
                "-machine", "q35,memory-backend=ram,graphics=off",
                "-object", f"memory-backend-memfd,id=ram,size={memory}M,"
                           "share=on",
                "-m", str(memory), "-smp", str(smp)]
        argv += self.serial_words("console")
        argv += ["-chardev", f"socket,id=qmp,path={self.name}.qmp,"
                             "server=on,wait=off",
                 "-mon", "chardev=qmp,mode=control"]
        if not reboot:
            argv.append("-no-reboot")
        if firmware == "ovmf":
            variables = self.path("ovmf-vars")
            shutil.copy(self.lab.template / "usr/share/OVMF/OVMF_VARS_4M.fd",
                        variables)
            argv += ["-drive", "if=pflash,format=raw,readonly=on,"
                               "file=/usr/share/OVMF/OVMF_CODE_4M.fd",
                     "-drive", f"if=pflash,format=raw,file={variables.name}"]
        return argv

    def serial_words(self, what):
        """The next serial port: a socket, and a log of what it has said."""
        return ["-chardev",
                f"socket,id={what},path={self.name}.{what},"
                f"server=on,wait=off,logfile={self.name}.{what}.log",
                "-serial", f"chardev:{what}"]

    @staticmethod
    def slot_words(number):
        """PCI Express slot `number`, the bus port`number`."""
        return ["-device", f"pcie-root-port,id=port{number},chassis={number},"
                           f"slot={number},pref64-reserve=32M,mem-reserve=8M"]

    def adapter_words(self, number, adapter, properties=()):
        """An Adapter in slot `number`, with more properties of its device."""
        device = {"driver": "vfio-user-pci", "id": f"nic{number}",
                  "bus": f"port{number}",
                  "socket": {"type": "unix", "path": adapter.socket}}
        device.update(properties)
        return self.slot_words(number) + ["-device", json.dumps(device)]

    # its life

    def switch_on(self, argv):
        """Start QEMU; returns when its QMP socket answers."""
        self.path("command").write_text(shlex.join(argv) + "\n")
        self.started = time.monotonic()
        self.process = self.lab.spawn(argv, stdout=self.path("log"),
                                      stderr="stdout")
        try:
            self._wait_for_qemu()
        except BaseException:
            Machine.stop(self)
            raise

    def _wait_for_qemu(self):
        def up():
            if self.process.poll() is not None:
                raise GuestError(f"QEMU ended with {self.process.returncode}:\n"
                                 + self.lab.log(f"{self.name}.log"))
            return self.path("qmp").exists()
        wait_for(up, 20, "QEMU does not start")
        self._qmp = Qmp(self.path("qmp"))

    def alive(self):
        """Whether QEMU runs."""
        return self.process.poll() is None

    def check(self, crashed=False):
        """Raise GuestError if there is nothing to wait for any more."""
        if self.process.poll() is not None:
            raise GuestError(f"QEMU ended with {self.process.returncode}:\n"
                             f"{self.lab.log(f'{self.name}.log')}\n{self.tail()}")
        if not crashed and DEAD.search(self.console()[-6000:]):
            raise GuestError(f"the guest's kernel is dead:\n{self.tail()}")

    def wait_exit(self, timeout=30):
        """Wait until QEMU has ended (poweroff, or reboot with reboot=False)."""
        return self.process.wait(timeout)

    def stop(self):
        """End the machine at once."""
        if self._keyboard:
            self._keyboard.close()
        return self.process.stop() if self.process else None

    # the console

    def console(self):
        """Everything that the first serial port has shown."""
        return INVISIBLE.sub("", self.lab.log(f"{self.name}.console.log"))

    def tail(self, lines=30):
        return "\n".join(self.console().splitlines()[-lines:])

    def wait_console(self, pattern, timeout=60, start=0):
        """Wait until the console (from character `start`) has a regular
        expression; its match."""
        expression = re.compile(pattern, re.MULTILINE)
        deadline = time.monotonic() + timeout
        while True:
            alive = self.alive()
            found = expression.search(self.console(), start)
            if found:
                return found
            if alive is False:
                self.check()
            if DEAD.search(self.console()[-6000:]):
                self.check()
            if time.monotonic() > deadline:
                raise GuestError(f"no {pattern!r} on the console after "
                                 f"{timeout} s:\n{self.tail()}")
            time.sleep(0.1)

    def type(self, text):
        """Type on the first serial port."""
        if self._keyboard is None:
            # Kept open: QEMU drops what a client that has gone away had sent.
            # What the port says is read from its log; here it is only drained.
            self._keyboard = connect(str(self.path("console")))
            threading.Thread(target=drain, args=(self._keyboard,),
                             daemon=True).start()
        self._keyboard.sendall(text.encode())

    def qmp(self, command, **arguments):
        """A QMP command; its return value."""
        return self._qmp.execute(command, arguments)

    def reset(self):
        """As by the reset button (the machine needs reboot=True)."""
        self.qmp("system_reset")


def drain(connection):
    """Read and forget until the other end closes."""
    try:
        while connection.recv(65536):
            pass
    except OSError:
        pass


class Qmp:
    """QEMU's machine protocol: JSON lines."""

    def __init__(self, path):
        self.events = []
        self._connection = wait_for(lambda: self._try(path), 10, "no QMP")
        self._connection.settimeout(20)
        self._lines = self._connection.makefile("rb")
        self._lines.readline()
        self.execute("qmp_capabilities", {})

    @staticmethod
    def _try(path):
        try:
            return connect(str(path))
        except OSError:
            return None

    def execute(self, command, arguments):
        request = {"execute": command, "arguments": arguments}
        self._connection.sendall(json.dumps(request).encode() + b"\n")
        while True:
            line = self._lines.readline()
            if not line:
                raise GuestError(f"QEMU is gone: no answer to {command}")
            answer = json.loads(line)
            if "event" in answer:
                self.events.append(answer)
            elif "error" in answer:
                raise GuestError(f"{command}: {answer['error']['desc']}")
            else:
                return answer["return"]
