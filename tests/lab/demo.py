# SPDX-License-Identifier: GPL-2.0-only
"""The diskless boot, from a Debian initrd to a login prompt.

Every part is a real one: Debian's initrd and kernel, mkinitrd-en, ISC dhcpd,
tgt, QEMU; the adapter is ours, and so are its drivers (--driver in-tree: those
of Debian's kernel). With another network card (--nic) the chain is
tried without adapter and mkinitrd-en: the settings come from a few lines that
a person would have added to the image by hand.
"""

import re
import shutil
import subprocess
import time

from tryboot.namespace import LabError
from tryboot.services import TARGET_NAME

from . import cpio, modules, paths
from .testbed import SERVER, Lab

GUEST = "11.4.3.130"
MAC = "00:02:c9:00:00:bb"
ROOT_PATH = f"iscsi:{SERVER}::::{TARGET_NAME}"

DHCPD = """\
default-lease-time 600;
max-lease-time 7200;
subnet 11.4.3.0 netmask 255.255.255.0 {{
}}
{host}
"""

# What iscsi-root prints, for as long as that program is not built.
DHCPD_HOST = """\
host diskless {{
  hardware ethernet {mac};
  fixed-address {address};
  option root-path "{root_path}";
}}
"""

# Signs on the console that a stage of the boot is done, in their order.
STAGES = (
    ("kernel", r"(Linux version \S+)"),
    ("drivers", r"(mlx4.*: link is up.*|mlx4_en.*: Link Up)"),
    # iscsi-root's words, or ipconfig's with another card
    ("lease", r"(address:? +[\d.]+)"),
    ("iSCSI session", r"(sd \d+:0:0:\d+: \[sd[a-z]\] Attached SCSI disk)"),
    # Not when it was only looked at
    ("root mounted", r"(EXT4-fs \(sd[a-z]\): mounted filesystem).* ordered"),
    ("login prompt", r"^(\S+ login:) "),
)

# The guest's own words: lines of the console that are quoted.
WORDS = re.compile(
    r"Linux version|Kernel command line|connectx-en|mlx4_|IP-Config|"
    r"^ *(address|gateway|rootserver) *:|iscsistart: [LC]|"
    r"scsi host\d+: iSCSI|scsi \d+:|\[sd[a-z]\]|EXT4-fs|"
    r"Welcome to|Reached target .*(Root File|Multi-User)| login:")

# What is asked at the prompt, to show that the root is what it should be.
COMMANDS = ("findmnt -n -o SOURCE,FSTYPE,OPTIONS /",
            "lsblk -o NAME,TRAN,VENDOR,MODEL,SIZE,MOUNTPOINTS",
            "grep -H . /sys/class/iscsi_session/session*/targetname",
            "ip -brief address",
            "for i in /sys/class/net/e*; do ethtool -i ${i##*/}; done | "
            "grep -E 'driver|version|bus'")


