# SPDX-License-Identifier: GPL-2.0-only
"""The virtual adapter with the in-tree driver beside QEMU's own cards: one
guest kernel, one tap, one processor."""

import contextlib
import statistics
import time

from bench_machine import SEGMENT, Machine
from counter import card_registers, difference

PEERS = {"igb": "igb", "e1000e": "e1000e", "virtio-net": "virtio-net-pci"}
DIRECTIONS = ("tx", "rx")
IDLE_LIMIT = 2.0
GIB = 1 << 30

KINDS = {"throughput": DIRECTIONS, "latency": None, "cpu": DIRECTIONS,
         "interrupts": DIRECTIONS, "mmio-reads": DIRECTIONS,
         "mmio-writes": DIRECTIONS}
COUNTED = ("mmio-reads", "mmio-writes")


def case_name(kind, peer, direction=None):
    return "/".join(filter(None, ("adapter", kind, peer, direction)))


def cases():
    names = [case_name(kind, peer, direction)
             for kind, directions in KINDS.items()
             for peer in PEERS for direction in directions or (None,)]
    return [*names, "adapter/idle"]


def wanted_peers(chosen, kinds):
    return [peer for peer in PEERS
            if any(name.startswith(case_name(kind, peer))
                   for kind in kinds for name in chosen)]


def measure(chosen, settings, report):
    """Measure what belongs to the chosen case names into the report."""
    timed = [kind for kind in KINDS if kind not in COUNTED]
    peers = wanted_peers(chosen, timed)
    if peers or "adapter/idle" in chosen:
        with contextlib.ExitStack() as stack:
            machines = start(stack, peers)
            if "adapter/idle" in chosen:
                idle(machines["connectx"], settings, report)
            if peers:
                compare(machines, peers, chosen, settings, report)
    peers = wanted_peers(chosen, COUNTED)
    if peers:
        count_mmio(peers, chosen, settings, report)


def start(stack, peers, **options):
    """Machines by name, "connectx" and the peers; all of them on hold."""
    machines = {}
    for name in ["connectx", *peers]:
        machine = Machine(PEERS.get(name, name), **options)
        stack.callback(machine.close)
        machine.hold()
        machines[name] = machine
    return machines


@contextlib.contextmanager
def running(machine):
    machine.go_on()
    try:
        yield machine
    finally:
        machine.hold()


def idle(machine, settings, report):
    """The adapter's process with the driver loaded, the link up, no traffic."""
    values = []
    with running(machine):
        time.sleep(2)
        for _ in range(settings.runs):
            before = machine.cpu()["adapter"]
            started = time.monotonic()
            time.sleep(settings.seconds)
            values.append(100 * (machine.cpu()["adapter"] - before) /
                          (time.monotonic() - started))
    report.add("adapter/idle", "% of a core", values, "limit",
               [IDLE_LIMIT] * len(values), better="lower")


def one_round(machine, directions, latency, seconds):
    result = {}
    with running(machine):
        time.sleep(0.5)
        for direction in directions:
            result[direction] = machine.tcp(direction, seconds)
        if latency:
            result["latency"] = statistics.median(machine.round_trips())
    return result


def compare(machines, peers, chosen, settings, report):
    directions = [direction for direction in DIRECTIONS
                  if any(name.endswith("/" + direction) for name in chosen)]
    latency = any("/latency" in name for name in chosen)
    names = list(machines)
    rounds = []
    for number in range(settings.runs):
        # Each goes first in its turn: the one that runs after a pause of the
        # host is not always the same.
        at = number % len(names)
        rounds.append({name: one_round(machines[name], directions, latency,
                                       settings.seconds)
                       for name in names[at:] + names[:at]})
        print_round(number, rounds[-1])
    for peer in peers:
        for direction in directions:
            add_tcp(peer, direction, chosen, rounds, report)
        name = case_name("latency", peer)
        if name in chosen:
            report.add(name, "ms", [one["connectx"]["latency"]
                                    for one in rounds],
                       f"QEMU {peer}", [one[peer]["latency"] for one in rounds],
                       better="lower")


def print_round(number, results):
    for name, result in results.items():
        words = []
        for what, value in result.items():
            words.append(f"{what} {value:.2f} ms" if what == "latency" else
                         f"{what} {value['mbit']:.0f} Mbit/s")
        print(f"  round {number + 1}: {name:12} {', '.join(words)}", flush=True)


def add_tcp(peer, direction, chosen, rounds, report):
    ours = [one["connectx"][direction] for one in rounds]
    theirs = [one[peer][direction] for one in rounds]

    def add(kind, unit, value, better, **more):
        name = case_name(kind, peer, direction)
        if name in chosen:
            report.add(name, unit, [value(run) for run in ours],
                       f"QEMU {peer}", [value(run) for run in theirs], better,
                       **more)

    add("throughput", "Mbit/s", lambda run: run["mbit"], "higher",
        ours_retransmits=[run["retransmits"] for run in ours],
        peer_retransmits=[run["retransmits"] for run in theirs])
    add("cpu", "CPU s/GiB",
        lambda run: sum(run["cpu"].values()) * GIB / run["bytes"], "lower",
        ours_split=split(ours), peer_split=split(theirs))
    add("interrupts", "a packet",
        lambda run: run["interrupts"] * SEGMENT / run["bytes"], "lower")


def split(runs):
    """CPU seconds a GiB by who used them, medians."""
    return {name: round(statistics.median(run["cpu"][name] * GIB / run["bytes"]
                                          for run in runs), 2)
            for name in runs[0]["cpu"]}


def count_mmio(peers, chosen, settings, report):
    """Register accesses a packet, by the plugin: counts, so one at a time and
    with no regard to load."""
    counts = {}
    for name in ["connectx", *peers]:
        with contextlib.ExitStack() as stack:
            machine = Machine(PEERS.get(name, name), counted=True)
            stack.callback(machine.close)
            counts[name] = {direction: count(machine, direction, settings)
                            for direction in DIRECTIONS}
    for peer in peers:
        for direction in DIRECTIONS:
            for index, kind in enumerate(COUNTED):
                case = case_name(kind, peer, direction)
                if case in chosen:
                    report.add(case, "a packet",
                               [run[index] for run in
                                counts["connectx"][direction]],
                               f"QEMU {peer}",
                               [run[index] for run in counts[peer][direction]],
                               better="lower")


def count(machine, direction, settings):
    results = []
    for _ in range(settings.runs):
        before = machine.mmio()
        sent = machine.tcp(direction, max(1, settings.seconds // 2))["bytes"]
        reads, writes = card_registers(
            difference(before, machine.mmio()).devices)
        results.append((reads * SEGMENT / sent, writes * SEGMENT / sent))
    return results
