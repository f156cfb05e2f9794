# SPDX-License-Identifier: GPL-2.0-only
"""What our mlx4_core does when the card does not do as it should: commands
that fail, are lost or answer nonsense while the driver takes the card, resets
that take their time, failures under traffic, removal, sleep, a crash."""

import json
import re
import time

import pytest

from tests.e2e.machine import SERVER4, until
from tests.lab import paths
from tests.lab import wait_for

BDF = "0000:01:00.0"
DRIVER = "/sys/bus/pci/drivers/mlx4_core"
# No row tolerates these of any part of the kernel.
CRASH = re.compile(r"Call Trace|WARNING:|BUG:|Oops|hung task|soft lockup|"
                   r"rcu.*stall|general protection|leak")
CODE = 0x12345678
# Commands without which there is no adapter
NEEDED = {"MAP_FA", "RUN_FW", "QUERY_DEV_CAP", "SET_ICM_SIZE", "MAP_ICM_AUX",
          "MAP_ICM", "INIT_HCA", "QUERY_ADAPTER", "SW2HW_MPT"}
CLOSERS = ("HW2SW_", "CLOSE_", "UNMAP_", "TO_RST", "FLOW_STEERING_DETACH")
# Of the commands that never end: one of each way in which they are waited for
NEVER = ("QUERY_FW", "RUN_FW", "INIT_HCA", "CLOSE_HCA")

pytestmark = pytest.mark.needs("ours")


def fault(machine, name, effect, **more):
    if effect == "status":
        more["status"] = "INTERNAL_ERR"
    machine.adapter.order(command="fault", kind="command", name=name,
                          effect=effect, **{"count": 1, **more})


def bind(machine, how="bind"):
    """Seconds that it took, and how many ports there are then."""
    # The clock of the guest: the way to it may be slow.
    script = (f"start=$(cut -d' ' -f1 /proc/uptime); "
              f"echo {BDF} >{DRIVER}/{how} 2>/dev/null; "
              f"echo $start $(cut -d' ' -f1 /proc/uptime) "
              f"$(ls /sys/bus/auxiliary/devices | grep -c mlx4_core)")
    start, end, ports = machine.run(script, 60).stdout.split()
    return float(end) - float(start), int(ports)


def crashes(machine):
    """What was said while it booted is none of ours."""
    said = machine.run("dmesg").stdout.partition("Run /init")[2]
    return [line for line in said.splitlines() if CRASH.search(line)]


def probe_commands(machine):
    """The commands of a bind and an unbind, as the adapter has seen them."""
    before = machine.adapter.traced()
    bind(machine, "unbind")
    bind(machine)
    return sorted(set(machine.adapter.commands(before)))


@pytest.mark.parametrize("effect", ("status", "garbage", "never"))
def test_command_faults_at_probe(machine, effect):
    """Each command that the driver sends when it takes the card and gives it
    back fails, answers nonsense, or (some) never ends, once: no crash, no hang
    of 10 s, the next try works, traffic goes, both drivers unload."""
    machine.tolerate = "mlx4"
    commands = probe_commands(machine)
    assert NEEDED | {"QUERY_FW", "SW2HW_EQ", "CLOSE_HCA", "UNMAP_FA"} <= \
        set(commands), commands
    for name in commands if effect != "never" else NEVER:
        closes = name.startswith(CLOSERS)
        if not closes:
            bind(machine, "unbind")
        fault(machine, name, effect)
        seconds, ports = bind(machine, "unbind" if closes else "bind")
        machine.adapter.order(command="clear")
        what = f"{name} {effect}: {seconds} s, {ports} ports"
        assert seconds < 10, what
        if closes:
            assert ports == 0, what
        elif effect == "status" and name in NEEDED:
            assert ports == 0, what
        assert not crashes(machine), what
        # Whatever it came to: the card is there again.
        bind(machine, "unbind")
        assert bind(machine)[1] == 2, what
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port)
    machine.run("modprobe -r mlx4_en && modprobe -r mlx4_core && "
                "modprobe mlx4_en", 60)
    machine.set_up()


