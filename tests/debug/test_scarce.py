# SPDX-License-Identifier: GPL-2.0-only
"""What is short or far away: memory that the card does not reach, bounce
buffers that are full, interrupt messages."""

import contextlib
import hashlib

import pytest

from tests.debug.checked import Checked
from tests.lab.testbed import SERVER

# Bounce buffers of 2 KiB each, for every streaming mapping
SLAB = 2048
DATA = 8 << 20


@contextlib.contextmanager
def machine(**options):
    checked = Checked(**options)
    try:
        checked.load()
        yield checked
    finally:
        checked.close()


def transfer(checked):
    """A file each way, byte by byte the same, and traffic both ways."""
    data = hashlib.shake_128(b"data").digest(DATA)
    folder = checked.lab.folder / "served"
    folder.mkdir(exist_ok=True)
    (folder / "data").write_bytes(data)
    checked.lab.http(folder)
    got = checked.run(f"wget -q -O /tmp/data http://{SERVER}/data && "
                      "sha256sum /tmp/data", 120).stdout.split()[0]
    assert got == hashlib.sha256(data).hexdigest()
    # What the guest sends comes back as what it receives.
    checked.run(f"ping -q -c 100 -i 0.02 -s 8000 -p a55a1234 {SERVER} "
                "| grep -q ' 0% packet loss'", 60)
    checked.run(f"iperf3 -c {SERVER} -t 5 --bidir --connect-timeout 3000", 60)


def closes(checked):
    """Whatever happened before: the device goes without a trace."""
    with checked.checked():
        checked.unbind()
        checked.bind()
        checked.wait_ports()
        checked.up()
        checked.reachable()
    assert checked.leaks() == ""


@pytest.mark.parametrize("memory", (
    1536, pytest.param(5120, id="above-4G")))
def test_bounced(memory):
    """Every page is bounced (swiotlb=force), also those that lie where 32 bits
    do not reach: who forgets to hand memory over, or back, has wrong data."""
    with machine(append=f"swiotlb={(64 << 20) // SLAB},force",
                 memory=memory) as checked:
        with checked.checked(240):
            checked.up()
            checked.reachable()
            transfer(checked)
            for mtu in (9000, 1500):
                checked.run(f"ip link set eth0 mtu {mtu}")
                checked.lab.run(f"ip link set tap1 mtu {mtu}")
                checked.reachable()
                checked.run(f"ping -q -c 20 -i 0.02 -s 8000 {SERVER} "
                            "| grep -q ' 0% packet loss'", 60)
        closes(checked)


def test_no_room_to_bounce():
    """Bounce buffers for a part of the rings: what cannot be mapped fails or is
    dropped, and is given back; with smaller rings the device works."""
    with machine(append=f"swiotlb={(6 << 20) // SLAB},force") as checked:
        with checked.checked(240):
            checked.run("ip link set eth0 up", check=False)
            checked.run("ip link set eth1 up", check=False)
            checked.run("ip link set eth0 down; ip link set eth1 down; "
                        "ethtool -L eth0 rx 1 tx 1; "
                        "ethtool -G eth0 rx 256 tx 256")
            checked.up()
            checked.reachable()
            checked.run(f"iperf3 -c {SERVER} -t 5 --bidir -P 8 "
                        "--connect-timeout 3000; :", 90)
            checked.run("ethtool -G eth0 rx 8192; ip link set eth0 mtu 9000; "
                        "ip link set eth0 mtu 1500; :")
            checked.reachable()
            checked.run("ip link set eth0 down")
        assert checked.leaks() == ""


# Messages of the card; how many it is used with on 4 processors: one for events
# and the others for completions, or the line.
MESSAGES = {1: 0, 2: 2, 3: 3, 5: 5}


@pytest.mark.parametrize("messages", MESSAGES)
def test_few_messages(messages):
    """A card with few interrupt messages: completions share what there is, and
    without two of them the line does for all."""
    with machine(smp=4, options=("--msix-vectors", messages)) as checked:
        with checked.checked(240):
            used = checked.run("grep -c 'MSI.*mlx4_core-' /proc/interrupts",
                               check=False).stdout
            assert int(used) == MESSAGES[messages]
            checked.up()
            checked.reachable()
            transfer(checked)
            checked.run("ip link set eth1 up; ethtool -L eth0 rx 1 tx 1; "
                        "ethtool -L eth0 rx 4 tx 4; ethtool -t eth0 online")
        closes(checked)


@pytest.mark.parametrize("word", ("pci=nomsi", "nr_cpus=1", "maxcpus=1"))
def test_few_vectors(word):
    """A machine that has no messages, or no processors, to give."""
    with machine(smp=4, append=word) as checked:
        with checked.checked(240):
            checked.up()
            checked.reachable()
            transfer(checked)
        closes(checked)
