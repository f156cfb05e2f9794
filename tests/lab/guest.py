# SPDX-License-Identifier: GPL-2.0-only
"""Virtual machines: QEMU, its console, its agent, its QMP socket."""

import base64
import collections
import json
import os
import re
import shlex
import shutil
import threading
import time

from . import cpio, modules, paths
from .adapter import Adapter
from .agent import Agent, connect
from .namespace import LabError, wait_for

Result = collections.namedtuple("Result", "status stdout stderr")

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

# What drives QEMU's own network cards; loaded before the agent starts.
DRIVERS = {"virtio-net-pci": ("virtio_pci", "virtio_net"),
           "vmxnet3": ("vmxnet3",), "e1000e": ("e1000e",), "igb": ("igb",)}


class GuestError(LabError):
    """The guest did not do what it was asked for."""


class Guest:
    """A machine: q35, TCG, guest memory that the adapter shares.

    kernel     "6.1", "6.12", "7.3": with the lab's test initramfs and agent
    driver     "in-tree", the kernel's own mlx4 drivers, or "ours", those of
               make modules; None: what CONNECTX_DRIVER in the environment
               says, else "in-tree"
    nics       Adapter objects, or (Adapter, {"romfile": ..., "bootindex": ...})
               with properties of QEMU's device, and models of QEMU ("virtio-net-pci",
               "vmxnet3", ...) or (model, tap) or (model, tap, mac): the first
               model is on tap1, the second on tap2; their drivers are loaded
    segments   further segments of the test initramfs: "mstflint", "python",
               "iscsi"
    files      {"/path": content or (content, mode)} to add to it
    modprobe   modules to load before the agent starts
    initrd     another initrd (a path): a guest without the agent
    append     further words of the kernel's command line
    boot       "kernel", or "firmware": nothing but SeaBIOS and the adapters'
               ROMs; firmware="ovmf" for UEFI; or "ipxe": Debian's iPXE gets
               kernel and initramfs over HTTP from `served`, a folder that the
               lab serves, and starts them
    memory     MiB;   smp: CPUs
    reboot     whether a reboot restarts the machine (else QEMU ends)
    qemu       further words for QEMU's command line
    wait       whether to wait for the agent; boot_timeout seconds at most
    """

    def __init__(self, lab, kernel="6.12", nics=(), segments=(), files=None,
                 modprobe=(), initrd=None, append="", boot="kernel",
                 firmware=None, memory=512, smp=2, reboot=False, qemu=(),
                 wait=True, boot_timeout=60, driver=None, served=None):
        self.lab = lab
        self.driver = driver or os.environ.get("CONNECTX_DRIVER", "in-tree")
        if self.driver not in modules.DRIVERS:
            raise LabError(f"no driver '{self.driver}'; there are "
                           + ", ".join(modules.DRIVERS))
        self.name = f"guest{lab.number()}"
        self.kernel = kernel
        self.started = time.monotonic()
        self._agent = None
        self._keyboard = None
        self._boots = 0
        self._network_cards = 0
        self._modules = list(modprobe)
        argv = self._machine(memory, smp, reboot, firmware)
        for nic in nics:
            argv += self._nic(nic)
        if boot == "kernel":
            argv += self._kernel(initrd, segments, files, append)
        elif boot == "ipxe":
            argv += self._ipxe(served, segments, files, append)
        argv += [str(word) for word in qemu]
        (lab.folder / f"{self.name}.command").write_text(shlex.join(argv) + "\n")
        self.process = lab.spawn(argv, stdout=lab.folder / f"{self.name}.log",
                                 stderr="stdout")
        try:
            self._wait_for_qemu()
            if boot != "firmware" and initrd is None:
                self._agent = Agent(self._path("agent"))
                if wait:
                    self.wait_ready(boot_timeout)
        except BaseException:
            self.stop()
            raise

    def _path(self, what):
        return self.lab.folder / f"{self.name}.{what}"

    # the command line

    def _machine(self, memory, smp, reboot, firmware):
        argv = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max",
                "-nodefaults", "-display", "none",
                # SeaBIOS and the ROMs write to the serial port too
                "-machine", "q35,memory-backend=ram,graphics=off",
                "-object", f"memory-backend-memfd,id=ram,size={memory}M,"
                           "share=on",
                "-m", str(memory), "-smp", str(smp)]
        for port, what in enumerate(("console", "agent")):
            argv += ["-chardev",
                     f"socket,id=serial{port},path={self.name}.{what},"
                     f"server=on,wait=off,logfile={self.name}.{what}.log",
                     "-serial", f"chardev:serial{port}"]
        argv += ["-chardev", f"socket,id=qmp,path={self.name}.qmp,"
                             "server=on,wait=off",
                 "-mon", "chardev=qmp,mode=control"]
        if not reboot:
            argv.append("-no-reboot")
        if firmware == "ovmf":
            variables = self._path("ovmf-vars")
            shutil.copy(paths.ROOT / "usr/share/OVMF/OVMF_VARS_4M.fd",
                        variables)
            argv += ["-drive", "if=pflash,format=raw,readonly=on,"
                               "file=/usr/share/OVMF/OVMF_CODE_4M.fd",
                     "-drive", f"if=pflash,format=raw,file={variables.name}"]
        return argv

    def _nic(self, nic):
        number = self._network_cards = self._network_cards + 1
        port = f"port{number}"
        argv = ["-device", f"pcie-root-port,id={port},chassis={number},"
                           f"slot={number},pref64-reserve=32M,mem-reserve=8M"]
        words = (nic,) if isinstance(nic, (str, Adapter)) else tuple(nic)
        if isinstance(words[0], Adapter):
            device = {"driver": "vfio-user-pci", "id": f"nic{number}",
                      "bus": port,
                      "socket": {"type": "unix", "path": words[0].socket}}
            device.update(words[1] if len(words) > 1 else {})
            return argv + ["-device", json.dumps(device)]
        model = words[0]
        self._modules += DRIVERS.get(model, ())
        tap = words[1] if len(words) > 1 else f"tap{number}"
        mac = words[2] if len(words) > 2 else f"00:02:c9:00:00:{0xba + number:02x}"
        return argv + ["-netdev", f"tap,id=net{number},ifname={tap},script=no,"
                                  "downscript=no",
                       "-device", f"{model},id=nic{number},netdev=net{number},"
                                  f"mac={mac},bus={port}"]

    def _words(self, append, modprobe=True):
        """The kernel's command line."""
        words = ["console=ttyS0", "no_timer_check", TRUST_TSC, "panic=1"]
        if self._modules and modprobe:
            words.append("lab.modprobe=" + ",".join(self._modules))
        if append:
            words.append(append)
        return " ".join(words)

    def _write_initrd(self, path, segments, files):
        parts = [paths.segment(name) for name in
                 ("base", f"modules-{self.kernel}", *segments)]
        if self.driver == "ours":
            parts.append(modules.overlay(self.kernel))
        with open(path, "wb") as out:
            for part in parts:
                with open(part, "rb") as content:
                    shutil.copyfileobj(content, out, 1 << 20)
            if files:
                out.write(cpio.archive(files))

    def _kernel(self, initrd, segments, files, append):
        words = self._words(append, initrd is None)
        if initrd is None:
            initrd = self._path("initrd")
            self._write_initrd(initrd, segments, files)
        return ["-kernel", str(paths.kernel(self.kernel) / "vmlinuz"),
                "-initrd", str(initrd), "-append", words]

    def _ipxe(self, served, segments, files, append):
        shutil.copy(paths.kernel(self.kernel) / "vmlinuz", served)
        self._write_initrd(served / "initrd", segments, files)
        script = self._path("ipxe")
        script.write_text("#!ipxe\ndhcp\n"
                          "kernel http://${next-server}/vmlinuz initrd=initrd "
                          f"{self._words(append)}\n"
                          "initrd http://${next-server}/initrd\nboot\n")
        return ["-kernel", "/usr/lib/ipxe/ipxe.lkrn", "-initrd", str(script)]

    # its life

    def _wait_for_qemu(self):
        def up():
            if self.process.poll() is not None:
                raise GuestError(f"QEMU ended with {self.process.returncode}:\n"
                                 + self.lab.log(f"{self.name}.log"))
            return self._path("qmp").exists()
        wait_for(up, 20, "QEMU does not start")
        self._qmp = Qmp(self._path("qmp"))

    def alive(self):
        """Whether QEMU runs."""
        return self.process.poll() is None

    def _check(self, crashed=False):
        """Raise GuestError if there is nothing to wait for any more."""
        if self.process.poll() is not None:
            raise GuestError(f"QEMU ended with {self.process.returncode}:\n"
                             f"{self.lab.log(f'{self.name}.log')}\n{self.tail()}")
        if not crashed and DEAD.search(self.console()[-6000:]):
            raise GuestError(f"the guest's kernel is dead:\n{self.tail()}")

    def wait_ready(self, timeout=60, crashed=False):
        """Wait for the agent of the next boot (the first call: of the first).
        crashed: a panic is no reason to give up, a crash kernel follows."""
        deadline = time.monotonic() + timeout
        while not self._agent.wait_boots(self._boots + 1, 0.2):
            self._check(crashed)
            if time.monotonic() > deadline:
                raise GuestError(f"the guest is not up after {timeout} s:\n"
                                 + self.tail())
        self._boots += 1

    def wait_exit(self, timeout=30):
        """Wait until QEMU has ended (poweroff, or reboot with reboot=False)."""
        return self.process.wait(timeout)

    def stop(self):
        """End the machine at once."""
        if self._agent:
            self._agent.close()
        if self._keyboard:
            self._keyboard.close()
        return self.process.stop()

    # commands

    def start(self, command, timeout=60):
        """Start a shell command; finish() takes what this returns."""
        # A line must fit the serial port's buffer: long ones go by a file.
        if len(command) > 1500:
            path = f"/run/command-{self.lab.number()}"
            self.write_file(path, command)
            command = f". {path}"
        return command, timeout, self._agent.send(command, timeout)

    def finish(self, started, check=True):
        """The Result(status, stdout, stderr) of a started command."""
        command, timeout, answer = started
        deadline = time.monotonic() + timeout + 10
        while not answer.done.wait(0.5):
            self._check()
            if time.monotonic() > deadline:
                raise GuestError(f"{command}: the guest does not answer:\n"
                                 + self.tail())
        if answer.lost:
            raise GuestError(f"{command}: {answer.lost}\n{self.tail()}")
        result = Result(answer.status, answer.stdout.decode(errors="replace"),
                        answer.stderr.decode(errors="replace"))
        if result.status == 137:
            raise GuestError(f"{command}: not done after {timeout} s\n"
                             f"{result.stdout}{result.stderr}")
        if check and result.status != 0:
            raise GuestError(f"{command}: status {result.status}\n"
                             f"{result.stdout}{result.stderr}")
        return result

    def run(self, command, timeout=60, check=True):
        """Run a shell command in the guest to its end; a Result. A status
        other than 0 is a GuestError unless check=False."""
        return self.finish(self.start(command, timeout), check)

    def write_file(self, path, content, mode=0o644):
        """Put a small file (some 100 kB at most) into the running guest."""
        data = content.encode() if isinstance(content, str) else content
        quoted = shlex.quote(path)
        self.run(f"mkdir -p $(dirname {quoted}); : >{quoted}; "
                 f"chmod {mode:o} {quoted}")
        for at in range(0, len(data), 900):
            text = base64.b64encode(data[at:at + 900]).decode()
            self.run(f"echo {text} | base64 -d >>{quoted}")

    def read_file(self, path, timeout=60):
        """The bytes of a file of the guest."""
        text = self.run(f"base64 -w 0 {shlex.quote(path)}", timeout).stdout
        return base64.b64decode(text)

    def dmesg(self, level=7, match=None):
        """Lines of the kernel's log up to a level (3 errors, 4 warnings), those
        that the regular expression `match` finds if it is given."""
        lines = []
        for line in self.run("dmesg -r").stdout.splitlines():
            head = re.match(r"<(\d+)>(.*)", line)
            if head and int(head[1]) & 7 <= level and \
                    (match is None or re.search(match, head[2])):
                lines.append(head[2])
        return lines

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
                self._check()
            if DEAD.search(self.console()[-6000:]):
                self._check()
            if time.monotonic() > deadline:
                raise GuestError(f"no {pattern!r} on the console after "
                                 f"{timeout} s:\n{self.tail()}")
            time.sleep(0.1)

    def type(self, text):
        """Type on the first serial port."""
        if self._keyboard is None:
            # Kept open: QEMU drops what a client that has gone away had sent.
            # What the port says is read from its log; here it is only drained.
            self._keyboard = connect(str(self._path("console")))
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
