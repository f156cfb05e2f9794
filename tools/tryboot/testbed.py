# SPDX-License-Identifier: GPL-2.0-only
"""Testbed: namespaces, and what runs in them."""

import fcntl
import itertools
import os
import shutil
import tempfile
from pathlib import Path

from .namespace import LabError, Namespace
from .services import Services

# In a run folder: locked by the process whose lab it is, and there if the
# folder is to stay.
LOCK, KEPT = "lock", "kept"


def claim_folder(runs):
    """A new run folder in `runs` and the descriptor that holds its lock. Folders whose
    process was killed, so that it could not remove them, are removed."""
    runs.mkdir(parents=True, exist_ok=True)
    for folder in runs.iterdir():
        if (folder / KEPT).exists():
            continue
        try:
            descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(descriptor)
    # Not mkdtemp() in place: a folder is seen by others with its lock held.
    made = tempfile.mkdtemp(prefix=".", dir=runs)
    descriptor = os.open(f"{made}/{LOCK}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    folder = runs / os.path.basename(made)[1:]
    os.rename(made, folder)
    return folder, descriptor


class Testbed(Services):
    """A context manager: namespaces, and no process left behind.

    runs      where its run folder is made (the logs, and all that is written)
    template  the root that its programs run in; None: the host's
    shared    folders of the host that this root has too
    keep      whether the run folder stays
    Make it in the main thread: everything is killed when the thread that made
    it ends.
    """

    def __init__(self, runs, template=None, shared=(), keep=False):
        self.folder, self._claim = claim_folder(Path(runs))
        self.template = Path(template or "/")
        self.keep = keep
        self._numbers = itertools.count(1)
        self._parts = []
        self.namespace = None
        try:
            self.namespace = Namespace(template, self.folder,
                                       (*shared, self.folder))
            self.run = self.namespace.run
            self.spawn = self.namespace.spawn
            self.socket = self.namespace.socket
            self.run(["ip", "link", "set", "lo", "up"])
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End everything; remove the run folder unless it is to be kept."""
        for part in reversed(self._parts):
            try:
                part.stop()
            except LabError:
                pass  # the namespace's end ends it
        self._parts.clear()
        if self.namespace:
            self.namespace.close()
        if self.keep:
            (self.folder / KEPT).touch()
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._claim)

    def number(self):
        """A number that no other part of this lab has."""
        return next(self._numbers)

    def log(self, name):
        """The text of a log in the run folder ("" if there is none)."""
        path = self.folder / name
        # Not read_text(): it would make two line ends of a terminal's \r\r\n.
        return path.read_bytes().decode(errors="replace") if path.exists() else ""

    def tap(self, name, *addresses, mtu=None):
        """Make a tap device that is up, with these addresses (with /length)."""
        if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
            raise LabError("/dev/net/tun cannot be opened by this user: as "
                           "root, run chmod 0666 /dev/net/tun")
        script = [f"ip tuntap add dev {name} mode tap",
                  f"sysctl -qw net.ipv6.conf.{name}.accept_dad=0",
                  f"ip link set {name} up"]
        if mtu:
            script.append(f"ip link set {name} mtu {mtu}")
        for address in addresses:
            script.append(f"ip address add {address} dev {name}")
        self.run("set -e\n" + "\n".join(script))
        return name

    def add(self, part):
        """Have `part` stopped at the end, before what was added earlier."""
        self._parts.append(part)
        return part
