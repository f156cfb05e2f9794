# SPDX-License-Identifier: GPL-2.0-only
"""A boot: the servers, the adapter and the machine of a Plan, watched until
its root is mounted, it has ended, or its time is up."""

import json
import os
import re
import secrets
import select
import shutil
import tempfile
import time
from pathlib import Path

from . import parts, rootdisk
from .adapter import Adapter
from .machine import Machine
from .namespace import LabError
from .testbed import Testbed
from .unix_socket import connect
from .watch import Follower, Watch

TAP = "tap1"
# Under TCG two wait for each other more than they help.
PROCESSORS = 1
LOOK = 0.05           # seconds between two looks at the logs
TARGET_LOOK = 0.3     # between two questions to the target
SILENCE = 10          # what says nothing for so long is not at work
LAST_WORDS = 1.0      # what is waited for after a boot has ended

IPXE = """#!ipxe
kernel http://{server}/vmlinuz initrd=initrd {words} || shell
initrd http://{server}/initrd || shell
boot || shell
"""


def runs():
    """Where run folders are: as much as a disk may have to fit there."""
    place = Path(os.environ.get("TMPDIR", "/var/tmp"))
    if not os.access(place, os.W_OK):
        place = Path(tempfile.gettempdir())
    folder = place / f"tryboot-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.is_symlink():
        raise LabError(f"{folder} is somebody else's: name another place by "
                       "TMPDIR")
    return folder


class Events:
    """The adapter's events as lines of text."""

    def __init__(self, adapter):
        self._connection = connect(str(adapter.control_path))
        self._connection.sendall(
            b'{"command": "events", "all": true}\n')
        self._rest = b""

    def lines(self):
        out = []
        while select.select([self._connection], [], [], 0)[0]:
            data = self._connection.recv(1 << 16)
            if not data:
                break
            *whole, self._rest = (self._rest + data).split(b"\n")
            out += filter(None, map(event_text, whole))
        return out

    def stop(self):
        self._connection.close()


def event_text(line):
    """An event of the control socket in the words of stages.py, or None."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    kind = event.get("event")
    if kind == "command":
        return f"command {event['name']} {event['status']}"
    if kind == "link":
        return f"link {event['port']} " + (
            f"up {event.get('speed', '')}" if event["up"] else "down")
    if kind == "reset":
        return f"reset {event['kind']}"
    return None


def sessions(text):
    """(number, initiator) of what tgtadm says of a target's connections."""
    return re.findall(r"Session: (\d+)\s.*?Initiator: (\S+)", text, re.S)