@pytest.mark.parametrize("milliseconds", (0, 1000, 3000))
def test_ready_window(machine, milliseconds):
    """After a reset the card is away for a while: the driver waits as long as
    it takes, and no second longer."""
    machine.adapter.order(command="ready_ms", ms=milliseconds)
    bind(machine, "unbind")
    best = min(bind(machine) + bind(machine, "unbind") for _ in range(3))
    seconds, ports = best[:2]
    assert ports == 2
    assert milliseconds / 1000 * 0.9 < seconds + 0.01, seconds
    assert seconds < milliseconds / 1000 + 1, seconds
    bind(machine)
    machine.adapter.order(command="ready_ms", ms=10)
    machine.set_up()
    machine.reachable(1)


@pytest.mark.parametrize("name", ("reset-lost", "owner-held"))
def test_taken_card(machine, name):
    """A reset that is lost, an owner that does not go: the driver takes the
    card, also the next time."""
    machine.tolerate = "mlx4"
    known = machine.adapter.order(command="faults")["known"]
    assert name in known, known
    bind(machine, "unbind")
    machine.adapter.order(command="fault", kind="data", name=name, count=1)
    for _ in range(3):
        seconds, ports = bind(machine)
        assert ports == 2 and seconds < 10, (seconds, ports)
        bind(machine, "unbind")
    bind(machine)
    machine.set_up()
    machine.reachable(1)


def test_line_interrupt(machine):
    """A message that does not arrive while the driver starts: it says so, takes
    the interrupt line, and everything works by that; the next start tries
    messages again."""
    machine.tolerate = "mlx4"
    bind(machine, "unbind")
    machine.adapter.order(command="fault", kind="data", name="interrupt-lost",
                          count=1)
    assert bind(machine)[1] == 2
    assert machine.guest.dmesg(match="MSI-X does not arrive, using INTx")
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port)
        assert machine.ping(SERVER4[port], 50, options="-f") == 50
    lines = machine.run("grep mlx4 /proc/interrupts").stdout
    assert len(lines.splitlines()) == 1 and "MSI" not in lines, lines
    bind(machine, "unbind")
    assert bind(machine)[1] == 2
    assert "MSI" in machine.run("grep mlx4 /proc/interrupts").stdout
    machine.set_up()
    machine.reachable(1)


def test_semaphore_held(machine):
    """A tool that writes the card's flash holds the semaphore: the driver does
    not reset the card under it, and says why; later it takes it."""
    machine.tolerate = "mlx4"
    bind(machine, "unbind")
    machine.adapter.order(command="fault", kind="data", name="semaphore-held",
                          count=1)
    seconds, ports = bind(machine)
    assert ports == 0 and seconds < 10, (seconds, ports)
    assert machine.guest.dmesg(match="holds the reset semaphore")
    # Nothing but power or a word of the tool frees it.
    machine.adapter.order(command="remove")
    machine.adapter.order(command="insert")
    machine.run("sleep 0.2")
    assert bind(machine)[1] == 2
    machine.set_up()
    machine.reachable(1)


def indexes(machine):
    return [machine.run(f"cat /sys/class/net/eth{port}/ifindex").stdout
            for port in (0, 1)]


def health(machine):
    shown = json.loads(machine.run("devlink -j health show").stdout)
    return shown["health"][f"pci/{BDF}"][0]


def lost_seconds(machine, disturb):
    """How long the longest silence of a ping lasted in which `disturb` ran."""
    started = machine.guest.start(
        f"ping -n -D -i 0.05 -W 1 -w 15 {SERVER4[1]}", 60)
    time.sleep(2)
    disturb()
    out = machine.guest.finish(started, check=False).stdout
    times = [float(stamp) for stamp in re.findall(r"^\[([\d.]+)\] \d+ bytes",
                                                  out, re.MULTILINE)]
    assert len(times) > 100, out
    return max(b - a for a, b in zip(times, times[1:]))


