# SPDX-License-Identifier: GPL-2.0-only
"""Features that our driver switches on the fly: what they do with frames."""

import contextlib
import zlib

import pytest

from tests.e2e.frames import Wire, tagged_to
from tests.e2e.machine import MAC, SERVER4, VLAN_SERVER4, until
from tests.e2e.test_04_steering import GROUP, NOISE, plain, settled
from tests.e2e.test_06_clock import clock, read_clock, stamping

PORT = 2
COUNT = 100

pytestmark = pytest.mark.needs("ours")


@contextlib.contextmanager
def switched(machine, on, off):
    """Features switched on for a while, by words of ethtool -K."""
    machine.ethtool(f"-K {on}", PORT)
    machine.reachable(PORT)
    try:
        yield
    finally:
        machine.ethtool(f"-K {off}", PORT)
        machine.reachable(PORT)


def orders(destination):
    """Frames of the guest that are not IP."""
    head = (destination + MAC[PORT]).replace(":", "") + "88b5"
    return [{"head": head, "payload": [3, 46], "count": COUNT}]


def there_and_back(machine, wire, destination):
    """How many of the guest's frames came back to it, and to the wire."""
    before = sum(settled(machine))
    machine.send(orders(destination), PORT)
    machine.run("sleep 0.3")
    back = sum(machine.received(PORT)) - before
    seen = wire.take(lambda frame: frame[12:14] == b"\x88\xb5", COUNT, 2)
    return back, len(seen)


def test_loopback(machine):
    """Loopback: what the guest sends comes back to it, groups too, and nothing
    leaves; off again, the reverse."""
    machine.run(f"ip maddress add {GROUP} dev eth1")
    try:
        with Wire(machine.lab, "tap2") as wire:
            for destination in (MAC[PORT], GROUP):
                machine.ethtool("-K loopback on", PORT)
                before = sum(machine.received(PORT))
                machine.send(orders(destination), PORT)
                machine.run("sleep 0.3")
                back = sum(machine.received(PORT)) - before
                assert COUNT <= back <= COUNT + NOISE, (destination, back)
                assert not wire.take(lambda frame: frame[12:14] == b"\x88\xb5",
                                     1, 1), destination
                machine.ethtool("-K loopback off", PORT)
                machine.reachable(PORT)
                back, away = there_and_back(machine, wire, destination)
                assert away == COUNT and back <= NOISE, (back, away)
    finally:
        machine.ethtool("-K loopback off", PORT)
        machine.run(f"ip maddress del {GROUP} dev eth1")
        machine.reachable(PORT)


@pytest.mark.needs("managed")
def test_bad_fcs(machine):
    """rx-all: a frame with a wrong FCS comes up like others, the FCS with it
    where that is wanted; otherwise it does not."""
    frames = plain(MAC[PORT], count=3)
    right = zlib.crc32(frames[0]).to_bytes(4, "little")

    def received(count):
        with Wire(machine.lab, "tap2") as wire, \
                machine.capture("88b5", PORT, count) as seen:
            # Now: no frame of others is to get it.
            machine.adapter.order(command="fault", kind="data", name="rx-crc",
                                  count=1)
            wire.send(*frames)
        return [bytes.fromhex(entry["frame"]) for entry in seen]

    with switched(machine, "rx-fcs on rx-all on", "rx-all off rx-fcs off"):
        got = received(3)
        assert [frame[:-4] for frame in got] == frames
        assert [frame[-4:] == right for frame in got].count(True) == 2
    assert received(2) == frames[:2]


@pytest.mark.needs("managed")
def test_stamps_under_load(machine):
    """Time stamps while the port is busy both ways: all of them are there, in
    order, and of the time in which they were made."""
    device = clock(machine, PORT)
    stamping(machine, 1, 1)
    try:
        machine.lab.iperf3_ready()
        started = machine.guest.start(
            f"iperf3 -c {SERVER4[PORT]} -t 12 --bidir >/dev/null", 120)
        until(lambda: busy(machine), 15, "no traffic")
        before = read_clock(machine, device)
        with Wire(machine.lab, "tap2") as wire, \
                machine.capture("88b5", PORT, 50, options="hw") as seen:
            wire.send(*plain(MAC[PORT], count=50))
        sent = machine.run(f"python3 /e2e/stamp.py {machine.dev(PORT)} "
                           f"{SERVER4[PORT]} 20").stdout.split()
        after = read_clock(machine, device)
        machine.guest.finish(started)
    finally:
        stamping(machine, 0, 0)
    assert len(seen) == 50 and all(entry["stamped"] for entry in seen)
    for times in ([entry["time"] for entry in seen], [int(t) for t in sent]):
        assert times == sorted(times), "stamps that go back"
        assert before < times[0] and times[-1] < after
    assert len(sent) == 20, sent


def busy(machine):
    before = sum(machine.received(PORT))
    machine.run("sleep 0.2")
    assert sum(machine.received(PORT)) - before > 100


@pytest.mark.needs("managed")
@pytest.mark.parametrize("insertion", ("off", "on"))
def test_service_tag_insertion(machine, insertion):
    """Service tags are the same on the wire whether the adapter or the stack
    puts them in (the adapter: ConnectX-3 Pro)."""
    feature = "tx-vlan-stag-hw-insert"
    can = machine.combination.card == "ConnectX-3-Pro"
    fixed = f"{feature}: off [fixed]" in machine.ethtool("-k", PORT)
    assert fixed != can
    machine.lab.run("ip link set tap2 mtu 1504")
    try:
        with switched(machine, f"{feature} {insertion if can else 'off'}",
                      f"{feature} off"), machine.vlan(0x88a8), \
                Wire(machine.lab, "tap2") as wire:
            assert machine.ping(VLAN_SERVER4, 3, 1000) == 3
            seen = wire.take(
                lambda frame: tagged_to(frame, MAC[PORT], VLAN_SERVER4), 3)
        assert len(seen) == 3
        assert {frame[12:14] for frame in seen} == {b"\x88\xa8"}
    finally:
        machine.lab.run("ip link set tap2 mtu 1500")
        machine.ethtool("--set-priv-flags phv-bit off", PORT, check=can)
