# SPDX-License-Identifier: GPL-2.0-only
"""en-flash on files: images as one run, all bytes of a flash, and what is
neither. The lab's mstflint, which still knows images, judges what it writes."""

import json
import subprocess

import pytest

from tests.e2e.tools_fixtures import run
from tests.lab import paths

SAMPLE = paths.REPOSITORY / "build/plain/tests/flash-sample"
SIZE = 2 << 20
CHUNK = 0x40000


@pytest.fixture
def sample(tmp_path):
    """sample(size, seed, device): the paths of an image and of its ROM."""
    def make(size=8192, seed=1, device=25448):
        folder = tmp_path / f"{device}-{size}-{seed}"
        folder.mkdir()
        subprocess.run([SAMPLE, folder, str(device), str(size), str(seed)],
                       check=True)
        return folder / "image", folder / "rom"
    return make


def flash_of(image, path):
    """All bytes of a flash whose first copy is this image."""
    assert image.stat().st_size < CHUNK
    path.write_bytes(image.read_bytes().ljust(SIZE, b"\xff"))
    return path


def en_flash(verb, image, *words, fails=None):
    done = run("en-flash", verb, "-i", image, *words)
    if fails is None:
        assert done.returncode == 0 and done.stderr == "", done.stderr
    else:
        assert done.returncode == 1 and fails in done.stderr, done.stderr
        assert done.stderr.count("\n") == 1
    return done.stdout


def query(image):
    return json.loads(en_flash("query", image, "--json"))


