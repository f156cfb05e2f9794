# SPDX-License-Identifier: GPL-2.0-only
"""devlink's parameters, regions and port reporters of our drivers."""

import json
import re

import pytest

from tests.e2e.frames import Wire
from tests.e2e.machine import MAC, SERVER4, until
from tests.e2e.test_04_steering import FOREIGN, PORT, expect, plain
from tests.e2e.test_04_steering import wire  # noqa: F401
from tests.e2e.test_13_adapter import BDF, CODE, health

pytestmark = pytest.mark.needs("ours")

# Registers of BAR 0 (docs/hardware/registers.md)
DEVICE_ID, CATASTROPHIC, BAR0_SIZE, HEALTH_SIZE = 0xf0014, 0x1f020, 1 << 20, 64
HARDWARE_ID = {4099: 0x1f5, 4103: 0x1f7}


def params(machine):
    """{name: {cmode: value}}"""
    # 6.1 knows no selector here
    shown = json.loads(machine.run("devlink -j dev param show").stdout)
    return {param["name"]: {value["cmode"]: value["value"]
                            for value in param["values"]}
            for param in shown["param"][f"pci/{BDF}"]}


def set_param(machine, name, value, cmode, check=True):
    return machine.run(f"devlink dev param set pci/{BDF} name {name} "
                       f"value {value} cmode {cmode}", check=check)


def reload(machine):
    machine.run(f"devlink dev reload pci/{BDF}", 30)
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port)


def test_params(machine):
    """Parameters: what is offered, what is refused, and that what is set for
    the next start holds from a reload on, and no moment earlier."""
    name = "region_snapshot_enable"
    assert params(machine) == {
        "internal_error_reset": {"runtime": True, "driverinit": True},
        name: {"runtime": False, "driverinit": False},
        "max_macs": {"driverinit": 128}}
    for wrong in (0, 3, 256):
        assert set_param(machine, "max_macs", wrong, "driverinit",
                         check=False).status != 0
    set_param(machine, name, "true", "driverinit")
    assert params(machine)[name]["runtime"] is False
    reload(machine)
    assert params(machine)[name]["runtime"] is True
    set_param(machine, name, "false", "driverinit")
    reload(machine)
    assert params(machine)[name]["runtime"] is False


@pytest.mark.needs("filter")
def test_max_macs(machine, wire):  # noqa: F811
    """With room for one address a port with two takes all frames, with a word
    about it; with room for more it does not."""
    machine.tolerate = "no room for every address"
    dev = machine.dev(PORT)

    def others_arrive(yes):
        machine.run(f"bridge fdb add 02:00:00:00:bb:01 dev {dev}")
        expect(machine, wire, FOREIGN, yes, "another's address")
        machine.run(f"bridge fdb del 02:00:00:00:bb:01 dev {dev}")

    others_arrive(False)
    set_param(machine, "max_macs", 1, "driverinit")
    reload(machine)
    others_arrive(True)
    set_param(machine, "max_macs", 128, "driverinit")
    reload(machine)
    others_arrive(False)


def test_internal_error_reset(machine):
    """Without internal_error_reset a failure is told and counted, and the card
    left as it is; a word of the user's resets it."""
    machine.tolerate = "mlx4"
    before = health(machine)
    set_param(machine, "internal_error_reset", "false", "runtime")
    machine.adapter.order(command="catastrophic", code=CODE)
    machine.guest.wait_console("as internal_error_reset wants it", 15)
    until(lambda: in_error(machine), 5, "the state")
    assert health(machine)["error"] == before["error"] + 1
    assert health(machine)["recover"] == before["recover"]
    assert machine.ping(SERVER4[1]) == 0
    set_param(machine, "internal_error_reset", "true", "runtime")
    machine.run(f"devlink health recover pci/{BDF} reporter fw_fatal", 30)
    for port in (1, 2):
        machine.reachable(port, 30)
    assert health(machine)["state"] == "healthy"
    machine.run(f"devlink health dump clear pci/{BDF} reporter fw_fatal")


def in_error(machine):
    assert health(machine)["state"] == "error"


def regions(machine):
    """{name: (size, snapshots)}"""
    shown = json.loads(machine.run("devlink -j region show").stdout)
    return {name.rpartition("/")[2]: (region["size"],
                                      region.get("snapshot") or [])
            for name, region in shown["regions"].items()}


def read(machine, region, snapshot, address, length=4):
    """A snapshot's bytes as a number."""
    out = machine.run(f"devlink region read pci/{BDF}/{region} snapshot "
                      f"{snapshot} address {address} length {length}").stdout
    text = "".join(re.sub(r"^\s*[0-9a-f]{16}", "", line)
                   for line in out.splitlines())
    return int(re.sub(r"\s", "", text), 16)


@pytest.mark.needs("managed")
def test_regions(machine):
    """Snapshots of the card's registers, by hand: what they hold, and that
    they take neither the card's ownership nor its semaphore."""
    assert regions(machine) == {"cr-space": (BAR0_SIZE, []),
                                "fw-health": (HEALTH_SIZE, [])}
    ids = {"cr-space": 7, "fw-health": 8}
    for name, snapshot in ids.items():
        machine.run(f"devlink region new pci/{BDF}/{name} "
                    f"snapshot {snapshot}", 120)
    assert {name: region[1] for name, region in regions(machine).items()} == \
        {name: [snapshot] for name, snapshot in ids.items()}
    assert read(machine, "cr-space", 7, DEVICE_ID) & 0xffff == \
        HARDWARE_ID[machine.combination.device]
    assert read(machine, "fw-health", 8, 0) == 0
    dump = machine.run(f"devlink region dump pci/{BDF}/fw-health "
                       "snapshot 8").stdout
    # An address in front of each line of sixteen
    assert len(re.findall(r"\b[0-9a-f]{2}\b", dump)) == HEALTH_SIZE, dump
    for name, snapshot in ids.items():
        machine.run(f"devlink region del pci/{BDF}/{name} "
                    f"snapshot {snapshot}")
    # Who finds the semaphore taken waits for 5 s and gives up.
    reload(machine)


