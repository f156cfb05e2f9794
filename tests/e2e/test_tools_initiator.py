# SPDX-License-Identifier: GPL-2.0-only
"""The initiator that mkinitrd-en brings along for an image without one: does
it start where nothing else is?"""

import json
import shutil
import subprocess

import pytest

from tests.e2e.tools_fixtures import (image, initramfs_tools, mkinitrd,
                                      module_tree, one_line, pack,
                                      read_archive, unpack)
from tests.lab import paths

assert image  # fixture

pytestmark = pytest.mark.skipif(not paths.is_built(),
                                reason="no lab: run make lab")

FOLDER = "connectx-en/initiator"
WITHOUT = ["iscsistart", "local-top/iscsi"]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return module_tree(tmp_path_factory.mktemp("modules"))


def bring(path, tree, root, *more):
    return mkinitrd(path, tree, "--iscsi-target", "11.4.3.7", "--initiator",
                    root, *more)


def added(path, base):
    data = path.read_bytes()
    assert data.startswith(base)
    entries, _ = read_archive(unpack("gzip", data[len(base):]))
    return {name: (mode, body) for name, mode, body, *_ in entries}


def test_it_runs_in_an_empty_root(image, tree, tmp_path):
    """Its interpreter and its libraries are all that there is."""
    base = pack("gzip", initramfs_tools(without=WITHOUT, padding=4))
    path = image(base)
    done = bring(path, tree, paths.ROOT, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["initiator_from"] == str(paths.ROOT)
    empty = tmp_path / "empty"
    (empty / FOLDER).mkdir(parents=True)
    files = added(path, base)
    for name, (mode, body) in files.items():
        if name.startswith(FOLDER + "/"):
            (empty / name).write_bytes(body)
            (empty / name).chmod(mode & 0o777)
    words = [f"/{FOLDER}/ld.so", "--library-path", f"/{FOLDER}",
             f"/{FOLDER}/iscsistart", "--version"]
    done = subprocess.run(["unshare", "-r", "chroot", empty, *words],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("iscsistart version ")
    # and without one of them it does not
    next((empty / FOLDER).glob("libopeniscsiusr*")).unlink()
    done = subprocess.run(["unshare", "-r", "chroot", empty, *words],
                          capture_output=True, text=True, check=False)
    assert done.returncode != 0


@pytest.mark.parametrize("order", ["", "/scripts/local-top/x \"$@\"\n",
                                   "/scripts/local-top/x \"$@\""])
def test_our_script_runs_last_where_open_iscsi_has_none(order, image, tree):
    base = pack("gzip", initramfs_tools(without=WITHOUT, order=order))
    path = image(base)
    assert bring(path, tree, paths.ROOT).returncode == 0
    lines = added(path, base)["scripts/local-top/ORDER"][1].decode()
    assert lines.startswith(order)
    assert lines[len(order):].lstrip("\n").startswith(
        "/scripts/local-top/connectx-en \"$@\"\n")


def test_an_image_of_its_own_is_left_alone(image, tree):
    base = pack("gzip", initramfs_tools())
    path = image(base)
    done = bring(path, tree, "/nowhere", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["initiator_from"] is None
    assert not any(name.startswith(FOLDER) for name in added(path, base))


def copied_root(folder, without=""):
    """As much of another system's root as it takes, its links absolute."""
    source = paths.ROOT
    (folder / "usr/sbin").mkdir(parents=True)
    (folder / "opt/lib").mkdir(parents=True)
    shutil.copy(source / "usr/sbin/iscsistart", folder / "usr/sbin")
    (folder / "lib64").symlink_to("/opt/lib")
    for path in (source / "usr/lib/x86_64-linux-gnu").iterdir():
        if path.name.split(".")[0] in ("libopeniscsiusr", "libkmod",
                                       "libcrypto", "libc", "libz", "libzstd",
                                       "ld-linux-x86-64") and \
                not path.name.startswith(without or "-"):
            shutil.copy(path, folder / "opt/lib")
    return folder


def test_links_mean_the_other_root(image, tree, tmp_path):
    path = image(pack("gzip", initramfs_tools(without=WITHOUT)))
    done = bring(path, tree, copied_root(tmp_path / "root"))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing,words", [
    ("libkmod", "needs library libkmod.so.2"), ("ld-linux", "interpreter")])
def test_what_is_missing_is_named(missing, words, image, tree, tmp_path):
    path = image(pack("gzip", initramfs_tools(without=WITHOUT)))
    before = path.read_bytes()
    error = one_line(bring(path, tree, copied_root(tmp_path / "root",
                                                   missing)))
    assert words in error
    assert path.read_bytes() == before


def test_a_damaged_library(image, tree, tmp_path):
    path = image(pack("gzip", initramfs_tools(without=WITHOUT)))
    root = copied_root(tmp_path / "root")
    library = root / "opt/lib/libz.so.1"
    library.write_bytes(library.read_bytes()[:100])
    error = one_line(bring(path, tree, root))
    assert "libz.so.1: damaged" in error


def test_nothing_to_bring(image, tree, tmp_path):
    path = image(pack("gzip", initramfs_tools(without=WITHOUT)))
    error = one_line(bring(path, tree, tmp_path))
    assert "open-iscsi" in error and "--initiator DIR" in error
