# SPDX-License-Identifier: GPL-2.0-only
"""make dist: the package of the ROMs. Its ROMs are those of make rom, or ones
whose iPXE is nearly empty where that has not been run."""

import hashlib
import os
import re
import shutil
import subprocess
import tarfile

import pytest

from tests.e2e.manual_desk import make_rom
from tests.e2e.tools_fixtures import run
from tests.lab import paths
from tests.rom.machine import IDS

LICENCES = ("LICENSE", "LICENSE.ipxe", "SOURCE")


@pytest.fixture(scope="module")
def version():
    return run("mkrom", "--version").stdout.split()[-1]


@pytest.fixture
def roms(tmp_path, version):
    folder = tmp_path / "rom"
    folder.mkdir()
    for device in IDS:
        make_rom(folder, device, version)
    for name, other in zip(LICENCES, ("LICENSE", "LICENSE", "rom/SOURCE.in")):
        built = paths.REPOSITORY / "build/rom" / name
        shutil.copy(built if built.exists() else paths.REPOSITORY / other,
                    folder / name)
    return folder


def git(*words):
    return subprocess.run(["git", *words], cwd=paths.REPOSITORY, check=True,
                          capture_output=True, text=True).stdout


def make(roms, out, verb="dist-pxe", umask=0o022, **more):
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", verb, f"ROM_DIR={roms}", f"DIST={out}",
         f"DKMS_TAR={out}/dkms.tar.gz"],
        cwd=paths.REPOSITORY, capture_output=True, text=True, check=False,
        env=environment | more, umask=umask)


def packed(roms, out, version):
    done = make(roms, out)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in out.iterdir()] == [
        f"connectx-en-pxe-{version}.tgz"]
    return out / f"connectx-en-pxe-{version}.tgz"


@pytest.fixture
def content(roms, tmp_path, version):
    """The folder that the package unpacks to."""
    tar = packed(roms, tmp_path / "dist", version)
    subprocess.run(["tar", "-C", tmp_path, "-xf", tar], check=True)
    return tmp_path / f"connectx-en-pxe-{version}"


def test_what_is_in_it(content, version):
    top = {path.name for path in content.iterdir()}
    assert top == {f"CONNECTX_EN_{device}_ROM-{version}.rom"
                   for device in IDS} | {
        *LICENCES, "SHA256SUMS", "docs", "README.md", "CHANGELOG.md",
        "packaging"}
    for page in ("manual.md", "release-notes.md", "rom.md"):
        assert (content / "docs" / page).read_bytes() == (
            paths.REPOSITORY / "docs" / page).read_bytes()
    for device in IDS:
        shown = run("mkrom", "inspect",
                    content / f"CONNECTX_EN_{device}_ROM-{version}.rom")
        assert shown.returncode == 0 and f"device    {device} " in shown.stdout


def test_checksums_of_all_files(content):
    listed = dict(reversed(line.split("  ")) for line in
                  (content / "SHA256SUMS").read_text().splitlines())
    files = {str(path.relative_to(content)): path
             for path in content.rglob("*") if path.is_file()}
    del files["SHA256SUMS"]
    assert listed == {name: hashlib.sha256(path.read_bytes()).hexdigest()
                      for name, path in files.items()}


def test_links_lead_to_what_is_in_it(content):
    for page in ("manual.md", "release-notes.md", "rom.md"):
        text = (content / "docs" / page).read_text()
        for place in re.findall(r"\]\(([^#)]+)\)", text):
            assert (content / "docs" / place).exists(), (page, place)


def test_the_same_bytes(roms, tmp_path, version):
    """Another day, another user's umask, another order in the folder."""
    one = packed(roms, tmp_path / "a", version).read_bytes()
    again = tmp_path / "again"
    again.mkdir(mode=0o700)
    for path in reversed(sorted(roms.iterdir())):
        (again / path.name).write_bytes(path.read_bytes())
        os.utime(again / path.name, (1, 1))
        (again / path.name).chmod(0o600)
    done = make(again, tmp_path / "b", umask=0o077, TZ="Asia/Tokyo",
                LC_ALL="C.UTF-8")
    assert done.returncode == 0, done.stderr
    [tar] = (tmp_path / "b").iterdir()
    assert tar.read_bytes() == one
    with tarfile.open(tar) as opened:
        members = opened.getmembers()
    assert {(m.uid, m.gid, m.uname, m.gname) for m in members} == {
        (0, 0, "root", "root")}
    assert {m.mtime for m in members} == {int(git("log", "-1", "--format=%ct"))}
    assert {m.mode for m in members} == {0o755, 0o644}
    assert tar.read_bytes()[4:8] == bytes(4)  # gzip's own time


def test_the_drivers_sources_too(roms, tmp_path):
    found = []
    for umask in 0o022, 0o077:
        done = make(roms, tmp_path, "dist-dkms", umask=umask)
        assert done.returncode == 0, done.stderr
        found.append((tmp_path / "dkms.tar.gz").read_bytes())
    assert found[0] == found[1]
    done = make(roms, tmp_path, "dist-dkms", SOURCE_DATE_EPOCH="1000000000")
    assert done.returncode == 0, done.stderr
    with tarfile.open(tmp_path / "dkms.tar.gz") as opened:
        assert {m.mtime for m in opened.getmembers()} == {1000000000}


def test_without_git(roms, tmp_path):
    """The drivers can be packed out of any copy of the sources; the documents
    are those that git knows."""
    nowhere = {"GIT_DIR": str(tmp_path / "nowhere")}
    done = make(roms, tmp_path, "dist-dkms", **nowhere)
    assert done.returncode == 0, done.stderr
    with tarfile.open(tmp_path / "dkms.tar.gz") as opened:
        assert {m.mtime for m in opened.getmembers()} == {
            int((paths.REPOSITORY / "Makefile").stat().st_mtime)}
    done = make(roms, tmp_path / "dist", **nowhere)
    assert done.returncode != 0 and "run it in a clone" in done.stderr
    assert not (tmp_path / "dist").exists()


def test_a_rom_is_missing(roms, tmp_path, version):
    gone = roms / f"CONNECTX_EN_26448_ROM-{version}.rom"
    gone.rename(roms / "CONNECTX_EN_26448_ROM-0.0.9.rom")
    done = make(roms, tmp_path / "dist")
    assert done.returncode != 0
    assert f"make dist: no {gone}: run make rom" in done.stderr
    assert not (tmp_path / "dist").exists()


def test_roms_of_other_versions_stay_out(roms, tmp_path, version):
    (roms / "CONNECTX_EN_26448_ROM-0.0.9.rom").write_bytes(b"old")
    tar = packed(roms, tmp_path / "dist", version)
    with tarfile.open(tar) as opened:
        assert not [name for name in opened.getnames() if "0.0.9" in name]
