# SPDX-License-Identifier: GPL-2.0-only
"""What our driver has and the in-tree one lacks in the data path: changes that
keep the link and lose nothing; XDP on frames of several pages; XDP frames of
other devices sent here."""

import re
import time

import pytest

from tests.e2e.frames import (LAB_MAC, Ether, Raw, UDP, Wire, build, network,
                              padded, pattern)
from tests.e2e.machine import MAC, SERVER4
from tests.e2e.test_07_xdp import frames, program
from tests.e2e.xdp import compiled

PORT = 2
# Ten a second and more: a loss of half a second does not go unseen
PINGS, INTERVAL = 300, 0.02


def carrier_changes(machine, port):
    return int(machine.run(
        f"cat /sys/class/net/{machine.dev(port)}/carrier_changes").stdout)


def lost_meanwhile(machine, port, *commands):
    """Pings that stay without an answer while the commands run."""
    started = machine.guest.start(
        f"ping -n -q -c {PINGS} -i {INTERVAL} -W 5 {SERVER4[port]}", 120)
    for command in commands:
        machine.run(command)
        machine.run("sleep 0.3")
    out = machine.guest.finish(started, check=False).stdout
    found = re.search(r"(\d+) packets transmitted, (\d+) received", out)
    assert found and int(found[1]) == PINGS, out
    return PINGS - int(found[2])


CHANGES = {
    "mtu": (("ip link set {dev} mtu 1400", "ip link set {dev} mtu 9000",
             "ip link set {dev} mtu 1500"), 0),
    "rings": (("ethtool -G {dev} rx 512 tx 256",
               "ethtool -G {dev} rx 1024 tx 1024"), 0),
    "channels": (("ethtool -L {dev} rx 1 tx 1", "ethtool -L {dev} rx 2 tx 2"),
                 1),
    "stripping": (("ethtool -K {dev} rxvlan off", "ethtool -K {dev} rxvlan on"),
                  0),
}


@pytest.mark.needs("ours")
@pytest.mark.parametrize("change", CHANGES)
def test_live_change(machine, change):
    """Changes of MTU, rings, channels and stripping lose no frame (channels:
    one at most) and leave the link alone."""
    dev = machine.dev(PORT)
    commands, allowed = CHANGES[change]
    machine.reachable(PORT)
    before = carrier_changes(machine, PORT)
    lost = lost_meanwhile(machine, PORT,
                          *(command.format(dev=dev) for command in commands))
    assert carrier_changes(machine, PORT) == before
    assert lost <= allowed, f"{lost} of {PINGS} pings lost"


@pytest.mark.needs("ours")
def test_live_xdp(machine, tmp_path):
    """An XDP program attached, replaced and detached loses no frame and leaves
    the link alone."""
    dev = machine.dev(PORT)
    path = compiled(machine, tmp_path, "live")
    machine.reachable(PORT)
    before = carrier_changes(machine, PORT)
    lost = lost_meanwhile(
        machine, PORT, f"ip link set dev {dev} xdpdrv obj {path} sec pass",
        f"ip -force link set dev {dev} xdpdrv obj {path} sec drop",
        f"ip link set dev {dev} xdpdrv off")
    assert carrier_changes(machine, PORT) == before
    assert lost == 0, f"{lost} of {PINGS} pings lost"


@pytest.mark.needs("ours")
@pytest.mark.parametrize("length", (1400, 3480, 3500, 7600, 8900))
def test_xdp_fragments(machine, tmp_path, length):
    """XDP on frames of one page to three: sent back unchanged, addresses
    swapped; what is passed reaches the stack."""
    with machine.mtu(9000, PORT), \
            program(machine, tmp_path, "xdp.frags"), \
            Wire(machine.lab, "tap2") as wire:
        ether = Ether(src=LAB_MAC, dst=MAC[PORT])
        sent = [padded(build(ether / network(4, id=number) /
                             UDP(sport=2000 + number, dport=9) /
                             Raw(pattern(number, length))))
                for number in range(40)]
        wire.send(*sent)
        seen = wire.take(lambda frame: frame[:6].hex(":") == LAB_MAC and
                         frame[12:14] == b"\x08\x00" and frame[23] == 17 and
                         len(frame) > length, len(sent))
        expected = {frame[6:12] + frame[:6] + frame[12:] for frame in sent}
        assert len(seen) == len(sent), f"{len(seen)} of {len(sent)} came back"
        assert set(seen) == expected
        assert machine.ping(SERVER4[PORT], 5, size=length) == 5


