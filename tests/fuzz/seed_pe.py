#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes a corpus of small unified kernel images for fuzz_pe."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.e2e.pe_file import make  # noqa: E402

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
(folder / "signed").write_bytes(make([(".initrd", b"070701"), (".linux", b"x")],
                                     certificate=b"C" * 16))
(folder / "seed-all").write_bytes(make([(".osrel", b"ID=x"),
                                        (".initrd", b"070701")], gap=2))
