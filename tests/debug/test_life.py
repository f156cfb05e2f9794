# SPDX-License-Identifier: GPL-2.0-only
"""A driver's life: traffic, changes under traffic, unloads under load, an
adapter that lies, dies and is pulled out."""

import pytest

from tests.debug.checked import PCI
from tests.lab.testbed import SERVER

LIES = ("send-error", "receive-error", "cqe-owner", "cqe-index", "cqe-qpn",
        "cqe-length")


def traffic(checked, seconds=6):
    """TCP both ways; what is left of it when the row goes on is cut off."""
    checked.lab.iperf3()
    return checked.guest.start(
        f"iperf3 -c {SERVER} -t {seconds} --bidir --connect-timeout 3000; :",
        seconds + 60)


def test_changes_under_traffic(checked):
    """Rings, channels, MTU, features, RSS and addresses change while TCP goes
    both ways."""
    checked.up()
    checked.reachable()
    with checked.checked(seconds=240):
        running = traffic(checked, 40)
        checked.run("""
for round in 1 2 3; do
	ethtool -G eth0 rx 512 tx 256; ethtool -G eth0 rx 1024 tx 1024
	ethtool -L eth0 rx 1 tx 1; ethtool -L eth0 rx 2 tx 2
	ip link set eth0 mtu 9000; ip link set eth0 mtu 1500
	ethtool -K eth0 rxvlan off; ethtool -K eth0 rxvlan on
	ethtool -K eth0 tso off tx off; ethtool -K eth0 tx on tso on
	ethtool -C eth0 adaptive-rx off rx-usecs 50; ethtool -C eth0 adaptive-rx on
	ip link set eth0 promisc on; ip link set eth0 promisc off
	ethtool -S eth0 >/dev/null; ethtool -t eth0 online >/dev/null
done
""", 200)
        checked.guest.finish(running, check=False)
    checked.reachable()
    assert checked.leaks() == ""


def test_unloads_under_traffic(checked):
    """50 unbinds and binds of the card under full traffic."""
    checked.lab.iperf3()
    for number in range(50):
        with checked.checked(seconds=60):
            checked.wait_ports()
            checked.up()
            checked.reachable()
            checked.guest.start(f"iperf3 -c {SERVER} -t 20 --bidir "
                                "--connect-timeout 2000 >/dev/null 2>&1; :", 60)
            checked.run(f"sleep 0.{number % 10}")
            checked.unbind()
            checked.bind()
    checked.wait_ports()
    checked.up()
    checked.reachable()
    assert checked.leaks() == ""


@pytest.mark.parametrize("lie", LIES)
def test_lies(checked, lie):
    """Completions that are wrong are counted or recovered from, no more."""
    checked.wait_ports()
    checked.up()
    checked.reachable()
    with checked.checked(seconds=180):
        for count in (1, 5, 50):
            checked.adapter.order(command="fault", kind="data", name=lie,
                                  count=count)
            checked.run(f"ping -f -q -c 300 -W 1 {SERVER} >/dev/null; :", 60)
        checked.adapter.order(command="clear")
        checked.run("sleep 2")
    # What is left broken is told and mended by a new start at the latest.
    if checked.run(f"ping -q -c 3 -W 2 {SERVER}", check=False).status:
        checked.unbind()
        checked.bind()
        checked.wait_ports()
        checked.up()
    checked.reachable()


def test_catastrophic_error(checked):
    """Recovered from, three times, with the network devices that there were."""
    for number in range(3):
        checked.wait_ports()
        checked.up()
        checked.reachable()
        with checked.checked(seconds=90):
            checked.adapter.order(command="catastrophic", code=0x1000 + number)
            checked.run("sleep 6")
            checked.wait_ports()
            checked.up()
            checked.reachable(60)
    assert checked.leaks() == ""


def test_surprise_removal(checked):
    """The card is pulled out under traffic and put back: the driver lets go of
    it, and takes it again when it is bound anew."""
    checked.up()
    checked.reachable()
    with checked.checked(seconds=120):
        traffic(checked, 10)
        checked.adapter.order(command="remove")
        checked.run("sleep 3", 60)
        checked.unbind()
        checked.adapter.order(command="insert")
        checked.run(f"echo 1 >/sys/bus/pci/devices/{PCI}/reset; :", check=False)
        checked.bind()
    checked.wait_ports()
    checked.up()
    checked.reachable()
    assert checked.leaks() == ""
