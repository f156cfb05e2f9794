# SPDX-License-Identifier: GPL-2.0-only
"""Unloads, reboots, kexec, and an adapter that fails."""

import hashlib

import pytest

from tests.e2e.machine import IPV4, SERVER4, until
from tests.e2e.test_02_traffic import iperf3
from tests.lab import paths

# The driver says an error as such when the adapter raises one.
FAILURE = (r"Internal error detected|buf\[\w+\]|device is going to be reset|"
           r"device was reset|HW2SW|command 0x\w+|Fail|fail|Cannot|cannot|"
           r"Could not|crdump|going down|Error|mlx4_restart|Restarting|"
           r"error buffer")
# What each driver says when it sees a failure, and when it is over
RECOVERY = {
    "in-tree": ("Internal error detected", "mlx4_restart_one was ended, ret=0"),
    "ours": ("the adapter has failed", "the adapter has recovered")}


def test_unload_and_load(machine):
    """20 unloads and loads of both drivers; traffic after each."""
    for number in range(20):
        result = machine.run(UNLOAD_AND_LOAD, 90, check=False)
        assert result.status == 0, f"load {number + 1}: {result}"
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port)


# In one piece: a question and an answer a step would take longer than it.
UNLOAD_AND_LOAD = f"""
die() {{ echo "$1"; exit 1; }}
modprobe -r mlx4_en && modprobe -r mlx4_core || die "no unload"
grep -q mlx4 /proc/modules && die "still loaded"
[ -e /sys/class/net/eth0 ] && die "eth0 is still there"
modprobe mlx4_en || die "no load"
wait_for() {{
	local left=200
	until eval "$1"; do
		left=$((left - 1)); [ $left -gt 0 ] || die "$2"; sleep 0.1
	done
}}
wait_for "[ -e /sys/class/net/eth0 -a -e /sys/class/net/eth1 ]" "no ports"
ip link set eth0 up; ip link set eth1 up
ip address replace {IPV4[1]}/24 dev eth0
ip address replace {IPV4[2]}/24 dev eth1
for port in "0 {SERVER4[1]}" "1 {SERVER4[2]}"; do
	set -- $port
	wait_for "grep -q 1 /sys/class/net/eth$1/carrier" "eth$1: no link"
	wait_for "ping -q -c 1 -W 1 $2 >/dev/null" "eth$1: no answer"
done
"""


def devices(machine):
    there = machine.run("ls /sys/class/net").stdout.split()
    assert "eth0" in there and "eth1" in there, there


@pytest.mark.own_guest
@pytest.mark.machine(reboot=True)
def test_reboot(machine):
    """The guest reboots, twice by itself and once by the reset button, with
    traffic under way, and has its ports again."""
    for way in ("reboot -f", "reboot -f", None):
        # Not iperf3: its server would wait for the guest that went away.
        machine.guest.start(f"ping -f -q -s 1000 -w 60 {SERVER4[1]}", 100)
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
    machine.adapter.order(command="catastrophic", code=0x12345678)
    noticed, recovered = RECOVERY[machine.combination.driver]
    machine.guest.wait_console(noticed, 30)
    machine.guest.wait_console(recovered, 90)
    until(lambda: devices(machine), 30, "the ports")
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port, 30)
    assert iperf3(machine, SERVER4[1], "")["sum_received"]["bytes"] > 0
    said = "\n".join(machine.guest.dmesg(match="mlx4"))
    assert "12345678" in said, said


@pytest.mark.own_guest
@pytest.mark.parametrize("kind", (
    pytest.param("private", marks=pytest.mark.machine(unshared="private")),
    pytest.param("anonymous", marks=pytest.mark.machine(unshared="anonymous"))))
def test_unshared_memory(machine, kind):
    """A guest whose memory QEMU does not share (share=off, or no file behind
    it): by messages it is slow, and works all the same."""
    for port in (1, 2):
        machine.reachable(port)
    assert machine.ping(SERVER4[1], 20, 1400) == 20
    data = bytes(range(256)) * 1024
    machine.put("/run/data", data)
    shown = machine.run("sha256sum /run/data").stdout.split()[0]
    assert shown == hashlib.sha256(data).hexdigest()
    assert "share=on" in machine.adapter.log()


# What the driver says when it gives a command up, and then starts again
GIVEN_UP = (FAILURE + r"|timed out|go bit not cleared|restarting|No valid Mac|"
            r"FW doesn't support|Internal error mark")


@pytest.mark.needs("in-tree")
@pytest.mark.own_guest
def test_command_never_ends(machine):
    """A command that never ends: the driver gives it up after about a minute,
    says so, and starts the card again; traffic goes, and both drivers unload
    and load."""
    machine.tolerate = GIVEN_UP
    machine.adapter.order(command="fault", kind="command", name="SET_PORT",
                          effect="never", count=1)
    machine.guest.start("ip link set eth1 mtu 1400", 200)
    machine.guest.wait_console("timed out", 100)
    machine.guest.wait_console("mlx4_restart_one was ended, ret=0", 90)
    until(lambda: devices(machine), 60, "the ports")
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port, 30)
    result = machine.run(UNLOAD_AND_LOAD, 90, check=False)
    assert result.status == 0, str(result)
