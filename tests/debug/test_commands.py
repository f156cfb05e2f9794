# SPDX-License-Identifier: GPL-2.0-only
"""Firmware commands of probe, open, reconfiguration and close that fail, never
end or answer nonsense, once each."""

import collections

import pytest

from tests.debug.checked import BIND, UNBIND

# What is done, starting from a bound card whose eth0 is open (but "probe": from
# an unbound one), and what is allowed to have failed by then.
STEPS = {
    "probe": BIND,
    "open": "ip link set eth0 down; ip link set eth0 up",
    "mtu": "ip link set eth0 mtu 9000; ip link set eth0 mtu 1500",
    "rings": "ethtool -G eth0 rx 512 tx 512; ethtool -G eth0 rx 1024 tx 1024",
    "channels": "ethtool -L eth0 rx 1 tx 1; ethtool -L eth0 rx 2 tx 2",
    "modes": "ip link set eth0 promisc on; ip link set eth0 promisc off; "
             "ip link set eth0 allmulticast on; "
             "ip link set eth0 allmulticast off; "
             "ip link set eth0 address 02:00:00:00:00:77; "
             "ip link add link eth0 name eth0.7 type vlan id 7; "
             "ip link delete eth0.7",
    "questions": "ethtool eth0; ethtool -S eth0; ethtool -m eth0; "
                 "ethtool -t eth0 online",
    "remove": UNBIND,
}
EFFECTS = {
    "status": {"effect": "status", "status": "INTERNAL_ERR"},
    "garbage": {"effect": "garbage"},
    "never": {"effect": "never"},
}


def ready(checked, step):
    """The state that a step starts from."""
    checked.adapter.order(command="clear")
    checked.run("ip link delete eth0.7 2>/dev/null; :")
    if step == "probe":
        if checked.bound():
            checked.run(UNBIND)
        return
    # A card that a fault has left behind failed: once more from the start.
    if checked.bound() and not checked.run(
            "[ -e /sys/class/net/eth1 ]", check=False).status == 0:
        checked.run(UNBIND)
    if not checked.bound():
        checked.run(BIND)
    checked.wait_ports()
    checked.up()


def commands_of(checked, step):
    """The firmware commands of a step, with how often each is sent."""
    ready(checked, step)
    before = checked.adapter.traced()
    checked.run(STEPS[step], check=False)
    return collections.Counter(checked.adapter.commands(before))


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("step", STEPS)
def test_every_command_fails_once(checked, step, effect):
    """The first, a middle and the last of each command that the step sends:
    no oops, no leak, nothing that hangs; and the step works afterwards."""
    sent = commands_of(checked, step)
    assert sent, f"{step} sends no command"
    tried = 0
    for name, times in sorted(sent.items()):
        for skip in sorted({0, times // 2, times - 1}):
            ready(checked, step)
            checked.adapter.order(command="fault", kind="command", name=name,
                                  skip=skip, count=1, **EFFECTS[effect])
            with checked.checked(seconds=15 if effect == "never" else 10):
                checked.run(STEPS[step], check=False)
            tried += 1
    print(f"{step}, {effect}: {tried} of {sum(sent.values())} commands")
    ready(checked, step)
    if step == "probe":
        checked.run(BIND)
        checked.wait_ports()
        checked.up()
    checked.reachable()
    assert checked.leaks() == ""
