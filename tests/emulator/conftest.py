# SPDX-License-Identifier: GPL-2.0-only
"""What the tests over the emulator's socket share: where the programs are, and
how one is started, watched and ended."""

import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))


def pytest_addoption(parser):
    try:
        parser.addoption("--build", default=None,
                         help="folder of the programs under test "
                         "(default: $ADAPTER_BUILD, then build/plain)")
    except ValueError:
        pass  # a conftest.py above this one has it


@pytest.fixture(scope="session")
def build(request):
    """The folder with bin/ and tests/ of the variant under test."""
    folder = request.config.getoption("--build", default=None) or \
        os.environ.get("ADAPTER_BUILD") or "build/plain"
    return (ROOT / folder).resolve()


ACCEPTS = 0x10000  # __SO_ACCEPTCON among the flags of /proc/net/unix


def listens(path):
    """Whether somebody listens there: the file alone comes with bind()."""
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as sockets:
        next(sockets)
        for line in sockets:
            fields = line.split(maxsplit=7)
            if len(fields) == 8 and fields[7].rstrip("\n") == str(path) and \
                    int(fields[3], 16) & ACCEPTS:
                return True
    return False


class Program:
    """A server of ours that runs while a test looks at it."""

    def __init__(self, arguments, socket_path, log_path):
        self.socket = socket_path
        self.log_path = log_path
        with open(log_path, "wb") as log:
            self.process = subprocess.Popen(
                [str(a) for a in arguments], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        end = time.monotonic() + 10
        while not listens(socket_path):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"{arguments[0]} did not start:\n" +
                                   self.log())
            time.sleep(0.002)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def alive(self):
        return self.process.poll() is None

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident(self):
        """Bytes of its own memory: not what it maps of the guest's."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            for line in f:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
        return 0

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """Ends it as its user would; returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


@pytest.fixture(scope="session")
def start_program(tmp_path_factory):
    """start_program(arguments, socket) -> Program, ended after the session.

    The program must be there, listen at @socket, and end with status 0: a
    report of a sanitizer fails the test session that provoked it.
    """
    programs = []

    def start(arguments, socket_path):
        log = tmp_path_factory.mktemp("log") / "output"
        program = Program(arguments, socket_path, log)
        programs.append(program)
        return program

    yield start
    for program in programs:
        status = program.stop()
        assert status == 0, f"ended with {status}:\n{program.log()}"


@pytest.fixture(scope="session", autouse=True)
def many_descriptors():
    """Tests of descriptor limits need some themselves."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def echo(build, start_program, tmp_path_factory):
    """The echo function, shared by a module's tests: it must survive all."""
    path = tmp_path_factory.mktemp("echo") / "socket"
    program = start_program([build / "tests/echo-function", path], path)
    yield program
    assert program.alive(), program.log()


@pytest.fixture
def client(echo):
    """A client that has negotiated, of a function that is as new."""
    import vfio_user

    with vfio_user.Client(echo.socket) as connection:
        yield connection
    assert echo.alive(), echo.log()
