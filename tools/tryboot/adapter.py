# SPDX-License-Identifier: GPL-2.0-only
"""The virtual adapter: the emulator's process and its control socket."""

import json
import re
import signal
import subprocess

from .namespace import LabError, wait_for
from .unix_socket import connect


class Adapter:
    """A running connectx-adapter; hand it to Guest(nics=[...]).

    program    its file
    device     PCI device id (25448, 26448, 4099, 4103, ...)
    port1/2    "tap:NAME", "stream:SOCKET", "cable" or "none"
    mac        of port 1; the manual's by default
    trace/pcap file names in the run folder, or None
    options    further words for its command line
    Without root=True it is a program of the host, as it was built.
    """

    def __init__(self, lab, program, device=25448, port1="tap:tap1", port2="tap:tap2",
                 mac="00:02:c9:00:00:bb", trace=None, pcap=None, options=(),
                 root=False):
        number = lab.number()
        self.lab = lab
        self.device = device
        self.mac = mac
        self.socket = f"adapter{number}.sock"
        self.control_path = lab.folder / f"adapter{number}.control"
        self.log_name = f"adapter{number}.log"
        self.trace_path = lab.folder / trace if trace else None
        if not program.exists():
            raise LabError(f"{program} is missing: run make all")
        argv = [program, "--socket", self.socket, "--device", device,
                "--port1", port1, "--port2", port2, "--mac", mac,
                "--control", self.control_path.name]
        for option, value in (("--trace", trace), ("--pcap", pcap)):
            if value:
                argv += [option, value]
        self.process = lab.spawn([*argv, *options], root=root,
                                 stdout=lab.folder / self.log_name,
                                 stderr="stdout")
        wait_for(self._listening, 10, "the adapter does not listen")

    def _listening(self):
        if self.process.poll() is not None:
            raise LabError(f"the adapter ended with {self.process.returncode}:"
                           f"\n{self.log()}")
        # A connection would be taken for the client: ask the kernel instead.
        # Flag 0x10000 of /proc/net/unix is a socket that listens.
        table = self.lab.run(["cat", "/proc/net/unix"], root=False).stdout
        return any(line.endswith(self.socket) and line.split()[3] == "00010000"
                   for line in table.splitlines())

    def log(self):
        """What it has printed."""
        return self.lab.log(self.log_name)

    def traced(self):
        """How many bytes of trace there are: for commands(since)."""
        return self.trace_path.stat().st_size

    def commands(self, since=0):
        """The names of the commands that it was given, in order."""
        with open(self.trace_path, "rb") as trace:
            trace.seek(since)
            text = trace.read().decode(errors="replace")
        return re.findall(r"^ *[0-9.]+ ([A-Z][A-Z0-9_]+) \(0x", text,
                          re.MULTILINE)

    def control(self, request, timeout=5):
        """One request (an object) on the control socket; its answer."""
        with connect(str(self.control_path)) as connection:
            connection.settimeout(timeout)
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as lines:
                line = lines.readline()
        if not line:
            raise LabError(f"no answer to {request}:\n{self.log()}")
        return json.loads(line)

    def order(self, **request):
        """A request that must be carried out; its answer."""
        answer = self.control(request)
        if not answer.get("ok"):
            raise LabError(f"{request}: {answer}")
        return answer

    def alive(self):
        return self.process.poll() is None

    def kill(self):
        """As by a crash: SIGKILL."""
        self.process.send_signal(signal.SIGKILL)
        return self.process.wait(5)

    def stop(self):
        """End it; True if it ended by itself on SIGTERM, with status 0."""
        try:
            return self.process.stop() == 0
        except (LabError, subprocess.TimeoutExpired):
            return False
