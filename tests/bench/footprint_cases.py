# SPDX-License-Identifier: GPL-2.0-only
"""Our drivers beside the kernel's own for the same card: memory, size, time to
a network device, what a change interrupts, the way back from a fatal error."""

import contextlib
import re
import time

from bench_machine import ADDRESS, KERNEL
from driver_cases import tools_path
from lab import Lab, LabError, wait_for
from lab.testbed import SERVER

PEER = "mlx4"
# What a kernel that kdump has started is told; is_kdump_kernel() asks for the
# first. (There is no dump at that address, which it says and goes on.)
PROFILES = {"default": "", "kdump": "elfcorehdr=0x1000000 reset_devices "
                                    "nr_cpus=1"}
MODULES = ("mlx4_core", "mlx4_en")
# Each there and back again. {} is "rx N tx N" or "combined N", as the driver
# counts its channels.
CHANGES = {
    "mtu": ("ip link set eth0 mtu 1400", "ip link set eth0 mtu 1500"),
    "rings": ("ethtool -G eth0 rx 512 tx 256", "ethtool -G eth0 rx 1024 tx 512"),
    "channels": ("ethtool -L eth0 rx 1 tx 1 || ethtool -L eth0 combined 1",
                 "ethtool -L eth0 rx 2 tx 2 || ethtool -L eth0 combined 2"),
    "xdp": ("ip link set dev eth0 xdpdrv obj /bench/xdp.o sec pass",
            "ip link set dev eth0 xdpdrv off"),
}
CHANGED = 3
# Seconds from one ping to the next; those that do not count
PERIOD, LAST = 0.01, 50


def cases():
    return ["driver/footprint/module-size",
            *(f"driver/footprint/memory-{name}" for name in PROFILES),
            "driver/footprint/probe", "driver/footprint/recovery",
            *(f"driver/footprint/{what}/{name}" for name in CHANGES
              for what in ("carrier", "lost-pings"))]


def measure(chosen, settings, report):
    """Measure what belongs to the chosen case names into the report."""
    if settings.driver != "ours":
        raise LabError("footprint: ours beside the kernel's own is all there "
                       "is; not with --driver")
    names = {name.removeprefix("driver/footprint/") for name in chosen}
    runs = settings.runs
    if names & {"module-size", *(f"memory-{name}" for name in PROFILES)}:
        memory(names, settings, report)
    for name, work, unit, count in (("probe", probes, "ms", runs),
                                    ("recovery", recoveries, "s", 3)):
        if name in names:
            add(report, name, unit, *(work(driver, settings, count)
                                      for driver in ("ours", PEER)))
    wanted = [change for change in CHANGES
              if names & {f"carrier/{change}", f"lost-pings/{change}"}]
    if wanted:
        results = [changes(driver, wanted, settings, runs)
                   for driver in ("ours", PEER)]
        for change in wanted:
            for at, what in enumerate(("carrier", "lost-pings")):
                if f"{what}/{change}" in names:
                    add(report, f"{what}/{change}", "a change",
                        *([run[at] for run in result[change]]
                          for result in results))


def add(report, name, unit, ours, theirs):
    report.add(f"driver/footprint/{name}", unit, ours, PEER, theirs,
               better="lower", ratio_is="ours / peer")


@contextlib.contextmanager
def machine(driver, settings, append="", smp=2, icount=False, modprobe=()):
    """(lab, adapter, guest) with one port in use."""
    with Lab() as lab:
        lab.run("sysctl -qw net.ipv6.conf.tap1.disable_ipv6=1")
        adapter = lab.adapter(device=settings.device, port2="none",
                              # none of the card's own waiting
                              options=("--ready-ms", 0,
                                       "--link-training-ms", 0))
        guest = lab.guest(
            kernel=KERNEL, nics=[adapter], smp=smp, append=append,
            modprobe=modprobe, boot_timeout=400,
            files={"/bench/xdp.o": (tools_path() / "xdp.o").read_bytes()},
            qemu=["-icount", "shift=2"] if icount else [],
            driver="ours" if driver == "ours" else "in-tree")
        yield lab, adapter, guest


UP = f"ip link set eth0 up && ip address replace {ADDRESS}/24 dev eth0"
AVAILABLE = """
sync; echo 3 >/proc/sys/vm/drop_caches; echo 1 >/proc/sys/vm/compact_memory
sleep 2
free=$(busybox awk '/^MemFree:/ {print $2}' /proc/meminfo)
# pages that wait in a processor's list are free too
lists=$(busybox awk '$1 == "count:" {n += $2} END {print n * 4}' /proc/zoneinfo)
echo $((free + lists))
"""


def memory(names, settings, report):
    """KiB that are gone when the driver is loaded and its port is up; KiB of
    the two modules themselves, as the kernel has loaded them."""
    found = {}
    for profile, append in PROFILES.items():
        if f"memory-{profile}" not in names and \
                (profile != "default" or "module-size" not in names):
            continue
        for _ in range(min(settings.runs, 3)):
            for driver in ("ours", PEER):
                used, size = loaded(driver, settings, append,
                                    smp=1 if append else 2)
                found.setdefault((profile, driver), []).append(used)
                found.setdefault(("size", driver), []).append(size)
    for name, key, unit in (
            ("module-size", "size", "KiB"),
            *((f"memory-{profile}", profile, "KiB") for profile in PROFILES)):
        if name in names:
            add(report, name, unit, found[key, "ours"], found[key, PEER])


