#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""make segments: asks every kernel about every cell, writes docs/segments.md."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (2, 1)]

from tests.segments import cells, record  # noqa: E402
from tests.segments.kernel import Kernel  # noqa: E402


def main():
    answers = {}
    for name in cells.KERNELS:
        with Kernel(name) as kernel:
            for cell in cells.CELLS:
                message, files = kernel.unpack(cells.image(cell)[0])
                answers[name, cell] = message, tuple(files)
        print(f"kernel {name}: {len(cells.CELLS)} cells", flush=True)
    record.write(answers)


if __name__ == "__main__":
    main()
