# SPDX-License-Identifier: GPL-2.0-only
"""Lab: the namespaces with the network, and what runs in them."""

import fcntl
import itertools
import os
import shutil
import socket
import tempfile

from . import paths, services
from .adapter import Adapter
from .guest import Guest
from .namespace import LabError, Namespace

# The addresses of the user's manual; they exist in the lab's own network
# namespace only. The second port gets a network of its own.
SERVER = "11.4.3.7"
PORT_ADDRESSES = {1: ("11.4.3.7/24", "fd11:4:3::7/64"),
                  2: ("11.4.4.7/24", "fd11:4:4::7/64")}


# In a run folder: locked by the process whose lab it is, and there if the
# folder is to stay.
LOCK, KEPT = "lock", "kept"


def claim_folder():
    """A new run folder and the descriptor that holds its lock. Folders whose
    process was killed, so that it could not remove them, are removed."""
    paths.RUNS.mkdir(parents=True, exist_ok=True)
    for folder in paths.RUNS.iterdir():
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
    made = tempfile.mkdtemp(prefix=".", dir=paths.RUNS)
    descriptor = os.open(f"{made}/{LOCK}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    folder = paths.RUNS / os.path.basename(made)[1:]
    os.rename(made, folder)
    return folder, descriptor


class Lab(services.Services):
    """A context manager: namespaces, two taps, and no process left behind.

    network  whether tap1 (11.4.3.7/24, fd11:4:3::7/64) and tap2 (11.4.4.7/24,
             fd11:4:4::7/64) are made
    keep     whether the run folder stays (build/lab/run/NAME: the logs); True
             if LAB_KEEP is in the environment
    Make it in the main thread: everything is killed when the thread that made
    it ends.
    """

    def __init__(self, network=True, keep=None):
        if not paths.ROOT.is_dir():
            raise LabError(f"{paths.ROOT} is missing: run make lab")
        self.folder, self._claim = claim_folder()
        self.keep = bool(os.environ.get("LAB_KEEP")) if keep is None else keep
        self._numbers = itertools.count(1)
        self._parts = []
        self.namespace = None
        try:
            self.namespace = Namespace(
                paths.ROOT, self.folder,
                (paths.REPOSITORY, paths.LAB, self.folder))
            self.run = self.namespace.run
            self.spawn = self.namespace.spawn
            self.socket = self.namespace.socket
            self.run("ip link set lo up", root=True)
            if network:
                for port, addresses in PORT_ADDRESSES.items():
                    self.tap(f"tap{port}", *addresses)
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

    # the network

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

    def bridge(self, name, *members, addresses=()):
        """Make a bridge that forwards at once and floods multicast, with these
        members; the members' addresses are taken away."""
        script = [f"ip link add {name} type bridge stp_state 0 forward_delay 0 "
                  "mcast_snooping 0", f"ip link set {name} up"]
        for member in members:
            script += [f"ip address flush dev {member}",
                       f"ip link set {member} master {name}"]
        for address in addresses:
            script.append(f"ip address add {address} dev {name}")
        self.run("set -e\n" + "\n".join(script))
        return name

    def packet_socket(self, interface, protocol=3):
        """A bound AF_PACKET socket on an interface of the lab: recv() gives
        and send() takes whole Ethernet frames. protocol 3 is ETH_P_ALL."""
        made = self.socket(socket.AF_PACKET, socket.SOCK_RAW,
                           socket.htons(protocol))
        made.bind((interface, protocol))
        return made

    # machines

    def adapter(self, **options):
        """Start a virtual adapter: Adapter has the options."""
        return self._add(Adapter(self, **options))

    def guest(self, **options):
        """Start a virtual machine: Guest has the options."""
        return self._add(Guest(self, **options))

    def _add(self, part):
        self._parts.append(part)
        return part
