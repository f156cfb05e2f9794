# SPDX-License-Identifier: GPL-2.0-only
"""A far end in the lab's namespaces: one of the programs here."""

import contextlib
import pathlib

from tests.lab import wait_for

HERE = pathlib.Path(__file__).resolve().parent


@contextlib.contextmanager
def far_end(lab, name, program, *words):
    """While it runs; `name` is its log's."""
    log = lab.folder / f"{name}.log"
    log.unlink(missing_ok=True)
    # The lab's python, for the namespace's root; its file is shared.
    peer = lab.spawn(["python3", HERE / program, *words], root=True,
                     stdout=log, stderr="stdout")
    try:
        wait_for(lambda: "ready" in log.read_text(), 10,
                 f"no far end: {log.read_text()}")
        yield
    finally:
        peer.stop()
