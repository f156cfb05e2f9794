# SPDX-License-Identifier: GPL-2.0-only
"""Rows of the acceptance list on machines of the matrix.

A row is a test that takes the fixture `machine`; its docstring is the row's
text. With --matrix=turn each row runs on the one combination whose turn it
is, with --matrix=all on every combination; --driver says with whose drivers.
Rows of one combination share a guest, one after another; a row that breaks it
makes the next one get a new one. Marks:
    needs("managed" | "dmfs" | "filter" | "vxlan" | "netdev" | "metadata" |
          "big-tcp" | "ours" | "in-tree")
                          combinations that have it
    machine(smp=4, ...)   a guest of its own kind (Machine has the options)
    own_guest             a guest of its own: the row destroys it
    every                 on each combination of the turn, not on one of them
"""

import collections
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.e2e import matrix                      # noqa: E402
from tests.e2e.machine import Machine             # noqa: E402


def pytest_addoption(parser):
    group = parser.getgroup("matrix")
    group.addoption("--matrix", choices=("turn", "all"), default="turn",
                    help="each row on one combination, or on all")
    group.addoption("--driver", choices=tuple(matrix.DRIVERS),
                    default=os.environ.get("CONNECTX_DRIVER", "ours"),
                    help="with whose mlx4 drivers; both in turn: each row with "
                         "ours, some with in-tree ones")
    group.addoption("--combination", default=None, metavar="NAME",
                    help="with --matrix=all: on this combination alone; none: "
                         "the rows that have no machine of the matrix")
    group.addoption("--results", default=None, metavar="FILE",
                    help="write what became of each cell, as JSON")


def pytest_configure(config):
    for mark in ("needs(feature): combinations that have it",
                 "machine(options): options of Machine",
                 "own_guest: the row destroys its guest",
                 "every: on each combination"):
        config.addinivalue_line("markers", mark)
    config.pluginmanager.register(Results(config), "matrix-results")


# which rows run where

def pytest_generate_tests(metafunc):
    if "combination" not in metafunc.fixturenames:
        return
    needs = [mark.args[0] for mark in
             metafunc.definition.iter_markers("needs")]
    metafunc.parametrize(
        "combination",
        [combination for combination in
         matrix.combinations(metafunc.config.getoption("--driver"))
         if all(combination.has(feature) for feature in needs)], ids=str)


def row_name(item):
    """The row's name: the test and its parameters but the combination."""
    callspec = getattr(item, "callspec", None)
    name = getattr(item, "originalname", None) or item.name
    others = [str(value) for key, value in callspec.params.items()
              if key != "combination"] if callspec else []
    if others:
        name += "[" + "-".join(others) + "]"
    return f"{item.path.stem}::{name}"


def needs_of(item):
    return [mark.args[0] for mark in item.iter_markers("needs")]


def options_of(item):
    options = {}
    for mark in item.iter_markers("machine"):
        options.update(mark.kwargs)
    return options


def own_guest(item):
    return item.get_closest_marker("own_guest") is not None


def pytest_collection_modifyitems(config, items):
    everything = config.getoption("--matrix") == "all"
    single = config.getoption("--combination")
    order = {combination: number for number, combination
             in enumerate(matrix.combinations())}
    config.needs_of_rows = {row_name(item): needs_of(item) for item in items}
    drivers = config.getoption("--driver")
    # pytest keeps a row that no combination of these drivers can run.
    nobody = [item for item in items if hasattr(item, "callspec") and
              item.callspec.params.get("combination", None) not in
              (None, *order)]
    items[:] = [item for item in items if item not in nobody]
    allowed = {}
    for item in items:
        callspec = getattr(item, "callspec", None)
        if callspec and "combination" in callspec.params:
            allowed.setdefault(row_name(item), []).append(
                callspec.params["combination"])
    kept, dropped, keys = [], nobody, {}
    for position, item in enumerate(items):
        callspec = getattr(item, "callspec", None)
        if not callspec or "combination" not in callspec.params:
            keys[item] = (-1, position)
            (kept if single in (None, "none") else dropped).append(item)
            continue
        combination = callspec.params["combination"]
        name = row_name(item)
        options = options_of(item)
        # Rows on one kind of machine share it
        own = matrix.choose(str(sorted(options.items())) if options else name,
                            drivers, allowed[name],
                            item.get_closest_marker("every") is not None)
        keys[item] = (order[combination], own_guest(item), bool(options),
                      str(sorted(options.items())), position)
        wanted = str(combination) == single if single else \
            everything or combination in own
        (kept if wanted else dropped).append(item)
    # The longest first: of several at a time, all end at about the same time.
    rows = collections.Counter(keys[item][0] for item in kept)
    kept.sort(key=lambda item: (-rows[keys[item][0]], keys[item]))
    for item in kept:
        # with -n and --dist loadgroup: rows that share a guest go together
        item.add_marker(pytest.mark.xdist_group(
            str(item.callspec.params.get("combination", item.nodeid))
            if hasattr(item, "callspec") else item.nodeid))
    items[:] = kept
    if dropped:
        config.hook.pytest_deselected(items=dropped)


