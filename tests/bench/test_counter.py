# SPDX-License-Identifier: GPL-2.0-only
"""What the counts of a guest are made into."""

import collections
import socket
import struct
import sys
import threading
from pathlib import Path

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import counter  # noqa: E402
import driver_cases  # noqa: E402
import footprint_cases  # noqa: E402
from counter import Counts, Symbols, card_registers, difference  # noqa: E402
from driver_machine import DriverMachine, Sample, a_packet  # noqa: E402
from lab import LabError  # noqa: E402

KALLSYMS = """\
ffffffff81000000 T _stext
ffffffff81000100 T kmem_cache_alloc_noprof
ffffffff81000200 t kmem_cache_alloc_noprof.cold
ffffffff81000300 D kmalloc_caches
ffffffffc0000000 t cx_poll\t[mlx4_core]
ffffffffc0000080 t en_poll\t[mlx4_en]
ffffffffc0000080 t en_poll_alias\t[mlx4_en]
ffffffffc0001000 t kmem_cache_alloc_noprof\t[other]
"""


@pytest.fixture
def symbols():
    return Symbols(KALLSYMS)


def test_whose_an_address_is(symbols):
    assert symbols.name(0xffffffff81000104) == \
        ("kernel", "kmem_cache_alloc_noprof")
    # data is nobody's code
    assert symbols.name(0xffffffff81000308) == \
        ("kernel", "kmem_cache_alloc_noprof.cold")
    assert symbols.name(0xffffffffc000007f) == ("mlx4_core", "cx_poll")
    assert symbols.name(0xffffffffc0000fff)[0] == "mlx4_en"
    assert symbols.name(0)[0] == "kernel"


def test_instructions_of_functions(symbols):
    sums = symbols.functions({0xffffffffc0000000: 3, 0xffffffffc0000004: 4,
                              0xffffffff81000000: 5})
    assert sums == {("mlx4_core", "cx_poll"): 7, ("kernel", "_stext"): 5}


def test_calls_of_an_allocator(symbols):
    # one of them comes behind the first instruction, none is a part of it
    executed = {0xffffffff81000100: 6, 0xffffffff81000104: 7,
                0xffffffff81000108: 9, 0xffffffff81000200: 11,
                0xffffffffc0001000: 13}
    assert symbols.calls(executed, counter.SLAB) == 7
    assert symbols.calls(executed, counter.PAGES) == 0


def test_hidden_symbols():
    with pytest.raises(LabError):
        Symbols("0000000000000000 T _stext\n")


def test_difference():
    before = Counts(10, {1: 1, 2: 2}, {"BAR 0": (1, 10)})
    after = Counts(15, {1: 1, 2: 5, 3: 4}, {"BAR 0": (4, 30), "new": (0, 2)})
    assert difference(before, after) == \
        Counts(5, {2: 3, 3: 4}, {"BAR 0": (3, 20), "new": (0, 2)})


def test_registers_of_the_card_only():
    assert card_registers({"vfio-user:adapter1.sock BAR 2": (3, 20),
                           "apic-msi": (100, 100), "anon4321": (9, 9),
                           "msix-table": (0, 2)}) == (3, 22)


def answer(counting=1, uncounted=0, pairs=((2, 3),), announced=None):
    devices = struct.pack("48sQQ", b"igb-mmio", 5, 6) + bytes(64)
    return struct.pack("5Q", counting, 7, uncounted, 2,
                       len(pairs) if announced is None else announced) + \
        devices + b"".join(struct.pack("QQ", *pair) for pair in pairs)


@pytest.fixture
def plugin(tmp_path):
    """A Counter whose plugin gives the answers that are put in the list."""
    lab = collections.namedtuple("Lab", "folder")(tmp_path)
    answers = []
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / counter.SOCKET))
    listener.listen(4)

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(answers.pop(0))
    threading.Thread(target=serve, daemon=True).start()
    yield counter.Counter(lab), answers
    listener.close()


def test_answer(plugin):
    one, answers = plugin
    answers += [answer(0), answer(0), answer(), answer()]
    with pytest.raises(LabError):
        one.read()
    one.begin()
    assert one.read() == Counts(7, {2: 3}, {"igb-mmio": (5, 6)})


def test_answers_that_lack_something(plugin):
    one, answers = plugin
    answers += [answer(uncounted=1), answer(announced=2)]
    for _ in range(2):
        with pytest.raises(LabError):
            one.read()


def sample(packets, module, functions=None):
    return Sample(packets=packets, module=module, guest=10 * module, writes=0,
                  reads=0, interrupts=0, allocations=0, seconds=1,
                  functions=collections.Counter(functions or {}))


def test_packet_is_what_phases_differ_by():
    # 1000 once, 5 for each packet
    one = a_packet(sample(10, 1050, {"f": 50, "g": 7}),
                   sample(110, 1550, {"f": 550, "g": 7}))
    assert (one.packets, one.module, one.guest) == (100, 5, 50)
    assert one.functions == {"f": 5, "g": 0}


def test_comparison():
    class Report:
        def add(self, *args, **more):
            self.added = args, more
    report, one = Report(), sample(1, 300)
    samples = {"ours": {"tx-60-burst-1": [one._replace(reads=-0.002)]},
               "igb": {"tx-60-burst-1": [one._replace(reads=0.5)]}}
    driver_cases.add(report, "name", "reads", "MMIO reads", "ours", "igb",
                     samples, "tx-60-burst-1")
    assert report.added == (
        ("name", "MMIO reads a packet", [0], "igb", [0.5]),
        {"better": "lower", "ratio_is": "ours / peer"})


def test_frames():
    machine = DriverMachine.__new__(DriverMachine)
    machine.mac, machine.server_mac = "00:02:c9:00:00:bb", "02:00:00:00:00:01"
    for size in driver_cases.SIZES:
        frame = machine.frame(size, "11.4.3.130", 9)
        read = Ether(frame)
        assert len(frame) == size == 14 + read[IP].len
        # scapy works lengths and checksums out anew
        again = read.copy()
        for field in ("len", "chksum"):
            delattr(again[IP], field)
        del again[UDP].len
        assert bytes(again) == frame


def test_case_names():
    names = [*driver_cases.cases(), *footprint_cases.cases()]
    assert len(names) == len(set(names))
    assert "driver/instructions/igb/tx-60-burst-1" in names
    assert "driver/footprint/carrier/mtu" in names
    assert all(name.startswith("driver/") for name in names)
