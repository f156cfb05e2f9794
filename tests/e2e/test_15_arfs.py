# SPDX-License-Identifier: GPL-2.0-only
"""Accelerated receive flow steering: a flow comes to the ring of the processor
that reads it, and its rule goes when it has no use any more."""

import contextlib

import pytest

from tests.e2e.frames import LAB_MAC, Ether, IP, Raw, UDP, Wire, build, padded
from tests.e2e.machine import IPV4, MAC, SERVER4, until

PORT = 2
SENDER = 6000
BURST = 60
# So many flows a ring: a flow is forgotten when ten times as many frames have
# come to its processor since its last one
FLOWS = 8
# ARP, neighbours
NOISE = 6

pytestmark = [pytest.mark.needs("ours"), pytest.mark.needs("dmfs")]


def rules(machine, since):
    """How many rules have been made, and taken back, since then."""
    sent = machine.adapter.commands(since)
    return (sent.count("FLOW_STEERING_ATTACH"),
            sent.count("FLOW_STEERING_DETACH"))


def count_flows(machine, number):
    """So many flows a ring is the stack to know."""
    queues = f"/sys/class/net/{machine.dev(PORT)}/queues"
    machine.run(f"for q in {queues}/rx-*; do echo {number} >$q/rps_flow_cnt; "
                "done")


@contextlib.contextmanager
def steering(machine):
    """The stack's tables of flows, and the feature."""
    flows = "/proc/sys/net/core/rps_sock_flow_entries"
    machine.run(f"echo 4096 >{flows}")
    count_flows(machine, FLOWS)
    try:
        with machine.feature(PORT, ntuple=True):
            yield
    finally:
        count_flows(machine, 0)
        machine.run(f"echo 0 >{flows}")


class Flow:
    """Datagrams of the lab for a program that reads them in the guest."""

    def __init__(self, machine, wire, port=6001):
        self.machine, self.wire, self.port = machine, wire, port
        self.mac = MAC[PORT]
        self.started = None

    def __enter__(self):
        log = f"/run/reader-{self.machine.lab.number()}"
        self.started = self.machine.guest.start(
            f"python3 /e2e/reader.py {IPV4[PORT]} {self.port} "
            f"{SERVER4[PORT]} {SENDER} 0 >{log} 2>&1", 400)

        def listening():
            assert "reading" in self.machine.run(f"cat {log}",
                                                 check=False).stdout
        until(listening, 60, "nobody reads")
        return self

    def __exit__(self, kind, *_):
        self.send(b"end")
        result = self.machine.guest.finish(self.started, check=False)
        assert kind or result.status == 0, result

    def send(self, *texts):
        self.wire.send(*(padded(build(
            Ether(src=LAB_MAC, dst=self.mac) /
            IP(src=SERVER4[PORT], dst=IPV4[PORT]) /
            UDP(sport=SENDER, dport=self.port) / Raw(text + bytes(40))))
            for text in texts))

    def rings(self):
        """How many of a burst come to each ring."""
        before = self.machine.received(PORT)
        self.send(*[b"x"] * BURST)
        self.machine.run("sleep 0.3")
        return [new - old for old, new in
                zip(before, self.machine.received(PORT))]

    def follows(self, cpu):
        """It comes to that ring alone, once it is read there."""
        got = self.rings()
        assert got[cpu] >= BURST and sum(got) <= BURST + NOISE, (cpu, got)


@pytest.fixture
def wire(machine):
    with Wire(machine.lab, "tap2") as made:
        yield made


def test_arfs_follows(machine, wire):
    """A flow follows its reader from processor to processor; when it has ended
    its rule goes, with steering switched off the others go."""
    begun = machine.adapter.traced()

    def left(count):
        made, taken = rules(machine, begun)
        assert made - taken == count, f"{made} made, {taken} taken back"

    with steering(machine):
        with Flow(machine, wire) as flow:
            # Its hash takes it to one of them without a rule
            for cpu in (0, 1, 0, 1):
                flow.send(b"cpu %d" % cpu)
                until(lambda cpu=cpu: flow.follows(cpu), 10, "steering")
            assert rules(machine, begun)[0] >= 2, "the adapter was not asked"
            left(1)
        with Flow(machine, wire, 6003) as flow:
            # Newer kernels do not ask while another flow that was seen lately
            # has its place in their table, and not again until the reader moves.
            def moved():
                for cpu in (0, 1):
                    flow.send(b"cpu %d" % cpu)
                    flow.rings()
                flow.follows(1)
            until(moved, 20, "steering")
            for _ in range(10 * FLOWS // BURST + 1):
                until(lambda: flow.follows(1), 10, "steering")
            until(lambda: left(1), 10, "the rule of the flow that has ended")
    until(lambda: left(0), 5, "rules without the feature")


def test_arfs_changes(machine, wire):
    """Rules leave the adapter when the rings go, the address changes, the device
    closes, or steering is switched off, and are back afterwards without the
    stack's asking; a flow is steered on as before."""
    dev = machine.dev(PORT)

    def steered(flow):
        """To processor 1 last"""
        for cpu in (0, 1):
            flow.send(b"cpu %d" % cpu)
            until(lambda cpu=cpu: flow.follows(cpu), 10, "steering")

    def exchanged(begun):
        made, taken = rules(machine, begun)
        assert made == taken > 1, (made, taken)

    def kept(flow):
        until(lambda: flow.follows(1), 10, "the flow's rule")
        steered(flow)

    with steering(machine), Flow(machine, wire) as flow:
        steered(flow)
        for change in (f"ethtool -G {dev} rx 512", f"ethtool -G {dev} rx 1024",
                       f"ip link set {dev} mtu 1400",
                       f"ip link set {dev} mtu 1500"):
            machine.run(change)
            kept(flow)
        machine.ethtool("-K ntuple off", PORT)
        begun = machine.adapter.traced()
        flow.rings()
        assert rules(machine, begun) == (0, 0)
        machine.ethtool("-K ntuple on", PORT)
        kept(flow)
        for mac in ("02:00:00:00:bb:02", MAC[PORT]):
            begun = machine.adapter.traced()
            machine.run(f"ip link set {dev} address {mac}")
            # The address' own, and the flow's
            until(lambda begun=begun: exchanged(begun), 10, "the rules")
            flow.mac = mac
            kept(flow)
        machine.run(f"ip link set {dev} down")
        machine.set_up()
        machine.reachable(PORT)
        kept(flow)


def test_arfs_fewer_rings(machine, wire):
    """The rule of a ring that goes does not come back with another of that
    number: its flow is spread as others are, and steered anew."""
    dev = machine.dev(PORT)
    with steering(machine), Flow(machine, wire) as flow:
        for _ in range(2):
            for cpu in (0, 1):
                flow.send(b"cpu %d" % cpu)
                until(lambda cpu=cpu: flow.follows(cpu), 10, "steering")
            begun = machine.adapter.traced()
            machine.run(f"ethtool -L {dev} rx 1 tx 1")
            until(lambda: flow.follows(0), 10, "the only ring")
            machine.run(f"ethtool -L {dev} rx 2 tx 2")
            # The stack has forgotten what it knew of the ring
            count_flows(machine, FLOWS)
            made, taken = rules(machine, begun)
            assert taken > made, (made, taken)
