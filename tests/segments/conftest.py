# SPDX-License-Identifier: GPL-2.0-only
"""The packages of the tests, and the lab's fixtures."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

pytest_plugins = ["tests.lab.fixtures"]
