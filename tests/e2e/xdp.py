# SPDX-License-Identifier: GPL-2.0-only
"""XDP programs of bpf/, built and brought into the guest."""

import contextlib
import pathlib
import subprocess

SOURCES = pathlib.Path(__file__).resolve().parent / "bpf"
PINS = "/sys/fs/bpf"


def compiled(machine, tmp_path, name, *flags, source="xdp"):
    """A program file in the guest."""
    made = tmp_path / f"{name}.o"
    subprocess.run(["clang", "-O2", "-g", "-target", "bpf",
                    "-I/usr/include/x86_64-linux-gnu", *flags, "-c",
                    SOURCES / f"{source}.c", "-o", made], check=True)
    machine.put(f"/run/{name}.o", made.read_bytes())
    return f"/run/{name}.o"


@contextlib.contextmanager
def pinned(machine, tmp_path, source, port, *words):
    """The one program of a file, loaded by bpftool with further words and native
    on a port; the path that its maps are pinned below."""
    dev, pin = machine.dev(port), f"{PINS}/{source}"
    path = compiled(machine, tmp_path, source, source=source)
    machine.run(f"mountpoint -q {PINS} || mount -t bpf bpf {PINS}")
    machine.run(f"bpftool prog load {path} {pin} type xdp {' '.join(words)} "
                f"pinmaps {pin}-maps")
    try:
        machine.run(f"bpftool net attach xdpdrv pinned {pin} dev {dev}")
        machine.wait_link(port)
        machine.reachable(port)
        yield f"{pin}-maps"
    finally:
        machine.run(f"bpftool net detach xdpdrv dev {dev}; "
                    f"rm -rf {pin} {pin}-maps")
        machine.wait_link(port)
