# SPDX-License-Identifier: GPL-2.0-only
"""Links that come and go; pause, rings and channels changed under traffic."""

import contextlib
import json

import pytest

from tests.e2e.machine import SERVER4, until


@pytest.mark.parametrize("port", (1, 2))
def test_link_events(machine, port):
    """Link events arrive: the guest sees a port's link go and come, and the
    other port's stay."""
    dev, other = machine.dev(port), 3 - port
    watch = f"/run/monitor-{machine.lab.number()}"
    machine.run(f"ip monitor link >{watch} 2>&1 & echo $! >{watch}.pid")
    # It listens when it has seen a change that is made for it to see.
    machine.run(f"until [ -s {watch} ]; do ip link set lo alias listening; "
                "ip link set lo alias ''; sleep 0.1; done")
    try:
        machine.adapter.order(command="link", port=port, up=False)
        machine.wait_link(port, up=False)
        assert "Link detected: no" in machine.run(f"ethtool {dev}").stdout
        assert machine.carrier(other)
        assert machine.ping(SERVER4[other]) == 1
        machine.adapter.order(command="link", port=port, up=True)
        machine.wait_link(port)
        machine.reachable(port)
        seen = machine.run(f"cat {watch}").stdout
        assert f"{dev}: <NO-CARRIER" in seen, seen
        assert f"{dev}: <BROADCAST,MULTICAST,UP,LOWER_UP>" in seen, seen
        out = machine.run(f"ethtool {dev}").stdout
        assert f"Speed: {machine.combination.speed}Mb/s" in out, out
    finally:
        machine.adapter.order(command="link", port=port, up=True)
        machine.run(f"kill $(cat {watch}.pid); rm {watch} {watch}.pid")
        machine.wait_link(port)


@contextlib.contextmanager
def traffic(machine, seconds=8, port=1):
    """TCP both ways meanwhile. It must get through, and go on at the end."""
    machine.lab.iperf3_ready()
    started = machine.guest.start(
        f"iperf3 -J -i 1 -c {SERVER4[port]} -t {seconds} --bidir", 120)
    until(lambda: check_running(machine, port), 10, "no traffic", 0.1)
    yield
    result = machine.guest.finish(started, check=False)
    assert result.status == 0, result.stdout[-2000:] + result.stderr
    answer = json.loads(result.stdout)
    assert "error" not in answer, answer["error"]
    end = answer["end"]
    for way in ("sum_received", "sum_received_bidir_reverse"):
        assert end[way]["bytes"] > 100000, (way, end[way])
    machine.reachable(port)


def check_running(machine, port):
    out = machine.run(f"ss -Htn state established dst {SERVER4[port]}").stdout
    assert out.strip(), "no connection"


def test_pause_under_traffic(machine):
    """Pause switched off and on under traffic."""
    with traffic(machine, 5):
        for rx, tx in (("off", "off"), ("on", "off"), ("off", "on"),
                       ("on", "on")):
            machine.ethtool(f"-A rx {rx} tx {tx}")
            out = machine.ethtool("-a").replace("\t", "")
            assert f"RX:{rx}" in out and f"TX:{tx}" in out, out


def test_rings_under_traffic(machine):
    """Ring sizes changed under traffic, to the smallest and the largest."""
    with traffic(machine):
        for rx, tx in ((256, 64), (8192, 8192), (1024, 1024)):
            machine.ethtool(f"-G rx {rx} tx {tx}")
            machine.wait_link(1)
            out = machine.ethtool("-g").split("Current")[1].replace("\t", "")
            assert f"RX:{rx}\n" in out and f"TX:{tx}\n" in out, out


def test_channels_under_traffic(machine):
    """Channel counts changed under traffic."""
    with traffic(machine):
        for rx, tx in ((1, 1), (1, 2), (2, 1), (2, 2)):
            machine.ethtool(f"-L rx {rx} tx {tx}")
            machine.wait_link(1)
            out = machine.ethtool("-l").split("Current")[1].replace("\t", "")
            assert f"RX:{rx}\n" in out and f"TX:{tx}\n" in out, out
            assert len(machine.received()) == rx


def test_mtu_under_traffic(machine):
    """The MTU changed under traffic."""
    with traffic(machine):
        for size in (1400, 1500):
            machine.run(f"ip link set eth0 mtu {size}")
            machine.wait_link(1)


def test_down_and_up(machine):
    """Both ports taken down and up ten times; traffic after each."""
    for _ in range(10):
        machine.run("ip link set eth0 down; ip link set eth1 down")
        machine.set_up()
        for port in (1, 2):
            machine.reachable(port)
