# SPDX-License-Identifier: GPL-2.0-only
"""Reads what a boot's parts say, and knows which stage it has reached.

Watch is given lines with their source and time; it knows nothing of files.
Follower gives the new lines of a log that grows.
"""

import collections
import re

from .machine import INVISIBLE
from .stages import BY_NAME, END, NAMES, STAGES, TROUBLE

Line = collections.namedtuple("Line", "time source text stage")
Mark = collections.namedtuple("Mark", "time source text")

MOST_LINES = 40000
MARKER = re.compile(r"tryboot: root mounted (\S+) (\S+) (\S+)")


class Follower:
    """The lines that a file got since the last look; the last one only when
    its end is there, or it has stood so for a look."""

    def __init__(self, path):
        self.path = path
        self._at = 0
        self._rest = b""

    def lines(self):
        try:
            with open(self.path, "rb") as file:
                file.seek(self._at)
                data = file.read()
        except FileNotFoundError:
            return []
        self._at += len(data)
        if not data:
            # A prompt has no end of line.
            whole, self._rest = [self._rest] if self._rest else [], b""
        else:
            *whole, self._rest = (self._rest + data).split(b"\n")
        return [INVISIBLE.sub("", line.decode(errors="replace"))
                for line in whole]


class Watch:
    """What has been seen of a boot.

    word    the word on the root disk that tryboot made; None: the disk is the
            user's own, and the kernel's messages tell that it is mounted
    skip    names of stages that this boot does not have
    rom     whether an expansion ROM drives the adapter before the kernel does:
            all that is seen until then is the firmware's
    """

    def __init__(self, word=None, skip=(), rom=False):
        self.word = word
        self.rom = rom
        self.skip = frozenset(skip)
        self.begun, self.done = {}, {}
        self.lines = []
        self.ended = None
        self.root = None
        self.foreign_root = False
        self.left_out = False

    # reading

    def line(self, source, text, time):
        """Take a line; the stage whose sign it is, or None."""
        stage = self._sign(source, text, time)
        self.lines.append(Line(time, source, text, stage))
        if len(self.lines) > MOST_LINES:
            # A machine that talks without end: the middle is the least loss.
            drop = MOST_LINES // 4
            self.lines[drop:drop * 2] = [
                line for line in self.lines[drop:drop * 2] if line.stage]
            self.left_out = True
        if source == "console" and not self.ended and END.search(text) and \
                "root" not in self.done:
            self.ended = Mark(time, source, text)
        return stage

    def mark(self, name, time, text=""):
        """A stage is done that no line tells of."""
        self.begun.setdefault(name, Mark(time, "", text))
        self.done.setdefault(name, Mark(time, "", text))
        if name == "power":
            self.begun.setdefault("firmware", Mark(time, "", text))

    def _sign(self, source, text, time):
        found = None
        for stage in STAGES:
            if stage.name in self.done or \
                    stage.name != "firmware" and self.in_firmware():
                continue
            begin, end = stage.begin.get(source), stage.end.get(source)
            if stage.name == "root" and self._own_root(source, text, time):
                return "root"
            if stage.name == "root" and self.word:
                end = None
            if begin and stage.name not in self.begun and begin.search(text):
                self.begun[stage.name] = Mark(time, source, text)
                found = found or stage.name
            if end and self._may_end(stage.name) and end.search(text):
                self.begun.setdefault(stage.name, Mark(time, source, text))
                self.done[stage.name] = Mark(time, source, text)
                found = stage.name
        return found

    def in_firmware(self):
        """Whether a ROM still has the adapter."""
        return self.rom and "firmware" not in self.done

    def _may_end(self, name):
        """A port may have a link, or firmware a lease, before the driver."""
        if name in ("link", "address", "login", "disk", "root"):
            return "kernel" in self.done or "init" in self.begun
        return True

    def _own_root(self, source, text, time):
        found = MARKER.search(text) if source == "console" else None
        if not found or not self.word:
            return False
        if found[1] != self.word:
            self.foreign_root = True
            return False
        self.root = {"device": found[2], "type": found[3]}
        self.begun.setdefault("root", Mark(time, source, text))
        self.done["root"] = Mark(time, source, text)
        return True

    # what is known

    def mounted(self):
        return "root" in self.done

    def reached(self):
        """The last stage that is done, by the stages' order; None: none."""
        done = [name for name in NAMES if name in self.done]
        return done[-1] if done else None

    def stopped_at(self):
        """The first stage that is not done behind the last one that is; None
        if the root is mounted."""
        if self.mounted():
            return None
        reached = self.reached()
        behind = NAMES[NAMES.index(reached) + 1 if reached else 0:]
        return next(name for name in behind
                    if name not in self.skip or name == "root")

    def status(self):
        """The exit status."""
        stopped = self.stopped_at()
        return BY_NAME[stopped].status if stopped else 0

    def stages(self):
        """A list of what became of each: dicts with name, title, state ("done",
        "stopped", "waiting", "unseen": passed without a sign, "none": not in
        this boot), begin and end in seconds, seconds, sign."""
        stopped, reached = self.stopped_at(), self.reached()
        at = NAMES.index(reached) if reached else -1
        out = []
        for number, stage in enumerate(STAGES):
            begin = self.begun.get(stage.name)
            end = self.done.get(stage.name)
            if end:
                state = "done"
            elif stage.name == stopped:
                state = "stopped"
            elif stage.name in self.skip:
                state = "none"
            else:
                state = "unseen" if number < at else "waiting"
            sign = end or begin
            out.append({
                "name": stage.name, "title": stage.title, "state": state,
                "what": stage.what,
                "begin": round(begin.time, 3) if begin else None,
                "end": round(end.time, 3) if end else None,
                "seconds": round(end.time - begin.time, 3)
                if begin and end else None,
                "source": sign.source if sign else None,
                "sign": sign.text.strip() if sign else None})
        return out

    def console(self, count=None):
        """The last lines of the console that are not empty."""
        texts = [line.text for line in self.lines
                 if line.source == "console" and line.text.strip()]
        return texts if count is None else texts[-count:]

    def trouble(self, count=6):
        """The last lines that tell of something that went wrong."""
        found = []
        for line in self.lines:
            if line.source == "console" and TROUBLE.search(line.text) and \
                    line.text.strip() not in found:
                found.append(line.text.strip())
        return found[-count:]

    def heard_since(self, time):
        """Whether anything but the DHCP server has said something since."""
        return any(line.time >= time and line.source != "dhcp"
                   for line in self.lines[-1000:])

    def find(self, pattern, source="console"):
        """The last match of a regular expression in a source's lines."""
        expression = re.compile(pattern)
        for line in reversed(self.lines):
            if line.source == source:
                found = expression.search(line.text)
                if found:
                    return found
        return None