@pytest.mark.needs("managed")
def test_region_at_failure(machine):
    """With region_snapshot_enable a fatal error leaves a snapshot of what the
    firmware wrote, and the card recovers; without it there is none."""
    machine.tolerate = "mlx4"
    recovered = health(machine)["recover"]
    set_param(machine, "region_snapshot_enable", "true", "runtime")
    machine.adapter.order(command="catastrophic", code=CODE)
    until(lambda: counted(machine, recovered + 1), 120, "the recovery")
    set_param(machine, "region_snapshot_enable", "false", "runtime")
    taken = {name: region[1] for name, region in regions(machine).items()}
    assert [len(ids) for ids in taken.values()] == [1, 1], taken
    assert taken["cr-space"] == taken["fw-health"]
    snapshot = taken["cr-space"][0]
    assert read(machine, "cr-space", snapshot, CATASTROPHIC) == CODE
    assert read(machine, "fw-health", snapshot, 0) == CODE
    for port in (1, 2):
        machine.reachable(port, 30)
    machine.adapter.order(command="catastrophic", code=CODE)
    until(lambda: counted(machine, recovered + 2), 30, "the recovery")
    assert {name: region[1]
            for name, region in regions(machine).items()} == taken
    for name in taken:
        machine.run(f"devlink region del pci/{BDF}/{name} "
                    f"snapshot {snapshot}")
    for port in (1, 2):
        machine.reachable(port, 30)


def counted(machine, number):
    assert health(machine)["recover"] == number


def reporters(machine, name):
    """{device: reporter} of the ports' reporters of that name."""
    shown = json.loads(machine.run("devlink -j health show").stdout)["health"]
    return {device: reporter for device, all_of_it in shown.items()
            if device.startswith("auxiliary/")
            for reporter in all_of_it if reporter["reporter"] == name}


def total(machine, name, what):
    return sum(reporter[what] for reporter in
               reporters(machine, name).values())


def more(machine, name, before, errors, recoveries):
    """Waits until a reporter of that name has so many more than `before`."""
    def look():
        now = [total(machine, name, what) for what in ("error", "recover")]
        assert now == [before[0] + errors, before[1] + recoveries], now
    until(look, 30, f"{name}: errors and recoveries")


LIES = {"tx": ("send-error", "transmit queue hangs", "oldest descriptor"),
        "rx": ("cqe-index", "bad completion", "next completion")}


def lie(machine, name):
    """One of them, and traffic that meets it: what is received gets no answer,
    so that the next completion is one of its kind."""
    machine.adapter.order(command="fault", kind="data", name=LIES[name][0],
                          count=1)
    if name == "tx":
        machine.ping(SERVER4[PORT], 3)
    else:
        with Wire(machine.lab, f"tap{PORT}") as sender:
            sender.send(*plain(MAC[PORT], count=3))
    machine.run("sleep 0.2")
    machine.adapter.order(command="clear")


@pytest.mark.parametrize("name", LIES)
def test_reporter(machine, name):
    """A queue that the adapter breaks off: its port's reporter counts it, keeps
    a dump and replaces the queue; with auto_recover off it waits for the user,
    or for the device to be opened anew. diagnose shows every queue."""
    machine.tolerate = "mlx4"
    devices = reporters(machine, name)
    assert len(devices) == 2, devices
    assert {reporter["state"] for reporter in devices.values()} == {"healthy"}
    before = [total(machine, name, what) for what in ("error", "recover")]
    lie(machine, name)
    more(machine, name, before, 1, 1)
    for port in (1, 2):
        machine.reachable(port, 45)
    dumps = "".join(machine.run(
        f"devlink health dump show {device} reporter {name}").stdout
        for device in devices)
    assert LIES[name][1] in dumps and LIES[name][2] in dumps, dumps

    for device in devices:
        machine.run(f"devlink health dump clear {device} reporter {name} && "
                    f"devlink health set {device} reporter {name} "
                    "auto_recover false")
    lie(machine, name)
    more(machine, name, before, 2, 1)
    broken = [device for device, reporter in reporters(machine, name).items()
              if reporter["state"] == "error"]
    assert len(broken) == 1
    said = machine.run(
        f"devlink health diagnose {broken[0]} reporter {name}").stdout
    assert len(re.findall(r"broken: true", said)) == 1, said
    assert len(re.findall(r"QP: \d+", said)) >= 2, said
    machine.run(f"devlink health recover {broken[0]} reporter {name}")
    more(machine, name, before, 2, 2)
    for port in (1, 2):
        machine.reachable(port, 45)

    lie(machine, name)
    more(machine, name, before, 3, 2)
    machine.run("ip link set eth0 down; ip link set eth1 down")
    machine.set_up()
    for port in (1, 2):
        machine.reachable(port, 45)
    assert {reporter["state"] for reporter in
            reporters(machine, name).values()} == {"healthy"}
    more(machine, name, before, 3, 2)
    for device in devices:
        machine.run(f"devlink health set {device} reporter {name} "
                    "auto_recover true")
