#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""matrix_report.py RESULTS TABLE.md: the matrix of makes as a document, from the
folder in which test_matrix.py keeps what its cells came to."""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.families import matrix                 # noqa: E402

SIGNS = {"passed": "pass", "failed": "**FAIL**", None: "not run"}
COLUMNS = ("Make", "Written by", "Drivers by", "Address", "Port with a link",
           "Target from", "CHAP", "Result")
HEAD = """\
# Makes of initrds, booted

Each cell is an image of a make that `mkinitrd-en` has changed, booted on the
virtual adapter to the mounted root over iSCSI. The cells are a choice of all {all}
that can be, in which each two values that go together are together at least once.
What is called a style is an image of ours that does what matters as that make's
do; systemd is dracut's image of it without anything of dracut in it. The drivers are
the kernel's own.
Made by `make family-matrix` (`tests/families/matrix_report.py`); not edited by
hand.
"""


def read(folder):
    """What each cell came to, by its name."""
    found = [json.loads(path.read_text())
             for path in sorted(folder.glob("*.json"))]
    return {str(matrix.Cell(**each["cell"])): each for each in found}


def runs(results):
    """A line for all cells of one commit."""
    alike = {}
    for each in results:
        alike.setdefault((each["date"], each["commit"][:12]), []).append(each)
    for (date, commit), cells in sorted(alike.items()):
        yield f"- {date}, commit {commit}: {len(cells)} cells"


def row(words):
    return "| " + " | ".join(words) + " |"


def report(results):
    """The document's text."""
    cells = matrix.chosen()
    outcomes = [results.get(str(cell), {}).get("outcome") for cell in cells]
    lines = [HEAD.format(all=len(list(matrix.all_cells())))]
    lines += runs([results[str(cell)] for cell in cells
                   if str(cell) in results])
    lines += ["", "In all: " + ", ".join(
        f"{outcomes.count(key)} {sign.strip('*').lower()}"
        for key, sign in SIGNS.items() if key in outcomes) + ".", ""]
    lines += [row(COLUMNS), row(["---"] * len(COLUMNS))]
    lines += [row([*str(cell).split("/"), SIGNS[outcome]])
              for cell, outcome in zip(cells, outcomes)]
    return "\n".join(lines) + "\n"


def main(arguments):
    if len(arguments) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    results, table = map(pathlib.Path, arguments)
    table.write_text(report(read(results)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
