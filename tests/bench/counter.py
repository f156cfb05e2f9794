# SPDX-License-Identifier: GPL-2.0-only
"""The counting plugin's other end: what a guest has executed, by module and by
function, and which registers it has touched."""

import array
import bisect
import collections
import re
import struct
import time

from lab import LabError, paths
from tryboot.unix_socket import connect

SOCKET = "counter"
HEAD = struct.Struct("5Q")
DEVICE = struct.Struct("48sQQ")

# Names of cards' registers in QEMU, vfio-user's and its own
REGISTERS = re.compile(r"(?i)vfio|BAR ?\d|igb|e1000e|virtio|vmxnet3|msix")

# A call of one of these is an allocation: the slab's entries and the page
# allocator's, by the names that they have in 6.1 to 7.3.
SLAB = re.compile(
    r"(kmem_cache_alloc(_lru|_node|_bulk)?|__kmalloc(_node|_cache|_cache_node|"
    r"_node_track_caller|_large|_large_node)?|kmalloc_(trace|node_trace|large|"
    r"large_node))(_noprof)?")
PAGES = re.compile(r"__alloc_(frozen_)?pages(_noprof)?|"
                   r"(__)?alloc_pages_bulk(_noprof)?")


def plugin_path():
    return paths.binary("").parent / "bench" / "counter.so"


Counts = collections.namedtuple("Counts", "user executed devices")


class Counter:
    """Of a machine in whose folder the plugin listens."""

    def __init__(self, lab, instructions=True):
        self._path = lab.folder / SOCKET
        what = "" if instructions else ",instructions=off"
        self.qemu = ["-plugin", f"file={plugin_path()},socket={SOCKET}{what}"]

    def begin(self, timeout=60):
        """Have it count from now on. (The guest must have an interrupt.)"""
        deadline = time.monotonic() + timeout
        while self._answer() is None:
            if time.monotonic() > deadline:
                raise LabError("the plugin does not begin to count")
            time.sleep(0.1)

    def read(self):
        """Counts(instructions of user space, {address: times executed} of the
        kernel, {device: (reads, writes)}) since begin()."""
        counts = self._answer()
        if counts is None:
            raise LabError("the plugin does not count yet")
        return counts

    def _answer(self):
        with connect(str(self._path)) as connection:
            data = b"".join(iter(lambda: connection.recv(1 << 20), b""))
        counting, user, uncounted, devices, addresses = HEAD.unpack_from(data)
        if not counting:
            return None
        if uncounted:
            raise LabError(f"the plugin has no room for {uncounted} addresses")
        at = HEAD.size + devices * DEVICE.size
        pairs = array.array("Q", data[at:])
        if len(pairs) != 2 * addresses:
            raise LabError("the plugin's answer is short")
        return Counts(user, dict(zip(pairs[0::2], pairs[1::2])),
                      dict(named_devices(data[HEAD.size:at])))


def named_devices(data):
    for name, reads, writes in DEVICE.iter_unpack(data):
        if name[0]:
            yield name.rstrip(b"\0").decode(), (reads, writes)


def difference(before, after):
    """Counts between two."""
    executed = {address: count - before.executed.get(address, 0)
                for address, count in after.executed.items()
                if count != before.executed.get(address, 0)}
    devices = {}
    for device, (reads, writes) in after.devices.items():
        then_reads, then_writes = before.devices.get(device, (0, 0))
        devices[device] = (reads - then_reads, writes - then_writes)
    return Counts(after.user - before.user, executed, devices)


def card_registers(devices):
    """(reads, writes) of the card's registers."""
    chosen = [values for device, values in devices.items()
              if REGISTERS.search(device)]
    return (sum(reads for reads, _ in chosen),
            sum(writes for _, writes in chosen))


class Symbols:
    """/proc/kallsyms of a guest: whose an address is."""

    LINE = re.compile(r"([0-9a-f]+) ([tTwW]) (\S+)(?:\t\[(\S+)\])?$",
                      re.MULTILINE)

    def __init__(self, text):
        found = sorted({(int(address, 16), name, module or "kernel")
                        for address, _, name, module
                        in self.LINE.findall(text)})
        if not found or found[-1][0] == 0:
            raise LabError("the guest hides its symbols' addresses")
        self._starts = [start for start, _, _ in found]
        self._names = [(module, name) for _, name, module in found]

    def name(self, address):
        """(module, function) that an address belongs to; the kernel itself is
        the module "kernel"."""
        at = bisect.bisect_right(self._starts, address) - 1
        return self._names[at] if at >= 0 else ("kernel", "?")

    def functions(self, executed):
        """{(module, function): instructions}."""
        sums = collections.Counter()
        for address, count in executed.items():
            sums[self.name(address)] += count
        return sums

    def calls(self, executed, wanted):
        """How often functions of the kernel itself whose whole names match
        were entered. A function may begin with an instruction that callers
        jump over: the first two addresses are looked at."""
        total = 0
        for start, (module, name) in zip(self._starts, self._names):
            if module == "kernel" and wanted.fullmatch(name):
                total += max(executed.get(start, 0),
                             executed.get(start + 4, 0))
        return total