# machines

class Pool:
    """Holds the one machine that runs."""

    def __init__(self):
        self.key = self.machine = None

    def get(self, key, options):
        fresh = self.machine is None or self.key != key or \
            self.machine.broken or not self.machine.guest.alive()
        if fresh:
            self.drop()
            self.machine = Machine(key[0], **options)
            self.key = key
        return self.machine

    def drop(self):
        if self.machine:
            self.machine.close()
        self.machine = self.key = None


@pytest.fixture(scope="session")
def pool():
    holder = Pool()
    yield holder
    holder.drop()


@pytest.fixture
def machine(request, pool, combination):
    """The machine of the combination. After the row its kernel must not have
    complained (a row may set machine.tolerate, a regular expression)."""
    options = options_of(request.node)
    key = (combination, str(sorted(options.items())),
           request.node.nodeid if own_guest(request.node) else None)
    # A new guest shows all that its kernel has said since power-on.
    mark = None
    if pool.machine and pool.key == key and not pool.machine.broken:
        mark = row_name(request.node)
    found = pool.get(key, options)
    found.tolerate = None
    if mark:
        try:
            found.mark(mark)
        except Exception:
            pool.drop()
            found = pool.get(key, options)
            found.tolerate, mark = None, None
    yield found
    report = getattr(request.node, "row_report", None)
    failed = report is None or report.failed
    try:
        if found.guest.alive() and not failed:
            complaints = found.complaints(mark, found.tolerate)
            assert not complaints, \
                "the kernel complains:\n" + "\n".join(complaints)
        assert found.adapter.alive(), \
            f"the adapter has ended:\n{found.adapter.log()}"
    except BaseException:
        failed = True
        raise
    finally:
        if failed:
            found.broken = "a row failed"
            name = re.sub(r"[^\w.,-]+", "_", request.node.nodeid)
            found.save_logs(ROOT / "build" / "e2e-logs" / name)
        if failed or own_guest(request.node):
            pool.drop()


# what became of them

@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if call.when == "call":
        item.row_report = report
    # Text: reports travel from pytest-xdist's workers as JSON
    report.combination = str(item.callspec.params.get("combination", "-")) \
        if hasattr(item, "callspec") else "-"
    report.row = row_name(item)
    report.needs = needs_of(item)
    report.text = " ".join((getattr(item, "obj", None).__doc__ or "").split())


def git(*words):
    """What git says of this tree ("" without git)."""
    try:
        return subprocess.run(["git", "-C", str(ROOT), *words],
                              capture_output=True, text=True,
                              check=False).stdout.strip()
    except OSError:
        return ""


class Results:
    """Collects cells and writes them as JSON."""

    def __init__(self, config):
        self.config = config
        self.path = config.getoption("--results")
        # pytest-xdist's workers send what they find to the one that writes
        self.worker = hasattr(config, "workerinput")
        self.mode = config.getoption("--matrix")
        self.cells = {}
        # What is tested is what stands here when the run begins.
        self.commit = git("log", "-1", "--format=%H")
        self.changed = bool(git("status", "--porcelain",
                                "--untracked-files=no"))

    def pytest_runtest_logreport(self, report):
        # A row that was interrupted after its set-up has not passed.
        if not hasattr(report, "row") or \
                (report.when == "setup" and report.outcome == "passed"):
            return
        key = (report.row, report.combination)
        cell = self.cells.setdefault(key, {
            "row": report.row, "text": report.text,
            "combination": report.combination, "outcome": "passed",
            "needs": report.needs, "seconds": 0.0})
        cell["seconds"] = round(cell["seconds"] + report.duration, 1)
        if report.outcome != "passed" and cell["outcome"] != "failed":
            cell["outcome"] = report.outcome
            cell["why"] = str(report.longrepr).strip().splitlines()[-1] \
                if report.longrepr else ""

    def pytest_sessionfinish(self, exitstatus):
        if not self.path or self.worker:
            return
        result = {"commit": self.commit, "changed": self.changed,
                  "complete": exitstatus in (pytest.ExitCode.OK,
                                             pytest.ExitCode.TESTS_FAILED),
                  "date": datetime.datetime.now(datetime.timezone.utc)
                  .strftime("%Y-%m-%d %H:%M UTC"),
                  "mode": self.mode, "cells": list(self.cells.values()),
                  # Of rows that were not run, too; only their workers know
                  # with pytest-xdist
                  "needs": getattr(self.config, "needs_of_rows", {})}
        path = pathlib.Path(self.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(result, indent=1) + "\n")
        temporary.replace(path)
