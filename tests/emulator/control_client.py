# SPDX-License-Identifier: GPL-2.0-only
"""The control socket of an adapter, and adapters that have one."""

import json
import select
import socket
import time

import pytest

import adapters
import connectx


class Refused(Exception):
    """The adapter answered with an error."""


def listening(path, timeout=10.0):
    """A socket connected to a server that may be about to start: its file is
    there a moment before it listens."""
    end = time.monotonic() + timeout
    while True:
        try:
            found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            found.connect(str(path))
            return found
        except (FileNotFoundError, ConnectionRefusedError):
            found.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.002)


class Control:
    """One connection. Events that arrive are kept in .events."""

    def __init__(self, path, timeout=5.0):
        self.socket = listening(path)
        self.socket.settimeout(timeout)
        self.buffer = b""
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.socket.close()

    def send_raw(self, data):
        self.socket.sendall(data)

    def line(self):
        """The next line, parsed; None at the end."""
        while b"\n" not in self.buffer:
            data = self.socket.recv(65536)
            if not data:
                return None
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return json.loads(line)

    def answer(self):
        """The next line that is no event; None at the end."""
        while True:
            line = self.line()
            if line is None or "event" not in line:
                return line
            self.events.append(line)

    def ask_raw(self, text):
        if isinstance(text, str):
            text = text.encode()
        self.send_raw(text + b"\n")
        return self.answer()

    def ask(self, command, **arguments):
        """The answer, whatever it is."""
        return self.ask_raw(json.dumps({"command": command, **arguments}))

    def do(self, command, **arguments):
        """The answer, which must not be an error."""
        answer = self.ask(command, **arguments)
        if "error" in answer:
            raise Refused(answer["error"])
        assert answer["ok"] is True
        return answer

    def error(self, command, **arguments):
        """The text of the error that the command must end with."""
        answer = self.ask(command, **arguments)
        assert set(answer) <= {"error", "id"}, answer
        return answer["error"]

    def event(self, kind=None, timeout=2.0):
        """The next event (of that kind)."""
        end = time.monotonic() + timeout
        while True:
            while self.events:
                event = self.events.pop(0)
                if kind in (None, event["event"]):
                    return event
            left = end - time.monotonic()
            if b"\n" not in self.buffer and not select.select(
                    [self.socket], [], [], max(left, 0))[0]:
                raise TimeoutError(f"no event {kind or ''}")
            self.events.append(self.line())

    def fault(self, name, effect, **more):
        """Of a command."""
        return self.do("fault", kind="command", name=name, effect=effect,
                       **more)

    def data_fault(self, name, **more):
        return self.do("fault", kind="data", name=name, **more)

    def port(self, number):
        """What "status" says about a port."""
        return self.do("status")["ports"][number - 1]


class ControlledAdapter(adapters.Adapter):
    """An adapter with a control socket, a trace and a capture."""

    def __init__(self, start_program, build, folder, device, *options):
        self.trace = folder / "trace"
        self.pcap = folder / "pcap"
        super().__init__(start_program, build, folder, device, [
            "--control", folder / "control", "--trace", self.trace,
            "--pcap", self.pcap, *options])

    def connect(self):
        return Control(self.control)


_running = {}


def controlled(device, build, start_program, tmp_path_factory):
    """The running one of that kind; started if it is the first."""
    key = (device, str(build))
    found = _running.get(key)
    if found is None or not found.program.alive():
        folder = tmp_path_factory.mktemp("controlled")
        found = ControlledAdapter(start_program, build, folder, device)
        _running[key] = found
    return found


@pytest.fixture
def adapter(request, build, start_program, tmp_path_factory):
    """A running adapter; @on(DEVICE) chooses its kind."""
    device = getattr(request, "param", adapters.CONNECTX)
    found = controlled(device, build, start_program, tmp_path_factory)
    yield found
    assert found.program.alive(), found.log()


@pytest.fixture
def control(adapter):
    """A client of its control socket, of a card with nothing wrong."""
    with adapter.connect() as client:
        client.do("clear")
        yield client
    with adapter.connect() as client:
        client.do("clear")
        client.do("ready_ms", ms=10)
        client.do("training_ms", ms=0)
        for port in (1, 2):
            client.do("mac", port=port, address=(
                adapters.MAC_1, adapters.MAC_2)[port - 1].hex(":"))


@pytest.fixture
def card(control, adapter):
    """A vfio-user client of the same adapter, as after power-on."""
    client = connectx.Card(adapter)
    yield client
    client.close()


@pytest.fixture
def nic(card):
    """A card that is up, with one queue pair that receives everything."""
    return connectx.Nic(card)


def on(*devices):
    """Run the test once on each device id."""
    return pytest.mark.parametrize("adapter", devices, indirect=True)
