#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The test matrix as a document.

Results of several runs are laid over each other, later ones on earlier ones. The
whole takes hours: --onto keeps what an earlier document says of cells that were
not run since.
"""

import argparse
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.e2e import matrix                      # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SIGNS = {"passed": "pass", "failed": "**FAIL**", "skipped": "skip"}
NEVER = "-"
OUTCOMES = {sign: outcome for outcome, sign in SIGNS.items()}


def read(paths):
    """The runs, and of each cell the last outcome."""
    runs, cells = [], {}
    for path in paths:
        run = json.loads(pathlib.Path(path).read_text())
        runs.append(run)
        for cell in run["cells"]:
            cells[cell["row"], cell["combination"]] = cell
    return runs, cells


def read_document(path):
    """The lines about runs, the cells, and which cells there cannot be, of a
    document that report() wrote: of rows that there still are."""
    runs, cells, never, texts, columns = [], {}, set(), {}, []
    for line in path.read_text().splitlines():
        words = [word.strip() for word in line.strip("|").split("|")]
        if re.match(r"- \d{4}-.*, commit ", line):
            runs.append(line)
        elif line.startswith("- `"):
            # The list of what has failed has other lines of this kind.
            found = re.fullmatch(r"- `([^`]*)`: (.*)", line)
            if found:
                texts[found[1]] = found[2]
        elif line.startswith("| Row"):
            columns = [matrix.named(word) for word in words[1:] if word]
        elif line.startswith("| test_") and exists(words[0]):
            for name, sign in zip(columns or ["-"], words[1:]):
                if sign == NEVER:
                    never.add((words[0], name))
                elif sign in OUTCOMES:
                    cells[words[0], name] = {
                        "row": words[0], "combination": name,
                        "outcome": OUTCOMES[sign]}
    for cell in cells.values():
        cell["text"] = texts.get(cell["row"].split("[")[0], "")
    return runs, cells, never


def exists(row):
    """Whether there is such a test today."""
    module, name = row.split("[")[0].split("::")
    path = HERE / f"{module}.py"
    return path.exists() and f"def {name}(" in path.read_text()


def column(combination):
    return f"{combination.kernel}<br>{combination.card}<br>" \
           f"{combination.steering}<br>{combination.driver}"


def described(runs):
    """A line for all runs of the same commit and kind."""
    alike = {}
    for run in runs:
        if not run["cells"]:
            continue
        alike.setdefault((run["commit"], run["changed"], run["mode"]),
                         []).append(run)
    for (commit, changed, mode), group in alike.items():
        dates = sorted(run["date"] for run in group)
        when = dates[0] if dates[0] == dates[-1] else \
            f"{dates[0]} to {dates[-1]}"
        yield f"- {when}, commit {commit[:12]}" \
              f"{' with uncommitted changes' if changed else ''}, {mode}: " \
              f"{sum(len(run['cells']) for run in group)} cells"


def needs_of_rows(runs, cells):
    """What each row that a run knows of needs."""
    needs = {row: cell["needs"] for (row, _), cell in cells.items()
             if "needs" in cell}
    for run in runs:
        needs.update(run.get("needs", {}))
    return needs


def report(runs, cells, earlier=(), never=()):
    """The document's text; `earlier`: lines about earlier runs; `never`: cells
    that there cannot be, as those have found."""
    combinations = [each for each in matrix.combinations()
                    if any(name == str(each) for _, name in cells)]
    rows = {row for row, _ in cells}
    needs = needs_of_rows(runs, cells)

    def possible(row, combination):
        if row in needs:
            return all(map(combination.has, needs[row]))
        return (row, str(combination)) not in never

    counted = {}
    for cell in cells.values():
        counted[cell["outcome"]] = counted.get(cell["outcome"], 0) + 1
    lines = ["# Test matrix", "",
             "What the rows of the acceptance list came to on the virtual "
             "adapter, with unmodified", "drivers of Debian's kernels "
             "(in-tree), with ours, and with Debian's iPXE. Made by",
             "`make test-all` (`tests/e2e/matrix_report.py`); not edited by "
             "hand.", ""]
    lines += [*earlier, *described(runs)]
    lines += ["", "In all: " + ", ".join(
        f"{number} {outcome}" for outcome, number in sorted(counted.items()))
        + f". An empty cell: the row was not run there; `{NEVER}`: the card or its "
        "steering has no such thing.", ""]
    names = sorted(rows)
    on_machines = [row for row in names
                   if any((row, str(each)) in cells for each in combinations)]
    lines += ["| Row | " + " | ".join(map(column, combinations)) + " |",
              "| --- |" + " --- |" * len(combinations)]
    for row in on_machines:
        signs = []
        for each in combinations:
            cell = cells.get((row, str(each)))
            signs.append(SIGNS[cell["outcome"]] if cell else
                         "" if possible(row, each) else NEVER)
        lines.append(f"| {row} | " + " | ".join(signs) + " |")
    lines += ["", "| Row without a machine of the matrix | |", "| --- | --- |"]
    for row in names:
        if row not in on_machines:
            cell = cells[row, "-"]
            lines.append(f"| {row} | {SIGNS[cell['outcome']]} |")
    lines += ["", "## What the rows say", ""]
    texts = {}
    for (row, _), cell in cells.items():
        texts.setdefault(row.split("[")[0], cell["text"])
    lines += [f"- `{row}`: {text}" for row, text in sorted(texts.items())]
    failures = [cell for cell in cells.values() if cell["outcome"] == "failed"]
    lines += ["", "## Failures", ""]
    lines += [f"- `{cell['row']}` on {cell['combination']}: "
              f"{cell.get('why', '')[:300]}" for cell in failures] or ["None."]
    return "\n".join(lines) + "\n"


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--onto", type=pathlib.Path, metavar="TABLE.md",
                        help="an earlier document: what it has is kept")
    parser.add_argument("results", nargs="+", type=pathlib.Path,
                        metavar="RESULTS.json")
    parser.add_argument("table", type=pathlib.Path, metavar="TABLE.md")
    return parser.parse_args()


def main():
    chosen = options()
    runs, cells = read(chosen.results)
    earlier, kept, never = read_document(chosen.onto) if chosen.onto else \
        ((), {}, ())
    chosen.table.write_text(report(runs, {**kept, **cells}, earlier, never))


if __name__ == "__main__":
    main()
