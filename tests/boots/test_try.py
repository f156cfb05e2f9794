# SPDX-License-Identifier: GPL-2.0-only
"""mkinitrd-en's side of --try: what it gives to tryboot, and what it makes of
the answer. The tryboot here only notes what it was given; test_boots.py has
the real one."""

import json
import os
import shutil
import subprocess

import pytest

from tests.e2e.tools_fixtures import initramfs_tools, module_tree
from tests.lab import paths

NOTER = """#!/usr/bin/python3
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
(here / "image").write_bytes(open(sys.argv[-1], "rb").read())
(here / "words").write_text(json.dumps(sys.argv[1:]))
print("said to standard output")
answer = (here / "answer").read_text()
if answer == "change":
    open(here / "target", "a").write("x")
    answer = "0"
sys.exit(int(answer))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return module_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture
def place(tmp_path):
    """A folder with mkinitrd-en, a tryboot beside it, and an image."""
    shutil.copy(paths.binary("mkinitrd-en"), tmp_path)
    (tmp_path / "tryboot").write_text(NOTER)
    (tmp_path / "tryboot").chmod(0o755)
    (tmp_path / "initrd.img").write_bytes(initramfs_tools())
    return tmp_path


def run(place, tree, answer, *words, **options):
    (place / "answer").write_text(str(answer))
    return subprocess.run(
        [place / "mkinitrd-en", "--modules", tree, *map(str, words)],
        capture_output=True, check=False, cwd=place, **options)


def words_of(place):
    return json.loads((place / "words").read_text())


def test_the_new_image_is_tried_and_put_into_place(place, tree):
    image, before = place / "initrd.img", initramfs_tools()
    done = run(place, tree, 0, "--try", image, "--", "--kernel", "v",
               "--limit", "7")
    assert done.returncode == 0, done.stderr
    # What was tried is what is there now, and it was not there before.
    assert (place / "image").read_bytes() == image.read_bytes() != before
    assert (place / "initrd.img.orig").read_bytes() == before
    words = words_of(place)
    assert words[:2] == ["--name", str(image)]
    assert words[2:7] == ["--kernel", "v", "--limit", "7", "--"]
    assert done.stdout == b"" and b"said to standard output" in done.stderr


@pytest.mark.parametrize("status", (1, 2, 10, 15, 19, 130))
def test_what_does_not_boot_changes_nothing(place, tree, status):
    image, before = place / "initrd.img", initramfs_tools()
    done = run(place, tree, status, "--try", image)
    assert done.returncode == status
    assert b"nothing is changed" in done.stderr
    assert image.read_bytes() == before != (place / "image").read_bytes()
    assert sorted(path.name for path in place.glob("initrd*")) == \
        ["initrd.img"]


@pytest.mark.parametrize("words", (("--rebuild",), ("-o", "out.img")))
def test_each_way_of_writing(place, tree, words):
    done = run(place, tree, 0, "--try", *words, "initrd.img")
    assert done.returncode == 0, done.stderr
    out = "out.img" if "-o" in words else "initrd.img"
    assert (place / out).read_bytes() == (place / "image").read_bytes()
    assert words_of(place)[1] == out
    refused = run(place, tree, 17, "--try", "--rebuild", "-o", "no.img",
                  "initrd.img")
    assert refused.returncode == 17 and not (place / "no.img").exists()


def test_to_standard_output(place, tree):
    """The image alone goes there, and only if it boots."""
    image = (place / "initrd.img").read_bytes()
    done = run(place, tree, 0, "--try", "-o", "-", "-", input=image)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (place / "image").read_bytes() != image
    refused = run(place, tree, 18, "--try", "-o", "-", "-", input=image)
    assert refused.returncode == 18 and refused.stdout == b""


def test_an_image_that_changes_while_it_is_tried(place, tree):
    """The boot may take minutes: somebody else may write meanwhile."""
    image = place / "initrd.img"
    (place / "target").symlink_to(image)
    done = run(place, tree, "change", "--try", image)
    assert done.returncode == 1, done.stderr
    assert image.read_bytes() == initramfs_tools() + b"x"


def test_try_only(place, tree):
    """tryboot itself, for the image as it is."""
    image = place / "initrd.img"
    done = run(place, tree, 16, "--try-only", image, "--", "--json")
    assert done.returncode == 16
    assert done.stdout == b"said to standard output\n"
    assert words_of(place) == ["--json", "--", str(image)]
    assert (place / "image").read_bytes() == image.read_bytes() == \
        initramfs_tools()


def test_no_tryboot(place, tree):
    (place / "tryboot").unlink()
    before = (place / "initrd.img").read_bytes()
    for option in ("--try", "--try-only"):
        done = run(place, tree, 0, option, "initrd.img",
                   env={**os.environ, "PATH": "/none"})
        assert done.returncode == 1
        assert b"tryboot is neither" in done.stderr
        assert (place / "initrd.img").read_bytes() == before
