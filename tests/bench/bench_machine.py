# SPDX-License-Identifier: GPL-2.0-only
"""A machine with one network card, and what can be measured of it."""

import json
import os
import re

from counter import Counter
from lab import Lab, LabError
from lab.testbed import SERVER

KERNEL = "6.12-generic"
ADAPTER_DEVICE = 26448
ADDRESS = "11.4.3.130"
# TCP payload of a full frame at MTU 1500 with time stamps: what is called a
# packet here, whatever sizes a card and its driver hand to each other
SEGMENT = 1448
TICKS = os.sysconf("SC_CLK_TCK")

# Names of the card's interrupts in /proc/interrupts
INTERRUPTS = re.compile(r"mlx4|eth0|virtio\d")


class Machine:
    """model: "connectx", or a card of QEMU. Each has a lab of its own: the
    same namespaces, tap, addresses and server for all."""

    def __init__(self, model, counted=False, adapter_options=(), program=None):
        self.model = model
        self.lab = Lab()
        self.adapter = None
        try:
            if model == "connectx":
                self.adapter = self.lab.adapter(
                    device=ADAPTER_DEVICE, port2="none", program=program,
                    options=adapter_options)
            nic = self.adapter or model
            self.counter = Counter(self.lab, instructions=False) \
                if counted else None
            self.guest = self.lab.guest(
                kernel=KERNEL, nics=[nic], smp=1,
                qemu=self.counter.qemu if counted else [],
                # the counter's condition
                append="nokaslr" if counted else "",
                modprobe=["mlx4_en"] if self.adapter else [],
                boot_timeout=120)
            self.lab.iperf3()
            self._network()
            if counted:
                self.counter.begin()
        except BaseException:
            self.close()
            raise

    def _network(self):
        self.guest.run(f"ip link set eth0 up && ip address add {ADDRESS}/24 "
                       "dev eth0")
        # igb's link takes its seconds
        self.guest.run(f"for i in $(busybox seq 100); do ping -c 1 -W 1 {SERVER}"
                       " >/dev/null && exit 0; sleep 0.2; done; exit 1", 120)

    def close(self):
        self.lab.close()

    def hold(self):
        """Stop the processor, so that it takes nothing from another machine's
        measurement."""
        self.guest.qmp("stop")

    def go_on(self):
        self.guest.qmp("cont")

    # what it costs

    def cpu(self):
        """Seconds of processor time by now: {"vcpu", "qemu", "adapter"}; qemu
        is all of QEMU's other threads."""
        seconds = {"vcpu": 0, "qemu": 0}
        for name, used in self._threads(self.guest.process.pid):
            seconds["vcpu" if name.startswith("CPU ") else "qemu"] += used
        if self.adapter:
            seconds["adapter"] = sum(
                used for _, used in self._threads(self.adapter.process.pid))
        return seconds

    def _threads(self, pid):
        text = self.lab.run(f"cat /proc/{pid}/task/*/stat", root=False).stdout
        for line in text.splitlines():
            name = line[line.index("(") + 1:line.rindex(")")]
            fields = line[line.rindex(")") + 2:].split()
            yield name, (int(fields[11]) + int(fields[12])) / TICKS

    def interrupts(self):
        """Interrupts of the card by now, as the guest has counted them."""
        total = 0
        for line in self.guest.run("cat /proc/interrupts").stdout.splitlines():
            if INTERRUPTS.search(line):
                total += int(line.split()[1])
        return total

    def mmio(self):
        """Counts of register accesses by now; only if counted."""
        return self.counter.read()

    # work

    def tcp(self, direction, seconds):
        """TCP by iperf3: tx sends from the guest, rx to it.

        Returns {"bytes", "seconds", "mbit", "retransmits", "cpu" (as cpu()),
        "interrupts"} of the transfer."""
        before, interrupts = self.cpu(), self.interrupts()
        reverse = "-R" if direction == "rx" else ""
        answer = self.guest.run(
            f"iperf3 -c {SERVER} -t {seconds} {reverse} -J",
            timeout=10 * seconds + 60)
        end = json.loads(answer.stdout)["end"]
        after = self.cpu()
        received = end["sum_received"]
        return {"bytes": received["bytes"], "seconds": received["seconds"],
                "mbit": received["bits_per_second"] / 1e6,
                "retransmits": end["sum_sent"].get("retransmits"),
                "cpu": {name: after[name] - before[name] for name in after},
                "interrupts": self.interrupts() - interrupts}

    def round_trips(self, count=50):
        """Milliseconds of each of `count` pings from the guest."""
        text = self.guest.run(f"ping -c {count} -i 0.02 {SERVER}").stdout
        times = [float(time) for time in re.findall(r"time=([\d.]+) ms", text)]
        if len(times) < count * 0.9:
            raise LabError(f"{self.model}: {len(times)} of {count} pings were "
                           "answered")
        return times
