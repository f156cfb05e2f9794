# SPDX-License-Identifier: GPL-2.0-only
"""What was measured, as a value, a table, a file."""

import json
import statistics


def significant(value):
    """Four digits that count are more than any of this repeats to."""
    return float(f"{value:.4g}")


class Report:
    """Cases in the order they were added; conditions of the run."""

    def __init__(self, conditions):
        self.conditions = conditions
        self.cases = []

    def add(self, case, unit, ours, peer, peer_values, better="higher",
            ratio_is=None, **more):
        """A case: lists of values, of which ours[i] and peer_values[i] were
        measured side by side.

        better: which way is better. The ratio is above 1 where ours is: it is
        ours / peer if higher values are better, peer / ours if lower ones.
        ratio_is="ours / peer" has it so whichever is better."""
        higher = better == "higher" or ratio_is == "ours / peer"
        middle, peer_middle = (statistics.median(values)
                               for values in (ours, peer_values))
        entry = {"case": case, "unit": unit, "ours": significant(middle),
                 "peer": peer, "peer_value": significant(peer_middle),
                 "better": better,
                 "ratio_is": "ours / peer" if higher else "peer / ours"}
        entry["ratio"] = quotient(middle, peer_middle, higher)
        # A machine whose load changes moves both of a pair.
        pairs = [quotient(one, other, higher)
                 for one, other in zip(ours, peer_values)]
        if None not in pairs:
            entry["paired_ratio"] = significant(statistics.median(pairs))
            entry["paired_range"] = [min(pairs), max(pairs)]
        entry["ours_range"] = [significant(min(ours)), significant(max(ours))]
        entry["peer_range"] = [significant(min(peer_values)),
                               significant(max(peer_values))]
        entry["runs"] = len(ours)
        entry.update(more)
        self.cases.append(entry)
        print(line(entry), flush=True)

    def write(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            json.dump({**self.conditions, "cases": self.cases}, file, indent=1)
            file.write("\n")

    def table(self):
        return "\n".join([HEADING, *(line(entry) for entry in self.cases)])


def quotient(ours, peer, higher):
    """None where there is nothing to divide by."""
    above, below = (ours, peer) if higher else (peer, ours)
    return significant(above / below) if below else None


HEADING = (f"{'case':44} {'ours':>9} {'peer':>9} {'unit':15} {'ratio':>7} "
           f"{'paired':>7}")


def number(value):
    return "-" if value is None else f"{value:.3g}" if value < 1000 else \
        f"{value:.0f}"


def line(entry):
    return (f"{entry['case']:44} {number(entry['ours']):>9} "
            f"{number(entry['peer_value']):>9} {entry['unit']:15} "
            f"{number(entry['ratio']):>7} "
            f"{number(entry.get('paired_ratio')):>7}")
