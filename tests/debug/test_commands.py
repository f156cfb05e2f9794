# SPDX-License-Identifier: GPL-2.0-only
"""Firmware commands of probe, open, reconfiguration and close that fail, never
end or answer nonsense, once each."""

import collections

import pytest

from tests.debug.checked import (BIND, BOUND, FEW, HANG_SECONDS, PCI, UNBIND,
                                 UP)

# What is done, command by command, starting from a bound card whose eth0 is
# open ("probe": from an unbound one).
STEPS = {
    "probe": [BIND],
    "open": ["ip link set eth0 down", "ip link set eth0 up"],
    "mtu": ["ip link set eth0 mtu 9000", "ip link set eth0 mtu 1500"],
    "rings": [f"ethtool -G eth0 rx {2 * FEW} tx {2 * FEW}",
              f"ethtool -G eth0 rx {FEW} tx {FEW}"],
    "channels": ["ethtool -L eth0 rx 1 tx 1", "ethtool -L eth0 rx 2 tx 2"],
    "modes": ["ip link set eth0 promisc on", "ip link set eth0 promisc off",
              "ip link set eth0 allmulticast on",
              "ip link set eth0 allmulticast off",
              "ip link set eth0 address 02:00:00:00:00:77",
              "ip link add link eth0 name eth0.7 type vlan id 7",
              "ip link delete eth0.7"],
    "questions": ["ethtool eth0", "ethtool -S eth0", "ethtool -m eth0",
                  "ethtool -t eth0 online"],
    "reload": [f"devlink dev reload pci/{PCI}"],
    "remove": [UNBIND],
}
EFFECTS = {
    "status": {"effect": "status", "status": "INTERNAL_ERR"},
    "garbage": {"effect": "garbage"},
    "never": {"effect": "never"},
}
# What an open port sends by itself, four times a second: a short step may miss it
BY_ITSELF = {"DUMP_ETH_STATS"}


def ready(checked, step):
    """The state that a step starts from, whatever the one before has left."""
    checked.adapter.order(command="clear")
    if step == "probe":
        checked.run(f"[ ! -e {BOUND} ] || {UNBIND}")
    elif not works_again(checked, step):
        checked.start_anew()
        checked.up()


def works_again(checked, step):
    """Whether the step goes well, which leaves what it started from: then the
    device need not be bound anew."""
    if step == "remove":
        return False
    script = "\n".join(f"({command}) >/dev/null 2>&1 || exit 1"
                       for command in [f"[ -e {BOUND} ]", "ip link set eth0 up",
                                       *STEPS[step], UP.format("eth0")])
    return checked.run(script, 180, check=False).status == 0


def commands_of(checked, step):
    """The firmware commands of a step, with how often each is sent; and how long
    its slowest part takes when nothing fails, which says how busy this machine
    is."""
    ready(checked, step)
    before = checked.adapter.traced()
    seconds, _ = checked.attempt(STEPS[step])
    return collections.Counter(checked.adapter.commands(before)), seconds


def fails_once(checked, step, effect, name, skip, limit):
    """Whether it was tried: a step that went another way may not have come to
    the command."""
    ready(checked, step)
    what = f"{step}: {name} ({skip}) {effect}"
    checked.adapter.order(command="fault", kind="command", name=name,
                          skip=skip, count=1, **EFFECTS[effect])
    seconds, found = checked.attempt(STEPS[step])
    struck = not checked.adapter.order(command="faults")["command"]
    assert not found, f"{what}:\n{found}"
    assert seconds < limit, f"{what}: took {seconds:.1f} s"
    return struck


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("step", STEPS)
def test_every_command_fails_once(checked, step, effect):
    """The first, a middle and the last of each command that the step sends:
    no oops, no leak, nothing that hangs; and the step works afterwards."""
    checked.forget()
    sent, usual = commands_of(checked, step)
    assert sent, f"{step} sends no command"
    tried = collections.Counter()
    for name, times in sorted(sent.items()):
        for skip in sorted({0, times // 2, times - 1}):
            tried[name] += fails_once(checked, step, effect, name, skip,
                                      HANG_SECONDS + 2 * usual)
    print(f"{step}, {effect}: {tried.total()} faults of {len(tried)} commands")
    assert all(tried[name] for name in sent.keys() - BY_ITSELF), \
        f"never came to it: {tried}"
    checked.works()
