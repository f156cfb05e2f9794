# SPDX-License-Identifier: GPL-2.0-only
"""Data centre bridging with our driver: what is set is kept, read back, sent to
the card, and sent again after a reset of it. A virtual wire never pauses or
shapes: that is not looked at."""

import json

import pytest

from tests.e2e.machine import until
from tests.e2e.test_13_adapter import BDF, CODE, health

pytestmark = pytest.mark.needs("ours")
managed = pytest.mark.needs("managed")

HOST, CEE, IEEE = 1, 4, 8
DEV = "eth0"


def dcb(machine, order, *numbers):
    """An order of guest/dcb.py, and its answer."""
    words = " ".join(str(number) for number in numbers)
    return json.loads(machine.run(
        f"python3 /e2e/dcb.py {DEV} {order} {words}", 60).stdout)


def shown(machine, what):
    return json.loads(machine.run(f"dcb -j {what} show dev {DEV}").stdout)


def reset(machine):
    """The card fails, and comes back; the commands that it was given."""
    recovered = health(machine)["recover"]
    before = machine.adapter.traced()
    machine.adapter.order(command="catastrophic", code=CODE)
    until(lambda: counted(machine, recovered + 1), 30, "the recovery")
    machine.reachable(1, 30)
    return machine.adapter.commands(before)


def counted(machine, number):
    assert health(machine)["recover"] == number


@pytest.fixture
def clean(machine):
    """A change of the protocol and back forgets all that was set."""
    yield
    machine.run(f"dcb dcbx set dev {DEV} host ieee && "
                f"dcb maxrate set dev {DEV} tc-maxrate all:0 && "
                f"dcb dcbx set dev {DEV} host cee ieee")


@managed
def test_ets(machine, clean):
    """Shares, strict classes and limits of traffic classes: read back, sent to
    the card, wrong ones refused, and sent again after a reset."""
    machine.tolerate = "mlx4"
    before = machine.adapter.traced()
    machine.run(f"dcb ets set dev {DEV} tc-tsa all:strict 0:ets 1:ets "
                "tc-bw all:0 0:30 1:70 prio-tc all:0 3:1 7:5")
    assert machine.adapter.commands(before).count("SET_PORT") == 2
    ets = shown(machine, "ets")
    assert ets["tc_tsa"] == ["ets", "ets"] + ["strict"] * 6
    assert ets["tc_bw"] == [30, 70] + [0] * 6
    assert ets["prio_tc"] == [0, 0, 0, 1, 0, 0, 0, 5]
    assert machine.run(f"dcb ets set dev {DEV} tc-bw 0:50",
                       check=False).status != 0
    machine.run(f"dcb maxrate set dev {DEV} tc-maxrate 1:2gbit")
    rates = shown(machine, "maxrate")["tc_maxrate"]
    assert rates[1] == 250_000_000, rates
    usual = reset(machine).count("SET_PORT")
    assert shown(machine, "ets") == ets
    assert shown(machine, "maxrate")["tc_maxrate"] == rates
    machine.run(f"dcb dcbx set dev {DEV} host ieee && "
                f"dcb maxrate set dev {DEV} tc-maxrate all:0")
    assert shown(machine, "ets")["tc_tsa"] != ets["tc_tsa"]
    # PRIO2TC and SCHEDULER of the one port
    assert reset(machine).count("SET_PORT") == usual - 2


def test_pfc(machine):
    """Flow control of priorities by dcb, on every card."""
    machine.run(f"dcb pfc set dev {DEV} prio-pfc all:off 3:on 5:on")
    pfc = shown(machine, "pfc")
    assert pfc["pfc_cap"] == 8
    assert [on for on, state in enumerate(pfc["prio_pfc"]) if state] == [3, 5]
    machine.run(f"dcb pfc set dev {DEV} prio-pfc all:off")
    assert not any(shown(machine, "pfc")["prio_pfc"])


