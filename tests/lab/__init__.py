# SPDX-License-Identifier: GPL-2.0-only
"""The lab: namespaces, services, the virtual adapter and virtual machines.

    from lab import Lab
    with Lab() as lab:
        lab.dnsmasq()
        adapter = lab.adapter(device=25448)
        guest = lab.guest(kernel="6.12", nics=[adapter])
        print(guest.run("uname -r").stdout)

README.md beside this file has the rest.
"""

from .adapter import Adapter
from .guest import Guest, GuestError
from .namespace import LabError, Process
from .testbed import Lab

__all__ = ["Adapter", "Guest", "GuestError", "Lab", "LabError", "Process"]