class Boot:
    """prepare() everything, run() until it is known, keep() the logs."""

    def __init__(self, lab, plan, say=None):
        self.lab, self.plan = lab, plan
        self.say = say or (lambda mark, stage: None)
        self.word = None if plan.chosen.disk else secrets.token_hex(12)
        self.watch = Watch(
            None if plan.chosen.disk or "root" in plan.without else self.word,
            skip=("address",) if plan.static else (),
            rom=bool(plan.chosen.rom))
        self.machine = self.events = self.pcap = None
        self.why_ended = None
        self._target = False
        self._asked = 0.0
        self._of_rom = set()

    # before the machine is switched on

    def prepare(self):
        plan, folder = self.plan, self.lab.folder
        for source, name in ((plan.kernel, "vmlinuz"),
                             (plan.chosen.image, "initrd")):
            shutil.copyfile(source, folder / name)
        self._make_network()
        if plan.lease:
            self._start_dhcp()
        if "target" not in plan.without:
            self._start_target()
        if plan.chosen.rom:
            shutil.copyfile(plan.chosen.rom, folder / "adapter.rom")
            self._serve()
        self._start_adapter()

    def _make_network(self):
        plan = self.plan
        self.interface = TAP
        if plan.vlan:
            self.lab.tap(TAP, mtu=plan.mtu)
            self.interface = f"{TAP}.{plan.vlan}"
            made = self.lab.run(["ip", "link", "add", "link", TAP, "name",
                                 self.interface, "type", "vlan", "id",
                                 plan.vlan], check=False)
            if made.returncode != 0:
                raise LabError(f"no VLAN {plan.vlan}, which the image is in: "
                               f"{made.stderr.strip()} (has this host's kernel "
                               "8021q?)")
            self.lab.run(["ip", "link", "set", self.interface, "up"])
            for address in plan.addresses:
                self.lab.run(["ip", "address", "add", address, "dev",
                              self.interface])
        else:
            self.lab.tap(TAP, *plan.addresses, mtu=plan.mtu)

    def _start_dhcp(self):
        plan = self.plan
        first, last = plan.range()
        options = [f"--dhcp-option-force=17,{plan.root_path()}"]
        if plan.server.version == 6:
            prefix = plan.network6().network_address
            options += ["--enable-ra", f"--dhcp-range={prefix},ra-only,64"]
        tftp = None
        if plan.chosen.rom:
            tftp = self.lab.folder / "served"
            tftp.mkdir()
            (tftp / "boot.ipxe").write_text(IPXE.format(
                server=plan.lease.ip, words=plan.command_line()))
            options.append("--dhcp-boot=boot.ipxe")
        self.lab.dnsmasq(self.interface, first, last,
                         str(plan.lease.netmask), tftp, options)

    def _serve(self):
        """Kernel and image for the ROM, by HTTP."""
        served = self.lab.folder / "served"
        served.mkdir(exist_ok=True)
        for name in ("vmlinuz", "initrd"):
            os.link(self.lab.folder / name, served / name)
        self.lab.http(served, str(self.plan.lease.ip))

    def _start_target(self):
        plan, disk = self.plan, self.lab.folder / "root.disk"
        if "root" in plan.without:
            rootdisk.empty(disk)
        elif plan.chosen.disk:
            rootdisk.copy(plan.chosen.disk, disk)
        else:
            rootdisk.make(self.lab, disk, self.word)
        self.lab.tgt(None, address=plan.portal(), port=plan.server_port,
                     configuration=plan.target(
                         None if "lun" in plan.without else disk))
        self._target = True

    def _start_adapter(self):
        plan = self.plan
        wire = "none" if "link" in plan.without else f"tap:{TAP}"
        options = []
        if plan.chosen.rom:
            options = ["--rom", "adapter.rom"]
        self.adapter = self.lab.add(Adapter(
            self.lab, parts.find_adapter(), plan.chosen.device_id,
            port1=wire if plan.port == 1 else "none",
            port2=wire if plan.port == 2 else "none", mac=plan.mac,
            trace="adapter.trace", pcap="port.pcap", options=options))
        self.pcap = self.lab.folder / "port.pcap"
        self.events = self.lab.add(Events(self.adapter))

    # the boot

    def run(self):
        """Switch on and watch. The Watch then knows all."""
        plan = self.plan
        self.machine = Machine(self.lab, "machine")
        words = self.machine.machine_words(
            plan.chosen.memory, PROCESSORS, False,
            "ovmf" if plan.chosen.firmware == "uefi" else None)
        words += self.machine.adapter_words(1, self.adapter)
        if not plan.chosen.rom:
            words += ["-kernel", "vmlinuz", "-initrd", "initrd", "-append",
                      plan.command_line()]
        followers = {
            "console": Follower(self.machine.path("console.log")),
            "dhcp": Follower(self.lab.folder / f"dnsmasq-{self.interface}.log")}
        for _ in followers["dhcp"].lines():
            pass  # from before the machine was there
        self.lab.add(self.machine)
        self.machine.switch_on(words)
        self.started = self.machine.started
        self.watch.mark("power", 0.0, "QEMU started")
        self.say(self.watch.done["power"], "power")
        deadline = self.started + plan.chosen.limit
        while self._look(followers) and time.monotonic() < deadline:
            time.sleep(LOOK)
        self.seconds = time.monotonic() - self.started
        self.busy = False
        if not self.watch.mounted() and not self.why_ended:
            self.why_ended = f"the limit of {plan.chosen.limit} s ran out"
            self.busy = self.watch.heard_since(
                self.seconds - max(SILENCE, self.seconds / 10))

    def _look(self, followers):
        """Take what is new; whether there is more to wait for."""
        alive = self.machine.alive()
        now = time.monotonic() - self.started
        for line in self.events.lines():
            self._take("adapter", line, now)
        for source, follower in followers.items():
            for line in follower.lines():
                self._take(source, line, now)
        self._ask_target(now)
        if self.watch.mounted():
            return False
        if not alive:
            self.why_ended = "the machine went off"
            return False
        if not self.adapter.alive():
            self.why_ended = "the virtual adapter ended:\n" + self.adapter.log()
            return False
        ended = self.watch.ended
        if ended and now - ended.time > LAST_WORDS:
            self.why_ended = "the boot gave up: " + ended.text.strip()
            return False
        return True

    def _take(self, source, text, now):
        before = set(self.watch.done)
        self.watch.line(source, text, now)
        for name in self.watch.done.keys() - before:
            self.say(self.watch.done[name], name)

    def _ask_target(self, now):
        """The target has no log of its sessions: it is asked."""
        done, firmware = self.watch.done, self.watch.in_firmware()
        if not self._target or "login" in done or \
                now - self._asked < TARGET_LOOK or not (
                    firmware or "address" in done or "link" in done):
            return
        self._asked = now
        text = self.lab.run("tgtadm --lld iscsi --op show --mode conn --tid 1",
                            check=False, timeout=10).stdout
        for session, initiator in sessions(text):
            # The ROM's may outlive it.
            if firmware:
                self._of_rom.add(session)
            elif session not in self._of_rom:
                self._take("target", f"session {initiator}", now)

    # afterwards

    def keep(self, folder):
        """Copy all logs there."""
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.lab.folder.iterdir()):
            if path.is_file() and path.suffix in (".log", ".trace", ".pcap",
                                                  ".command"):
                shutil.copyfile(path, folder / path.name)


def try_boot(plan, root, after, say=None):
    """Boot the plan, in the root of parts.find_root(). `after` is called with
    the Boot when the machine is off, before its files are gone; `say` with the
    Mark and the name of each stage that is done."""
    with Testbed(runs(), root) as lab:
        boot = Boot(lab, plan, say)
        boot.prepare()
        boot.run()
        # What is on the wire is in the file when the adapter has ended.
        boot.machine.stop()
        boot.adapter.stop()
        after(boot)