@managed
def test_dcbx(machine, clean):
    """Which protocol counts: both at first; the one that does not is refused,
    and so is an agent in the adapter, which has none."""
    assert dcb(machine, "dcbx") == HOST | CEE | IEEE
    pfc = f"dcb pfc set dev {DEV} prio-pfc 1:on"
    machine.run(pfc)
    machine.run(f"dcb dcbx set dev {DEV} host cee")
    assert not any(shown(machine, "pfc")["prio_pfc"])
    assert machine.run(pfc, check=False).status != 0
    assert dcb(machine, "set-state", 1) == 0
    assert dcb(machine, "set-state", 0) == 0
    assert dcb(machine, "set-dcbx", HOST | IEEE) == 0
    assert dcb(machine, "set-state", 1) == 1
    machine.run(pfc)
    for wrong in (0, IEEE, HOST | 2 | IEEE):
        assert dcb(machine, "set-dcbx", wrong) == 1
    assert dcb(machine, "dcbx") == HOST | IEEE


def test_mqprio(machine):
    """Traffic classes by tc: eight or none, each with queues of its own."""
    queues = f"ls /sys/class/net/{DEV}/queues | grep -c tx-"
    before = int(machine.run(queues).stdout)
    order = f"tc qdisc replace dev {DEV} root mqprio num_tc {{}} map {{}} hw 1"
    assert machine.run(order.format(4, "0 1 2 3 " * 4),
                       check=False).status != 0
    machine.run(order.format(8, "0 1 2 3 4 5 6 7 " * 2))
    assert int(machine.run(queues).stdout) == 8 * before
    shown = machine.run(f"tc qdisc show dev {DEV}").stdout
    assert "mqprio 8" in shown or "tc 8" in shown, shown
    for _ in range(3):
        machine.reachable(1)
    machine.run(f"tc qdisc del dev {DEV} root")
    assert int(machine.run(queues).stdout) == before
    machine.reachable(1)


@managed
def test_cee(machine, clean):
    """CEE: what the port can, traffic classes with the state, flow control
    that holds when all is applied, the table of applications."""
    assert dcb(machine, "cap") == {"pfc": 1, "pfc_tcs": 0x80,
                                   "dcbx": HOST | CEE | IEEE,
                                   "2": 0, "4": 0, "5": 0, "7": 0, "8": 0}
    assert dcb(machine, "numtcs") == {"pg": 8, "pfc": 8}
    assert dcb(machine, "state") == 0
    queues = f"ls /sys/class/net/{DEV}/queues | grep -c tx-"
    before = int(machine.run(queues).stdout)
    assert dcb(machine, "set-state", 1) == 0
    assert dcb(machine, "state") == 1
    assert int(machine.run(queues).stdout) == 8 * before
    machine.reachable(1)
    dcb(machine, "set-pfc", 0, 1, 2, 3, 0, 0, 0, 0)
    assert dcb(machine, "pfc") == [0, 1, 2, 3, 0, 0, 0, 0]
    assert dcb(machine, "pfc-state") == 0
    dcb(machine, "set-pfc-state", 1)
    assert dcb(machine, "pfc-state") == 1
    assert not any(shown(machine, "pfc")["prio_pfc"]), "not applied yet"
    assert dcb(machine, "set-all") == 0
    # What IEEE shows is what the port asks of the other end: full and tx
    assert [prio for prio, on in enumerate(shown(machine, "pfc")["prio_pfc"])
            if on] == [1, 2]
    assert dcb(machine, "set-app", 0, 0x8906, 8) == 0
    assert dcb(machine, "app", 0, 0x8906) == 8
    assert dcb(machine, "set-state", 0) == 0
    assert int(machine.run(queues).stdout) == before
    machine.reachable(1)


@managed
def test_qcn(machine, clean):
    """Congestion notification: every parameter of every priority comes back as
    it was set, also after a reset; statistics can be read."""
    machine.tolerate = "mlx4"
    wanted = dcb(machine, "set-qcn", 1000)
    assert dcb(machine, "qcn") == wanted
    assert reset(machine).count("CONGESTION_CTRL") >= 8
    assert dcb(machine, "qcn") == wanted
    stats = dcb(machine, "qcn-stats")
    assert stats == {"centiseconds": [0] * 8, "created": [0] * 8}
    other = json.loads(machine.run("python3 /e2e/dcb.py eth1 qcn").stdout)
    assert not any(other["rpg_enable"]), "the other port has its own"
