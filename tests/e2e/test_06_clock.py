# SPDX-License-Identifier: GPL-2.0-only
"""Hardware time stamps and the PTP clock of ConnectX-3."""

import re

import pytest

from tests.e2e.frames import LAB_MAC, Wire
from tests.e2e.machine import MAC, SERVER4
from tests.e2e.test_04_steering import plain

pytestmark = pytest.mark.needs("managed")
PORT = 2
SECOND = 1000000000


def clock(machine, port=PORT):
    """The PTP clock's device."""
    out = machine.run(
        f"ls /sys/class/net/{machine.dev(port)}/device/ptp").stdout.split()
    assert out, "no PTP clock"
    return f"/dev/{out[0]}"


def read_clock(machine, device):
    out = machine.run(f"phc_ctl {device} get").stdout
    found = re.search(r"clock time is (\d+)\.(\d+)", out)
    assert found, out
    return int(found[1]) * SECOND + int(found[2])


def pace(machine, device, seconds=2):
    """How fast the clock goes by the guest's own: 1 is as fast."""
    there, here = machine.run(
        f"python3 /e2e/clock.py {device} {seconds}").stdout.split()
    return float(there) / float(here)


def test_clock_runs(machine):
    """A PTP clock that runs, at the pace of the guest's own."""
    assert abs(pace(machine, clock(machine)) - 1) < 0.01


def test_clock_set(machine):
    """The clock is set, shifted, slowed down and hastened."""
    device = clock(machine)
    try:
        machine.run(f"phc_ctl {device} -- set 1000")
        assert 1000 <= read_clock(machine, device) / SECOND < 1030
        machine.run(f"phc_ctl {device} -- adj 5000")
        assert 6000 <= read_clock(machine, device) / SECOND < 6060
        for change in (-50000000, 50000000):
            machine.run(f"phc_ctl {device} -- freq {change}")
            wrong = pace(machine, device) - 1 - change / 1e9
            assert abs(wrong) < 0.01, f"{change} ppb: off by {wrong}"
    finally:
        machine.run(f"phc_ctl {device} -- freq 0 set")


def stamping(machine, tx, rx):
    # The driver says so whenever stamps of received frames are asked for
    machine.tolerate = "Turning off RX vlan offload since RX time-stamping"
    machine.run(f"hwstamp_ctl -i {machine.dev(PORT)} -t {tx} -r {rx}")
    machine.wait_link(PORT)
    machine.reachable(PORT)


def test_receive_stamps(machine):
    """Every frame received has a time stamp of the adapter's clock."""
    device = clock(machine)
    count = 50
    stamping(machine, 0, 1)
    try:
        with Wire(machine.lab, "tap2") as wire, \
                machine.capture("88b5", PORT, count, options="hw") as seen:
            before = read_clock(machine, device)
            for frame in plain(MAC[PORT], count=count):
                wire.send(frame)
        after = read_clock(machine, device)
    finally:
        stamping(machine, 0, 0)
    assert len(seen) == count
    assert all(entry["stamped"] for entry in seen), "frames without a stamp"
    times = [entry["time"] for entry in seen]
    assert times == sorted(times), "stamps that go back"
    assert len(set(times)) > count // 2, "the clock stands still"
    assert before < times[0] and times[-1] < after, \
        f"{times[0]}..{times[-1]} is not between {before} and {after}"


def test_no_stamps(machine):
    """Without hwstamp_ctl nothing is stamped."""
    with Wire(machine.lab, "tap2") as wire, \
            machine.capture("88b5", PORT, 5, options="hw") as seen:
        wire.send(*plain(MAC[PORT], count=5))
    assert len(seen) == 5 and not any(entry["stamped"] for entry in seen), seen
    assert all(bytes.fromhex(entry["frame"])[6:12].hex(":") == LAB_MAC
               for entry in seen)


def test_send_stamps(machine):
    """A datagram sent has a time stamp of the adapter's clock."""
    device = clock(machine)
    stamping(machine, 1, 0)
    try:
        before = read_clock(machine, device)
        out = machine.run(
            f"python3 /e2e/stamp.py {machine.dev(PORT)} {SERVER4[PORT]} 20")
        after = read_clock(machine, device)
    finally:
        stamping(machine, 0, 0)
    times = [int(line) for line in out.stdout.split()]
    assert len(times) == 20, out
    assert times == sorted(times), "stamps that go back"
    assert before < times[0] and times[-1] < after, \
        f"{times[0]}..{times[-1]} is not between {before} and {after}"