class Demo:
    """One run: prepare(), boot(), summary()."""

    def __init__(self, lab, kernel, nic, device, driver="ours", say=print):
        self.lab = lab
        self.kernel = kernel
        self.nic = nic
        self.device = device
        self.driver = driver
        self.say = say
        self.marks = []
        self.made = []
        self._mark = time.monotonic()
        self.guest = None
        self.disk = lab.folder / "rootdisk.img"
        self.target = self.target_settings = None

    def mark(self, stage, what):
        """A stage is done."""
        now = time.monotonic()
        self.marks.append((stage, now - self._mark, what))
        self._mark = now
        self.say(f"  {self.marks[-1][1]:6.1f} s  {stage}: {what}", flush=True)

    # before the machine is switched on

    def make_initrd(self):
        """The initrd to boot: Debian's, with what makes it diskless."""
        original = paths.LAB / "initrd" / f"initrd-{self.kernel}.img"
        out = self.lab.folder / "initrd.img"
        if self.nic != "connectx":
            settings = (f'ISCSI_TARGET_IP="{SERVER}"\n'
                        f'ISCSI_TARGET_NAME="{TARGET_NAME}"\n'
                        'ISCSI_INITIATOR="iqn.2007-08.com.example:diskless"\n')
            data = original.read_bytes()
            # A raw archive is only seen at a multiple of 4.
            out.write_bytes(data + bytes(-len(data) % 4) + cpio.archive(
                {"/etc/iscsi.initramfs": settings}))
            self.mark("initrd", "settings added by hand, no mkinitrd-en")
            return out
        shutil.copy(original, out)
        program = paths.binary("mkinitrd-en")
        if not program.exists():
            raise LabError(f"{program} is missing: run make all")
        tree = modules.tree(self.kernel) if self.driver == "ours" else \
            paths.kernel(self.kernel) / "modules"
        command = [program, "--iscsi-target", SERVER, "--modules", tree, out]
        done = subprocess.run(command, capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise LabError(f"mkinitrd-en: status {done.returncode}\n"
                           f"{done.stdout}{done.stderr}")
        added = out.stat().st_size - original.stat().st_size
        self.mark("mkinitrd-en", f"{original.name} ({original.stat().st_size} "
                                 f"bytes) and {added} bytes of its own")
        return out

    def iscsi_root(self, *arguments):
        """What iscsi-root prints, or None if it is not built."""
        program = paths.binary("iscsi-root")
        if not program.exists():
            return None
        done = subprocess.run([program, *arguments], capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            raise LabError(f"iscsi-root {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def start_servers(self):
        """DHCP and the iSCSI target with a copy of the root disk."""
        disk = self.disk
        subprocess.run(["cp", "--sparse=always", "--reflink=auto",
                        paths.LAB / "rootdisk" / "rootdisk.img", disk],
                       check=True)
        host = self.iscsi_root("dhcp", "--host", "diskless", "--mac", MAC,
                               "--server", "dhcpd", ROOT_PATH)
        by = "by iscsi-root" if host else "by hand"
        if host is None:
            host = DHCPD_HOST.format(mac=MAC, address=GUEST,
                                     root_path=ROOT_PATH)
        elif "fixed-address" not in host:
            host = host.replace("}", f"  fixed-address {GUEST};\n}}")
        self.lab.dhcpd(DHCPD.format(host=host))
        self.mark("DHCP", f"ISC dhcpd at {SERVER}, host entry {by}")
        self.start_target()
        by = "by iscsi-root" if self.target_settings else "by hand"
        self.mark("target", f"tgt at {SERVER}:3260, {TARGET_NAME}, set up {by}")

    def start_target(self):
        """Once more, if it has been stopped."""
        self.target_settings = self.iscsi_root(
            "target", "--backing", str(self.disk), "--server", "tgt",
            ROOT_PATH)
        self.target = self.lab.tgt(self.disk,
                                   configuration=self.target_settings)

    # the boot

    def boot(self, timeout):
        """Switch on, and wait for the login prompt."""
        initrd = self.make_initrd()
        self.start_servers()
        append = "net.ifnames=0"
        if self.nic == "connectx":
            nics = [self.lab.adapter(device=self.device, port2="none",
                                     mac=MAC, trace="adapter.trace")]
            self.mark("adapter", f"virtual ConnectX EN {self.device}")
        else:
            nics = [(self.nic, "tap1", MAC)]
            append += " ip=dhcp root=LABEL=connectx-root"
        self.guest = self.lab.guest(kernel=self.kernel, initrd=initrd,
                                    nics=nics, append=append, memory=768)
        self.say("\nthe machine is on\n")
        self.booted = self._mark = time.monotonic()
        deadline = self.booted + timeout
        for stage, pattern in STAGES:
            if stage == "drivers" and self.nic != "connectx":
                continue
            left = max(1, deadline - time.monotonic())
            self.mark(stage, self.guest.wait_console(pattern, timeout=left)[1])
        self.took = time.monotonic() - self.booted

    def log_in(self):
        """At the prompt that boot() ended with."""
        self.guest.type("root\r")
        self.guest.wait_console(r"^root@\S+:~# ", 60)
        # A plain shell: bash would edit a long line, and write it anew.
        self.guest.type("exec sh\r")
        self.guest.wait_console(r"^# $", 30)

    def ask(self, commands=COMMANDS, timeout=30):
        """What a user that is logged in is answered, as the console has it."""
        answers = []
        for command in commands:
            start = len(self.guest.console())
            self.guest.type(f"{command}; echo end=$?\r")
            self.guest.wait_console(r"^end=\d+$", timeout, start)
            lines = self.guest.console()[start:].splitlines()
            end = [number for number, line in enumerate(lines)
                   if re.match(r"end=\d+$", line)][0]
            answers.append((command, lines[1:end]))
        return answers

    def words(self):
        """The quoted lines of the serial console."""
        # The firmware leaves half a line in front of the kernel's first.
        boot = re.match(r"(?s).*?^\S+ login:", self.guest.console(), re.M)[0]
        return [re.sub(r"^.*(\[ +0\.0+\] Linux version)", r"\1", line)
                for line in boot.splitlines() if WORDS.search(line)]

    def summary(self, answers):
        """Print what was booted, from what, in how many seconds."""
        version = paths.kernel_version(self.kernel)
        card = (f"virtual ConnectX EN, device {self.device}"
                if self.nic == "connectx" else self.nic)
        self.say("\nthe guest's own words (serial console)\n")
        for line in self.words():
            self.say(f"  | {line}")
        self.say("\nasked at its prompt\n")
        for command, lines in answers:
            self.say(f"  # {command}")
            for line in lines:
                self.say(f"  | {line}")
        self.say("\nsummary\n")
        self.say(f"  booted      Debian 13, Linux {version}")
        self.say(f"  machine     QEMU, no disk; network card: {card}")
        self.say(f"  from        Debian's initramfs-tools initrd, root disk "
                 f"{ROOT_PATH}")
        if self.nic == "connectx":
            self.say("  drivers     mlx4_core, mlx4_en: " +
                     ("this project's" if self.driver == "ours"
                      else "Debian's kernel's"))
        for stage, seconds, _ in self.marks:
            self.say(f"  {stage:15} {seconds:6.1f} s")
        self.say(f"  {'power to login':15} {self.took:6.1f} s")


def demo(kernel="6.12", nic="connectx", device=25448, driver="ours",
         timeout=400):
    """Run it all; 0, or 1 with the reason and the end of the console."""
    with Lab() as lab:
        run = Demo(lab, kernel, nic, device, driver)
        print(f"diskless boot: Linux {kernel}, "
              f"{'ConnectX EN ' + str(device) if nic == 'connectx' else nic}\n")
        try:
            run.boot(timeout)
            run.log_in()
            answers = run.ask()
        except LabError as error:
            lab.keep = lab.keep or run.guest is not None
            print(f"\ndemo: {error}")
            if lab.keep:
                print(f"The logs are in {lab.folder}")
            return 1
        run.summary(answers)
        if not re.match(r"/dev/sd[a-z] +ext4", "".join(answers[0][1])):
            print("demo: the root is not the iSCSI disk")
            return 1
    return 0
