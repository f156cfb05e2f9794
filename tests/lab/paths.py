# SPDX-License-Identifier: GPL-2.0-only
"""Where the lab's parts are, and whether they are there."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
LAB = REPOSITORY / "build" / "lab"
ROOT = LAB / "root"
RUNS = LAB / "run"
MODULES = REPOSITORY / "build" / "modules"


def binary(name):
    """A program of ours; CONNECTX_BIN names another variant's folder."""
    folder = os.environ.get("CONNECTX_BIN", REPOSITORY / "build/plain/bin")
    return Path(folder).resolve() / name


def kernels():
    """Names of the kernels, oldest first: ["6.1", "6.12", "7.3"]."""
    names = [entry.parent.name for entry in (LAB / "kernels").glob("*/vmlinuz")]
    return sorted(names, key=lambda name: [int(n) for n in name.split(".")])


def kernel(name):
    """The folder of a kernel: vmlinuz, config, version, modules/."""
    for part in ("kernels", "generic", "debug", "debug-7.3", "installer"):
        folder = LAB / part / name
        if (folder / "vmlinuz").exists():
            return folder
    raise FileNotFoundError(
        f"no kernel {name}; there are {', '.join(kernels())} (make lab), "
        "6.12-generic (make lab-generic), 6.12-debug (make lab-debug) and "
        "7.3-debug (make lab-debug-7.3)")


def segment(name):
    """The file of a segment of the test guest's initramfs."""
    for part in ("guest", "generic", "debug", "debug-7.3", "mstflint", "lio"):
        path = LAB / part / f"{name}.cpio"
        if path.exists():
            return path
    raise FileNotFoundError(f"{name}: no such segment; run make lab")


def kernel_version(name):
    """The release string of a kernel, as uname -r says it."""
    return (kernel(name) / "version").read_text().strip()


def is_built():
    """Whether make lab has been run."""
    parts = ("root", "kernels", "guest", "initrd", "rootdisk")
    return all((LAB / f"{part}.stamp").exists() for part in parts)