def test_recovery(machine):
    """A fatal error of the firmware, twice, under traffic: network devices and
    addresses stay, traffic goes again within 2 s and the time of the link;
    devlink has counted it and shows the firmware's buffer."""
    machine.tolerate = "mlx4"
    before, recovered = indexes(machine), health(machine)["recover"]
    for number in (1, 2):
        silence = lost_seconds(machine, lambda: machine.adapter.order(
            command="catastrophic", code=CODE))
        # 1 s until it is noticed; the rest is for a busy host
        assert silence < 4, silence
        for port in (1, 2):
            machine.reachable(port, 30)
        assert health(machine)["recover"] == recovered + number
    assert indexes(machine) == before
    dump = machine.run(
        f"devlink health dump show pci/{BDF} reporter fw_fatal").stdout
    assert str(CODE) in dump, dump
    assert health(machine)["state"] == "healthy"


def test_port_does_not_come_back(machine):
    """A port that cannot be opened after a failure is closed, and the other one
    goes on; opened by hand it works again, and takes part in what comes."""
    machine.tolerate = "mlx4|eth[01]"
    start = len(machine.guest.console())
    fault(machine, "INIT_PORT", "status")
    machine.adapter.order(command="catastrophic", code=CODE)
    machine.guest.wait_console("port 1 does not come back", 30, start)
    machine.guest.wait_console("the adapter has recovered", 30, start)
    machine.reachable(2, 30)
    machine.set_up()
    machine.adapter.order(command="link", port=1, up=False)
    machine.wait_link(1, up=False)
    machine.adapter.order(command="link", port=1, up=True)
    machine.reachable(1)
    start = len(machine.guest.console())
    machine.adapter.order(command="catastrophic", code=CODE)
    machine.guest.wait_console("the adapter has recovered", 30, start)
    for port in (1, 2):
        machine.reachable(port, 30)
    assert not crashes(machine)


def test_command_lost_at_run_time(machine):
    """A command that never ends, of a card in use: given up in less than 10 s,
    the card is reset, traffic goes, both drivers unload and load."""
    machine.tolerate = "mlx4"
    fault(machine, "DUMP_ETH_STATS", "never")
    machine.guest.wait_console(r"DUMP_ETH_STATS \(0x\w+\) timed out", 15)
    machine.guest.wait_console("the adapter has recovered", 15)
    for port in (1, 2):
        machine.reachable(port, 30)
    machine.run("modprobe -r mlx4_en && modprobe -r mlx4_core && "
                "modprobe mlx4_en", 60)
    machine.set_up()
    machine.reachable(1)


def test_gives_up(machine):
    """A card whose firmware is dead after its failure: the driver tries a few
    times and then leaves it down, with a word; devlink reload tries again, and
    works when the firmware does."""
    machine.tolerate = "mlx4"
    fault(machine, "QUERY_FW", "status", count=1000)
    machine.adapter.order(command="catastrophic", code=CODE)
    machine.guest.wait_console("the adapter stays down", 60)
    assert health(machine)["state"] == "error"
    left = health(machine)["recover"]
    resets = (machine.lab.folder / "trace.log").read_text().count("QUERY_FW")
    time.sleep(5)
    assert (machine.lab.folder / "trace.log").read_text().count("QUERY_FW") \
        == resets, "it is reset for ever"
    machine.adapter.order(command="clear")
    machine.run(f"devlink dev reload pci/{BDF}", 30)
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port, 30)
    assert health(machine)["state"] == "healthy"
    assert health(machine)["recover"] == left


def test_devlink(machine):
    """What devlink says of the card, and its reload."""
    info = json.loads(machine.run("devlink -j dev info").stdout)
    info = info["info"][f"pci/{BDF}"]
    assert info["driver"] == "mlx4_core"
    assert info["versions"]["running"]["fw"].startswith("2."), info
    assert info["versions"]["fixed"]["fw.psid"] == \
        f"VT_{machine.combination.device:04X}0001", info
    ports = json.loads(machine.run("devlink -j port show").stdout)["port"]
    assert {port["netdev"]: port["port"] for port in ports.values()} == \
        {"eth0": 1, "eth1": 2}, ports
    for _ in range(3):
        machine.run(f"devlink dev reload pci/{BDF}", 30)
        machine.set_up()
        for port in (1, 2):
            machine.reachable(port)


