# SPDX-License-Identifier: GPL-2.0-only
"""Small operations of the network device that no other row asks for. The
in-tree drivers have them too."""

from tests.e2e.machine import SERVER4


def attribute(machine, port, name):
    return machine.run(
        f"cat /sys/class/net/{machine.dev(port)}/{name}").stdout.strip()


def test_statistics(machine):
    """The kernel's own counters of a device count a ping, both ways."""
    names = [f"statistics/{way}_{what}" for way in ("rx", "tx")
             for what in ("packets", "bytes")]
    machine.reachable(1)
    machine.run("sleep 0.6")
    errors = attribute(machine, 1, "statistics/rx_errors")
    before = [int(attribute(machine, 1, name)) for name in names]
    assert machine.ping(SERVER4[1], 10, size=200) == 10
    machine.run("sleep 0.6")
    more = [int(attribute(machine, 1, name)) - old
            for name, old in zip(names, before)]
    # An ARP or a neighbour's word may come between
    assert all(10 <= packets <= 30 for packets in more[::2]), more
    assert all(2420 <= octets <= 5000 for octets in more[1::2]), more
    # Rows before this one may have had some
    assert attribute(machine, 1, "statistics/rx_errors") == errors


def test_port_identity(machine):
    """Each port says which it is of its card, and what the card calls it."""
    assert [attribute(machine, port, "dev_port") for port in (1, 2)] == \
        ["0", "1"]
    ids = [attribute(machine, port, "phys_port_id") for port in (1, 2)]
    assert all(len(text) == 16 and int(text, 16) for text in ids), ids
    assert ids[0] != ids[1]


def test_message_level(machine):
    """ethtool msglvl: a change is kept."""
    machine.ethtool("-s msglvl drv on")
    assert "drv" in machine.run("ethtool eth0").stdout.split("level:")[1]
    machine.ethtool("-s msglvl drv off")
    assert "drv" not in machine.run("ethtool eth0").stdout.split("level:")[1]
