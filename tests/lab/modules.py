# SPDX-License-Identifier: GPL-2.0-only
"""Our drivers beside a kernel's own: for the test guest a segment of its
initramfs, for mkinitrd-en a tree of modules as DKMS would leave it."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tryboot.namespace import LabError

from . import paths

DRIVERS = ("in-tree", "ours")
OURS = ("mlx4_core", "mlx4_en")


def built(kernel):
    """Our modules of a kernel that `make modules` has built: paths."""
    folder = paths.MODULES / kernel
    return [folder / f"{name}.ko" for name in OURS
            if (folder / f"{name}.ko").exists()]


def overlay(kernel):
    """The segment with our modules in updates/ and a modules.dep that knows
    them in place of the kernel's own mlx4 drivers; made anew if it is old."""
    return _current(kernel, "guest.cpio", paths.segment(f"modules-{kernel}"),
                    _make_segment)


def tree(kernel):
    """A folder with lib/modules/VERSION as a host has it whose DKMS has
    installed our modules; made anew if it is old."""
    return _current(kernel, "tree", paths.kernel(kernel) / "modules",
                    _make_tree)


def _current(kernel, name, base, make):
    modules = built(kernel)
    if len(modules) != len(OURS):
        raise LabError(f"{paths.MODULES / kernel} has no modules of ours: "
                       f"run make modules KERNEL={kernel}")
    made = paths.MODULES / kernel / name
    with open(made.with_suffix(".lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        newest = max(path.stat().st_mtime_ns for path in [base, *modules])
        if not made.exists() or made.stat().st_mtime_ns < newest:
            make(kernel, modules, base, made)
    return made


def _make_tree(kernel, modules, base, made):
    version = paths.kernel_version(kernel)
    new = made.with_name("tree.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(base, new, symlinks=True, copy_function=os.link)
    updates = new / "lib/modules" / version / "updates/dkms"
    updates.mkdir(parents=True)
    for path in modules:
        shutil.copy(path, updates)
    subprocess.run(["depmod", "-b", new, version], check=True)
    shutil.rmtree(made, ignore_errors=True)
    new.rename(made)
    os.utime(made)


def _make_segment(kernel, modules, base, made):
    version = paths.kernel_version(kernel)
    with tempfile.TemporaryDirectory(dir=made.parent) as work:
        tree = Path(work) / "tree"
        folder = tree / "usr/lib/modules" / version
        tree.mkdir()
        with open(base, "rb") as archive:
            subprocess.run(["cpio", "--quiet", "-idm", "--no-preserve-owner"],
                           stdin=archive, cwd=tree, check=True)
        # For depmod; in the guest another segment has made it.
        (tree / "lib").symlink_to("usr/lib")
        for path in folder.rglob("mlx4_*.ko"):
            path.unlink()
        (folder / "updates").mkdir()
        for path in modules:
            shutil.copy(path, folder / "updates")
        subprocess.run(["depmod", "-b", tree, version], check=True)
        names = [path.relative_to(tree)
                 for path in (*folder.glob("modules.*"), folder / "updates",
                              *(folder / "updates").iterdir())]
        new = Path(work) / "new.cpio"
        with open(new, "wb") as out:
            subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"],
                           input="\n".join(map(str, names)).encode(),
                           stdout=out, cwd=tree, check=True)
        new.rename(made)
