# SPDX-License-Identifier: GPL-2.0-only
"""devlink's parameters and regions of our drivers."""

import json
import re

import pytest

from tests.e2e.machine import SERVER4, until
from tests.e2e.test_04_steering import FOREIGN, PORT, expect
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
