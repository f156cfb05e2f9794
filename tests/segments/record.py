# SPDX-License-Identifier: GPL-2.0-only
"""docs/segments.md: the kernels' answers, as tables that are read back."""

from tests.e2e.tools_fixtures import PACKERS
from tests.lab import paths

from . import cells

DOCUMENT = paths.REPOSITORY / "docs/segments.md"
HEAD = """\
# Two segments in an initrd

What a kernel makes of an initrd of two segments: the first packed as the row
says, the second as the column says, with zero bytes between them. `make
segments` has written this page: {count} cells, each an image that the kernel's
own unpack_to_rootfs() was given in a booted machine. `make test-segments` holds
what mkinitrd-en says of each image against it, and boots some of them whole.

The segments are archives that end with a trailer, packed by the compressors'
own programs (lz4 in its legacy frame, xz with CRC32), each of a multiple of 4
bytes. A letter stands for what the kernel does:

| letter | the second segment is | the kernel says |
| --- | --- | --- |
"""
GAPS = {"0": "nothing between them", "4": "4 zero bytes between them",
        "512": "512 zero bytes between them",
        "off 4": "1 to 3 zero bytes, so that the second begins off a multiple"
                 " of 4"}
READ = "."


def _letters(answers):
    """{answer: letter}; an answer is (message, files)."""
    others = sorted({a for a in answers.values()
                     if a != (None, (cells.FIRST, cells.SECOND))},
                    key=lambda answer: (str(answer[0]), answer[1]))
    letters = {answer: chr(ord("a") + n) for n, answer in enumerate(others)}
    return letters | {(None, (cells.FIRST, cells.SECOND)): READ}


def _fate(files):
    if cells.SECOND in files:
        return "read"
    return "lost" if cells.FIRST in files else "lost, and the first too"


FILES = {_fate(files): files for files in (
    (), (cells.FIRST,), (cells.FIRST, cells.SECOND))}


def _groups(answers):
    """Kernels that answer the same share a table."""
    groups = {}
    for kernel in cells.KERNELS:
        key = tuple(answers[kernel, cell] for cell in cells.CELLS)
        groups.setdefault(key, []).append(kernel)
    return groups.values()


def write(answers):
    """Write what kernels made of cells, {(kernel, cell): (message, files)}."""
    letters = _letters(answers)
    lines = [HEAD.format(count=len(answers)).rstrip()]
    for (message, files), letter in sorted(letters.items(),
                                           key=lambda item: item[1]):
        said = f'"{message}"' if message else "nothing"
        lines.append(f"| {letter} | {_fate(files)} | {said} |")
    for kernels in _groups(answers):
        lines += ["", f"## Kernels {', '.join(kernels)}"]
        for gap in cells.GAPS:
            lines += ["", f"### {gap}: {GAPS[gap]}", "",
                      "| | " + " | ".join(PACKERS) + " |",
                      "| --- " * (len(PACKERS) + 1) + "|"]
            for one in PACKERS:
                row = [letters[answers[kernels[0], (gap, one, two)]]
                       for two in PACKERS]
                lines.append(f"| {one} | " + " | ".join(row) + " |")
    DOCUMENT.write_text("\n".join(lines) + "\n")


def read():
    """What was written."""
    letters, kernels, gap, answers = {}, (), None, {}
    for line in DOCUMENT.read_text().splitlines():
        row = [word.strip() for word in line.strip("| ").split("|")]
        if line.startswith("## Kernels "):
            kernels = line.removeprefix("## Kernels ").split(", ")
        elif line.startswith("### "):
            gap = line.removeprefix("### ").split(":")[0]
        elif len(row) == 3 and row[1] in FILES:
            message = None if row[2] == "nothing" else row[2].strip('"')
            letters[row[0]] = (message, FILES[row[1]])
        elif gap and row[0] in PACKERS and len(row) == len(PACKERS) + 1:
            answers |= {(kernel, (gap, row[0], two)): letters[letter]
                        for kernel in kernels
                        for two, letter in zip(PACKERS, row[1:])}
    return answers
