# SPDX-License-Identifier: GPL-2.0-only
"""A Debian whose root is an iSCSI disk: its session in the hands of the system
that was booted, from a target that goes away to the machine's end."""

import subprocess
import time

import pytest

from lab.demo import Demo
from lab.testbed import Lab

KERNEL = "6.12"
# What a kernel or a file system says when its disk is gone for it
LOST = ("I/O error", "Aborting journal", "Remounting filesystem read-only",
        "rejecting I/O to offline device")


@pytest.fixture
def booted():
    with Lab() as lab:
        run = Demo(lab, KERNEL, "connectx", 25448, say=lambda *_, **__: None)
        run.boot(400)
        run.log_in()
        yield run


def answer(run, command, timeout=30):
    return "\n".join(run.ask([command], timeout)[0][1])


def test_session(booted):
    """The target is away for ten seconds: writes wait and go through, and the
    session is there again. Switched off, the file system is clean."""
    run = booted
    assert answer(run, "systemctl --failed --no-legend") == ""
    assert answer(run, "systemctl is-active iscsid.service") == "active"
    # A program that is not in memory yet needs the disk.
    run.guest.type("(for i in $(seq 60); do date >>/root/written; sync; "
                   "sleep 0.5; done; echo all >>/root/written) &\r")
    time.sleep(2)
    run.target.stop()
    time.sleep(10)
    run.start_target()
    said = answer(run, "wait; sync; tail -n 1 /root/written; "
                  "wc -l </root/written; "
                  "cat /sys/class/iscsi_session/session*/state", 120)
    assert said.split()[-3:] == ["all", "61", "LOGGED_IN"], said
    run.guest.type("poweroff\r")
    run.guest.wait_exit(120)
    console = run.guest.console()
    assert not [line for line in console.splitlines()
                if any(words in line for words in LOST)], console[-3000:]
    run.target.stop()
    done = subprocess.run(["e2fsck", "-fn", run.disk], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "recovering journal" not in done.stdout + done.stderr
    written = subprocess.run(["debugfs", "-R", "cat /root/written", run.disk],
                             capture_output=True, text=True, check=True)
    assert written.stdout.splitlines()[-1] == "all"
