# SPDX-License-Identifier: GPL-2.0-only
"""Our drivers beside the kernel's own for the same card and for others: what a
packet costs, counted (counter.c says how)."""

import contextlib
import json

from driver_machine import MOST_FRAMES, DriverMachine, a_packet
from lab import LabError, paths

# Ours, and "mlx4", the kernel's own, which is a peer too: --driver mlx4 has it
# compared with the others where ours is not built.
PEERS = ("mlx4", "igb", "e1000e", "virtio-net")
SIZES = (60, 1514)
TRANSMIT = {f"tx-{size}-burst-{burst}": (size, burst)
            for size in SIZES for burst in (1, 32)}
RECEIVE = {f"rx-{size}-{where}": (size, where)
           for size in SIZES for where in ("stack", "socket", "xdp-drop")}
TCP = {"tcp-tx": "tx", "tcp-rx": "rx"}
LOADS = (*TRANSMIT, *RECEIVE, *TCP)

# What is counted: the case's second word, the field of a Sample, its unit
KINDS = {"instructions": ("module", "instructions"),
         "whole-guest": ("guest", "instructions"),
         "mmio-writes": ("writes", "MMIO writes"),
         "mmio-reads": ("reads", "MMIO reads"),
         "interrupts": ("interrupts", "interrupts"),
         "allocations": ("allocations", "allocations")}

# Frames of a short and of a long phase, bytes of TCP: a packet is what they
# differ by.
TRANSMITTED = (512, 2560)
RECEIVED = (MOST_FRAMES // 8, MOST_FRAMES)
BYTES = (1 << 20, 6 << 20)
NOISE = 0.004


def case_name(kind, peer, load):
    return f"driver/{kind}/{peer}/{load}"


def cases():
    return [case_name(kind, peer, load) for kind in KINDS for peer in PEERS
            for load in LOADS]


def tools_path():
    return paths.binary("").parent / "bench" / "guest"


def measure(chosen, settings, report):
    """Measure what belongs to the chosen case names into the report."""
    wanted = [name.split("/")[2:] for name in chosen]
    loads = [load for load in LOADS if any(load == one for _, one in wanted)]
    peers = [peer for peer in PEERS if peer != settings.driver and
             any(peer == one for one, _ in wanted)]
    samples, errors = {}, []
    for driver in (settings.driver, *peers):
        samples[driver] = {}
        try:
            with contextlib.closing(
                    DriverMachine(driver, tools_path(),
                                  device=settings.device)) as machine:
                run(machine, driver, loads, settings.runs, samples[driver])
        except LabError as error:
            # A peer that fails takes no other with it.
            errors.append(f"{driver}: {error}")
        write_profile(driver, samples[driver])
    for kind, (field, unit) in KINDS.items():
        for peer in peers:
            for load in loads:
                name = case_name(kind, peer, load)
                if name in chosen and load in samples[settings.driver] and \
                        load in samples[peer]:
                    add(report, name, field, unit, settings.driver, peer,
                        samples, load)
    if errors:
        raise LabError("\n".join(errors))


def add(report, name, field, unit, driver, peer, samples, load):
    a = "a KiB" if load in TCP else "a packet"
    ours, theirs = ([told_from_noise(getattr(sample, field))
                     for sample in samples[one][load]]
                    for one in (driver, peer))
    report.add(name, f"{unit} {a}", ours, peer, theirs, better="lower",
               ratio_is="ours / peer",
               **({} if driver == "ours" else {"ours_is": driver}))


def told_from_noise(value):
    """A handful of events in a phase are some timer's, not the packets'."""
    return 0 if abs(value) < NOISE else value


def run(machine, driver, loads, runs, samples):
    """Put {load: [Sample of one packet, ...]} into samples."""
    for load in loads:
        with prepared(machine, load) as (work, short, long):
            # What is done once, at the first packets, belongs to none.
            work(short)
            samples[load] = [a_packet(work(short), work(long))
                             for _ in range(runs)]
        print(f"  {driver:10} {load:16} " + ", ".join(
            f"{sample.module:.1f}" for sample in samples[load]) +
            " instructions", flush=True)


@contextlib.contextmanager
def prepared(machine, load):
    """(function of a number, a small one, a large one) of a load."""
    with contextlib.ExitStack() as stack:
        if load in TRANSMIT:
            machine.prepare_transmit(*TRANSMIT[load])
            yield machine.transmit, *TRANSMITTED
        elif load in TCP:
            yield (lambda size: machine.tcp(TCP[load], size)), *BYTES
        else:
            size, where = RECEIVE[load]
            work = {"stack": machine.to_stack, "socket": machine.to_socket,
                    "xdp-drop": machine.to_xdp}[where]
            if where == "socket":
                stack.enter_context(machine.sink())
            elif where == "xdp-drop":
                stack.enter_context(machine.xdp())
            yield (lambda count: work(size, count)), *RECEIVED


def write_profile(driver, samples):
    """What a packet costs, and its instructions by function, beside
    build/bench.json."""
    path = paths.REPOSITORY / "build" / "bench" / f"profile-{driver}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {}
    for load, runs in samples.items():
        middle = sorted(runs, key=lambda run: run.module)[len(runs) // 2]
        profile[load] = {
            "runs": [{field: round(getattr(one, field), 3)
                      for field, _ in KINDS.values()} for one in runs],
            "functions": [
                [module, function, round(count, 2)]
                for (module, function), count
                in sorted(middle.functions.items(), key=lambda item: -item[1])
                if abs(count) >= 0.05]}
    path.write_text(json.dumps(profile, indent=0) + "\n")
