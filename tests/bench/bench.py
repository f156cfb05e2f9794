#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares this project with its peers: build/bench.json and a table."""

import argparse
import datetime
import os
import signal
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]

import adapter_cases  # noqa: E402
import boot_cases  # noqa: E402
import driver_cases  # noqa: E402
import footprint_cases  # noqa: E402
import image_cases  # noqa: E402
import initrd_cases  # noqa: E402
import ready_cases  # noqa: E402
import rom_cases  # noqa: E402
from lab import LabError, paths  # noqa: E402
from bench_machine import KERNEL  # noqa: E402
from report import Report  # noqa: E402

GROUPS = (adapter_cases, driver_cases, footprint_cases, initrd_cases,
          ready_cases, image_cases, boot_cases, rom_cases)
# Above this others take of the two cores that the machine and its peer share.
LOAD_LIMIT = 1.5


def options():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("cases", nargs="*", default=[""], metavar="PREFIX",
                        help="run the cases whose names begin so (all)")
    parser.add_argument("--list", action="store_true", help="print the cases")
    parser.add_argument("--runs", type=int,
                        default=int(os.environ.get("BENCH_RUNS", 5)),
                        help="of each case (BENCH_RUNS, 5)")
    parser.add_argument("--seconds", type=int,
                        default=int(os.environ.get("BENCH_SECONDS", 6)),
                        help="of each transfer (BENCH_SECONDS, 6)")
    parser.add_argument("--driver", choices=("ours", "mlx4"),
                        default=os.environ.get("BENCH_DRIVER", "ours"),
                        help="whose instructions driver/ counts: ours, or the "
                        "kernel's own for the card (BENCH_DRIVER, ours)")
    parser.add_argument("--device", type=int,
                        default=int(os.environ.get("BENCH_DEVICE", 4099)),
                        help="of the virtual adapter in driver/ "
                        "(BENCH_DEVICE, 4099)")
    parser.add_argument("--strict", action="store_true",
                        default=bool(os.environ.get("BENCH_STRICT")),
                        help="refuse to run on a loaded machine (BENCH_STRICT)")
    parser.add_argument("--out", type=Path,
                        default=paths.REPOSITORY / "build" / "bench.json")
    return parser.parse_args()


def first_line(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.splitlines()[0] if done.stdout else None


def conditions(settings):
    load = os.getloadavg()
    return {
        "date": datetime.datetime.now(datetime.timezone.utc)
                .isoformat(timespec="seconds"),
        "commit": first_line(["git", "-C", paths.REPOSITORY, "describe",
                              "--always", "--dirty"]),
        "cpus": os.cpu_count(), "loadavg": load,
        "loaded": load[0] > LOAD_LIMIT,
        "kernel": paths.kernel_version(KERNEL),
        "qemu": first_line(["chroot", paths.ROOT, "qemu-system-x86_64",
                            "--version"]),
        "runs": settings.runs, "seconds": settings.seconds,
    }


def check_load(loaded, settings):
    """Whether to go on."""
    if not loaded:
        return True
    message = (f"the load average is {os.getloadavg()[0]:.1f}, above "
               f"{LOAD_LIMIT}: others use this machine")
    if settings.strict:
        print(f"bench: {message}", file=sys.stderr)
        return False
    print(f"bench: WARNING: {message}. Absolute numbers are worth nothing, "
          "ratios little; recorded as \"loaded\".", file=sys.stderr)
    return True


def main():
    settings = options()
    chosen = {group: [name for name in group.cases()
                      if name.startswith(tuple(settings.cases))]
              for group in GROUPS}
    if settings.list:
        print("\n".join(name for names in chosen.values() for name in names))
        return 0
    if not any(chosen.values()):
        print(f"bench: no case begins with {' or '.join(settings.cases)}",
              file=sys.stderr)
        return 2
    # A killed run ends its machines in an orderly way.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    report = Report(conditions(settings))
    if not check_load(report.conditions["loaded"], settings):
        return 1
    status = 0
    for group, names in chosen.items():
        try:
            if names:
                group.measure(names, settings, report)
        except (LabError, OSError, subprocess.SubprocessError) as error:
            print(f"bench: {group.__name__}: {error}", file=sys.stderr)
            status = 1
        # A run that is ended loses no more than the group it was in.
        report.write(settings.out)
    print("\n" + report.table())
    print(f"\nin {settings.out}")
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
