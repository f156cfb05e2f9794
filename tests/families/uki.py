# SPDX-License-Identifier: GPL-2.0-only
"""Unified kernel images, as objcopy puts them together from systemd's stub."""

import re
import subprocess

from tests.lab import paths

ALIGN = 4096


def stub():
    return paths.LAB / "families" / "uki-stub"


def sections_of(image):
    """{name: (address, size)}, as objdump shows them."""
    head = subprocess.run(["objdump", "-h", image], check=True, text=True,
                          capture_output=True).stdout
    return {name: (int(at, 16), int(size, 16)) for name, size, at in re.findall(
        r"^ +\d+ (\S+) +([0-9a-f]{8}) +([0-9a-f]{16}) ", head, re.M)}


def make(out, kernel, initrd, command_line, initrd_last=True):
    """Writes what UEFI starts: a kernel, its initrd and its command line."""
    release = out.with_suffix(".release")
    release.write_text("ID=test\n")
    words = out.with_suffix(".cmdline")
    words.write_text(command_line)
    sections = [(".osrel", release), (".cmdline", words), (".linux", kernel)]
    sections.insert(len(sections) if initrd_last else 2, (".initrd", initrd))
    at = max(sum(place) for place in sections_of(stub()).values())
    more = []
    for name, path in sections:
        at = -(-at // ALIGN) * ALIGN
        more += ["--add-section", f"{name}={path}",
                 "--change-section-vma", f"{name}={at:#x}"]
        at += path.stat().st_size
    subprocess.run(["objcopy", *more, stub(), out], check=True)
    return out
