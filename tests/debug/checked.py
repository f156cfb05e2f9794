# SPDX-License-Identifier: GPL-2.0-only
"""A guest with the debug kernel, and what its checkers have found."""

import contextlib
import os
import time

from tests.lab import Lab
from tests.lab.testbed import SERVER

# Another one has no checkers, but tries a row itself in less time.
KERNEL = os.environ.get("KERNEL", "6.12-debug")
DRIVER = os.environ.get("DRIVER", "ours")
ADDRESS = "11.4.3.100"
PCI = "0000:01:00.0"
BOUND = f"/sys/bus/pci/drivers/mlx4_core/{PCI}"
BIND = f"echo {PCI} >/sys/bus/pci/drivers/mlx4_core/bind"
UNBIND = f"echo {PCI} >/sys/bus/pci/drivers/mlx4_core/unbind"
# Longer than this nothing that a user asks for may take, whatever has failed
HANG_SECONDS = 10

# What a checker says when it finds something, and what a report has in it;
# extended regular expressions for the guest's grep.
WARNINGS = r"WARNING:|Call Trace"
OTHERS = (r"BUG:|KASAN|UBSAN|general protection|Oops|"
          r"locking dependency|possible (circular|recursive) locking|"
          r"inconsistent lock state|suspicious RCU usage|"
          r"sleeping function called|scheduling while atomic|"
          r"debug_objects|ODEBUG|INFO: (task|rcu)|refcount_t:|corruption|"
          r"unregister_netdevice: waiting|[Bb]ad page|DMA-API:")
COMPLAINTS = f"{WARNINGS}|{OTHERS}"
# DMA debugging says at boot that it is on.
HARMLESS = r"DMA-API: (preallocated|debugging|debug)"

# What the kernel has to answer for: an interrupt of which /proc could not make a
# file, for want of memory, is freed with a warning that the file is not there. A
# directory that is not empty, which a driver can leave, is another warning; what
# another processor said meanwhile counts. (Octal 047 is an apostrophe.)
NO_SUCH_FILE = (r"name \047(affinity_hint|smp_affinity|smp_affinity_list|node|"
                r"effective_affinity|effective_affinity_list|spurious)\047")
WITHOUT_THE_KERNELS_OWN = f"""
/cut here/ {{ printf "%s", block; block = ""; inside = 1 }}
!inside
inside {{ block = block $0 "\\n" }}
inside && /end trace/ {{
	if (block !~ /{NO_SUCH_FILE}/ || block !~ /unregister_irq_proc/ ||
	    block ~ /{OTHERS}/)
		printf "%s", block
	block = ""; inside = 0
}}
END {{ printf "%s", block }}
"""

# What was said, if a complaint is among it. The kernel forgets it, so that the next
# look is as short.
SAID = (f"dmesg -c | awk '{WITHOUT_THE_KERNELS_OWN}' | "
        f"grep -vE '{HARMLESS}' >/run/said; "
        f"! grep -qE '{COMPLAINTS}' /run/said || tail -n 300 /run/said")
# A ring's entries are all alike, and each costs its allocations: with few of them
# a step is what it is with many, in a third of the time. Rows that bind the device
# anew have the driver's own number.
FEW = 64
SMALL_RINGS = f"ethtool -G eth0 rx {FEW} tx {FEW} 2>/dev/null"
UP = f"ip link set {{0}} up; ip address replace {ADDRESS}/24 dev {{0}}"
WAIT_PORTS = ("for i in $(seq {0}); do [ ! -e /sys/class/net/eth1 ] || exit 0; "
              "sleep 0.1; done; exit 1")
# Loaded by hand, so that a row starts from an idle card. A deferred probe of
# the ports ends before udev would have: wait for what there is.
PREPARE = """
echo on >/proc/sys/kernel/printk_devkmsg || exit 1
modprobe mlx4_core && modprobe mlx4_en || exit 1
"""
# All of a long row's log is kept; the serial line, which is slow, gets errors.
LOGGING = "log_buf_len=16M loglevel=4"


