# SPDX-License-Identifier: GPL-2.0-only
"""Reads the options, tries the boot, says how it went."""

import json
import os
import shutil
import signal
import sys
import tempfile
import urllib.parse

from . import boot, hints, image, options, parts, plan, report
from .namespace import LabError
from .stages import BY_NAME

INTERRUPTED = 130


def result_of(done):
    """What there is to say of a boot, as JSON has it."""
    watch, made = done.watch, done.plan
    why, hint = hints.explain(watch, {**made.lab(), "busy": done.busy})
    stopped = watch.stopped_at()
    return {
        "version": options.VERSION,
        "image": made.title,
        "kernel": str(made.kernel),
        "mounted": watch.mounted(),
        "status": watch.status(),
        "reached": watch.reached(),
        "stopped_at": stopped,
        "seconds": round(done.seconds, 3),
        "ended": done.why_ended,
        "why": why,
        "hint": hint,
        "root": watch.root,
        "stages": watch.stages(),
        "trouble": watch.trouble() if stopped else [],
        "last_lines": watch.console(20),
        "settings": made.settings(),
        "notes": made.notes + ([
            "there were too many lines: some in the middle are not kept"]
            if watch.left_out else []),
        "files": {key: str(value) if value else None for key, value in
                  (("report", made.chosen.report), ("pcap", made.chosen.pcap),
                   ("keep", made.chosen.keep))},
    }


def print_stage(mark, name):
    print(f"  {mark.time:7.1f} s  {BY_NAME[name].title}: {report.short(mark.text)}",
          flush=True)


def print_result(result):
    seconds = f"{result['seconds']:.1f} s"
    if result["mounted"]:
        root = result["root"]
        what = f" ({root['type']} on {root['device']})" if root else ""
        print(f"\nroot mounted after {seconds}{what}")
    else:
        title = BY_NAME[result["stopped_at"]].title
        print(f"\nstopped at {title} after {seconds}: {result['why']}")
        print(f"  {result['ended']}")
        if result["hint"]:
            print(f"  what to do: {result['hint']}")
        lines = result["trouble"] or result["last_lines"][-6:]
        if lines:
            print("  the console's own words:")
        for line in lines:
            print(f"  | {line}")
    for note in result["notes"]:
        print(f"note: {note}")
    for what, path in result["files"].items():
        if path:
            print(f"{what}: {path}")


def write_whole(path, text):
    """There whole or not at all."""
    folder = os.path.dirname(os.path.abspath(path))
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".tryboot")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def check_outputs(chosen):
    """What cannot be written is said before a boot was waited for."""
    for path in (chosen.report, chosen.pcap):
        if path and not os.access(path.absolute().parent, os.W_OK):
            raise LabError(f"{path}: its folder cannot be written to")


def run(chosen):
    check_outputs(chosen)
    root = parts.find_root(chosen.lab)
    parts.find_adapter()
    made = plan.Plan(chosen, image.Image(chosen.image))
    if chosen.rom and not made.lease:
        raise LabError("a ROM gets kernel and image by DHCP: not with an "
                       "address of the image's own, nor --without dhcp")
    results = []

    def after(done):
        result = result_of(done)
        results.append(result)
        if chosen.pcap:
            shutil.copyfile(done.pcap, chosen.pcap)
        if chosen.keep:
            done.keep(chosen.keep)
        if chosen.report:
            folder = chosen.report.absolute().parent
            result["links"] = {
                what: urllib.parse.quote(os.path.relpath(path, folder))
                for what, path in result["files"].items() if path}
            write_whole(chosen.report, report.page(result, done.watch.lines))
    boot.try_boot(made, root, after, None if chosen.json else print_stage)
    result = results[0]
    if chosen.json:
        print(json.dumps(result, indent=1))
    else:
        print_result(result)
    return result["status"]


def main():
    chosen = options.parser().parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        return run(chosen)
    except KeyboardInterrupt:
        print("tryboot: interrupted", file=sys.stderr)
        return INTERRUPTED
    except (LabError, OSError) as error:
        print(f"tryboot: {error}", file=sys.stderr)
        return 1
