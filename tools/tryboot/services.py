# SPDX-License-Identifier: GPL-2.0-only
"""DHCP, HTTP and the iSCSI target of a lab: real programs."""

import sys

from .namespace import LabError, wait_for

TARGET_NAME = "iqn.2007-08.7.3.4.10:iscsiboot"


class Services:
    """Mixed into Testbed. Each method starts a server and returns its Process
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

    def listens(self, protocol, port):
        """Whether a socket of the lab is bound to the port."""
        out = self.run(["ss", "-Hln", f"--{protocol}", f"sport = :{port}"],
                       timeout=10).stdout
        return bool(out.strip())

    def dnsmasq(self, interface="tap1", first="11.4.3.100",
                last="11.4.3.199", mask="255.255.255.0", tftp=None,
                options=()):
        """dnsmasq: DHCP for a range, TFTP of a folder, more --options."""
        argv = ["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0",
                "--user=root", "--no-resolv", "--no-hosts", "--log-dhcp",
                "--leasefile-ro", "--pid-file", "--bind-interfaces",
                f"--interface={interface}",
                f"--dhcp-range={first},{last},{mask},1h"]
        if tftp:
            argv += ["--enable-tftp", f"--tftp-root={tftp}"]
        argv += list(options)
        return self._server(f"dnsmasq-{interface}", argv,
                            lambda: self.listens("udp", 67))

    def http(self, folder, address="11.4.3.7", port=80):
        """An HTTP server of a folder (the host's Python)."""
        return self._server(
            f"http-{port}",
            [sys.executable, "-m", "http.server", "--bind", address,
             "--directory", folder, port],
            lambda: self.listens("tcp", port), root=False)

    def tgt(self, disk, name=TARGET_NAME, address="11.4.3.7", port=3260,
            configuration=None, lun=1):
        """tgtd with one target, whose LUN `lun` is the file `disk` (None: it
        has no disk).

        configuration: the text of a targets.conf, given to tgt-admin, in place
        of name and disk."""
        process = self._server(
            "tgtd", ["tgtd", "-f", "--iscsi", f"portal={address}:{port}"],
            lambda: self.listens("tcp", port))
        if configuration is not None:
            path = self.folder / "targets.conf"
            path.touch(0o600)  # there may be secrets in it
            path.write_text(configuration)
            self.run(["tgt-admin", "-c", path, "--execute"])
            return process
        # tgtd listens before its control socket answers
        wait_for(lambda: self.run("tgtadm --lld iscsi --op show --mode target",
                                  check=False).returncode == 0, 5, "no tgtadm")
        steps = [["--mode", "target", "--op", "new", "--tid", "1",
                  "--targetname", name]]
        if disk:
            steps.append(["--mode", "logicalunit", "--op", "new", "--tid", "1",
                          "--lun", str(lun), "--backing-store", disk])
        steps.append(["--mode", "target", "--op", "bind", "--tid", "1",
                      "--initiator-address", "ALL"])
        for step in steps:
            self.run(["tgtadm", "--lld", "iscsi", *step])
        return process
