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
    machine.reachable(PORT)  # behind the last of them
    machine.run("sleep 0.3")
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


# registers and queues

def dump(machine):
    """ethtool -d as words: registers, and of each queue eight."""
    name = f"/run/regs-{machine.lab.number()}"
    out = machine.run(f"ethtool -d {machine.dev(PORT)} raw on >{name}; "
                      f"od -An -v -tu4 {name}; rm {name}").stdout
    words = [int(word) for word in out.split()]
    registers, words = words[:24], words[24:]
    assert len(words) == 2 + 8 * sum(words[:2]), words
    rows = [words[at:at + 8] for at in range(2, len(words), 8)]
    return registers, rows[:words[0]], rows[words[0]:]


def rings_are_the_adapters(machine):
    _, receive, send = dump(machine)
    known = {pair["qpn"]: pair for pair in queues(machine, "qp")
             if pair["state"] == "RTS"}
    for row in receive + send:
        assert row[1] == 3 and row[0] in known, row
    for row in receive:
        assert row[2] == known[row[0]]["receive_cqn"], row
        assert row[3] == known[row[0]]["rq_size"], row
    for row in send:
        assert row[2] == known[row[0]]["send_cqn"], row
        assert row[4] & 0xffff == known[row[0]]["sq_head"] & 0xffff, row


def test_registers(machine):
    """ethtool -d shows registers, and the queues that the adapter has; a closed
    device shows as much, a failed one its firmware's code."""
    chip = {"ConnectX-3": 0x1f5, "ConnectX-3-Pro": 0x1f7}.get(
        machine.combination.card, 0x190)
    registers, receive, send = dump(machine)
    assert registers[7] & 0xffff == chip, registers
    assert not any(registers[8:]), registers
    # The guest may send between what is asked of it and of the adapter
    until(lambda: rings_are_the_adapters(machine), 10, "rings")
    size = len(receive), len(send)
    machine.run(f"ip link set {machine.dev(PORT)} down")
    try:
        _, receive, send = dump(machine)
        assert (len(receive), len(send)) == size
        assert not any(map(any, receive + send))
    finally:
        machine.set_up()
        machine.reachable(PORT)


# moderation queue by queue

def moderation(machine):
    """Period and count of each receive and each send queue, as the adapter has
    them: rings in the order of their numbers."""
    known = {cq["cqn"]: (cq["period_us"], cq["max_count"])
             for cq in queues(machine, "cq")}
    _, receive, send = dump(machine)
    return ([known[row[2]] for row in receive], [known[row[2]] for row in send])


def test_per_queue_coalesce(machine):
    """One queue's moderation reaches that queue, and outlives other rings,
    closing and a recovery; -C sets all of them again."""
    dev = machine.dev(PORT)
    common = "adaptive-rx off rx-usecs 20 rx-frames 30 tx-usecs 40 tx-frames 50"
    own = "rx-usecs 7 rx-frames 8 tx-usecs 9 tx-frames 10"
    wanted = [(20, 30), (7, 8)], [(40, 50), (9, 10)]
    try:
        machine.ethtool(f"-C {common}", PORT)
        assert moderation(machine) == ([(20, 30)] * 2, [(40, 50)] * 2)
        machine.ethtool(f"-Q queue_mask 2 -C {own}", PORT)
        assert moderation(machine) == wanted
        shown = machine.ethtool("-Q queue_mask 2 -c", PORT)
        for word in ("rx-usecs:7", "rx-frames:8", "tx-usecs:9", "tx-frames:10"):
            assert word in re.sub(r"\s", "\n", re.sub(r":\s+", ":", shown)), \
                shown
        machine.ethtool("-G rx 512", PORT)
        machine.ethtool("-L rx 1 tx 1", PORT)
        machine.ethtool("-L rx 2 tx 2", PORT)
        assert moderation(machine) == wanted
        machine.run(f"ip link set {dev} down")
        machine.set_up()
        assert moderation(machine) == wanted
        recover(machine)
        assert moderation(machine) == wanted
        result = machine.run(machine.ethtool_command(
            f"-Q queue_mask 4 -C {own}", PORT), check=False)
        assert result.status, "a queue that is not there"
        machine.ethtool("-C rx-usecs 21", PORT)
        assert moderation(machine) == ([(21, 30)] * 2, [(40, 50)] * 2)
    finally:
        machine.ethtool("-G rx 1024", PORT)
        machine.ethtool("-C adaptive-rx on rx-usecs 16 rx-frames 44 "
                        "tx-usecs 64 tx-frames 64", PORT)
        machine.reachable(PORT)


# service tags

def may_insert(machine):
    """Whether the adapter's port may."""
    return machine.adapter.order(command="status")["ports"][PORT - 1]["phv"]


def test_phv_bit(machine):
    """The port is told that it may insert service tags by the private flag, and
    by the feature that needs it; a recovery leaves it so."""
    if machine.combination.card != "ConnectX-3-Pro":
        out = machine.ethtool("--show-priv-flags", PORT, check=False)
        assert "phv-bit" not in out
        return
    flag, feature = "--set-priv-flags phv-bit", "-K tx-vlan-stag-hw-insert"
    assert not may_insert(machine)
    try:
        machine.ethtool(f"{flag} on", PORT)
        assert may_insert(machine)
        machine.ethtool(f"{flag} off", PORT)
        assert not may_insert(machine)
        machine.ethtool(f"{feature} on", PORT)
        assert may_insert(machine)
        assert re.search(r"phv-bit\s*: on",
                         machine.ethtool("--show-priv-flags", PORT))
        assert machine.run(machine.ethtool_command(f"{flag} off", PORT),
                           check=False).status, "refused while it is needed"
        recover(machine)
        assert may_insert(machine)
    finally:
        machine.ethtool(f"{feature} off", PORT)
        machine.ethtool(f"{flag} off", PORT)
    assert not may_insert(machine)


# processors

def mask(text):
    return int(text.strip().replace(",", ""), 16)


def test_processors(machine):
    """Each interrupt has a processor that it would be near to, and each send
    queue processors of its own that use it (XPS), after a change of their
    number too."""
    out = machine.run("grep mlx4_core- /proc/interrupts").stdout
    vectors = dict((int(number), int(irq)) for irq, number in re.findall(
        r"^ *(\d+):.*mlx4_core-(\d+)@", out, re.M))
    assert sorted(vectors) == [0, 1], out
    hints = [mask(machine.run(f"cat /proc/irq/{vectors[number]}/"
                              "affinity_hint").stdout) for number in (0, 1)]
    assert sorted(hints) == [1, 2], hints
    machine.ethtool("-L tx 1", PORT)
    machine.ethtool("-L tx 2", PORT)
    for port in (1, 2):
        queues_of = f"/sys/class/net/{machine.dev(port)}/queues"
        used = [mask(machine.run(
            f"cat {queues_of}/tx-{queue}/xps_cpus").stdout)
            for queue in (0, 1)]
        assert sorted(used) == [1, 2], used
