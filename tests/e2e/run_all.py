#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The whole matrix, one combination after another, in one pytest each.

What a combination came to is kept in a file of its own. A run that was stopped
goes on where it was, as long as the same commit is tried; a combination of
which a row has failed is not tried again unless --again says so.
"""

import argparse
import json
import os
import pathlib
import queue
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.e2e import matrix                      # noqa: E402

FAILED = 1  # pytest's status for rows that failed; others mean a broken run


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--driver", choices=tuple(matrix.DRIVERS),
                        default="both")
    parser.add_argument("--jobs", type=int, default=1,
                        help="machines at a time (each takes a processor)")
    parser.add_argument("--again", action="store_true",
                        help="combinations in which rows failed, once more")
    parser.add_argument("--only", type=lambda words: words.split() or [""],
                        default=[""], metavar="WORDS",
                        help="combinations whose name has one of these words")
    parser.add_argument("results", type=pathlib.Path,
                        help="folder of the combinations' files")
    parser.add_argument("rows", nargs="+", help="pytest's files")
    return parser.parse_args()


def commit():
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True,
                          capture_output=True, check=True).stdout.strip()


def is_done(path, head, again):
    try:
        result = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    failed = any(cell["outcome"] == "failed" for cell in result["cells"])
    return result["commit"] == head and result["complete"] and \
        not (again and failed)


def run(name, path, chosen):
    """pytest's status."""
    log = path.with_suffix(".log")
    with open(log, "w", encoding="utf-8") as out:
        status = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-rf", "--tb=short",
             "--matrix=all", f"--driver={chosen.driver}",
             f"--combination={name}", "--results", path, *chosen.rows],
            cwd=ROOT, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
            check=False).returncode
    last = log.read_text(encoding="utf-8").strip().splitlines()[-1:]
    print(f"{name}: {''.join(last)}", flush=True)
    return status


def work(waiting, statuses, chosen):
    while True:
        try:
            name, path = waiting.get_nowait()
        except queue.Empty:
            return
        statuses.append(run(name, path, chosen))


def main():
    chosen = options()
    chosen.results.mkdir(parents=True, exist_ok=True)
    head, waiting, statuses = commit(), queue.Queue(), []
    names = [name for name in
             ["none", *map(str, matrix.combinations(chosen.driver))]
             if any(word in name for word in chosen.only)]
    for name in names:
        path = chosen.results / f"{name}.json"
        if not is_done(path, head, chosen.again):
            waiting.put((name, path))
    print(f"{waiting.qsize()} combinations to try, logs in {chosen.results}",
          flush=True)
    workers = [threading.Thread(target=work, daemon=True,
                                args=(waiting, statuses, chosen))
               for _ in range(chosen.jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    failed = [name for name in names
              if not is_done(chosen.results / f"{name}.json", head, True)]
    if failed:
        print("not passed: " + ", ".join(failed))
    return max(statuses, default=FAILED if failed else 0)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        # the pytests got the signal too, and write what they have
        os._exit(130)
