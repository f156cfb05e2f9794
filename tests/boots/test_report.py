# SPDX-License-Identifier: GPL-2.0-only
"""The report: one file, nothing from anywhere, no word of a guest is HTML."""

import datetime
import html.parser
import re
import xml.etree.ElementTree as ElementTree

import pytest

from tests.boots.test_watch import GOOD, WORD, explain, until, watch_of
from tryboot import picture, report
from tryboot.picture import Picture, ticks

NOW = datetime.datetime(2026, 11, 28, 12, 0, tzinfo=datetime.timezone.utc)
EVIL = "<script>alert(1)</script> \x1b]0;x\x07 & \"quoted\" \x0e"


def result_of(watch, seconds=9.5, **more):
    why, hint = explain(watch)
    stopped = watch.stopped_at()
    return {"version": "1", "image": "host7.img", "mounted": not stopped,
            "stopped_at": stopped, "seconds": seconds, "ended": "gave up",
            "why": why, "hint": hint, "root": watch.root,
            "stages": watch.stages(), "trouble": watch.trouble(),
            "last_lines": watch.console(20), "settings": {"MTU": "1500"},
            "notes": [], "files": {}, "links": {}, **more}


class Reader(html.parser.HTMLParser):
    """Tags, what they refer to, and whether all are closed in order."""

    VOID = {"meta", "input", "line", "rect", "circle"}

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.references = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.references += [value for name, value in attributes
                            if name in ("src", "href", "action", "data")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_a_good_boot():
    watch = watch_of(GOOD)
    text = report.page(result_of(watch), watch.lines, NOW)
    assert "Root mounted after 9.5 s" in text
    assert "root is ext4 on /dev/sda" in text and "Linux 6.12.118" in text
    assert "2026-11-28 12:00 UTC" in text
    for _, _, line, _ in GOOD:
        assert report.visible(line) in text
    assert text.count('class="console marked') >= 4
    assert "What to do" not in text


@pytest.mark.parametrize("name", ("kernel", "driver", "link", "disk"))
def test_a_boot_that_stopped(name):
    watch = watch_of(until(name))
    text = report.page(result_of(watch), watch.lines, NOW)
    title = next(stage["title"] for stage in watch.stages()
                 if stage["state"] == "stopped")
    assert f"Stopped at {title}" in text
    assert "What to do" in text and '<tr class="stopped">' in text
    Reader(text)


def test_it_loads_nothing():
    watch = watch_of(GOOD)
    text = report.page(result_of(
        watch, files={"pcap": "/x/a b.pcap"}, links={"pcap": "a%20b.pcap"}),
        watch.lines, NOW)
    found = Reader(text)
    assert {"img", "link", "iframe", "object"} & set(found.tags) == set()
    assert all(each.startswith("#") or each == "a%20b.pcap"
               for each in found.references)
    assert "a%20b.pcap" in found.references
    assert not re.search(r"@import|url\((?!#)|https?://", text)


def test_each_link_leads_to_a_line():
    watch = watch_of(GOOD)
    text = report.page(result_of(watch), watch.lines, NOW)
    for target in re.findall(r'href="#(\w+)"', text):
        assert f'<li id="{target}"' in text
    assert len(re.findall(r'href="#', text)) >= 8


def test_words_of_a_guest_are_text():
    watch = watch_of([*until("init"), (5.0, "console", EVIL),
                      (5.1, "console", "connectx-en: no <b>such</b> thing")])
    text = report.page(result_of(watch, image=EVIL, why=EVIL, hint=EVIL,
                                 settings={EVIL: EVIL}, notes=[EVIL]),
                       watch.lines, NOW)
    assert "<script>alert" not in text and "<b>such" not in text
    assert "\x1b" not in text and "\x0e" not in text
    assert Reader(text).tags.count("script") == 1


def svg_of(watch, total):
    text = Picture(watch.stages(), watch.lines, total).svg()
    return text, ElementTree.fromstring(text)


def test_the_picture_is_to_scale():
    watch = watch_of(GOOD)
    _, svg = svg_of(watch, 10.0)
    bars = {}
    for rect in svg.iter("rect"):
        title = rect.find("title")
        if title is not None:
            bars[title.text.split(":")[0]] = rect
    kernel = bars["kernel"]
    assert float(kernel.get("x").rstrip("%")) == pytest.approx(20)
    assert float(kernel.get("width").rstrip("%")) == pytest.approx(20)
    # The gap before the link: from 4.4 to 6.0
    gaps = [(line.get("x1"), line.get("x2")) for line in svg.iter("line")
            if line.get("class") == "gap"]
    assert ("44.000%", "60.000%") in gaps
    # Power-on is a moment.
    assert [circle.get("cx") for circle in svg.iter("circle")][0] == "0.000%"


def test_the_picture_shows_where_it_stopped():
    watch = watch_of(until("driver"))
    text, svg = svg_of(watch, 44.0)
    stopped = [rect for rect in svg.iter("rect")
               if rect.get("class") == "stopped"]
    assert len(stopped) == 1
    x, width = (float(stopped[0].get(name).rstrip("%"))
                for name in ("x", "width"))
    assert x == pytest.approx(10) and x + width == pytest.approx(100)
    assert text.count("not reached") == 4


def test_nothing_stands_out_of_the_picture():
    watch = watch_of(GOOD)
    for total in (9.5, 60.0, 1.0):
        _, svg = svg_of(watch, total)
        for rect in svg.iter("rect"):
            x = float(rect.get("x").rstrip("%"))
            assert x <= 100
            if rect.get("class") == "activity":
                assert x + float(rect.get("width").rstrip("%")) <= 100.001


@pytest.mark.parametrize("total", (0.3, 1, 9.5, 57.4, 300, 4000, 90000))
def test_ticks(total):
    found = ticks(total)
    assert found[0] == 0 and found[-1] <= total and len(found) >= 2
    assert len(found) <= 8 or total > 7 * 3600
    assert picture.seconds(57.44) == "57.4 s" and WORD
