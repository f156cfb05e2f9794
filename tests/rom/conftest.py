# SPDX-License-Identifier: GPL-2.0-only
"""Machines that have nothing but the ROM."""

import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

pytest_plugins = ["tests.lab.fixtures"]


def pytest_configure(config):
    config.addinivalue_line("markers", "short: part of make test")


@pytest.fixture
def power_on(lab):
    """power_on(firmware, device, ...): see Machine."""
    from tests.rom.machine import Machine
    return lambda *args, **options: Machine(lab, *args, **options)