def mstflint(image, *words, striped=True):
    root = paths.ROOT
    done = subprocess.run(
        [root / "lib64/ld-linux-x86-64.so.2", "--library-path",
         root / "usr/lib/x86_64-linux-gnu", root / "usr/bin/mstflint", "-i",
         image, *(["--striped_image"] if striped else []), "-y", *words],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_query_is_the_manuals_listing(sample):
    image, _ = sample()
    assert en_flash("query", image) == """\
Image type:      ConnectX
FW Version:      2.7.0000
FW Release Date: 2010-03-15
Rom Info:        type=PXE version=1.5.5 proto=ETH devid=25448
Device ID:       25448
Chip Revision:   A0
Description:     Port1              Port2
MACs:            00:02:c9:00:00:bb  00:02:c9:00:00:bc
Board ID:        n/a (MT_0920110004)
VSD:             n/a
PSID:            MT_0920110004
"""


def test_flash_there_and_back(sample, tmp_path):
    """Each burning takes the other copy; mstflint sees the same at each."""
    image, rom = sample()
    _, large = sample(300 * 1024, 2)
    flash = flash_of(image, tmp_path / "flash")
    saved = tmp_path / "saved"
    at = 0
    for words, size in ((["drom"], 0), (["brom", large], 300 * 1024),
                        (["drom"], 0), (["brom", rom], 8192),
                        (["brom", large], 300 * 1024)):
        en_flash(words[0], flash, *words[1:])
        at ^= CHUNK
        found = query(flash)
        assert found["flash"]["image_at"] == at
        assert found["flash"]["other_signatures"] == 0
        assert found["rom_size"] == size and len(found["roms"]) == (size > 0)
        assert "verification succeeded" in mstflint(flash, "v")
        assert ("type=PXE version=1.5.5" in mstflint(flash, "q")) == (size > 0)
        assert flash.stat().st_size == SIZE
    en_flash("rrom", flash, saved)
    assert saved.read_bytes() == large.read_bytes()
    # rrom of mstflint does not hear --striped_image
    en_flash("backup", flash, tmp_path / "run")
    mstflint(tmp_path / "run", "rrom", tmp_path / "theirs", striped=False)
    assert (tmp_path / "theirs").read_bytes() == large.read_bytes()


def test_image_as_one_run(sample, tmp_path):
    """What a vendor ships: no copies; what stood behind the image is kept as
    far as it fits."""
    image, rom = sample()
    before = image.read_bytes()
    en_flash("drom", image)
    en_flash("verify", image)
    assert "flash" not in query(image)
    assert image.stat().st_size == len(before)  # ones behind it
    en_flash("brom", image, rom)
    assert image.read_bytes() == before
    assert "verification succeeded" in mstflint(image, "v", striped=False)


def test_same_rom_is_not_burned_again(sample):
    image, rom = sample()
    before = image.stat().st_mtime_ns
    assert "there already" in en_flash("brom", image, rom)
    assert image.stat().st_mtime_ns == before


def test_backup_and_restore(sample, tmp_path):
    image, rom = sample()
    flash = flash_of(image, tmp_path / "flash")
    saved = tmp_path / "saved"
    en_flash("backup", flash, saved)
    assert saved.read_bytes() == image.read_bytes()
    en_flash("drom", flash)
    en_flash("restore", flash, saved)
    assert query(flash)["rom_size"] == rom.stat().st_size
    # into a flash that is damaged in both copies
    damaged = bytearray(flash.read_bytes())
    damaged[0x100] ^= 1
    damaged[CHUNK + 0x100] ^= 1
    flash.write_bytes(damaged)
    en_flash("query", flash, fails="damaged firmware image")
    en_flash("restore", flash, saved)
    assert query(flash)["rom_size"] == rom.stat().st_size
    # of another card
    other, _ = sample(device=26448)
    en_flash("restore", flash, other, fails="is for device 26448")
    foreign = bytearray(saved.read_bytes())
    foreign[foreign.index(b"\0\2\xc9\0\0\xbb")] ^= 2
    (tmp_path / "foreign").write_bytes(foreign)
    en_flash("restore", flash, tmp_path / "foreign", fails="CRC of section GUID")


def test_files_are_not_overwritten(sample, tmp_path):
    image, rom = sample()
    out = tmp_path / "out"
    out.write_text("mine")
    for verb in "rrom", "backup":
        en_flash(verb, image, out, fails="--force")
        assert out.read_text() == "mine"
    en_flash("rrom", image, out, "--force")
    assert out.read_bytes() == rom.read_bytes()


def test_refused_roms(sample, tmp_path):
    image, rom = sample()
    good = rom.read_bytes()
    before = image.read_bytes()
    _, other = sample(device=26448)
    bad = tmp_path / "bad"
    for content, fails in (
            (other.read_bytes(), "is for device 26448"),
            (good[:-512], "cut off"), (good[:-2], "multiple of 4"),
            (b"", "multiple of 4"), (before, "a firmware image"),
            (good[:1000] + b"\0" + good[1001:], "checksum"),
            (b"x" * 512, "55 aa")):
        bad.write_bytes(content)
        said = en_flash("brom", image, bad, fails=fails)
        assert said == ""
    no_trailer = bytearray(good)
    at = good.index(b"mlxsign:")
    no_trailer[at], no_trailer[at + 1] = good[at + 1], good[at]
    bad.write_bytes(no_trailer)
    en_flash("brom", image, bad, fails="no trailer")
    en_flash("brom", image, tmp_path / "missing", fails="No such file")
    assert image.read_bytes() == before


def test_too_large(sample, tmp_path):
    image, _ = sample()
    _, large = sample(960 * 1024, 2)
    flash = flash_of(image, tmp_path / "flash")
    before = flash.read_bytes()
    en_flash("brom", flash, large, fails="make the ROM smaller by")
    assert flash.read_bytes() == before


def test_no_rom_to_read_or_delete(sample, tmp_path):
    image, _ = sample()
    en_flash("drom", image)
    en_flash("drom", image, fails="has no expansion ROM")
    en_flash("rrom", image, tmp_path / "out", fails="has no expansion ROM")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"MTFW", bytes(100), bytes(SIZE),
                                     b"\x55\xaa" * 512], ids=len)
def test_what_is_no_image(content, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(content)
    for verb in "query", "verify", "drom":
        en_flash(verb, path, fails="no firmware image")


@pytest.mark.parametrize("words", [
    [], ["burn"], ["query"], ["query", "-d", "0:0.0", "-i", "x"],
    ["brom", "-i", "x"], ["query", "-i", "x", "y"],
    ["brom", "-i", "x", "--json", "y"], ["brom", "-i", "x", "--force", "y"],
    ["query", "-i", "x", "--clear-semaphore"],
    ["query", "-i", "x", "--access", "magic"]], ids=" ".join)
def test_usage(words):
    done = run("en-flash", *words)
    assert done.returncode == 2 and "Try 'en-flash --help'" in done.stderr


@pytest.mark.parametrize("address,fails", [
    ("nonsense", "no PCI address"), ("04:00", "no PCI address"),
    ("ff:1f.7", "no such device")])
def test_cards_that_are_not_there(address, fails):
    done = run("en-flash", "query", "-d", address)
    assert done.returncode == 1 and fails in done.stderr
