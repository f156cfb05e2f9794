# SPDX-License-Identifier: GPL-2.0-only
"""What is known of an image before it is booted: what mkinitrd-en shows."""

import json
import subprocess

from . import parts


class Image:
    """path, family, kernels (versions), settings (those that mkinitrd-en has
    put in, as text), note (why nothing is known, or None)."""

    def __init__(self, path):
        self.path = path
        self.family, self.kernels, self.settings = None, [], {}
        self.note = None
        program = parts.own_program("mkinitrd-en")
        if not program:
            self.note = ("mkinitrd-en is not there to read the image's "
                         "settings")
            return
        done = subprocess.run([program, "inspect", "--json", path],
                              capture_output=True, text=True, check=False)
        try:
            found = json.loads(done.stdout)
        except ValueError:
            self.note = done.stderr.strip() or "mkinitrd-en cannot read it"
            return
        self.family = found.get("family")
        self.kernels = found.get("kernels") or []
        inserted = found.get("inserted") or {}
        self.settings = {key: str(value) for key, value in
                         (inserted.get("settings") or {}).items()}
        if inserted.get("kernel"):
            self.kernels = [inserted["kernel"]]
        damage = found.get("damage")
        if damage:
            self.note = f"the image is damaged: {damage}"
