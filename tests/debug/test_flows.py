# SPDX-License-Identifier: GPL-2.0-only
"""Flows that follow their readers (accelerated receive flow steering) while the
rings that they are steered to go and come, and while their rules fail."""

import itertools

import pytest

from tests.debug.checked import BIND, PCI, UNBIND, Checked
from tests.debug.test_allocations import fail_at_random, prepare
from tests.lab.testbed import SERVER

FLOWS = 4
PORTS = range(5211, 5211 + FLOWS)
FAULTS = 8
ATTACH, DETACH = "FLOW_STEERING_ATTACH", "FLOW_STEERING_DETACH"
# Each leaves the device open, with two rings and steering on.
CHANGES = (
    "ethtool -G eth0 rx 256; ethtool -G eth0 rx 512",
    "ethtool -L eth0 rx 1 tx 1; ethtool -L eth0 rx 2 tx 2",
    "ip link set eth0 mtu 9000; ip link set eth0 mtu 1500",
    "ip link set eth0 address 02:00:00:00:00:77",
    "ethtool -K eth0 ntuple off; ethtool -K eth0 ntuple on",
    "ip link set eth0 down; ip link set eth0 up",
)
ENDS = {"unbind": f"{UNBIND}; {BIND}",
        "reset": f"echo 1 >/sys/bus/pci/devices/{PCI}/reset"}
# The stack's tables are anew with the rings; readers go to the other processor.
MOVE = """
for q in /sys/class/net/eth0/queues/rx-*; do echo 64 >$q/rps_flow_cnt; done
for pid in $(pidof iperf3); do taskset -apc {cpu} $pid; done >/dev/null
sleep {seconds}
"""
STEER = """
echo 4096 >/proc/sys/net/core/rps_sock_flow_entries || exit 1
ethtool -K eth0 ntuple on
"""


@pytest.fixture(scope="module")
def machine():
    """Its adapter's steering is managed: without, there are no such rules."""
    made = Checked(append="mlx4_core.log_num_mgm_entry_size=-1")
    try:
        for port in PORTS:
            made.lab.iperf3(port)
        made.load()
        yield made
    finally:
        made.close()


@pytest.fixture
def steered(machine):
    """Flows of TCP are read in the guest."""
    machine.up()
    machine.reachable()
    machine.run(STEER)
    for port in PORTS:
        machine.lab.iperf3_ready(port)
        machine.guest.start(f"iperf3 -c {SERVER} -p {port} -R -b 1M -l 1400 "
                            "-t 900 >/dev/null 2>&1; :", 1200)
    machine.run(f"for i in $(seq 30); do [ $(pidof iperf3 | wc -w) = {FLOWS} ] "
                "&& exit 0; sleep 1; done; exit 1", 60)
    yield machine
    machine.adapter.order(command="clear")
    machine.run("killall iperf3; :")


def move(machine, number, seconds=1.5):
    """Readers go to a processor; so long their flows have to follow."""
    machine.run(MOVE.format(cpu=number % 2, seconds=seconds), 60)


def live(machine, rounds=2):
    """How often rules were made and taken back."""
    begun = machine.adapter.traced()
    for number in range(rounds):
        move(machine, number)
        for change in CHANGES:
            machine.run(change, 120, check=False)
            move(machine, number + 1)
            move(machine, number)
    sent = machine.adapter.commands(begun)
    return sent.count(ATTACH), sent.count(DETACH)


def works(machine):
    machine.run("killall iperf3; :")
    machine.works()


def test_changes(steered):
    """Rules go and come with the rings."""
    with steered.checked(seconds=600):
        made, taken = live(steered)
    print(f"{made} rules made, {taken} taken back")
    # The port's addresses have some 70 of them.
    assert min(made, taken) > 30 * FLOWS
    works(steered)


@pytest.mark.parametrize("effect", ("status", "garbage"))
@pytest.mark.parametrize("name", (ATTACH, DETACH))
def test_commands_fail(steered, name, effect):
    """One of three of the commands about rules, time and again: not one flow
    may cost more than its steering."""
    more = {"status": "EXCEED_LIM"} if effect == "status" else {}
    with steered.checked(seconds=900):
        for number in range(FAULTS):
            steered.adapter.order(command="fault", kind="command", name=name,
                                  skip=2 * number, count=1, effect=effect,
                                  **more)
        live(steered)
        left = steered.adapter.order(command="faults")["command"]
        assert not left, f"never told: {left}"
        works(steered)


@pytest.mark.parametrize("probability", (1, 10))
def test_allocations_fail(steered, probability):
    """So many per cent of all allocations below our functions."""
    prepare(steered)
    steered.forget()
    fail_at_random(steered, probability)
    live(steered)
    assert fail_at_random(steered, 0)
    found = steered.complaints()
    assert not found, found
    works(steered)


def follow(machine, readers):
    """Readers move until the adapter is asked for a rule: senders that lost them
    for a while come back late."""
    begun = machine.adapter.traced()
    for _ in range(40):
        move(machine, next(readers))
        if ATTACH in machine.adapter.commands(begun):
            return
    raise AssertionError("no flow is steered")


@pytest.mark.parametrize("end", ENDS)
def test_ends(steered, end):
    """The device goes while its flows are steered, and rules are on their way."""
    readers = itertools.count()
    with steered.checked(seconds=900):
        for number in range(5):
            follow(steered, readers)
            move(steered, next(readers), number / 5)
            steered.run(ENDS[end])
            steered.wait_ports()
            steered.up()
            steered.reachable()
            steered.run(STEER)
        works(steered)
