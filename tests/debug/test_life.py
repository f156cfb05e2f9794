# SPDX-License-Identifier: GPL-2.0-only
"""A driver's life: traffic, changes under traffic, unloads under load, an
adapter that lies, dies and is pulled out."""

import re

import pytest

from tests.debug.checked import COMPLAINTS, Checked, KERNEL, PCI
from tests.lab import paths
from tests.lab.testbed import SERVER

# Completions, events, interrupts and doorbells that are wrong or missing
LIES = ("send-error", "receive-error", "cqe-owner", "cqe-index", "cqe-qpn",
        "cqe-length", "cqe-duplicate", "cqe-lost", "cq-overrun", "event-lost",
        "event-unknown", "event-cqn", "interrupt-lost", "interrupt-spurious",
        "doorbell-lost", "rx-drop", "rx-crc", "rx-corrupt", "tx-drop")
# Lies about the card as a whole, told while it is taken
TAKING = ("owner-held", "semaphore-held", "reset-lost")


def traffic(checked, seconds, rate="0"):
    """TCP both ways, each at this rate (0: as much as goes); what is left of it
    when the row goes on is cut off."""
    return checked.guest.start(
        f"iperf3 -c {SERVER} -t {seconds} -b {rate} --bidir "
        "--connect-timeout 3000; :", seconds + 60)


def test_changes_under_traffic(checked):
    """Rings, channels, MTU, features, RSS and addresses change while TCP goes
    both ways."""
    checked.up()
    checked.reachable()
    # All that this kernel can do would leave nothing of two processors for
    # the changes.
    with checked.checked(seconds=900):
        running = traffic(checked, 600, rate="5M")
        checked.run("""
for round in 1 2; do
	ethtool -G eth0 rx 512 tx 256; ethtool -G eth0 rx 1024 tx 1024
	ethtool -L eth0 rx 1 tx 1; ethtool -L eth0 rx 2 tx 2
	ip link set eth0 mtu 9000; ip link set eth0 mtu 1500
	ethtool -K eth0 rxvlan off; ethtool -K eth0 rxvlan on
	ethtool -K eth0 tso off tx off; ethtool -K eth0 tx on tso on
	ethtool -C eth0 adaptive-rx off rx-usecs 50; ethtool -C eth0 adaptive-rx on
	ip link set eth0 promisc on; ip link set eth0 promisc off
	ethtool -S eth0 >/dev/null; ethtool -t eth0 online >/dev/null
done
""", 600)
        checked.run("killall iperf3")
        checked.guest.finish(running, check=False)
    checked.reachable()
    assert checked.leaks() == ""


def test_unloads_under_traffic(checked):
    """50 unbinds and binds of the card under full traffic."""
    for number in range(50):
        with checked.checked(seconds=60):
            checked.wait_ports()
            checked.up()
            checked.reachable()
            # A connection that lost its card can keep others out for a while.
            checked.guest.start(f"iperf3 -c {SERVER} -t 20 --bidir "
                                "--connect-timeout 2000 >/dev/null 2>&1 & "
                                f"ping -f -q -s 1400 -w 15 {SERVER} "
                                ">/dev/null 2>&1; :", 60)
            checked.run(f"sleep 0.{number % 10}")
            checked.unbind()
            checked.bind()
    checked.wait_ports()
    checked.up()
    checked.reachable()
    assert checked.leaks() == ""


@pytest.mark.parametrize("lie", LIES)
def test_lies(checked, lie):
    """Completions and events that are wrong are counted or recovered from, no
    more; what is still broken then a new start mends."""
    checked.wait_ports()
    checked.up()
    checked.reachable()
    with checked.checked(seconds=240):
        for count in (1, 5, 50):
            checked.adapter.order(command="fault", kind="data", name=lie,
                                  count=count)
            checked.run(f"ping -f -q -c 300 -w 8 -W 1 {SERVER} >/dev/null; "
                        "ethtool -t eth0 online >/dev/null; "
                        "ethtool -L eth0 rx 1 tx 1 >/dev/null; "
                        "ethtool -L eth0 rx 2 tx 2 >/dev/null; :", 120)
            left = checked.adapter.order(command="faults")["data"]
            assert not left or left[0]["count"] < count, f"never told: {left}"
        checked.adapter.order(command="clear")
        checked.run("sleep 2")
        checked.start_anew()
        checked.up()
        checked.reachable()
    assert checked.leaks() == ""


@pytest.mark.parametrize("lie", TAKING)
def test_lies_while_taken(checked, lie):
    """A card that says it is somebody else's, or is not reset when it should
    be: taken or left alone, and taken when it tells the truth again."""
    with checked.checked(seconds=120):
        checked.unbind()
        checked.adapter.order(command="fault", kind="data", name=lie, count=1)
        checked.bind(check=False)
        if checked.bound():
            checked.unbind()
        checked.adapter.order(command="clear")
        # Nothing but power frees the semaphore.
        checked.adapter.order(command="remove")
        checked.adapter.order(command="insert")
        checked.run("sleep 1")
        checked.start_anew()
        checked.up()
        checked.reachable()
    assert checked.leaks() == ""


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


def boots_again(checked, order):
    """A boot that begins with the card in use: the kernel that goes and the
    one that comes have nothing to say, and traffic goes."""
    checked.up()
    checked.reachable()
    start = len(checked.guest.console())
    checked.guest.start(f"ping -f -q -s 1000 -w 100 {SERVER}", 120)
    checked.run("sleep 1")
    checked.guest.start(order)
    checked.guest.wait_ready(300)
    assert not re.search(COMPLAINTS, checked.guest.console()[start:])
    with checked.checked():
        checked.load()
        checked.up()
        checked.reachable()


@pytest.fixture
def own_machine():
    """One that may be rebooted, and has room for another kernel."""
    made = Checked(reboot=True, memory=2048)
    try:
        made.load()
        yield made
    finally:
        made.close()


def test_reboot(own_machine):
    """With the device in use, twice; the second time the driver never had its
    say: the reset button."""
    boots_again(own_machine, "reboot -f")
    own_machine.up()
    own_machine.reachable()
    own_machine.guest.reset()
    own_machine.guest.wait_ready(300)
    with own_machine.checked():
        own_machine.load()
        own_machine.up()
        own_machine.reachable()
    assert own_machine.leaks() == ""


def test_kexec(own_machine):
    """kexec into the same kernel with the device in use."""
    checked = own_machine
    checked.up()
    checked.reachable()
    served = checked.lab.folder / "served"
    served.mkdir()
    (served / "vmlinuz").write_bytes(
        (paths.kernel(KERNEL) / "vmlinuz").read_bytes())
    (served / "initrd").symlink_to(
        checked.lab.folder / f"{checked.guest.name}.initrd")
    checked.lab.http(served)
    checked.run(f"cd /tmp && wget -q http://{SERVER}/vmlinuz && "
                f"wget -q http://{SERVER}/initrd && kexec -s -l vmlinuz "
                "--initrd=initrd --reuse-cmdline && rm vmlinuz initrd", 300)
    boots_again(checked, "kexec -e")
    assert checked.leaks() == ""
