# SPDX-License-Identifier: GPL-2.0-only
"""Unloads, reboots, kexec, and an adapter that fails."""

import pytest

from tests.e2e.machine import SERVER4, until
from tests.e2e.test_02_traffic import iperf3
from tests.lab import paths

# The driver says an error as such when the adapter raises one.
FAILURE = (r"Internal error detected|buf\[\w+\]|device is going to be reset|"
           r"device was reset|HW2SW|command 0x\w+|Fail|fail|Cannot|cannot|"
           r"Could not|crdump|going down|Error|mlx4_restart|Restarting")


def test_unload_and_load(machine):
    """20 unloads and loads of both drivers; traffic after each."""
    for _ in range(20):
        machine.run("modprobe -r mlx4_en && modprobe -r mlx4_core; "
                    "! grep -q mlx4_core /proc/modules", 60)
        assert "eth0" not in machine.run("ls /sys/class/net").stdout
        machine.run("modprobe mlx4_en", 60)
        until(lambda: devices(machine), 20, "the ports")
        machine.set_up()
        for port in (1, 2):
            machine.reachable(port)


def devices(machine):
    there = machine.run("ls /sys/class/net").stdout.split()
    assert "eth0" in there and "eth1" in there, there


@pytest.mark.own_guest
@pytest.mark.machine(reboot=True)
def test_reboot(machine):
    """The guest reboots, twice by itself and once by the reset button, with
    traffic under way, and has its ports again."""
    for way in ("reboot -f", "reboot -f", None):
        machine.guest.start(f"iperf3 -c {SERVER4[1]} -t 60", 100)
        until(lambda: moving(machine), 15, "no traffic")
        if way:
            machine.guest.start(way)
        else:
            machine.guest.reset()
        machine.guest.wait_ready(120)
        machine.set_up()
        for port in (1, 2):
            machine.reachable(port)
        assert machine.complaints() == []


def moving(machine):
    assert machine.counters()["tx_packets"] > 200


@pytest.mark.own_guest
@pytest.mark.machine(memory=1024)
def test_kexec(machine):
    """kexec into the same kernel with the device in use: it comes up again."""
    kernel = paths.kernel(machine.combination.kernel) / "vmlinuz"
    (machine.served / "vmlinuz").write_bytes(kernel.read_bytes())
    initrd = machine.lab.folder / f"{machine.guest.name}.initrd"
    (machine.served / "initrd").symlink_to(initrd)
    machine.run(f"cd /tmp && wget -q http://{SERVER4[1]}/vmlinuz && "
                f"wget -q http://{SERVER4[1]}/initrd", 120)
    machine.run("kexec -l /tmp/vmlinuz --initrd=/tmp/initrd --reuse-cmdline",
                60)
    machine.guest.start(f"iperf3 -c {SERVER4[1]} -t 60 --bidir", 100)
    until(lambda: moving(machine), 15, "no traffic")
    machine.guest.start("kexec -e")
    machine.guest.wait_ready(180)
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port)
    assert machine.complaints() == []


@pytest.mark.own_guest
def test_catastrophic_error(machine):
    """A catastrophic error raised over the control socket is recovered by the
    driver: traffic goes again, with the addresses that there were."""
    machine.tolerate = FAILURE
    machine.adapter.control({"command": "catastrophic", "code": 0x12345678})
    machine.guest.wait_console("Internal error detected", 30)
    machine.guest.wait_console("(?s)Internal error.*mlx4_en.*Link Up", 90)
    until(lambda: devices(machine), 30, "the ports")
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port, 30)
    assert iperf3(machine, SERVER4[1], "")["sum_received"]["bytes"] > 0
    said = "\n".join(machine.guest.dmesg(match="mlx4"))
    assert "12345678" in said, said


@pytest.mark.own_guest
def test_command_never_answered(machine):
    """A command that never ends: the driver resets the adapter and goes on."""
    machine.tolerate = FAILURE + "|timed out|timeout"
    answer = machine.adapter.control(
        {"command": "fault", "kind": "command", "name": "SET_PORT",
         "effect": "never", "count": 1})
    assert answer.get("ok"), answer
    machine.run("ip link set eth0 mtu 1400", 120, check=False)
    machine.guest.wait_console("timed out|device is going to be reset", 120)
    machine.adapter.control({"command": "clear"})
    until(lambda: devices(machine), 90, "the ports")
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port, 30)
