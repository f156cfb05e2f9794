# SPDX-License-Identifier: GPL-2.0-only
"""Virtual machines with the test guest: its kernel and initramfs, its agent."""

import base64
import collections
import os
import re
import shlex
import shutil
import time

from tryboot.adapter import Adapter
from tryboot.machine import TRUST_TSC, GuestError, Machine
from tryboot.namespace import LabError

from . import cpio, modules, paths
from .agent import Agent

Result = collections.namedtuple("Result", "status stdout stderr")

# What drives QEMU's own network cards; loaded before the agent starts.
DRIVERS = {"virtio-net-pci": ("virtio_pci", "virtio_net"),
           "vmxnet3": ("vmxnet3",), "e1000e": ("e1000e",), "igb": ("igb",)}


class Guest(Machine):
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
               "iscsi", "lio"
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
        super().__init__(lab, f"guest{lab.number()}")
        self.driver = driver or os.environ.get("CONNECTX_DRIVER", "in-tree")
        if self.driver not in modules.DRIVERS:
            raise LabError(f"no driver '{self.driver}'; there are "
                           + ", ".join(modules.DRIVERS))
        self.kernel = kernel
        self._agent = None
        self._boots = 0
        self._network_cards = 0
        self._modules = list(modprobe)
        argv = self.machine_words(memory, smp, reboot, firmware)
        argv += self.serial_words("agent")
        for nic in nics:
            argv += self._nic(nic)
        if boot == "kernel":
            argv += self._kernel(initrd, segments, files, append)
        elif boot == "ipxe":
            argv += self._ipxe(served, segments, files, append)
        argv += [str(word) for word in qemu]
        self.switch_on(argv)
        try:
            if boot != "firmware" and initrd is None:
                self._agent = Agent(self.path("agent"))
                if wait:
                    self.wait_ready(boot_timeout)
        except BaseException:
            self.stop()
            raise

    # the command line

    def _nic(self, nic):
        number = self._network_cards = self._network_cards + 1
        words = (nic,) if isinstance(nic, (str, Adapter)) else tuple(nic)
        if isinstance(words[0], Adapter):
            return self.adapter_words(number, words[0],
                                      words[1] if len(words) > 1 else {})
        model = words[0]
        self._modules += DRIVERS.get(model, ())
        tap = words[1] if len(words) > 1 else f"tap{number}"
        mac = words[2] if len(words) > 2 else f"00:02:c9:00:00:{0xba + number:02x}"
        return self.slot_words(number) + [
            "-netdev", f"tap,id=net{number},ifname={tap},script=no,"
                       "downscript=no",
            "-device", f"{model},id=nic{number},netdev=net{number},"
                       f"mac={mac},bus=port{number}"]

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
            initrd = self.path("initrd")
            self._write_initrd(initrd, segments, files)
        return ["-kernel", str(paths.kernel(self.kernel) / "vmlinuz"),
                "-initrd", str(initrd), "-append", words]

    def _ipxe(self, served, segments, files, append):
        shutil.copy(paths.kernel(self.kernel) / "vmlinuz", served)
        self._write_initrd(served / "initrd", segments, files)
        script = self.path("ipxe")
        script.write_text("#!ipxe\ndhcp\n"
                          "kernel http://${next-server}/vmlinuz initrd=initrd "
                          f"{self._words(append)}\n"
                          "initrd http://${next-server}/initrd\nboot\n")
        return ["-kernel", "/usr/lib/ipxe/ipxe.lkrn", "-initrd", str(script)]

    # its life

    def wait_ready(self, timeout=60, crashed=False):
        """Wait for the agent of the next boot (the first call: of the first).
        crashed: a panic is no reason to give up, a crash kernel follows."""
        deadline = time.monotonic() + timeout
        while not self._agent.wait_boots(self._boots + 1, 0.2):
            self.check(crashed)
            if time.monotonic() > deadline:
                raise GuestError(f"the guest is not up after {timeout} s:\n"
                                 + self.tail())
        self._boots += 1

    def stop(self):
        """End the machine at once."""
        if self._agent:
            self._agent.close()
        return super().stop()

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
            self.check()
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
