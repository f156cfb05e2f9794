# SPDX-License-Identifier: GPL-2.0-only
"""What a user can tune queue by queue, and that it lasts: rate limits;
and how frames are sent."""

import re

import pytest

from tests.e2e.machine import until

PORT = 2

pytestmark = pytest.mark.needs("ours")


def queues(machine, kind):
    """All queues of a kind, as the adapter has them."""
    found, start = [], 0
    while start is not None:
        page = machine.adapter.order(command="queues", kind=kind, limit=256,
                                     **{"from": start})
        found += page["queues"]
        start = page.get("next")
    return found


# transmit rates

def rates(machine):
    """The limits in the adapter, in Mbit/s, of queue pairs that have one."""
    return sorted(pair["rate_kbps"] // 1000 for pair in queues(machine, "qp")
                  if pair["rate_kbps"])


def set_rate(machine, queue, mbps, check=True):
    return machine.run(f"echo {mbps} >/sys/class/net/{machine.dev(PORT)}/"
                       f"queues/tx-{queue}/tx_maxrate", check=check)


def recover(machine):
    """A failure of the card; returns when its driver has started it again."""
    begun = machine.adapter.traced()
    machine.tolerate = "mlx4|eth[01]"
    machine.adapter.order(command="catastrophic")

    def started():
        assert "INIT_HCA" in machine.adapter.commands(begun)
    until(started, 60, "no recovery")
    machine.set_up()
    machine.reachable(PORT)


def test_tx_maxrate(machine):
    """A queue's rate limit reaches the adapter, and outlives other rings,
    closing and a recovery; what the adapter cannot is refused."""
    dev = machine.dev(PORT)
    if not machine.combination.has("managed"):  # ConnectX-3 alone has them
        assert set_rate(machine, 0, 100, check=False).status
        return
    try:
        set_rate(machine, 0, 100)
        set_rate(machine, 1, 5500)
        limits = [100, 5000]
        assert rates(machine) == limits
        for change in ("ethtool -G {} tx 512", "ethtool -G {} tx 1024",
                       "ip link set {} down"):
            machine.run(change.format(dev))
        machine.set_up()
        machine.reachable(PORT)
        assert rates(machine) == limits
        recover(machine)
        assert rates(machine) == limits
        assert set_rate(machine, 0, 40001, check=False).status
        set_rate(machine, 0, 0)
        assert rates(machine) == [5000]
    finally:
        for queue in (0, 1):
            set_rate(machine, queue, 0)
        machine.reachable(PORT)
    assert rates(machine) == []


# frames in their descriptors

def copybreak(machine):
    out = machine.ethtool("--get-tunable tx-copybreak", PORT)
    return int(re.search(r"tx-copybreak: (\d+)", out)[1])


def strides(machine, count=100, length=60):
    """How many strides of the send queues so many frames take."""
    def heads():
        return sum(pair["sq_head"] for pair in queues(machine, "qp")
                   if pair["port"] == PORT and pair["sq_size"] > 1)
    before = heads()
    machine.send([{"head": "ffffffffffff02000000000188b5",
                   "payload": [1, length - 14], "count": count}], PORT)
    return heads() - before


def test_tx_copybreak(machine):
    """Frames up to the size that the user says lie in their descriptors, which
    take more strides then; other rings keep it; too much is refused."""
    def expect(per_frame, **sent):
        taken = strides(machine, 100, **sent)
        assert per_frame * 100 <= taken <= per_frame * 100 + 20, taken

    assert copybreak(machine) == 104
    try:
        expect(2)
        machine.ethtool("--set-tunable tx-copybreak 59", PORT)
        assert copybreak(machine) == 59
        expect(1)
        machine.ethtool("-G tx 512", PORT)
        expect(1)
        machine.ethtool("--set-tunable tx-copybreak 60", PORT)
        expect(2)
        expect(1, length=61)
        machine.ethtool("--set-tunable tx-copybreak 0", PORT)
        expect(1)
        result = machine.run(machine.ethtool_command(
            "--set-tunable tx-copybreak 105", PORT), check=False)
        assert result.status and copybreak(machine) == 0
    finally:
        machine.ethtool("--set-tunable tx-copybreak 104", PORT)
        machine.ethtool("-G tx 1024", PORT)
