# SPDX-License-Identifier: GPL-2.0-only
"""The arithmetic of the benchmarks."""

import json
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import adapter_cases  # noqa: E402
from report import Report  # noqa: E402


@pytest.fixture
def report():
    return Report({"loaded": False})


def test_more_is_better(report):
    report.add("x", "Mbit/s", [30, 10, 20], "peer", [5, 10, 40])
    case = report.cases[0]
    assert (case["ours"], case["peer_value"], case["ratio"]) == (20, 10, 2)
    assert case["paired_ratio"] == 1  # of 6, 1 and 0.5
    assert case["paired_range"] == [0.5, 6]
    assert case["ours_range"] == [10, 30]
    assert case["ratio_is"] == "ours / peer"


def test_less_is_better(report):
    report.add("x", "s", [2, 2, 8], "peer", [6, 4, 4], better="lower")
    case = report.cases[0]
    assert (case["ours"], case["peer_value"], case["ratio"]) == (2, 4, 2)
    assert case["paired_ratio"] == 2  # of 3, 2 and 0.5
    assert case["ratio_is"] == "peer / ours"


def test_less_is_better_as_a_share(report):
    report.add("x", "a packet", [2], "peer", [4], better="lower",
               ratio_is="ours / peer")
    case = report.cases[0]
    assert (case["ratio"], case["ratio_is"]) == (0.5, "ours / peer")


def test_nothing_to_divide_by(report):
    report.add("x", "a packet", [0, 0], "peer", [1, 2], better="lower")
    assert report.cases[0]["ratio"] is None
    assert "paired_ratio" not in report.cases[0]
    assert " - " in report.table()


def test_file(report, tmp_path):
    report.add("x", "s", [1], "peer", [2], better="lower", image_bytes=7)
    report.write(tmp_path / "made" / "bench.json")
    written = json.loads((tmp_path / "made" / "bench.json").read_text())
    assert written["loaded"] is False
    assert written["cases"][0]["image_bytes"] == 7
    assert written["cases"][0]["runs"] == 1


def test_peers_of_chosen_cases():
    assert adapter_cases.wanted_peers(
        ["adapter/throughput/igb/tx", "adapter/cpu/e1000e/rx"],
        ["throughput"]) == ["igb"]
    # one name begins like another's
    assert adapter_cases.wanted_peers(["adapter/mmio-reads/igb/tx"],
                                      ["throughput", "latency"]) == []
