# SPDX-License-Identifier: GPL-2.0-only
"""A guest with the debug kernel, and what its checkers have found."""

import contextlib
import os
import re
import time

from tests.lab import Lab
from tests.lab.testbed import SERVER

KERNEL = "6.12-debug"
DRIVER = os.environ.get("DRIVER", "ours")
ADDRESS = "11.4.3.100"
PCI = "0000:01:00.0"
BOUND = f"/sys/bus/pci/drivers/mlx4_core/{PCI}"
BIND = f"echo {PCI} >/sys/bus/pci/drivers/mlx4_core/bind"
UNBIND = f"echo {PCI} >/sys/bus/pci/drivers/mlx4_core/unbind"

# What a checker says when it finds something; an extended regular expression
# for the guest's grep as well.
COMPLAINTS = (r"BUG:|WARNING:|KASAN|UBSAN|general protection|Oops|"
              r"locking dependency|possible (circular|recursive) locking|"
              r"inconsistent lock state|suspicious RCU usage|"
              r"sleeping function called|scheduling while atomic|"
              r"debug_objects|ODEBUG|INFO: (task|rcu)|refcount_t:|corruption|"
              r"unregister_netdevice: waiting|[Bb]ad page")
# Injected failures have a trace, and DMA debugging says at boot that it is on.
COMPLAINT = re.compile(COMPLAINTS + r"|Call Trace|"
                       r"DMA-API: (?!preallocated|debugging|debug)")

# Loaded by hand, so that a row starts from an idle card. A deferred probe of
# the ports ends before udev would have: wait for what there is.
PREPARE = f"""
echo on >/proc/sys/kernel/printk_devkmsg || exit 1
modprobe mlx4_core && modprobe mlx4_en || exit 1
"""


class Checked:
    """A guest with an adapter, and questions to its kernel."""

    def __init__(self, device=4099, smp=2, append="", options=()):
        self.lab = Lab()
        try:
            self.lab.dnsmasq()
            self.adapter = self.lab.adapter(device=device, trace="trace.log",
                                            options=options)
            self.guest = self.lab.guest(
                kernel=KERNEL, driver=DRIVER, nics=[self.adapter], smp=smp,
                memory=1536, append=f"kmemleak=on {append}".strip(),
                boot_timeout=240)
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
        self.run(f"for i in $(seq {timeout * 10}); do "
                 "[ -e /sys/class/net/eth1 ] && exit 0; sleep 0.1; done; exit 1",
                 timeout + 30)

    def bound(self):
        return self.run(f"[ -e {BOUND} ]", check=False).status == 0

    def bind(self, check=True):
        return self.run(BIND, check=check)

    def unbind(self):
        return self.run(UNBIND)

    def up(self, device="eth0"):
        self.run(f"ip link set {device} up; "
                 f"ip address replace {ADDRESS}/24 dev {device}")

    def reachable(self, timeout=30):
        self.run(f"for i in $(seq {timeout}); do "
                 f"ping -q -c 1 -W 1 {SERVER} >/dev/null && exit 0; done; "
                 "exit 1", timeout + 30)

    @contextlib.contextmanager
    def checked(self, seconds=10):
        """Nothing in here may make the kernel complain or take longer."""
        mark = f"checked {time.monotonic_ns()}"
        self.run(f"echo '{mark}' >/dev/kmsg")
        started = time.monotonic()
        yield
        took = time.monotonic() - started
        said = self.since(mark)
        found = [line for line in said if COMPLAINT.search(line)]
        assert not found, "\n".join(said[-150:])
        assert took < seconds, f"took {took:.1f} s"

    def since(self, mark):
        lines = self.run("dmesg -r").stdout.splitlines()
        for number, line in enumerate(lines):
            if mark in line:
                return [re.sub(r"^<\d+>", "", each)
                        for each in lines[number + 1:]]
        return lines

    def leaks(self):
        """What kmemleak suspects, after two scans: the first sees what is only
        on its way."""
        self.run("echo scan >/sys/kernel/debug/kmemleak; sleep 6; "
                 "echo scan >/sys/kernel/debug/kmemleak", 300)
        return self.run("cat /sys/kernel/debug/kmemleak").stdout