class Checked:
    """A guest with an adapter, and questions to its kernel.

    options: further words for the adapter's command line; the others are those
    of lab.guest()."""

    def __init__(self, device=4099, smp=2, append="", options=(), memory=1536,
                 reboot=False):
        self.lab = Lab()
        try:
            self.lab.iperf3()
            self.adapter = self.lab.adapter(device=device, trace="trace.log",
                                            options=options)
            self.guest = self.lab.guest(
                kernel=KERNEL, driver=DRIVER, nics=[self.adapter], smp=smp,
                memory=memory, reboot=reboot, boot_timeout=240,
                append=f"kmemleak=on {LOGGING} {append}".strip())
        except BaseException:
            self.lab.close()
            raise

    def close(self):
        self.lab.close()

    def run(self, command, timeout=120, check=True):
        return self.guest.run(command, timeout, check)

    def load(self):
        self.run(PREPARE)
        self.wait_ports()

    def wait_ports(self, timeout=30):
        self.run(WAIT_PORTS.format(timeout * 10), timeout + 30)

    def bound(self):
        return self.run(f"[ -e {BOUND} ]", check=False).status == 0

    def bind(self, check=True):
        return self.run(BIND, check=check)

    def unbind(self):
        return self.run(UNBIND)

    def start_anew(self):
        """Everything as a driver that has just been loaded has it, but for the
        rings."""
        self.run(f"[ ! -e {BOUND} ] || {UNBIND}; {BIND} || exit 1; "
                 f"({WAIT_PORTS.format(300)}) && {SMALL_RINGS}", 180)

    def attempt(self, commands, timeout=180):
        """Runs shell commands one after the other, whatever becomes of them;
        the seconds that the slowest took, by the guest's own clock, and what
        the kernel has complained about since it was last asked."""
        script = "\n".join(
            f"read from rest </proc/uptime; ({command}) >/dev/null 2>&1; "
            "read to rest </proc/uptime; echo $from $to"
            for command in commands)
        lines = self.run(f"{script}\n{SAID}", timeout).stdout.splitlines()
        times = [line.split() for line in lines[:len(commands)]]
        return max(float(to) - float(since) for since, to in times), \
            "\n".join(lines[len(commands):])

    def forget(self):
        """What the kernel has said so far is nobody's business."""
        self.run("dmesg -c >/dev/null")

    def up(self, device="eth0"):
        self.run(UP.format(device))

    def reachable(self, timeout=30):
        self.run(f"for i in $(seq {timeout}); do "
                 f"ping -q -c 1 -W 1 {SERVER} >/dev/null && exit 0; done; "
                 "exit 1", timeout + 30)

    def complaints(self):
        """What was said since it was last asked or forgotten, if a complaint is
        among it; else ""."""
        return self.run(SAID, 120).stdout

    @contextlib.contextmanager
    def checked(self, seconds=60):
        """Nothing in here may make the kernel complain or take longer."""
        self.forget()
        started = time.monotonic()
        yield
        took = time.monotonic() - started
        found = self.complaints()
        assert not found, found
        assert took < seconds, f"took {took:.1f} s"

    def works(self):
        """Whatever was done to it: the device starts anew, and nothing has
        leaked."""
        self.adapter.order(command="clear")
        self.start_anew()
        self.up()
        self.reachable()
        assert self.leaks() == ""

    def leaks(self):
        """What kmemleak suspects, after two scans: the first sees what is only
        on its way."""
        if not KERNEL.endswith("-debug"):
            return ""
        self.run("echo scan >/sys/kernel/debug/kmemleak; sleep 6; "
                 "echo scan >/sys/kernel/debug/kmemleak", 300)
        return self.run("cat /sys/kernel/debug/kmemleak").stdout
