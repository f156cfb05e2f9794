# SPDX-License-Identifier: GPL-2.0-only
"""Seeds for fuzz-control: a good line of every command.

    seed_control.py FOLDER
"""

import json
import pathlib
import sys

REQUESTS = [
    {"command": "help"}, {"command": "status", "id": 1},
    {"command": "events", "all": True}, {"command": "events", "link": True},
    {"command": "catastrophic", "code": 1}, {"command": "remove"},
    {"command": "insert"}, {"command": "clear"}, {"command": "faults"},
    {"command": "temperature", "celsius": 100, "threshold": 90},
    {"command": "cable", "port": 1, "state": "bad"},
    {"command": "ready_ms", "ms": 0},
    {"command": "training_ms", "ms": 0, "port": 1},
    {"command": "link", "port": 1, "up": False},
    {"command": "flap", "port": 2, "count": 2, "period_ms": 2},
    {"command": "speed", "port": 1, "mbps": 10000},
    {"command": "mac", "port": 1, "address": "00:02:c9:00:00:01"},
    {"command": "module", "port": 1, "present": False},
    {"command": "statistics", "port": 1, "reset": True},
    {"command": "fault", "kind": "command", "name": "QUERY_PORT",
     "effect": "status", "status": "BAD_PARAM", "skip": 1, "count": 2},
    {"command": "fault", "kind": "command", "name": "*", "effect": "slow",
     "ms": 5, "always": True},
    {"command": "fault", "kind": "data", "name": "cqe-owner", "count": 1},
    {"command": "queues", "kind": "cq", "from": 0, "limit": 9},
]


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(request).encode() for request in REQUESTS]
    for number, line in enumerate(lines):
        (folder / f"seed-{number}").write_bytes(line)
    (folder / "seed-all").write_bytes(b"\n".join(lines))


main()
