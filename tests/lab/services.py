# SPDX-License-Identifier: GPL-2.0-only
"""The servers of a lab: real programs, from the lab's root."""

import sys
from pathlib import Path

from .namespace import LabError, wait_for

TARGET_NAME = "iqn.2007-08.7.3.4.10:iscsiboot"


class Services:
    """Mixed into Lab. Each method starts a server and returns its Process
    when it answers; its log is in the run folder under the server's name."""

    def _server(self, name, argv, ready, timeout=10, **options):
        log = self.folder / f"{name}.log"
        process = self.spawn(argv, stdout=log, stderr="stdout", **options)

        def condition():
            if process.poll() is not None:
                raise LabError(f"{name} ended with {process.returncode}:\n"
                               + self.log(log.name))
            return ready()
        try:
            wait_for(condition, timeout, f"{name} is not ready")
        except LabError as error:
            raise LabError(f"{error}\n{self.log(log.name)}") from None
        return process

    def _listens(self, protocol, port):
        """Whether a socket of the lab is bound to the port."""
        out = self.run(["ss", "-Hln", f"--{protocol}", f"sport = :{port}"],
                       timeout=10).stdout
        return bool(out.strip())

    def dhcpd(self, configuration, interface="tap1"):
        """ISC dhcpd with the text of a dhcpd.conf. It is checked first."""
        path = self.folder / "dhcpd.conf"
        path.write_text(configuration)
        self.run("mkdir -p /var/lib/dhcp && : >>/var/lib/dhcp/dhcpd.leases")
        self.run(["dhcpd", "-t", "-cf", path])
        return self._server(
            "dhcpd", ["dhcpd", "-4", "-f", "-d", "-cf", path, interface],
            lambda: "Server starting service" in self.log("dhcpd.log"))

    def dnsmasq(self, interface="tap1", first="11.4.3.100",
                last="11.4.3.199", tftp=None, options=()):
        """dnsmasq: DHCP for a range, TFTP of a folder, more --options."""
        argv = ["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0",
                "--user=root", "--no-resolv", "--no-hosts", "--log-dhcp",
                "--leasefile-ro", "--bind-interfaces",
                f"--interface={interface}",
                f"--dhcp-range={first},{last},255.255.255.0,1h"]
        if tftp:
            argv += ["--enable-tftp", f"--tftp-root={tftp}"]
        argv += list(options)
        return self._server(f"dnsmasq-{interface}", argv,
                            lambda: self._listens("udp", 67))

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

    def http(self, folder, address="11.4.3.7", port=80):
        """An HTTP server of a folder (the host's Python)."""
        return self._server(
            f"http-{port}",
            [sys.executable, "-m", "http.server", "--bind", address,
             "--directory", folder, port],
            lambda: self._listens("tcp", port), root=False)

    def nfs(self, folder, address="11.4.3.7"):
        """NFS 3 of a folder, to be read, as / and by its own name."""
        return self._server(
            "nfs", [sys.executable, Path(__file__).parent / "nfs_server.py",
                    address, folder],
            lambda: self._listens("tcp", 2049), root=False)

    def iperf3(self, port=5201):
        """An iperf3 server on the lab's side."""
        return self._server(f"iperf3-{port}",
                            ["iperf3", "-s", "--forceflush", "-p", port],
                            lambda: self._listens("tcp", port))

    def tgt(self, disk, name=TARGET_NAME, address="11.4.3.7", port=3260,
            configuration=None):
        """tgtd with one target, whose LUN 1 is the file `disk`.

        configuration: the text of a targets.conf, given to tgt-admin, in place
        of name and disk."""
        process = self._server(
            "tgtd", ["tgtd", "-f", "--iscsi", f"portal={address}:{port}"],
            lambda: self._listens("tcp", port))
        if configuration is not None:
            path = self.folder / "targets.conf"
            path.write_text(configuration)
            self.run(["tgt-admin", "-c", path, "--execute"])
            return process
        # tgtd listens before its control socket answers
        wait_for(lambda: self.run("tgtadm --lld iscsi --op show --mode target",
                                  check=False).returncode == 0, 5, "no tgtadm")
        for step in (
                f"--mode target --op new --tid 1 --targetname {name}",
                "--mode logicalunit --op new --tid 1 --lun 1 "
                f"--backing-store {disk}",
                "--mode target --op bind --tid 1 --initiator-address ALL"):
            self.run(f"tgtadm --lld iscsi {step}")
        return process
