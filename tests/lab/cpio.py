# SPDX-License-Identifier: GPL-2.0-only
"""Writes newc archives, for what a test adds to a guest."""

import stat


def _entry(name, mode, body, number):
    encoded = name.encode() + b"\0"
    # magic, then 13 fields: ino mode uid gid nlink mtime filesize devmajor
    # devminor rdevmajor rdevminor namesize check
    fields = (number, mode, 0, 0, 1, 0, len(body), 0, 0, 0, 0, len(encoded), 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields)
    head = header + encoded
    head += bytes(-len(head) % 4)
    return head + body + bytes(-len(body) % 4)


def archive(files):
    """A newc archive of {"/path": content}: content is bytes or str (0644), or
    (content, mode); a folder that a path names is made."""
    folders, entries = set(), []
    for path, content in sorted(files.items()):
        body, mode = content if isinstance(content, tuple) else (content, 0o644)
        body = body.encode() if isinstance(body, str) else bytes(body)
        parts = path.strip("/").split("/")
        for depth in range(1, len(parts)):
            folders.add("/".join(parts[:depth]))
        entries.append(("/".join(parts), stat.S_IFREG | mode, body))
    made = [(name, stat.S_IFDIR | 0o755, b"") for name in sorted(folders)]
    out = b"".join(_entry(name, mode, body, number)
                   for number, (name, mode, body)
                   in enumerate(made + entries, start=0x700000))
    out += _entry("TRAILER!!!", 0, b"", 0)
    return out + bytes(-len(out) % 512)
