# SPDX-License-Identifier: GPL-2.0-only
"""The report of a boot: one HTML file that needs nothing from anywhere."""

import datetime
import pkgutil
import re
import string
from html import escape

from .picture import Picture, seconds
from .stages import BY_NAME, TROUBLE

SOURCES = {"adapter": "adapter's events", "dhcp": "DHCP server",
           "target": "target"}


def resource(name):
    return pkgutil.get_data(__package__, name).decode()


def visible(text):
    """Text for HTML; what is no character to be shown becomes a mark."""
    return escape("".join(
        each if each.isprintable() or each == "\t" else "\N{REPLACEMENT CHARACTER}"
        for each in text.encode(errors="replace").decode()))


def short(text, most=90):
    """A line of a log without what stands before the kernel's words, and
    without an endless end."""
    text = re.sub(r"^.*?\[ *\d+\.\d+\] ", "", text.strip())
    return text if len(text) <= most else text[:most - 3] + "..."


def time_of(value):
    return "" if value is None else f"{value:.2f}"


def row(stage, anchor):
    took = "" if stage["seconds"] is None else seconds(stage["seconds"])
    sign = visible(short(stage["sign"], 150) if stage["sign"] else {
        "none": "not in this boot", "unseen": "passed without a sign",
        "stopped": stage["what"] + ": not seen"}.get(stage["state"], ""))
    if anchor:
        sign = f'<a href="#{anchor}">{sign}</a>'
    if stage["sign"] and stage["source"] not in ("console", ""):
        sign = f'<span class="source">{escape(stage["source"])}:</span> {sign}'
    return (f'<tr class="{stage["state"]}">'
            f'<td class="stage">{escape(stage["title"])}</td>'
            f'<td class="number from">{time_of(stage["begin"])}</td>'
            f'<td class="number to">{time_of(stage["end"])}</td>'
            f'<td class="number">{took}</td>'
            f'<td class="sign-text">{sign}</td></tr>')


def log_line(number, line):
    classes = [line.source]
    chip = ""
    if line.stage:
        classes.append("marked")
        chip = f"<b>{escape(BY_NAME[line.stage].title)}</b>"
    if line.source == "console" and TROUBLE.search(line.text):
        classes.append("trouble")
    return (f'<li id="l{number}" class="{" ".join(classes)}">'
            f"<time>{line.time:.2f}</time><span>{visible(line.text)}</span>"
            f"{chip}</li>")


def anchors(lines, stages):
    """{stage: id of the line that told of its end, or of its begin}"""
    found = {}
    signs = {stage["name"]: stage for stage in stages}
    for number, line in enumerate(lines):
        if line.stage and line.text.strip() == signs[line.stage]["sign"]:
            found[line.stage] = f"l{number}"
    return found


def verdict(result):
    if result["mounted"]:
        return f"Root mounted after {result['seconds']:.1f} s"
    return (f"Stopped at {BY_NAME[result['stopped_at']].title} after "
            f"{result['seconds']:.1f} s")


def sentence(text):
    text = (text or "").strip().rstrip(".")
    return visible(text[:1].upper() + text[1:]) + "." if text else ""


def reason(result):
    if result["mounted"]:
        return ""
    lines = result["trouble"] or result["last_lines"][-8:]
    said = "\n".join(visible(line) for line in lines)
    hint = f'<p class="todo">What to do: {visible(result["hint"])}.</p>' \
        if result["hint"] else ""
    return (f'<section class="reason"><p>{sentence(result["why"])} '
            f'{sentence(result["ended"])}</p>{hint}'
            + (f"<pre>{said}</pre>" if said else "") + "</section>")


def version(result):
    """The kernel's, as it says itself."""
    for stage in result["stages"]:
        found = re.search(r"Linux version (\S+)", stage["sign"] or "")
        if found:
            return f" &#183; Linux {visible(found[1])}"
    return ""


def files(result):
    """Links to what lies beside the report."""
    out = []
    for what, words in (("pcap", "what passed the port"),
                        ("keep", "all logs")):
        path = result["files"].get(what)
        if path:
            out.append(f'<p class="note">{words}: <a href="'
                       f'{escape(result["links"][what])}"><code>'
                       f"{visible(path)}</code></a></p>")
    return "".join(out)


def page(result, lines, now=None):
    """The report's text. result["links"] has the addresses of its files as
    seen from the report; now: the date in it."""
    now = now or datetime.datetime.now(datetime.timezone.utc)
    lines = [line for line in lines
             if line.text.strip() or line.source == "console"]
    at = anchors(lines, result["stages"])
    console = sum(line.source == "console" for line in lines)
    root = result["root"]
    where = f" &#183; root is {visible(root['type'])} on " \
        f"{visible(root['device'])}" if root else ""
    return string.Template(resource("report.html")).substitute(
        title=visible(f"{verdict(result)}: {result['image']}"),
        style=resource("report.css"), script=resource("report.js"),
        verdict_class="good" if result["mounted"] else "bad",
        verdict_sign="&#x2713;" if result["mounted"] else "&#x2717;",
        verdict=visible(verdict(result)),
        subtitle=visible(result["image"]) + version(result) + where,
        reason=reason(result),
        picture=Picture(result["stages"], lines, result["seconds"]).svg(),
        rows="\n".join(row(stage, at.get(stage["name"]))
                       for stage in result["stages"]),
        settings="\n".join(f"<dt>{visible(key)}</dt><dd>{visible(value)}</dd>"
                           for key, value in result["settings"].items()),
        notes="".join(f'<p class="note">{visible(note)}</p>'
                      for note in result["notes"]),
        files=files(result), log_open="" if result["mounted"] else "open",
        line_count=console,
        sources="".join(f'<label><input type="checkbox" value="{name}"> '
                        f"{escape(text)}</label>"
                        for name, text in SOURCES.items()),
        lines="\n".join(log_line(number, line)
                        for number, line in enumerate(lines)),
        version=escape(result["version"]),
        date=now.strftime("%Y-%m-%d %H:%M UTC"))
