# SPDX-License-Identifier: GPL-2.0-only
"""What the kernel knows of a device's queues: who serves them, what they have
counted, how much they hold, how large a packet they take."""

import json
import re
import time

import pytest

from tests.e2e.machine import SERVER4

pytestmark = pytest.mark.needs("ours")
PORT = 2
RX, TX = 0, 1


def netdev(machine):
    return json.loads(machine.run(
        f"python3 /e2e/netdev.py {machine.dev(PORT)}").stdout)


def counted(machine, name):
    """The sum over all queues."""
    return sum(each.get(name, 0) for each in netdev(machine)["statistics"])


@pytest.mark.needs("netdev")
def test_queue_objects(machine):
    """netlink names each queue, the NAPI instance that serves it, and that one's
    interrupt, which is the card's; receive queues have a page pool each."""
    machine.reachable(PORT)
    found = netdev(machine)
    channels = re.findall(r"^(RX|TX):\s+(\d+)", machine.ethtool("-l", PORT)
                          .partition("Current")[2], re.M)
    for kind, name in ((RX, "RX"), (TX, "TX")):
        queues = [each for each in found["queues"] if each["type"] == kind]
        assert sorted(each["id"] for each in queues) == \
            list(range(int(dict(channels)[name])))
    napis = {each["id"]: each["irq"] for each in found["napis"]}
    assert {each["napi"] for each in found["queues"]} <= set(napis)
    vectors = {int(number) for number in machine.run(
        "ls /sys/bus/pci/devices/0000:01:00.0/msi_irqs").stdout.split()}
    assert set(napis.values()) <= vectors, (napis, vectors)
    served = {each["napi"] for each in found["queues"] if each["type"] == RX}
    assert served <= {pool.get("napi") for pool in found["pools"]}


@pytest.mark.needs("netdev")
def test_queue_statistics(machine):
    """netlink's counters of queues count a ping; none is lost when the number
    of queues changes."""
    machine.reachable(PORT)
    names = ("rx_packets", "tx_packets")
    before = [counted(machine, name) for name in names]
    assert machine.ping(SERVER4[PORT], 20) == 20
    after = [counted(machine, name) for name in names]
    assert all(20 <= new - old <= 40 for new, old in zip(after, before)), \
        (before, after)
    for statistics in netdev(machine)["statistics"]:
        wanted = {RX: {"rx_alloc_fail", "rx_csum_unnecessary"},
                  TX: {"tx_needs_csum", "tx_stop", "tx_wake"}}
        assert wanted[statistics["type"]] <= set(statistics), statistics


def test_byte_queue_limits(machine):
    """Byte queue limits are kept for every send queue, and all that was in
    flight is given back."""
    dev = machine.dev(PORT)
    base = f"/sys/class/net/{dev}/queues/tx-*/byte_queue_limits"
    machine.lab.iperf3_ready()
    machine.run(f"iperf3 -c {SERVER4[PORT]} -t 1 -P 4", 60)
    deadline = time.monotonic() + 10
    while True:
        inflight = machine.run(f"cat {base}/inflight").stdout.split()
        if inflight and set(inflight) == {"0"}:
            break
        assert time.monotonic() < deadline, inflight
    limits = [int(word) for word in machine.run(f"cat {base}/limit")
              .stdout.split()]
    assert any(1500 < limit < 1 << 24 for limit in limits), limits


@pytest.mark.needs("big-tcp")
def test_big_tcp(machine):
    """A packet of more than 64 KiB goes to the adapter in one piece, and
    arrives as segments without one corrupted byte (BIG TCP over IPv4)."""
    dev = machine.dev(PORT)
    most = int(re.search(r"tso_max_size (\d+)", machine.run(
        f"ip -d link show {dev}").stdout)[1])
    assert most > 65536, most
    size = min(most, 180000)
    machine.run(f"ip link set {dev} gso_max_size {size} "
                f"gso_ipv4_max_size {size} gro_ipv4_max_size {size}")
    try:
        machine.lab.iperf3_ready()
        largest = machine.run(f"python3 /e2e/largest.py {dev} iperf3 "
                              f"-c {SERVER4[PORT]} -l 1M -t 5", 60).stdout
        assert int(largest) > 66000
        snmp = machine.lab_snmp()
        assert snmp.get("TcpInCsumErrors", 0) == 0
    finally:
        machine.run(f"ip link set {dev} gso_max_size 65536 "
                    "gso_ipv4_max_size 65536 gro_ipv4_max_size 65536")


def test_threaded_napi(machine):
    """Polls in threads of their own: traffic both ways, and changes of the
    queues meanwhile, as without them."""
    dev = machine.dev(PORT)
    machine.run(f"echo 1 >/sys/class/net/{dev}/threaded")
    try:
        assert f"napi/{dev}-" in machine.run("ps -o comm").stdout
        machine.lab.iperf3_ready()
        started = machine.guest.start(
            f"iperf3 -c {SERVER4[PORT]} -t 6 --bidir", 60)
        machine.run(f"sleep 1; ethtool -L {dev} rx 1 tx 1; "
                    f"ethtool -L {dev} rx 2 tx 2; "
                    f"ip link set {dev} mtu 1400; ip link set {dev} mtu 1500")
        machine.guest.finish(started)
        assert machine.ping(SERVER4[PORT], 20) == 20
    finally:
        machine.run(f"echo 0 >/sys/class/net/{dev}/threaded")
    assert machine.ping(SERVER4[PORT], 5) == 5
