# SPDX-License-Identifier: GPL-2.0-only
"""The disk behind the target."""

import pkgutil
import subprocess

from .namespace import LabError

SIZE = "24M"
# What an init of an initrd looks for, or moves its mounts to
FOLDERS = ("dev", "etc", "proc", "root", "run", "sbin", "sys", "tmp",
           "usr/lib", "var")


def make(lab, path, word):
    """A small ext4 whose init prints `word` (root_init.c)."""
    program = pkgutil.get_data(__package__, "root_init")
    tree = lab.folder / "root-tree"
    for name in FOLDERS:
        (tree / name).mkdir(parents=True, exist_ok=True)
    init = tree / "sbin" / "init"
    init.write_bytes(program)
    init.chmod(0o755)
    # systemd switches only to what it takes for an operating system.
    (tree / "usr/lib/os-release").write_text(
        'ID=tryboot\nNAME="tryboot"\nPRETTY_NAME="the root disk of tryboot"\n')
    (tree / "etc/os-release").symlink_to("../usr/lib/os-release")
    (tree / "etc/fstab").touch()
    (tree / "tryboot-word").write_text(word + "\n")
    lab.run(["mke2fs", "-q", "-t", "ext4", "-L", "tryboot-root", "-d", tree,
             path, SIZE], timeout=60)


def copy(source, path):
    """A copy that shares its blocks with the original where the file system
    can do that, and has holes where it has none."""
    done = subprocess.run(["cp", "--sparse=always", "--reflink=auto", "--",
                           source, path], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise LabError(f"no copy of the disk: {done.stderr.strip()} (TMPDIR "
                       "names another place for it)")


def empty(path):
    """As large as the other one, and nothing on it."""
    with open(path, "wb") as file:
        file.truncate(24 << 20)
