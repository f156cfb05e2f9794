# SPDX-License-Identifier: GPL-2.0-only
"""The host's end of the guest's agent (guest/agent says the protocol)."""

import base64
import socket
import threading

from tryboot.unix_socket import connect


class Answer:
    """What became of one command."""

    def __init__(self):
        self.done = threading.Event()
        self.status = None
        self.stdout = self.stderr = b""
        self.lost = None


class Agent:
    """Sends commands, matches answers; a thread reads. All calls may be made
    from any thread."""

    def __init__(self, path):
        self._connection = connect(str(path))
        self._lock = threading.Lock()
        self._pending = {}
        self._next = 0
        self.boots = 0
        self.release = None
        self._changed = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def wait_boots(self, count, timeout):
        """Whether the guest has said READY `count` times by then."""
        with self._changed:
            return self._changed.wait_for(lambda: self.boots >= count, timeout)

    def send(self, command, seconds):
        """Start a command in the guest, which kills it after `seconds`."""
        answer = Answer()
        text = base64.b64encode(command.encode()).decode()
        with self._lock:
            self._next += 1
            self._pending[str(self._next)] = answer
            line = f"RUN {self._next} {seconds} {text}\n"
            try:
                self._connection.sendall(line.encode())
            except OSError as error:
                self._lose(f"the machine is gone: {error}")
        return answer

    def close(self):
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._connection.close()

    def _lose(self, why):
        for answer in self._pending.values():
            answer.lost = why
            answer.done.set()
        self._pending.clear()

    def _read(self):
        rest = b""
        while True:
            try:
                data = self._connection.recv(65536)
            except OSError:
                data = b""
            if not data:
                with self._lock:
                    self._lose("the machine is gone")
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._line(line.rstrip(b"\r").split(b" "))

    def _line(self, words):
        # A guest that goes down in the middle of a line leaves a piece of it
        # in front of READY.
        if len(words) == 2 and words[0].endswith(b"READY"):
            with self._lock:
                self._lose("the guest has rebooted")
            with self._changed:
                self.release = words[1].decode()
                self.boots += 1
                self._changed.notify_all()
        elif len(words) == 5 and words[0] == b"DONE":
            with self._lock:
                answer = self._pending.pop(words[1].decode(), None)
            if answer:
                answer.status = int(words[2])
                answer.stdout = base64.b64decode(words[3])
                answer.stderr = base64.b64decode(words[4])
                answer.done.set()
