# SPDX-License-Identifier: GPL-2.0-only
"""tryboot is looked at as a package (the readers) and as the program."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
for folder in (ROOT, ROOT / "tools"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def pytest_configure(config):
    config.addinivalue_line("markers",
                            "long: a row that make test leaves out")
