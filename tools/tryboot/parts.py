# SPDX-License-Identifier: GPL-2.0-only
"""The programs that a boot is tried with, and where they are."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .namespace import LabError

# Program: the Debian package that has it
PACKAGES = {
    "qemu-system-x86_64": "qemu-system-x86, 11 or newer (Debian 13: from "
                          "trixie-backports)",
    "dnsmasq": "dnsmasq-base",
    "tgtd": "tgt",
    "tgtadm": "tgt",
    "ip": "iproute2",
    "ss": "iproute2",
    "sysctl": "procps",
    "mke2fs": "e2fsprogs",
}
SYSTEM = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")


def search_path():
    """PATH, and the folders of the system's own programs."""
    words = os.environ.get("PATH", "").split(":")
    return ":".join(words + [word for word in SYSTEM if word not in words])


def own_folder():
    """Where this program is: the others of the project are beside it."""
    return Path(sys.argv[0]).resolve().parent


def own_program(name):
    """A program of the project, or None."""
    folders = [os.environ.get("CONNECTX_BIN"), own_folder()]
    for folder in filter(None, folders):
        path = Path(folder).resolve() / name
        if os.access(path, os.X_OK) and path.is_file():
            return path
    found = shutil.which(name, path=search_path())
    return Path(found) if found else None


def _knows_adapter(qemu):
    """Whether this QEMU has the device that the adapter is plugged in by."""
    done = subprocess.run([qemu, "-device", "help"], capture_output=True,
                          text=True, check=False)
    return '"vfio-user-pci"' in done.stdout


def missing_programs():
    """What the host lacks, a line each; empty: nothing."""
    lines = [f"{name}: package {package}"
             for name, package in PACKAGES.items()
             if not shutil.which(name, path=search_path())]
    qemu = shutil.which("qemu-system-x86_64", path=search_path())
    if qemu and not _knows_adapter(qemu):
        lines.append(f"{qemu} has no vfio-user-pci: package "
                     + PACKAGES["qemu-system-x86_64"])
    return lines


def _labs(asked):
    """Where a built lab may be."""
    if asked:
        return [Path(asked)]
    # The program of a source tree is build/VARIANT/bin/tryboot.
    return [own_folder().parents[1] / "lab" if len(own_folder().parents) > 1
            else Path("build/lab"), Path("build/lab")]


def find_root(lab=None):
    """The root that the servers and QEMU run in: None for the host's own, else
    that of a built lab. LabError says what is missing."""
    lines = [] if lab else missing_programs()
    if not lab and not lines:
        return None
    for folder in _labs(lab):
        root = (folder / "root").resolve()
        if (root / "usr/bin/qemu-system-x86_64").exists():
            return root
    if lab:
        raise LabError(f"{lab}: no lab there (make lab builds one)")
    raise LabError("missing here, and no built lab (make lab) in their place:"
                   "\n  " + "\n  ".join(lines))


def find_adapter():
    """The virtual adapter's program."""
    found = own_program("connectx-adapter")
    if not found:
        raise LabError("connectx-adapter is neither beside this program nor in "
                       "PATH: make all builds it")
    return found
