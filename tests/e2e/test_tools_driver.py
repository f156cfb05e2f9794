# SPDX-License-Identifier: GPL-2.0-only
"""mkinitrd-en --driver: which of several drivers goes into the image."""

import json
import subprocess

import pytest

from tests.e2e.tools_fixtures import (KERNEL, image, initramfs_tools, mkinitrd,
                                      module, module_tree, one_line, run)

assert image  # a fixture

DEPENDS = {"mlx4_core": 'INFO(3, "depends=ptp");',
           "mlx4_en": 'INFO(3, "depends=mlx4_core,ptp");',
           "ptp": 'INFO(3, "depends=pps_core");',
           "pps_core": 'INFO(3, "depends=");'}
IN_TREE = "kernel/drivers/net/ethernet/mellanox/mlx4"
DKMS = "updates/dkms"
DRIVERS = ("mlx4_core", "mlx4_en")


def build(folder, salt, names=DRIVERS, scratch=None, depends=None):
    scratch = scratch or folder.parent / f"scratch-{salt}"
    scratch.mkdir(exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{name}.ko").write_bytes(module(
            scratch, name, salt=salt, more=(depends or DEPENDS)[name]))
    return folder


def depmod(root):
    subprocess.run(["depmod", "-b", root, KERNEL], check=True,
                   capture_output=True)
    return root


@pytest.fixture
def tree(tmp_path):
    """A root with the kernel's own drivers and those that DKMS has built."""
    root = module_tree(tmp_path / "root", without=DRIVERS)
    modules = root / "lib/modules" / KERNEL
    build(modules / IN_TREE, "in-tree", scratch=tmp_path / "a")
    build(modules / DKMS, "dkms", scratch=tmp_path / "b")
    return depmod(root)


def plan(image, tree, *words):
    path = image(initramfs_tools())
    done = mkinitrd(path, tree, *words, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def sources(found):
    return {m["name"]: m["source"] for m in found["modules"]}


@pytest.mark.parametrize("words,kind,place", [
    ([], "dkms", DKMS), (["--driver", "dkms"], "dkms", DKMS),
    (["--driver", "in-tree"], "in-tree", IN_TREE)])
def test_which_one(image, tree, words, kind, place):
    """Without the option depmod's choice, which is DKMS'. What they depend on
    comes with them, in the order in which it loads."""
    found = plan(image, tree, *words)
    folder = str(tree / "lib/modules" / KERNEL / place)
    assert found["driver"] == kind and found["driver_folder"] == folder
    assert sources(found)["mlx4_core"] == f"{folder}/mlx4_core.ko"
    assert sources(found)["mlx4_en"] == f"{folder}/mlx4_en.ko"
    assert [m["name"] for m in found["modules"]] == [
        "pps_core", "ptp", "mlx4_core", "mlx4_en"]
    shown = mkinitrd(image(initramfs_tools()), tree, *words, "--dry-run")
    assert f"driver    {kind}, {folder}\n" in shown.stdout


@pytest.mark.parametrize("word", ["dkms", "in-tree", None])
def test_a_relative_folder_of_modules(image, tree, word):
    """The paths are libkmod's, which are absolute."""
    path = image(initramfs_tools())
    for place in ("root", "./root/", f"root/lib/modules/{KERNEL}"):
        done = mkinitrd(path, place, *(["--driver", word] if word else []),
                        "--dry-run", "--json", cwd=tree.parent)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["driver"] == (word or "dkms"), place


def test_only_in_tree(image, tmp_path):
    root = module_tree(tmp_path / "root", without=DRIVERS)
    build(root / "lib/modules" / KERNEL / IN_TREE, "in-tree",
          scratch=tmp_path / "a")
    depmod(root)
    assert plan(image, root)["driver"] == "in-tree"
    error = one_line(mkinitrd(image(initramfs_tools()), root, "--driver",
                              "dkms"))
    assert "--driver dkms" in error and DKMS in error


@pytest.mark.parametrize("packer", [None, ["xz"], ["zstd", "-q", "--rm"]])
def test_a_folder(image, tree, tmp_path, packer):
    """Files that no depmod has seen, packed or not; what they bring along goes
    before the kernel's own."""
    folder = build(tmp_path / "mine", "mine", (*DRIVERS, "ptp"))
    if packer:
        for path in folder.glob("*.ko"):
            subprocess.run([*packer, path], check=True)
    found = plan(image, tree, "--driver", folder)
    assert found["driver"] == "other"
    assert found["driver_folder"] == str(folder)
    where = sources(found)
    for name in (*DRIVERS, "ptp"):
        assert where[name].startswith(f"{folder}/{name}.ko")
    assert where["pps_core"].startswith(str(tree))


def test_it_is_what_gets_into_the_image(image, tree, tmp_path):
    folder = build(tmp_path / "mine", "mine")
    path = image(initramfs_tools())
    done = mkinitrd(path, tree, "--driver", folder, "-o", tmp_path / "out")
    assert done.returncode == 0 and f"driver {folder}" in done.stderr
    assert run("mkinitrd-en", "verify", tmp_path / "out").returncode == 0
    done = mkinitrd(path, tree, "--driver", "in-tree", "--compress", "none",
                    "--rebuild", "-o", tmp_path / "raw")
    assert done.returncode == 0, done.stderr
    raw = (tmp_path / "raw").read_bytes()
    assert b"mlx4_en in-tree" in raw and b"mlx4_en dkms" not in raw


def test_what_is_refused(image, tree, tmp_path):
    path = image(initramfs_tools())
    before = path.read_bytes()
    empty = tmp_path / "empty"
    empty.mkdir()
    for word, says in (("dkmz", "neither dkms nor in-tree"),
                       (str(empty), "holds no mlx4_core.ko")):
        error = one_line(mkinitrd(path, tree, "--driver", word))
        assert says in error and word in error
    half = build(tmp_path / "half", "half", ["mlx4_core"])
    assert "holds no mlx4_en.ko" in one_line(
        mkinitrd(path, tree, "--driver", half))
    broken = build(tmp_path / "broken", "broken")
    (broken / "mlx4_en.ko").write_bytes(b"\x7fELF, not really")
    assert "mlx4_en.ko" in one_line(mkinitrd(path, tree, "--driver", broken))
    circle = build(tmp_path / "circle", "circle", depends={
        **DEPENDS, "mlx4_core": 'INFO(3, "depends=mlx4_en");'})
    assert "need each other" in one_line(
        mkinitrd(path, tree, "--driver", circle))
    assert path.read_bytes() == before


def test_two_halves_are_refused(image, tree):
    """A DKMS build of one of them only: the kernel would refuse the other."""
    (tree / "lib/modules" / KERNEL / DKMS / "mlx4_en.ko").unlink()
    depmod(tree)
    path = image(initramfs_tools())
    error = one_line(mkinitrd(path, tree))
    assert "not made for each other" in error and "--driver" in error
    assert mkinitrd(path, tree, "--driver", "in-tree").returncode == 0
