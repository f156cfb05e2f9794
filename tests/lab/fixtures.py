# SPDX-License-Identifier: GPL-2.0-only
"""pytest fixtures: `pytest_plugins = ["lab.fixtures"]`, with tests/ in the
path of Python.

lab          a Lab of this test's own, ended after the test; its run folder is
             kept, and named in the report, if the test failed
module_lab   one Lab for the tests of a module
Both fail, not skip, if make lab has not been run: an end to end test that was
not run has not passed.
"""

import pytest

from . import Lab, paths


def _new_lab():
    if not paths.is_built():
        pytest.fail("the lab is not built: run make lab", pytrace=False)
    return Lab()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed and report.when in ("setup", "call"):
        for name in ("lab", "module_lab"):
            lab = item.funcargs.get(name) if hasattr(item, "funcargs") else None
            if lab:
                lab.keep = True
                report.sections.append(("lab", f"logs: {lab.folder}"))


@pytest.fixture
def lab():
    with _new_lab() as made:
        yield made


@pytest.fixture(scope="module")
def module_lab():
    with _new_lab() as made:
        yield made