@pytest.mark.needs("ours")
def test_xdp_xmit(machine, tmp_path):
    """Frames that a program on port 1 redirects to port 2 leave there
    unchanged, if port 2 has a program as well."""
    first, second = machine.dev(1), machine.dev(PORT)
    index = machine.run(f"cat /sys/class/net/{second}/ifindex").stdout.strip()
    path = compiled(machine, tmp_path, "xmit", f"-DREDIRECT_TO={index}")
    machine.run(f"ip link set dev {first} xdpdrv obj {path} sec redirect")
    try:
        with program(machine, tmp_path, "pass"), \
                Wire(machine.lab, "tap1") as source, \
                Wire(machine.lab, "tap2") as sink:
            address = bytes.fromhex(MAC[1].replace(":", ""))
            sent = [address + frame[6:] for frame in frames()]
            source.send(*sent)
            seen = sink.take(lambda frame: frame[:12] == sent[0][:12],
                             len(sent))
            assert len(seen) == len(sent), f"{len(seen)} of {len(sent)} came"
            assert set(seen) == set(sent)
    finally:
        machine.run(f"ip link set dev {first} xdpdrv off")
    machine.reachable(1)


@pytest.mark.needs("ours")
@pytest.mark.parametrize("of", ["completions", "link"])
def test_lost_interrupt(machine, of):
    """An event whose interrupt gets lost is found within two seconds, on each
    vector, and nothing is replaced or reset for it."""
    machine.tolerate = "did not come for an event"
    machine.reachable(1)
    before = len(machine.run("dmesg").stdout)
    for _ in range(3):
        # an answered ping has two: sent, and received
        machine.adapter.order(command="fault", kind="data",
                              name="interrupt-lost",
                              count=1 if of == "link" else 2)
        started = time.monotonic()
        if of == "link":
            machine.adapter.order(command="link", port=1, up=False)
            machine.wait_link(1, up=False)
        else:
            machine.ping(SERVER4[1])
            machine.reachable(1)
        # the rest is for a busy host
        assert time.monotonic() - started < 8
        machine.adapter.order(command="clear")
        if of == "link":
            machine.adapter.order(command="link", port=1, up=True)
            machine.wait_link(1)
            machine.reachable(1)
    said = machine.run("dmesg").stdout[before:]
    assert "did not come for an event" in said
    assert not re.search("replacing|hangs|has failed", said), said


@pytest.mark.needs("ours")
def test_lost_completion_events(machine):
    """Events of completions that never come (they name a queue that nobody has):
    the queues rest for two seconds at most, and nothing is replaced or reset
    for it."""
    machine.tolerate = "no event came for completions"
    machine.reachable(1)
    before = len(machine.run("dmesg").stdout)
    for _ in range(3):
        machine.adapter.order(command="fault", kind="data", name="event-cqn",
                              count=2)
        started = time.monotonic()
        machine.ping(SERVER4[1])
        machine.reachable(1)
        # the rest is for a busy host
        assert time.monotonic() - started < 8
        machine.adapter.order(command="clear")
    said = machine.run("dmesg").stdout[before:]
    assert "no event came for completions" in said
    assert not re.search("replacing|hangs|has failed", said), said


# event-lost may hit a command's event: then the adapter is reset, counters and
# all. The others may stop a send queue that nobody needs just then, and be
# found out 15 s later, in the middle of another row.
LIES = ("send-error", "receive-error", "cqe-index", "cqe-qpn", "cqe-length",
        "cqe-duplicate", "cq-overrun", "interrupt-lost",
        *(pytest.param(lie, marks=pytest.mark.own_guest) for lie in (
            "cqe-owner", "cqe-lost", "doorbell-lost", "event-lost")))


@pytest.mark.needs("ours")
@pytest.mark.parametrize("lie", LIES)
def test_lie(machine, lie):
    """A completion or event that lies, or never comes: no crash, and the port
    works again."""
    machine.reachable(1)
    machine.adapter.order(command="fault", kind="data", name=lie, count=1)
    try:
        machine.ping(SERVER4[1], 20)
        machine.reachable(1, 45)
        said = machine.run("dmesg").stdout
        assert not re.search(r"Oops|BUG:|general protection|WARNING:", said)
    finally:
        machine.adapter.order(command="clear")
        machine.tolerate = r"mlx4|NETDEV WATCHDOG"