def test_surprise_removal(machine):
    """The card is pulled under traffic, and put back."""
    machine.tolerate = "mlx4"
    machine.guest.start(f"ping -f -q -w 8 {SERVER4[1]}", 60)
    machine.adapter.order(command="remove")
    machine.guest.wait_console("the adapter has failed", 10)
    started = time.monotonic()
    machine.run(f"echo 1 >/sys/bus/pci/devices/{BDF}/remove", 30)
    assert time.monotonic() - started < 10
    assert "eth0" not in machine.run("ls /sys/class/net").stdout
    machine.adapter.order(command="insert")
    until(lambda: found_again(machine), 15, "the card")
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port)


def found_again(machine):
    machine.run("echo 1 >/sys/bus/pci/rescan")
    assert "eth1" in machine.run("ls /sys/class/net").stdout


def woken(machine, started):
    """A machine may have woken already when it is asked whether it sleeps."""
    if machine.guest.qmp("query-status")["status"] == "suspended":
        machine.guest.qmp("system_wakeup")
    return started[2].done.is_set()


# Its own: after a sleep QEMU's root port reports no error any more, whatever the
# driver, and test_pci_error would wait in vain.
@pytest.mark.own_guest
def test_sleep(machine):
    """The machine sleeps (S3) and wakes, three times: traffic goes again."""
    before = indexes(machine)
    for _ in range(3):
        started = machine.guest.start("echo mem >/sys/power/state", 90)
        wait_for(lambda: woken(machine, started), 60, "it does not wake")
        machine.guest.finish(started)
        for port in (1, 2):
            machine.reachable(port, 30)
    slept = machine.run("dmesg | grep -c 'PM: suspend exit'").stdout
    assert int(slept) >= 3
    assert indexes(machine) == before


# Behind a faster port newer kernels wait for its word that the link is active,
# which QEMU's port never gives: with the in-tree driver, too, they give up.
@pytest.mark.machine(qemu="-global pcie-root-port.x-speed=5")
def test_pci_error(machine):
    """An error of the PCI link that the root port reports: the card is taken
    down (detect), reset and brought up (slot reset, resume); traffic goes."""
    machine.tolerate = r"mlx4|pcieport|AER"
    before = indexes(machine)
    for _ in range(2):
        start = len(machine.guest.console())
        machine.guest.qmp("human-monitor-command", **{
            "command-line": "pcie_aer_inject_error port1 COMP_ABORT"})
        machine.guest.wait_console("AER: device recovery successful", 30,
                                   start)
        said = machine.guest.console()[start:]
        assert "failed: error on the PCI link" in said
        assert "back after the error" in machine.run("dmesg").stdout
        for port in (1, 2):
            machine.reachable(port, 30)
    assert indexes(machine) == before


@pytest.mark.own_guest
@pytest.mark.machine(memory=1536, append="crashkernel=400M")
def test_crash_kernel(machine):
    """The kernel crashes under traffic; the one that is started then takes the
    card from it, with little memory."""
    machine.tolerate = ".*"
    kernel = paths.kernel(machine.combination.kernel) / "vmlinuz"
    (machine.served / "vmlinuz").write_bytes(kernel.read_bytes())
    (machine.served / "initrd").symlink_to(
        machine.lab.folder / f"{machine.guest.name}.initrd")
    machine.run(f"cd /tmp && wget -q http://{SERVER4[1]}/vmlinuz && "
                f"wget -q http://{SERVER4[1]}/initrd && "
                "kexec -p vmlinuz --initrd=initrd --append='console=ttyS0 "
                "no_timer_check panic=1 irqpoll nr_cpus=1 reset_devices "
                "lab.modprobe=mlx4_en'", 200)
    machine.guest.start(f"ping -f -q -s 1000 -w 60 {SERVER4[1]}", 100)
    time.sleep(1)
    machine.guest.start("echo c >/proc/sysrq-trigger")
    machine.guest.wait_ready(180, crashed=True)
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port)
    vectors = machine.run("grep -c mlx4_core- /proc/interrupts").stdout
    assert int(vectors) == 2, "one for events, one for completions"
