# SPDX-License-Identifier: GPL-2.0-only
"""One guest for all rows of a module; a row that breaks it gets the next one a
new one."""

import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.debug.checked import Checked           # noqa: E402


class Holder:
    def __init__(self):
        self.checked = None

    def get(self):
        if self.checked is None or not self.checked.guest.alive():
            self.drop()
            self.checked = Checked()
            self.checked.load()
        return self.checked

    def drop(self):
        if self.checked:
            self.checked.close()
        self.checked = None


@pytest.fixture(scope="module")
def holder():
    found = Holder()
    yield found
    found.drop()


@pytest.fixture
def checked(request, holder):
    found = holder.get()
    yield found
    report = getattr(request.node, "row_report", None)
    if report is None or report.failed:
        found.lab.keep = True
        print(f"logs: {found.lab.folder}")
        holder.drop()


@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.row_report = outcome.get_result()
