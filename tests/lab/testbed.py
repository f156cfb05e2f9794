# SPDX-License-Identifier: GPL-2.0-only
"""Lab: the namespaces with the network, and what runs in them."""

import os
import socket

from tryboot.adapter import Adapter
from tryboot.namespace import LabError
from tryboot.testbed import Testbed

from . import paths, services
from .guest import Guest

# The addresses of the user's manual; they exist in the lab's own network
# namespace only. The second port gets a network of its own.
SERVER = "11.4.3.7"
PORT_ADDRESSES = {1: ("11.4.3.7/24", "fd11:4:3::7/64"),
                  2: ("11.4.4.7/24", "fd11:4:4::7/64")}


class Lab(services.Services, Testbed):
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
        keep = bool(os.environ.get("LAB_KEEP")) if keep is None else keep
        super().__init__(paths.RUNS, paths.ROOT,
                         (paths.REPOSITORY, paths.LAB), keep)
        try:
            if network:
                for port, addresses in PORT_ADDRESSES.items():
                    self.tap(f"tap{port}", *addresses)
        except BaseException:
            self.close()
            raise

    # the network

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

    def adapter(self, program=None, **options):
        """Start a virtual adapter: Adapter has the options."""
        program = program or paths.binary("connectx-adapter")
        return self.add(Adapter(self, program, **options))

    def guest(self, **options):
        """Start a virtual machine: Guest has the options."""
        return self.add(Guest(self, **options))
