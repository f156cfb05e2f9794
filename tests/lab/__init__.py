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

import sys
from pathlib import Path

# The product's own: namespaces, servers, adapter and machine of tryboot.
sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))

from tryboot.adapter import Adapter  # noqa: E402
from tryboot.namespace import LabError, Process, wait_for  # noqa: E402

from .guest import Guest, GuestError  # noqa: E402
from .testbed import Lab  # noqa: E402

__all__ = ["Adapter", "Guest", "GuestError", "Lab", "LabError", "Process",
           "wait_for"]
