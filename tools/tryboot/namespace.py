# SPDX-License-Identifier: GPL-2.0-only
"""The lab's side of supervisor.py: processes and sockets in its namespaces."""

import json
import os
import select
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path


# What this package is in: a folder, or the archive that is the program.
PACKAGES = Path(__file__).resolve().parent.parent
SUPERVISOR = ("import sys; sys.path.insert(0, sys.argv.pop());"
              "from tryboot import supervisor; sys.exit(supervisor.main())")


class LabError(RuntimeError):
    """What went wrong in the lab, in one message."""


class Process:
    """A process in the lab's namespaces."""

    def __init__(self, namespace, argv, pid, exit_fd):
        self.argv = argv
        self.pid = pid
        self.returncode = None
        self._namespace = namespace
        self._exit_fd = exit_fd
        self._lock = threading.Lock()

    def poll(self):
        """The exit status (minus the signal's number), or None."""
        return self._await(0)

    def wait(self, timeout=None):
        """Wait for the end; raises subprocess.TimeoutExpired."""
        code = self._await(None if timeout is None else timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.argv, timeout)
        return code

    def _await(self, timeout):
        if self.returncode is not None:
            return self.returncode
        poll = select.poll()
        poll.register(self._exit_fd, select.POLLIN)
        if not poll.poll(None if timeout is None else timeout * 1000):
            return None
        with self._lock:
            if self.returncode is None:
                # An end of file without a status: the namespace was killed.
                text = os.read(self._exit_fd, 32)
                self.returncode = int(text) if text else -signal.SIGKILL
                os.close(self._exit_fd)
        return self.returncode

    def send_signal(self, number):
        self._namespace.request({"op": "signal", "pid": self.pid,
                                 "signal": int(number)})

    def stop(self, timeout=5):
        """SIGTERM, and SIGKILL after `timeout` seconds."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.poll() is not None:
                return self.returncode
            try:
                self.send_signal(number)
            except LabError:
                return self.poll()
            try:
                return self.wait(timeout)
            except subprocess.TimeoutExpired:
                pass
        raise LabError(f"{self.argv[0]} (PID {self.pid}) does not end")


def _output(where):
    """A descriptor to write to for a path, a file object, or None."""
    if where is None:
        return os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    if hasattr(where, "fileno"):
        return os.dup(where.fileno())
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    return os.open(where, flags, 0o644)


class Namespace:
    """One supervisor with its namespaces. close() ends everything in it.

    template  the folder of a root that its programs run in; None: the host's
    folder    where it may write;   shared: folders that the root has too"""

    def __init__(self, template, folder, shared):
        self.folder = Path(folder)
        self.root = self.folder / "root"
        self.root.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        settings = {"template": str(template) if template else None,
                    "root": str(self.root),
                    "shared": [str(path) for path in shared],
                    "parent": os.getpid()}
        with theirs:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-I", "-c", SUPERVISOR,
                 str(theirs.fileno()), json.dumps(settings), str(PACKAGES)],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        self._control = ours
        try:
            answer = json.loads(ours.recv(65536) or b'{"error": "it died"}')
            if "error" in answer:
                raise LabError(f"no namespaces for the lab: {answer['error']}")
        except BaseException:
            self.close()
            raise

    def request(self, message, fds=()):
        """Send a request; returns (answer, descriptors)."""
        with self._lock:
            try:
                socket.send_fds(self._control, [json.dumps(message).encode()],
                                list(fds))
                data, passed, _, _ = socket.recv_fds(self._control, 65536, 4)
            except OSError as error:
                raise LabError(f"the lab is gone: {error}") from error
        if not data:
            raise LabError("the lab is gone")
        answer = json.loads(data)
        if "error" in answer:
            raise LabError(answer["error"])
        return answer, passed

    def spawn(self, argv, *, root=True, stdin=None, stdout=None, stderr=None,
              cwd=None, env=None):
        """Start a program: in the lab's root, or (root=False) the host's.

        stdout and stderr are paths (appended to), files, or None (nowhere);
        stderr="stdout" joins them. It starts in the lab's run folder."""
        argv = [str(word) for word in argv]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                       "HOME": "/root", "LC_ALL": "C.UTF-8"}
        if not root:
            environment = dict(os.environ)
        environment.update(env or {})
        exit_read, exit_write = os.pipe2(os.O_CLOEXEC)
        fds = [_output(None) if stdin is None else os.dup(stdin.fileno())]
        fds.append(_output(stdout))
        fds.append(os.dup(fds[1]) if stderr == "stdout" else _output(stderr))
        fds.append(exit_write)
        try:
            answer, _ = self.request(
                {"op": "spawn", "argv": argv, "root": root,
                 "cwd": str(cwd or self.folder), "env": environment}, fds)
        except BaseException:
            os.close(exit_read)
            raise
        finally:
            for descriptor in fds:
                os.close(descriptor)
        return Process(self, argv, answer["pid"], exit_read)

    def run(self, argv, *, timeout=30, check=True, input=None, **options):
        """Run a program to its end: a subprocess.CompletedProcess of text.

        argv is a list, or a string for the shell. A status other than 0 is a
        LabError unless check=False; so is a program that takes too long."""
        if isinstance(argv, str):
            argv = ["sh", "-c", argv]
        files = []
        try:
            for name in ("in", "out", "err"):
                files.append(os.fdopen(os.memfd_create(name), "w+b"))
            if input is not None:
                files[0].write(input.encode() if isinstance(input, str)
                               else input)
                files[0].flush()
                files[0].seek(0)
            process = self.spawn(argv, stdin=files[0], stdout=files[1],
                                 stderr=files[2], **options)
            try:
                code = process.wait(timeout)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait(5)
                code = None
            texts = []
            for file in files[1:]:
                file.seek(0)
                texts.append(file.read().decode(errors="replace"))
        finally:
            for file in files:
                file.close()
        command = shlex.join(str(word) for word in argv)
        if code is None:
            raise LabError(f"{command}: not done after {timeout} s\n"
                           + "".join(texts))
        if check and code != 0:
            raise LabError(f"{command}: status {code}\n" + "".join(texts))
        return subprocess.CompletedProcess(argv, code, *texts)

    def socket(self, family=socket.AF_INET, kind=socket.SOCK_STREAM, protocol=0):
        """A socket that lives in the lab's network namespace."""
        _, fds = self.request({"op": "socket", "family": int(family),
                               "type": int(kind), "protocol": protocol})
        return socket.socket(fileno=fds[0])

    def close(self):
        """End every process of the lab. Returns when they are gone."""
        self._control.close()
        try:
            self._supervisor.wait(10)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()


def wait_for(condition, timeout, what, interval=0.02):
    """Call `condition` until it returns something true; LabError if not."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise LabError(f"after {timeout} s: {what}")
        time.sleep(interval)
