# SPDX-License-Identifier: GPL-2.0-only
"""What our drivers do when a command fails while a port is opened,
reconfigured and closed: whatever was done before is undone, and the port works
again."""

import collections

import pytest

from tests.e2e.machine import MAC
from tests.e2e.test_13_adapter import crashes, fault
from tests.lab import wait_for

GROUPS = ("01:00:5e:7f:00:01", "01:00:5e:7f:00:02")
# With queues, steering of every kind, filters and the port's settings in it
LIFE = "; ".join([
    "ip link set {dev} up", "sleep 0.5",
    "ip link set {dev} promisc on", "ip link set {dev} promisc off",
    "ip link set {dev} allmulticast on", "ip link set {dev} allmulticast off",
    *(f"ip maddr add {group} dev {{dev}}" for group in GROUPS), "sleep 0.3",
    "ethtool -L {dev} rx 1", "ethtool -L {dev} rx 2",
    *(f"ip maddr del {group} dev {{dev}}" for group in GROUPS), "sleep 0.3",
    "ip link set {dev} address 02:02:03:04:05:06",
    "ip link set {dev} address {mac}",
    "ip link set {dev} down"])
NEEDED = {"SW2HW_CQ", "HW2SW_CQ", "RST2INIT_QP", "INIT2RTR_QP", "RTR2RTS_QP",
          "TO_RST_QP", "SET_PORT", "INIT_PORT", "CLOSE_PORT"}

pytestmark = pytest.mark.needs("ours")


def live(machine):
    """Seconds are no matter here: a machine may be slow."""
    machine.run("(" + LIFE.format(dev=machine.dev(1), mac=MAC[1])
                + ") >/dev/null 2>&1; true", 120)


def wait_recovered(machine, start):
    """Until each failure since that place of the console is recovered from:
    before that a port is away, and cannot be brought up."""
    def settled():
        said = machine.guest.console()[start:]
        return said.count("the adapter has failed") == \
            said.count("the adapter has recovered")
    wait_for(settled, 30, "the adapter does not recover")


def commands_of_a_life(machine):
    """How often each command was sent, as the adapter has seen it."""
    before = machine.adapter.traced()
    live(machine)
    sent = collections.Counter(machine.adapter.commands(before))
    return dict(sorted(sent.items()))


@pytest.mark.parametrize("which", ("first", "last"))
def test_command_faults_while_open(machine, which):
    """Each command of a port's life fails once: its first time, its last."""
    machine.tolerate = "mlx4|eth[01]"
    machine.run(f"ip link set {machine.dev(1)} down")
    commands = commands_of_a_life(machine)
    assert NEEDED <= set(commands), commands
    for name, times in commands.items():
        if which == "last" and times == 1:
            continue
        start = len(machine.guest.console())
        fault(machine, name, "status",
              skip=0 if which == "first" else times - 1)
        live(machine)
        machine.adapter.order(command="clear")
        wait_recovered(machine, start)
        assert not crashes(machine), name
        machine.set_up()
        machine.reachable(1)
        machine.run(f"ip link set {machine.dev(1)} down")
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port)


# What moves a port's addresses from ring to ring
MOVES = {1: "WRITE_MCG", 2: "FLOW_STEERING_ATTACH"}


@pytest.mark.needs("filter")
def test_addresses_stuck_on_the_way(machine):
    """Addresses that go over to other rings in part, and can then go neither on
    nor back: nothing is left that leads to rings which are gone, for the card
    is started anew."""
    machine.tolerate = "mlx4|eth[01]"
    dev, name = machine.dev(1), MOVES[machine.combination.mode]
    machine.run(f"ip link set {dev} promisc on; ip link set {dev} allmulticast "
                "on; sleep 0.5")
    before = machine.adapter.traced()
    machine.ethtool("-L rx 1")
    moves = machine.adapter.commands(before).count(name)
    assert moves > 2, moves
    start = len(machine.guest.console())
    fault(machine, name, "status", skip=moves - 1, count=1000)
    machine.ethtool("-L rx 2", check=False)
    machine.adapter.order(command="clear")
    machine.guest.wait_console("the adapter has recovered", 30, start)
    assert not crashes(machine)
    # On a busy machine the fault may have lasted into the new start: then the port
    # did not come back by itself.
    machine.run(f"ip link set {dev} up promisc off; ip link set {dev} "
                "allmulticast off")
    machine.ethtool("-L rx 2")
    for port in (1, 2):
        machine.reachable(port)
