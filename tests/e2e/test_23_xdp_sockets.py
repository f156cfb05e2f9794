# SPDX-License-Identifier: GPL-2.0-only
"""AF_XDP sockets, which the kernel copies to and from (zero copy is not
there)."""

import pytest

from tests.e2e.frames import LAB_MAC, Wire
from tests.e2e.machine import MAC, SERVER4, until
from tests.e2e.test_07_xdp import frames
from tests.e2e.xdp import pinned

pytestmark = pytest.mark.needs("ours")
PORT = 2
READY = "/run/xsk.out"


def through_socket(machine, dev, maps):
    """All frames to port 9 come to the socket and go back."""
    sent = frames()
    program = machine.guest.start(
        f"python3 /e2e/xsk.py {dev} 0 {maps}/sockets {len(sent)} "
        f">{READY} 2>&1", 90)

    def ready():
        # The shell makes the file, once it has its turn
        said = machine.run(f"cat {READY} 2>/dev/null || true").stdout
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


def test_copying_socket(machine, tmp_path):
    """Frames to port 9 come to the socket unchanged and leave by it; the stack
    has all the others meanwhile."""
    dev = machine.dev(PORT)
    machine.run(f"ethtool -L {dev} rx 1 tx 1")
    try:
        with pinned(machine, tmp_path, "xsk", PORT) as maps:
            through_socket(machine, dev, maps)
    finally:
        machine.run(f"rm -f {READY}; ethtool -L {dev} rx 2 tx 2")
        machine.wait_link(PORT)
