# SPDX-License-Identifier: GPL-2.0-only
"""Servers of the lab that tryboot has no use for, from the lab's root."""

import sys
from pathlib import Path

from tryboot.namespace import wait_for
from tryboot.services import Services as BaseServices


class Services(BaseServices):
    """Mixed into Lab, as the ones that it adds to."""

    def dhcpd(self, configuration, interface="tap1"):
        """ISC dhcpd with the text of a dhcpd.conf. It is checked first."""
        path = self.folder / "dhcpd.conf"
        path.write_text(configuration)
        self.run("mkdir -p /var/lib/dhcp && : >>/var/lib/dhcp/dhcpd.leases")
        self.run(["dhcpd", "-t", "-cf", path])
        return self._server(
            "dhcpd", ["dhcpd", "-4", "-f", "-d", "-cf", path, interface],
            lambda: "Server starting service" in self.log("dhcpd.log"))

    def kea(self, configuration):
        """Kea's DHCPv4 server with a configuration (text of JSON).

        Kea opens no socket on an interface without a carrier, as a tap is
        that no adapter has opened yet: start it after the adapter, or set
        service-sockets-max-retries in interfaces-config."""
        path = self.folder / "kea-dhcp4.json"
        path.write_text(configuration)
        self.run("mkdir -p /run/kea /var/lib/kea /run/lock/kea")
        self.run(["kea-dhcp4", "-t", path])
        return self._server("kea", ["kea-dhcp4", "-c", path],
                            lambda: "DHCP4_STARTED" in self.log("kea.log"),
                            env={"KEA_LOCKFILE_DIR": "/run/kea"})

    def nfs(self, folder, address="11.4.3.7"):
        """NFS 3 of a folder, to be read, as / and by its own name."""
        return self._server(
            "nfs", [sys.executable, Path(__file__).parent / "nfs_server.py",
                    address, folder],
            lambda: self.listens("tcp", 2049), root=False)

    def iperf3(self, port=5201):
        """An iperf3 server on the lab's side."""
        return self._server(f"iperf3-{port}",
                            ["iperf3", "-s", "--forceflush", "-p", port],
                            lambda: self.listens("tcp", port))

    def iperf3_ready(self, port=5201):
        """Waits until the server has done with its last client. It opens its
        socket anew for each, and who comes before that is reset."""
        wait_for(lambda: "Accepted connection" not in
                 self.log(f"iperf3-{port}.log").rpartition("listening on")[2],
                 30, "iperf3 is busy with its last client")
