# SPDX-License-Identifier: GPL-2.0-only
"""Native XDP: pass, drop, send back, redirect."""

import contextlib

import pytest

from tests.e2e.frames import (LAB_MAC, Ether, Raw, UDP, Wire, build, compare,
                              network, padded, pattern)
from tests.e2e.machine import MAC, SERVER4, until
from tests.e2e.xdp import compiled

PORT = 2
COUNT = 200


def frames(port=9, length=None):
    """COUNT different UDP frames to a port."""
    ether = Ether(src=LAB_MAC, dst=MAC[PORT])
    return [padded(build(ether / network(4, id=number) /
                         UDP(sport=2000 + number, dport=port) /
                         Raw(pattern(number, length or 18 + 5 * number))))
            for number in range(COUNT)]


@contextlib.contextmanager
def program(machine, tmp_path, section, *flags):
    """The program of a section, native on the port."""
    path = compiled(machine, tmp_path, "xdp", *flags)
    dev = machine.dev(PORT)
    machine.run(f"ip link set dev {dev} xdpdrv obj {path} sec {section}")
    try:
        machine.wait_link(PORT)
        machine.reachable(PORT)
        shown = machine.run(f"ip link show {dev}").stdout
        assert "prog/xdp id" in shown, f"not native: {shown}"
        yield
    finally:
        machine.run(f"ip link set dev {dev} xdpdrv off")
        machine.wait_link(PORT)
        machine.reachable(PORT)


def difference(machine, before, names):
    after = machine.counters(PORT)
    return {name: after[name] - before[name] for name in names}


NAMES = ("rx_xdp_drop", "rx_xdp_redirect", "rx_xdp_redirect_fail", "rx_xdp_tx",
         "rx_xdp_tx_full")


def expect(machine, before, **wanted):
    """Wait until the XDP counters have moved by what is wanted, exactly."""
    expected = {name: wanted.get(name, 0) for name in NAMES}

    def check():
        assert difference(machine, before, NAMES) == expected
    until(check, 10, "XDP counters")


def test_xdp_pass(machine, tmp_path):
    """XDP pass: traffic goes on, in both directions and over TCP."""
    with program(machine, tmp_path, "pass"), \
            Wire(machine.lab, "tap2") as wire:
        assert machine.ping(SERVER4[PORT], 20, size=1400) == 20
        sent = frames()
        with machine.capture("0800", PORT, COUNT + 100) as seen:
            wire.send(*sent)
            machine.ping(SERVER4[PORT])
            wire.send(padded(Ether(src=LAB_MAC, dst=MAC[PORT],
                                   type=0x88b6).build()))
        got = {entry["frame"] for entry in seen}
        missing = [number for number, frame in enumerate(sent)
                   if frame.hex() not in got]
        assert not missing, f"lost or changed: {missing}"
        machine.lab.iperf3_ready()
        machine.run(f"iperf3 -c {SERVER4[PORT]} -t 1", 60)


def test_xdp_drop(machine, tmp_path):
    """XDP drop: what the program drops is counted and goes no further."""
    with program(machine, tmp_path, "drop"), \
            Wire(machine.lab, "tap2") as wire:
        before = machine.counters(PORT)
        end = padded(Ether(src=LAB_MAC, dst=MAC[PORT], type=0x88b6).build())
        with machine.capture("0800", PORT, 1000) as seen:
            wire.send(*frames())
            machine.ping(SERVER4[PORT])
            wire.send(end)
        ours = [entry for entry in seen
                if bytes.fromhex(entry["frame"])[6:12].hex(":") == LAB_MAC]
        assert not ours, f"{len(ours)} frames passed"
        expect(machine, before, rx_xdp_drop=COUNT)


def test_xdp_tx(machine, tmp_path):
    """XDP tx: frames come back as they were, addresses swapped."""
    with program(machine, tmp_path, "tx"), \
            Wire(machine.lab, "tap2") as wire:
        before = machine.counters(PORT)
        sent = frames()
        seen = []
        for at in range(0, COUNT, 50):
            wire.send(*sent[at:at + 50])
            seen += wire.take(lambda frame: frame[:6].hex(":") == LAB_MAC, 50)
        # Flows are spread over rings: in a ring they stay in order.
        expected = {frame[6:12] + frame[:6] + frame[12:] for frame in sent}
        assert len(seen) == COUNT, f"{len(seen)} of {COUNT} came back"
        for frame in seen:
            if frame not in expected:
                closest = [each for each in expected
                           if each[:34] == frame[:34]] or [b""]
                compare("came back", frame, closest[0])
        expect(machine, before, rx_xdp_tx=COUNT)


def test_xdp_redirect(machine, tmp_path):
    """XDP redirect: frames leave by another device, unchanged."""
    machine.run("ip link add veth0 type veth peer name veth1 && "
                "ip link set veth0 up && ip link set veth1 up && "
                # a veth takes redirected frames if its peer polls
                "ethtool -K veth1 gro on")
    try:
        index = machine.run("cat /sys/class/net/veth0/ifindex").stdout.strip()
        with program(machine, tmp_path, "redirect", f"-DREDIRECT_TO={index}"), \
                Wire(machine.lab, "tap2") as wire:
            before = machine.counters(PORT)
            sent = frames()
            started = machine.capture_on("veth1", "0800", COUNT)
            with started as seen:
                wire.send(*sent)
                machine.ping(SERVER4[PORT])
            got = {entry["frame"] for entry in seen}
            missing = [number for number, frame in enumerate(sent)
                       if frame.hex() not in got]
            assert not missing, f"lost or changed: {missing}"
            expect(machine, before, rx_xdp_redirect=COUNT)
    finally:
        machine.run("ip link del veth0")


def test_xdp_too_large(machine, tmp_path):
    """XDP and an MTU beyond a page exclude each other, and say so."""
    dev = machine.dev(PORT)
    with machine.mtu(9000, PORT):
        with pytest.raises(Exception, match="(?i)invalid argument|not support"
                           "|mtu"):
            with program(machine, tmp_path, "pass"):
                pass
        machine.tolerate = "XDP"
        assert "xdp" not in machine.run(f"ip link show {dev}").stdout
    machine.reachable(PORT)
