# SPDX-License-Identifier: GPL-2.0-only
"""A boot's time-line as SVG: a row a stage, the name above its bar.

All that is along the time is in percent, so that the text keeps its size on a
phone and on a wide screen.
"""

from html import escape

ROW, BAR, TOP = 42, 12, 26
BUCKETS = 240
LEAST = 0.7    # percent of the time that a bar needs to be seen


def ticks(total):
    """Times for the axis: six or so, in steps that a person would choose."""
    for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800,
                 3600):
        if total / step <= 7:
            break
    count = int(total / step)
    return [round(step * number, 1) for number in range(count + 1)]


def seconds(value):
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


class Picture:
    """stages as Watch.stages() has them, lines as Watch.lines."""

    def __init__(self, stages, lines, total):
        self.stages, self.lines = stages, lines
        self.total = max(total, 0.001)
        self.parts = []

    def percent(self, time):
        return f"{100 * min(time, self.total) / self.total:.3f}%"

    def add(self, text):
        self.parts.append(text)

    def text(self, x, y, text, kind, anchor="start"):
        self.add(f'<text x="{x}" y="{y}" class="{kind}" '
                 f'text-anchor="{anchor}">{escape(text)}</text>')

    def svg(self):
        height = TOP + ROW * (len(self.stages) + 1)
        self._axis(height)
        last = 0.0
        for number, stage in enumerate(self.stages):
            last = self._row(stage, TOP + ROW * number, last)
        self._activity(TOP + ROW * len(self.stages))
        return (f'<svg role="img" height="{height}" '
                'aria-label="time-line of the boot">'
                '<defs><pattern id="stripes" width="8" height="8" '
                'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
                '<line y2="8" class="stripe"/></pattern></defs>'
                + "\n".join(self.parts) + "</svg>")

    def _axis(self, height):
        marks = ticks(self.total)
        for number, time in enumerate(marks):
            x = self.percent(time)
            self.add(f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP - 6}" '
                     f'y2="{height}"/>')
            # The last one must not stand out on the right.
            near_end = time > self.total * 0.93
            self.text(x, TOP - 12, f"{time:g} s", "tick",
                      "start" if number == 0 else
                      "end" if near_end else "middle")

    def _row(self, stage, y, last):
        """Draw a stage; the end of what is drawn so far."""
        begin, end, state = stage["begin"], stage["end"], stage["state"]
        self.text(0, y + 14, stage["title"], "name")
        bar = y + 20
        self.add(f'<rect class="track" x="0" y="{bar}" width="100%" '
                 f'height="{BAR}" rx="3"/>')
        if state == "stopped":
            start = begin if begin is not None else last
            self._bar(start, self.total, bar, "stopped", stage)
            self.text("100%", y + 14, "stopped", "bad", "end")
            return self.total
        if state != "done":
            what = {"none": "not in this boot", "unseen": "passed, no sign",
                    "waiting": "not reached"}[state]
            self.text("100%", y + 14, what, "dim", "end")
            return last
        begin = min(begin, end)
        if begin > last:
            middle = bar + BAR / 2
            self.add(f'<line class="gap" x1="{self.percent(last)}" '
                     f'x2="{self.percent(begin)}" y1="{middle}" '
                     f'y2="{middle}"><title>{seconds(begin - last)} without a '
                     'sign of it</title></line>')
        self._bar(begin, end, bar, "root" if stage["name"] == "root"
                  else "done", stage)
        told = seconds(end - begin) if end > begin else f"at {seconds(end)}"
        if begin > last + 0.005 * self.total:
            told = f"waited {seconds(begin - last)}, {told}"
        self.text("100%", y + 14, told, "dim", "end")
        return max(last, end)

    def _bar(self, begin, end, y, kind, stage):
        width = 100 * max(end - begin, 0) / self.total
        if width < LEAST and kind != "stopped":
            # A moment: a dot can be seen, a bar could not.
            self.add(f'<circle class="{kind}" cx="{self.percent(begin)}" '
                     f'cy="{y + BAR / 2}" r="{BAR / 2 - 1}"><title>'
                     f'{escape(stage["title"])}: {seconds(begin)}</title>'
                     '</circle>')
            return
        self.add(f'<rect class="{kind}" x="{self.percent(begin)}" y="{y}" '
                 f'width="{width:.3f}%" height="{BAR}" rx="2"><title>'
                 f'{escape(stage["title"])}: {seconds(begin)} to '
                 f'{seconds(end)}</title></rect>')

    def _activity(self, y):
        """How much the console said, along the time: where it is silent."""
        counts = [0] * BUCKETS
        for line in self.lines:
            if line.source == "console":
                at = int(BUCKETS * line.time / self.total)
                counts[min(at, BUCKETS - 1)] += 1
        most = max(counts) or 1
        self.text(0, y + 14, "console", "name")
        self.text("100%", y + 14, f"{sum(counts)} lines", "dim", "end")
        base = y + 20 + BAR
        for number, count in enumerate(counts):
            if count:
                high = 2 + (BAR - 2) * (count / most) ** 0.5
                self.add(f'<rect class="activity" '
                         f'x="{100 * number / BUCKETS:.3f}%" '
                         f'y="{base - high:.1f}" width="{100 / BUCKETS:.3f}%" '
                         f'height="{high:.1f}"/>')
