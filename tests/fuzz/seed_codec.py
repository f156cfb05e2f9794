#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes a corpus for fuzz_codec: a stream of each compressor's own program,
strict, lenient and as the kernel reads it, alone and before another one."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.e2e.tools_fixtures import PACKERS, pack  # noqa: E402

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
TEXT = b"".join(b"%d bottles " % n for n in range(120))
for name in PACKERS:
    if name == "none":
        continue
    for kind, text in (("text", TEXT), ("empty", b""), ("zeroes", bytes(3000))):
        stream = pack(name, text)
        for how in (0x05, 0x40, 0x80):
            (folder / f"{name}-{kind}-{how:02x}").write_bytes(
                bytes([how]) + stream)
        (folder / f"{name}-{kind}-twice").write_bytes(
            b"\x01" + stream + bytes(4) + stream)
blocks = subprocess.run(["xz", "-c0", "-T2", "--block-size=400",
                         "--check=crc32"], input=TEXT, check=True,
                        capture_output=True).stdout
(folder / "xz-blocks").write_bytes(b"\x05" + blocks)
(folder / "xz-blocks-twice").write_bytes(b"\x01" + blocks + bytes(4) + blocks)
(folder / "seed-all").write_bytes(b"\0" + pack("gzip", TEXT))