def loaded(driver, settings, append, smp):
    with machine(driver, settings, append, smp) as (_, _, guest):
        before = int(guest.run(AVAILABLE).stdout)
        guest.run(f"modprobe mlx4_en && {wait_in_guest('eth0')} && {UP}", 120)
        wait_for(lambda: guest.run(f"ping -c 1 -W 1 {SERVER}",
                                   check=False).status == 0, 60, "no link")
        used = before - int(guest.run(AVAILABLE).stdout)
        sizes = [int(line.split()[1]) for line in
                 guest.run("cat /proc/modules").stdout.splitlines()
                 if line.split()[0] in MODULES]
    if len(sizes) != len(MODULES):
        raise LabError(f"{driver}: not both modules are loaded")
    return used, sum(sizes) / 1024


def wait_in_guest(device):
    return (f"(while ! [ -e /sys/class/net/{device} ]; do sleep 0.01; done)")


def probes(driver, settings, count):
    """Milliseconds from modprobe to the network device, of the guest's time,
    which is its instructions and what it waits."""
    order = ("echo bench-begin >/dev/kmsg; modprobe mlx4_en\n"
             "while ! [ -e /sys/class/net/eth0 ]; do sleep 0.001; done\n"
             "echo bench-end >/dev/kmsg\n")
    results = []
    with machine(driver, settings, smp=1, icount=True) as (_, _, guest):
        for _ in range(count + 1):
            guest.run(order, 240)
            log = guest.run("dmesg").stdout
            begin, end = (float(re.findall(
                rf"\[ *([\d.]+)\] bench-{what}", log)[-1])
                for what in ("begin", "end"))
            results.append(1000 * (end - begin))
            guest.run("modprobe -r mlx4_en; modprobe -r mlx4_core", 240)
    # the first reads the files
    return results[1:]


def changes(driver, wanted, settings, runs):
    """{change: [(carrier changes, lost pings) of one change, ...]}."""
    results = {change: [] for change in wanted}
    with machine(driver, settings, modprobe=["mlx4_en"]) as (lab, _, guest):
        guest.run(UP)
        wait_for(lambda: guest.run(f"ping -c 1 -W 1 {SERVER}",
                                   check=False).status == 0, 60, "no link")
        for _ in range(runs):
            for change in wanted:
                results[change].append(one_change(guest, CHANGES[change]))
    return results


def one_change(guest, orders):
    def carrier():
        return int(guest.run("cat /sys/class/net/eth0/carrier_changes").stdout)
    before = carrier()
    script = "\n".join(f"sleep 0.5; {{ {order}; }} >/dev/null 2>/run/change "
                       "|| echo failed" for order in orders * CHANGED)
    # What is on its way when ping is ended is not lost: the last ones do not
    # count.
    answer = guest.run(
        f"ping -n -i {PERIOD} {SERVER} >/run/ping & ping=$!\n"
        f"{script}\nsleep 2; kill -INT $ping; wait $ping\n"
        "sent=$(sed -n 's/ packets transmitted.*//p' /run/ping)\n"
        f"counted=$((sent - {LAST}))\n"
        "sed -n 's/.*icmp_seq=\\([0-9]*\\) .*/\\1/p' /run/ping | "
        "busybox awk -v most=$counted '$1 <= most && !seen[$1]++ {n++} "
        "END {print most - n, \"lost\"}'", 240)
    if "failed" in answer.stdout:
        raise LabError(f"{orders}: "
                       + guest.run("cat /run/change").stdout)
    lost = int(re.search(r"(\d+) lost", answer.stdout)[1])
    number = len(orders) * CHANGED
    return (carrier() - before) / number, lost / number


def recoveries(driver, settings, count):
    """Seconds from a fatal error of the firmware to the next answered ping.
    Addresses are given again meanwhile, as a network manager does."""
    results = []
    with machine(driver, settings, modprobe=["mlx4_en"]) as (lab, adapter,
                                                             guest):
        guest.run(UP)
        guest.run(f"(while :; do {UP}; sleep 0.1; done) >/dev/null 2>&1 &")
        for _ in range(count):
            # any moment of a poll's period
            time.sleep(2 + 0.7 * len(results))
            answers(lab, 60)
            adapter.order(command="catastrophic", code=0x11)
            started = time.monotonic()
            # The last one before the error may still be on its way.
            time.sleep(0.05)
            answers(lab, 120)
            results.append(time.monotonic() - started)
    return results


def answers(lab, timeout):
    wait_for(lambda: lab.run(f"ping -c 1 -W 0.2 {ADDRESS}",
                             check=False).returncode == 0, timeout,
             "the guest does not answer", 0.05)
