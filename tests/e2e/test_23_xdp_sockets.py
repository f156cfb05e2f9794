# SPDX-License-Identifier: GPL-2.0-only
"""AF_XDP sockets, which the kernel copies to and from (zero copy is not
there)."""

import pathlib
import subprocess

import pytest

from tests.e2e.frames import LAB_MAC, Wire
from tests.e2e.machine import MAC, SERVER4, until
from tests.e2e.test_07_xdp import frames

pytestmark = pytest.mark.needs("ours")
HERE = pathlib.Path(__file__).resolve().parent
PORT = 2
PINNED = "/sys/fs/bpf/xsk"
READY = "/run/xsk.out"


def test_copying_socket(machine, tmp_path):
    """Frames to port 9 come to the socket unchanged and leave by it; the stack
    has all the others meanwhile."""
    made = tmp_path / "xsk.o"
    subprocess.run(["clang", "-O2", "-g", "-target", "bpf",
                    "-I/usr/include/x86_64-linux-gnu", "-c",
                    HERE / "bpf" / "xsk.c", "-o", made], check=True)
    machine.put("/run/xsk.o", made.read_bytes())
    dev = machine.dev(PORT)
    machine.run("mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf")
    machine.run(f"bpftool prog load /run/xsk.o {PINNED} type xdp "
                f"pinmaps {PINNED}-maps")
    machine.run(f"ethtool -L {dev} rx 1 tx 1")
    try:
        machine.run(f"bpftool net attach xdpdrv pinned {PINNED} dev {dev}")
        machine.wait_link(PORT)
        machine.reachable(PORT)
        sent = frames()
        program = machine.guest.start(
            f"python3 /e2e/xsk.py {dev} 0 {PINNED}-maps/sockets {len(sent)} "
            f">{READY} 2>&1", 90)

        def ready():
            said = machine.run(f"cat {READY}").stdout
            assert said.startswith("ready"), said
        until(ready, 20, "the socket")
        with Wire(machine.lab, "tap2") as wire:
            # No more at a time than the socket's ring has room for
            for first in range(0, len(sent), 50):
                wire.send(*sent[first:first + 50])
                back = wire.take(lambda frame: frame[:6].hex(":") == LAB_MAC and
                                 frame[6:12].hex(":") == MAC[PORT] and
                                 frame[12:14] == b"\x08\x00" and
                                 frame[23] == 17, 50)
                assert set(back) == {frame[6:12] + frame[:6] + frame[12:]
                                     for frame in sent[first:first + 50]}
        assert machine.ping(SERVER4[PORT], 5) == 5
        machine.guest.finish(program)
        seen = machine.run(f"sed 1d {READY}").stdout.split()
        assert [bytes.fromhex(line) for line in seen] == sent
    finally:
        machine.run(f"bpftool net detach xdpdrv dev {dev}; "
                    f"rm -rf {PINNED} {PINNED}-maps {READY}; "
                    f"ethtool -L {dev} rx 2 tx 2")
        machine.wait_link(PORT)
