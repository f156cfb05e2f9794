# SPDX-License-Identifier: GPL-2.0-only
"""What mkinitrd-en says of an image."""

import json
import subprocess

from tests.lab import paths

from . import cells


def _json(verb, path, *more):
    done = subprocess.run([paths.binary("mkinitrd-en"), verb, "--json", *more,
                           path], capture_output=True, text=True, check=False,
                          timeout=60)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def foretold(path):
    """The errors that verify finds in an image, as (offset, text), and which
    of both files the kernel would have of it, as inspect lists them."""
    errors = [(finding["offset"], finding["text"])
              for finding in _json("verify", path)["findings"]
              if finding["level"] == "error"]
    files = [file["path"] for file in _json("inspect", path, "--files")["files"]]
    return errors, [name for name in (cells.FIRST, cells.SECOND)
                    if name in files]
