# SPDX-License-Identifier: GPL-2.0-only
"""mkinitrd-en's verbs that look: inspect, verify and diff, on images of every
form and damage, by the program as a user calls it."""

import json
import os
import pty
import resource
import stat
import struct
import subprocess
import time
import zlib

import pytest

from tests.e2e import tools_fixtures as fixtures
from tests.e2e.tools_fixtures import (KERNEL, PACKERS, Archive, image,
                                      initramfs_tools, one_line, pack, run)
from tests.lab import paths

assert image  # a fixture

TARGET = ("--iscsi-target", "11.4.3.7")
# what modpost would write into them
TAGS = {"mlx4_core": 'INFO(8, "depends=ptp"); '
                     'INFO(9, "firmware=mlx/x.bin");',
        "mlx4_en": 'INFO(8, "depends=mlx4-core,ptp");',
        "ptp": 'INFO(8, "depends=pps_core");',
        "sd_mod": 'INFO(8, "depends="); INFO(9, "firmware=sd/y.bin");'}
MODULES = f"usr/lib/modules/{KERNEL}"


@pytest.fixture(scope="session", autouse=True)
def programs():
    if not paths.binary("mkinitrd-en").exists():
        pytest.fail("mkinitrd-en is not built: run make all")


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """A root with the modules of the test's kernel."""
    return fixtures.module_tree(tmp_path_factory.mktemp("modules"),
                                more=TAGS)


def driver(tree, name):
    return (tree / "lib/modules" / KERNEL / f"kernel/{name}.ko").read_bytes()


def inspect(path, *more, status=0, **options):
    """What inspect --json says."""
    done = run("mkinitrd-en", "inspect", "--json", *more, path, **options)
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


def shown(path, *more, status=0):
    """What inspect shows to people."""
    done = run("mkinitrd-en", "inspect", *more, path)
    assert done.returncode == status, done.stderr
    return done.stdout


def verify(path, *more, status=0):
    """[(level, segment, text)] of verify --json, after the same for people
    was seen to say as much."""
    done = run("mkinitrd-en", "verify", *more, path)
    assert done.returncode == status, (done.stdout, done.stderr)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert (": sound: " in lines[-1]) == (status == 0)
    found = run("mkinitrd-en", "verify", "--json", *more, path)
    assert found.returncode == status
    found = json.loads(found.stdout)
    assert found["sound"] == (status == 0)
    assert len(found["findings"]) == len(lines) - (status == 0)
    for finding, line in zip(found["findings"], lines):
        assert f": {finding['level']}: " in line
        assert line.startswith(str(path))
        if finding["offset"] is not None:
            assert f"offset {finding['offset']}: " in line
    return [(f["level"], f["segment"], f["text"]) for f in found["findings"]]


def insert(path, tree, *more):
    done = run("mkinitrd-en", "--modules", tree, *more, path)
    assert done.returncode == 0, done.stderr
    return path


# inspect

@pytest.mark.parametrize("packer", PACKERS)
def test_segments(packer, image):
    """Every segment of a chain: also those behind a compressed one."""
    early, main = fixtures.microcode(), pack(packer, initramfs_tools())
    last = pack(packer, Archive().dir("more").end())
    gap = bytes(-(len(early) + len(main)) % 4 + 8)
    found = inspect(image(early + main + gap + last))
    one, two, three = found["segments"]
    assert [s["number"] for s in found["segments"]] == [1, 2, 3]
    assert one["early"] and not two["early"] and not three["early"]
    assert [s["compression"] for s in found["segments"]] == \
        ["none", packer, packer]
    assert one["offset"] == 0 and one["size"] + one["padding"] == len(early)
    assert two["offset"] == len(early)
    assert three["offset"] == len(early) + len(main) + len(gap)
    assert two["size"] + two["padding"] == len(main) + len(gap)
    if packer != "none":
        assert two["padding"] == len(gap)
        assert two["unpacked"] == len(initramfs_tools())
        assert three["size"] == len(last)
    assert one["entries"] == 4 and three["entries"] == 1
    assert found["size"] == len(early + main + gap + last)
    assert found["unpacked"] == sum(s["unpacked"] for s in found["segments"])
    assert found["entries"] == sum(s["entries"] for s in found["segments"])
    assert found["family"] == "initramfs-tools"
    assert found["kernels"] == [KERNEL]
    assert found["inserted"] is None and found["damage"] is None
    assert found["bootconfig"] is None and found["lost"] == []


def test_tables_for_people(image, tree):
    long = "etc/" + "x" * 200
    base = fixtures.microcode() + pack("zstd", initramfs_tools(
        change=lambda a: a.file("none/" + "y" * 200).file(long)))
    path = insert(image(base + fixtures.bootconfig()), tree, *TARGET)
    text = shown(path)
    lines = text.splitlines()
    assert max(map(len, lines[1:])) <= 100
    head, *rows = lines[lines.index(next(
        line for line in lines if line.startswith("segment "))):][:4]
    assert head.split() == ["segment", "offset", "packed", "size", "unpacked",
                            "entries", "padding"]
    assert [row.split()[2] for row in rows] == ["none", "zstd", "zstd"]
    assert rows[0].endswith("early") and rows[2].endswith("mkinitrd-en")
    ends = head.index("entries") + len("entries")
    assert [row[:ends].split()[-1] for row in rows][0] == "4"
    for line in ("family      initramfs-tools", f"kernel      {KERNEL}",
                 "lost by the kernel: 1", "  target      11.4.3.7"):
        assert line in lines
    assert f"bootconfig  at offset {len(path.read_bytes()) - 36}, 36 B" in lines
    assert "KiB" in text and "the directory is missing" in text
    order = [line.split()[2].rsplit("/")[-1] for line in lines
             if line.startswith("  load ")]
    assert order == ["pps_core.ko", "ptp.ko", "mlx4_core.ko", "mlx4_en.ko",
                     "iscsi_tcp.ko", "sd_mod.ko"]
    assert inspect(path)["bootconfig"] == path.stat().st_size - 36


def test_families_and_kernels(image):
    path = image(pack("gzip", Archive().dir("etc").end()))
    found = inspect(path)
    assert found["family"] is None and found["kernels"] == []
    assert "no /init" in found["seen"]
    assert "unknown (no /init" in shown(path)

    def more(a):
        a.dir("usr/lib/modules/5.4.0").file("usr/lib/modules/5.4.0/x")
    found = inspect(image(pack("gzip", initramfs_tools(change=more))))
    assert sorted(found["kernels"]) == ["5.4.0", KERNEL]


def test_files_as_the_kernel_sees_them(image):
    def more(a):
        a.file("etc/a", nlink=2, ino=7).file("etc/b", "body", nlink=2, ino=7)
        a.entry("etc/tty", stat.S_IFCHR | 0o620, rdev=(4, 64))
        a.entry("lib/tool", stat.S_IFREG | 0o4755, "ELF")
    later = Archive().file("etc/b", "longer body").file("./etc/new").end()
    path = image(pack("gzip", initramfs_tools(change=more)) +
                 pack("gzip", later))
    found = {f["path"]: f for f in inspect(path, "--files")["files"]}
    assert list(found) == sorted(found)
    assert "files" not in inspect(path)
    assert found["etc/a"]["size"] == found["etc/b"]["size"] == 11
    assert found["etc/a"]["segment"] == 2 and found["etc/a"]["names"] == 2
    assert found["etc/new"]["segment"] == 2
    assert found["dev/console"]["segment"] is None
    assert found["lib"]["target"] == "usr/lib"
    assert found["usr/lib/tool"]["mode"] == "-rwsr-xr-x"
    assert (found["etc/tty"]["major"], found["etc/tty"]["minor"]) == (4, 64)
    lines = [line.split() for line in
             shown(path, "--files").splitlines()]
    files = lines[[line[:1] for line in lines].index(["files:"]) + 1:]
    assert len(files) == len(found)
    assert ["2", "-rw-r--r--", "2", "0", "0", "11", "etc/a"] in files
    assert files[[f[6] for f in files].index("lib")][6:] == \
        ["lib", "->", "usr/lib"]
    assert ["1", "crw--w----", "1", "0", "0", "4,", "64", "etc/tty"] in files


def test_names_do_not_drive_the_terminal(image):
    evil = "etc/\x1b[31m\n\\x"
    data = initramfs_tools(change=lambda a: a.file(evil).link(
        "etc/link", "\x1b]0;x\x07"))
    data = data.replace(b"conf/conf.d", b"conf/c\xff\xfef.d")
    path = image(pack("gzip", data))
    text = shown(path, "--files")
    assert "\x1b" not in text and "\x07" not in text
    assert r"etc/\033[31m\012\\x" in text
    assert r"conf/c\377\376f.d" in text
    found = [f["path"] for f in inspect(path, "--files")["files"]]
    assert evil in found
    assert r"conf/c\377\376f.d" in found
    for verb in (["inspect"], ["verify"]):
        assert "\x1b" not in run("mkinitrd-en", *verb, path).stdout


def test_what_is_shadowed(image):
    one = initramfs_tools(change=lambda a: a.file("etc/a", "1").dir("etc"))
    two = Archive().dir("etc").file("etc/a", "2").file("etc/b").end()
    three = Archive().link("etc/a", "b").end()
    path = image(b"".join(pack("gzip", each) for each in (one, two, three)))
    found = inspect(path, "--shadowed")
    assert found["shadowed"] == [
        {"path": "etc/a", "segment": 1, "by": 2},
        {"path": "etc/a", "segment": 2, "by": 3}]
    assert found["shadowed_entries"] == 2
    assert "shadowed" not in inspect(path)
    assert "      1       2  etc/a" in shown(path, "--shadowed").splitlines()
    assert "etc/a" not in shown(path)


LOSSES = {
    "no-parent": (lambda a: a.file("none/x"), "none/x",
                  "directory is missing"),
    "file-on-the-way": (lambda a: a.file("init/x"), "init/x",
                        "no directory"),
    "circle": (lambda a: a.link("a", "b").link("b", "a").file("a/x"), "a/x",
               "circle"),
    "full-folder": (lambda a: a.link("conf", "etc"), "conf", "in the way"),
    "long-component": (lambda a: a.file("y" * 300), "y" * 300, "too long"),
    "folder-with-body": (lambda a: a.entry(
        "odd", stat.S_IFDIR | 0o755, "body"), "odd", "content"),
    "long-link": (lambda a: a.link("odd", "z" * 5000), "odd", "link"),
    "long-name": (lambda a: a.file("w/" * 2500), "(no name)", "too long"),
}


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_lost(name, image):
    change, lost, reason = LOSSES[name]
    path = image(fixtures.microcode() + pack(
        "zstd", initramfs_tools(change=change)))
    found = inspect(path)
    assert found["lost_entries"] == 1
    assert found["lost"][0]["path"] == lost
    assert found["lost"][0]["segment"] == 2
    assert reason in found["lost"][0]["reason"]
    (finding,) = verify(path, status=1)
    assert finding[:2] == ("error", 2)
    assert finding[2].startswith(lost[:60]) and reason in finding[2]


def test_many_losses_are_counted(image):
    def change(a):
        for i in range(250):
            a.file(f"none/{i}")
    path = image(pack("gzip", initramfs_tools(change=change)))
    found = inspect(path)
    assert found["lost_entries"] == 250 and len(found["lost"]) == 100
    assert "and 150 more" in shown(path)
    findings = verify(path, status=1)
    assert len(findings) == 101 and "150 more" in findings[-1][2]


def test_what_was_put_in(image, tree):
    base = pack("zstd", initramfs_tools())
    path = insert(image(base), tree, "--iscsi-target", "11.4.3.7:3261",
                  "--iscsi-lun", "1")
    found = inspect(path)["inserted"]
    assert found["segment"] == 2 and found["kernel"] == KERNEL
    assert found["base_size"] == len(base) and found["target"] == "11.4.3.7"
    assert found["settings"] == {"target": "11.4.3.7:3261",
                                 "lun": "0001-0000-0000-0000"}
    assert [load["path"] for load in found["loads"]] == [
        f"connectx-en/{KERNEL}/{name}.ko" for name in
        ("pps_core", "ptp", "mlx4_core", "mlx4_en", "iscsi_tcp", "sd_mod")]
    assert all(load["present"] for load in found["loads"])
    assert found["version"] == run(
        "mkinitrd-en", "--version").stdout.split()[-1]


def test_secrets_are_not_told(image, tree):
    """Whatever key a later version may give them."""
    path = insert(image(pack("gzip", initramfs_tools())), tree, *TARGET)
    secret = Archive().file(
        "connectx-en/target", "target=11.4.3.7\nchap_secret=hunter2\n"
        "new_key=hunter2\n", 0o600).end()
    path.write_bytes(path.read_bytes() + pack("gzip", secret))
    found = inspect(path, "--files")
    assert found["inserted"]["settings"] == {
        "target": "11.4.3.7", "chap_secret": None, "new_key": None}
    for more in ([], ["--files", "--shadowed"], ["--json", "--files"]):
        text = run("mkinitrd-en", "inspect", *more, path).stdout
        assert "hunter2" not in text and "chap_secret" in text
    assert "hunter2" not in run("mkinitrd-en", "verify", path).stdout


def test_firmware_and_modules_that_are_missing(image, tree):
    def bring(a):
        a.dir(f"{MODULES}/kernel")
        for name in ("sd_mod", "mlx4_en"):
            a.file(f"{MODULES}/kernel/{name}.ko", driver(tree, name))
    path = image(pack("gzip", initramfs_tools(change=bring)))
    found = inspect(path)
    assert [(m["module"].rsplit("/")[-1], m["needs"], m["loaded"])
            for m in found["missing_modules"]] == [
        ("mlx4_en.ko", "mlx4-core", False), ("mlx4_en.ko", "ptp", False)]
    assert "  mlx4_en                   mlx4-core\n" in shown(path)
    insert(path, tree, *TARGET)
    found = inspect(path)
    assert found["missing_modules"] == []
    wanted = {(m["firmware"], m["loaded"]) for m in found["missing_firmware"]}
    assert wanted == {("mlx/x.bin", True), ("sd/y.bin", False)}
    # of all modules only where all files are asked for
    assert "mlx/x.bin" in shown(path) and "sd/y.bin" not in shown(path)
    assert "sd/y.bin" in shown(path, "--files")


@pytest.mark.parametrize("place", ["updates/", f"{KERNEL}/",
                                   f"updates/{KERNEL}/", ""])
def test_firmware_is_found_where_the_kernel_looks(place, image, tree):
    def bring(a):
        folder = "usr/lib/firmware"
        a.dir(folder)
        for part in (*filter(None, place.split("/")), "mlx"):
            folder += "/" + part
            a.dir(folder)
        a.file(folder + "/x.bin.zst")
    path = insert(image(pack("gzip", initramfs_tools(change=bring))), tree)
    assert inspect(path)["missing_firmware"] == []


def test_built_in_modules_are_not_missed(image, tree):
    def bring(a):
        a.dir(f"{MODULES}/kernel")
        a.file(f"{MODULES}/kernel/mlx4_en.ko", driver(tree, "mlx4_en"))
        a.file(f"{MODULES}/modules.builtin",
               "kernel/a/mlx4-core.ko\nkernel/b/ptp.ko\n")
    path = image(pack("gzip", initramfs_tools(change=bring)))
    assert inspect(path)["missing_modules"] == []


@pytest.mark.parametrize("suffix", [".ko.xz", ".ko.zst", ".ko.gz"])
def test_packed_modules_are_looked_into_on_request(suffix, image, tree):
    packer = {"xz": "xz", "zst": "zstd", "gz": "gzip"}[suffix.split(".")[-1]]

    def bring(a):
        a.dir(f"{MODULES}/kernel")
        a.file(f"{MODULES}/kernel/mlx4_core{suffix}",
               pack(packer, driver(tree, "mlx4_core")))
    path = image(pack("gzip", initramfs_tools(change=bring)))
    found = inspect(path)
    assert [m["needs"] for m in found["missing_modules"]] == ["ptp"]
    assert [m["firmware"] for m in found["missing_firmware"]] == ["mlx/x.bin"]
    assert "packed modules: 1 " in shown(path)
    assert "  ptp\n" not in shown(path)
    text = shown(path, "--files")
    assert "packed modules" not in text
    assert "mlx4_core                 ptp\n" in text


def test_standard_input(image):
    data = pack("gzip", initramfs_tools())
    path = image(data)
    with open(path, "rb") as file:
        found = inspect("-", stdin=file)
    reader, writer = os.pipe()
    with os.fdopen(reader) as end:
        os.write(writer, data)
        os.close(writer)
        piped = inspect("-", stdin=end)
    named = inspect(path)
    assert named.pop("image") == str(path)
    assert found.pop("image") == piped.pop("image") == "standard input"
    assert found == piped == named


DAMAGES = {
    "garbage": (lambda good: good + b"GARBAGE", "garbage at offset"),
    "cut": (lambda good: good + good[:-40], "cut off"),
    "flipped": (lambda good: good + good[:12] + b"\xff" * 20 + good[32:],
                "gzip: damaged"),
    "off-4": (lambda good: good + bytes(-len(good) % 4 + 2) +
              Archive().dir("x").end(), "multiple of 4"),
    "odc": (lambda good: good + bytes(-len(good) % 4) + b"070707" +
            b"0" * 200, "old portable"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_what_is_before_a_damage_is_shown(name, image):
    make, word = DAMAGES[name]
    good = pack("gzip", initramfs_tools())
    path = image(make(good))
    done = run("mkinitrd-en", "inspect", "--files", path)
    error = one_line(done)
    assert word in error and str(path) in error
    assert "initramfs-tools" in done.stdout and "conf/initramfs.conf" in \
        done.stdout
    assert "DAMAGED at offset" in done.stdout
    assert "Initramfs unpacking failed" in done.stdout
    done = run("mkinitrd-en", "inspect", "--json", path)
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert found["segments"][0]["size"] == len(good)
    assert not found["segments"][0]["damaged"]
    assert word in found["damage"]["reason"]
    assert len(good) <= found["damage"]["offset"] <= path.stat().st_size
    assert "Initramfs unpacking failed" in found["damage"]["kernel"]
    if name in ("cut", "flipped"):
        assert found["segments"][1]["damaged"]
    findings = verify(path, status=1)
    assert word in findings[-1][2] and findings[-1][0] == "error"


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("missing", ["header", "name", "body"])
def test_an_archive_that_is_cut_off(packer, missing, image):
    """Of one that is not compressed the kernel says nothing (asked: 6.12)."""
    archive = Archive().file("one", "1" * 40)
    ends = len(archive.data)
    whole = archive.file("two", "2" * 400).data
    cut = {"header": ends + 50, "name": ends + 112, "body": len(whole) - 100}
    path = image(pack("gzip", initramfs_tools()) + bytes(4))
    data = path.read_bytes()
    data += bytes(-len(data) % 4) + pack(packer, whole[:cut[missing]])
    path.write_bytes(data)
    [text] = [f[2] for f in verify(path, status=1) if f[0] == "error"]
    assert "cut off" in text
    assert ("without a word in its log" in text) == (packer == "none")
    assert ("Initramfs unpacking failed" in text) == (packer != "none")
    listed = [f["path"] for f in inspect(path, "--files", status=1)["files"]]
    assert "one" in listed and ("two" in listed) == (missing == "body")


def test_no_initrd_at_all(image):
    for data in (b"", bytes(600), b"#!/bin/sh\n", b"MZ" + bytes(500)):
        path = image(data)
        done = run("mkinitrd-en", "inspect", path)
        one_line(done)
        assert "goes on without" in done.stdout
        findings = verify(path, status=1)
        assert "goes on without" in findings[-1][2]


def test_files_that_cannot_be_read(tmp_path):
    for verb, status in (("inspect", 1), ("verify", 1), ("diff", 2)):
        more = [tmp_path / "x"] if verb == "diff" else []
        error = one_line(run("mkinitrd-en", verb, tmp_path / "none", *more),
                         status)
        assert str(tmp_path / "none") in error
        assert "not a regular file" in one_line(
            run("mkinitrd-en", verb, tmp_path, *more), status)


def test_a_crc_that_the_kernel_ignores(image):
    """Everything is shown, also what stands behind it, and it is an error."""
    whole = initramfs_tools()
    more = pack("gzip", Archive().dir("behind").end())
    bad_crc = fixtures.damaged_gzip(whole)
    bad_size = pack("gzip", whole)[:-4] + struct.pack("<I", 1)
    for data in (bad_crc, bad_size):
        path = image(data + more)
        found = inspect(path)
        assert [s["bad_check"] for s in found["segments"]] == [True, False]
        assert found["segments"][1]["offset"] >= len(data)
        assert found["damage"] is None
        assert "BAD CRC" in shown(path)
        (finding,) = verify(path, status=1)
        assert finding[:2] == ("error", 1) and "does not check" in finding[2]
        # but nothing is built on it
        assert "incorrect" in one_line(run("mkinitrd-en", path))


# verify

@pytest.mark.parametrize("packer", PACKERS)
def test_sound_images(packer, image, tree):
    path = image(fixtures.microcode() + pack(packer, initramfs_tools()))
    assert verify(path) == []
    insert(path, tree, *TARGET)
    findings = verify(path)
    assert [f[0] for f in findings] == ["warning"] * len(findings)
    assert all("firmware" in f[2] for f in findings)
    verify(path, "--modules", tree)


def test_the_line_of_a_sound_image(image):
    path = image(pack("gzip", initramfs_tools()))
    done = run("mkinitrd-en", "verify", path)
    entries = inspect(path)["entries"]
    assert done.stdout == f"{path}: sound: 1 segment, {entries} entries\n"


@pytest.mark.parametrize("packer", ["gzip", "xz", "zstd", "lz4", "none"])
def test_every_flipped_byte_is_found_or_harmless(packer, image):
    """An error is told, or the kernel sees the same files."""
    plain = initramfs_tools(padding=4)
    good = pack(packer, plain)
    before = image(good, "good")
    step = max(1, len(good) // 40)
    for at in range(12, len(good), step):
        data = bytearray(good)
        data[at] ^= 0x41
        path = image(bytes(data), "flipped")
        done = run("mkinitrd-en", "verify", path)
        assert done.returncode in (0, 1), (at, done)
        # What has no checksum cannot tell: but gzip, xz and zstd have one.
        if done.returncode == 0 and packer in ("gzip", "xz", "zstd"):
            assert run("mkinitrd-en", "diff", before,
                       path).returncode == 0, at


def with_kernel(release, packer="gzip", magic=None):
    data = initramfs_tools(kernel=release)
    if magic:
        a = Archive(magic).file("extra", "x")
        data += a.end()
    return pack(packer, data)


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("trailer", [True, False])
def test_zeroes_behind_a_plain_archive(packer, trailer, image):
    """They end on a multiple of 4, or the kernel stops there (booted)."""
    first = Archive().file("one", "1")
    first = first.end(padding=4) if trailer else first.data
    second = pack(packer, Archive().file("two", "2").end())
    for zeroes in range(9):
        path = image(first + bytes(zeroes) + second)
        if zeroes % 4 == 0:
            assert not [f for f in verify(path) if f[0] == "error"]
            continue
        errors = [f for f in verify(path, status=1) if f[0] == "error"]
        assert len(errors) == 1 and "a multiple of 4" in errors[0][2]
        assert f"offset {len(first) + zeroes}" in errors[0][2]
        assert [f["path"] for f in inspect(path, "--files", status=1)["files"]
                if f["path"] in ("one", "two")] == ["one"]


def test_an_lz4_frame_before_another_segment(image):
    more = bytes(4) + pack("gzip", Archive().dir("x").end())
    for release, level in ((KERNEL, None), ("5.10.0", "error"),
                           (None, "warning")):
        path = image(with_kernel(release, "lz4") + more)
        found = verify(path, status=1 if level == "error" else 0)
        assert [f[0] for f in found] == ([level] if level else [])
        assert not level or "5.14" in found[0][2] and found[0][1] == 2
    # without the zeroes no kernel reads it
    path = image(with_kernel(KERNEL, "lz4") + more[4:])
    assert "lz4" in verify(path, status=1)[-1][2]
    # a frame behind a frame is fine everywhere
    path = image(with_kernel("4.19.0", "lz4") + with_kernel(None, "lz4"))
    assert verify(path) == []


@pytest.mark.parametrize("release,packer,magic,word", [
    ("5.4.0", "zstd", None, "5.9"), ("5.15.0", "gzip", b"070702", "5.19")])
def test_what_an_older_kernel_cannot_read(release, packer, magic, word,
                                          image):
    (finding,) = verify(image(with_kernel(release, packer, magic)), status=1)
    assert finding[0] == "error" and word in finding[2]
    (finding,) = verify(image(with_kernel(None, packer, magic)))
    assert finding[0] == "warning" and word in finding[2]
    assert verify(image(with_kernel(KERNEL, packer, magic))) == []


def without_trailer(data):
    return data[:data.rindex(b"070701")]


def test_hard_links_across_segments(image):
    one = without_trailer(initramfs_tools(
        change=lambda a: a.file("etc/a", "one", nlink=2, ino=7)))
    harmless = Archive().dir("x").end()
    path = image(pack("gzip", one) + pack("gzip", harmless))
    (finding,) = verify(path)
    assert finding[:2] == ("warning", 1) and "TRAILER" in finding[2]
    joined = Archive().file("etc/b", "two", nlink=2, ino=7).end()
    path = image(pack("gzip", one) + pack("gzip", joined))
    assert any(f[2].startswith("etc/b: becomes a hard link")
               for f in verify(path))


def test_surprises(image):
    base = pack("gzip", initramfs_tools(change=lambda a: a.file(
        "etc/a", "x", nlink=2, ino=7).file("etc/b", nlink=2, ino=7)))
    folder = pack("gzip", Archive().dir("lib").end())
    (finding,) = verify(image(base + folder))
    assert finding[:2] == ("warning", 2) and "replaces a link" in finding[2]
    over = pack("gzip", Archive().file("etc/a", "y").end())
    (finding,) = verify(image(base + over))
    assert "hard link is written over" in finding[2]


def test_microcode_that_comes_too_late(image):
    main = pack("zstd", initramfs_tools())
    assert verify(image(fixtures.microcode() + main)) == []
    late = main + bytes(-len(main) % 4) + fixtures.microcode()
    (finding,) = verify(image(late))
    assert finding[0] == "warning" and "early" in finding[2]


def test_an_image_without_init(image):
    (finding,) = verify(image(pack("gzip", initramfs_tools(without=["init"]))))
    assert finding[0] == "warning" and "/init" in finding[2]


def test_a_module_that_asks_for_too_much(image, tmp_path):
    """A bound on what is kept of each."""
    words = "".join(f'INFO({20 + i}, "firmware={"x" * 1000}{i}");\n'
                    for i in range(300))
    body = fixtures.module(tmp_path, "sd_mod", more=words)

    def bring(a):
        a.dir(f"{MODULES}/kernel").file(f"{MODULES}/kernel/sd_mod.ko", body)
    path = image(pack("gzip", initramfs_tools(change=bring)))
    assert inspect(path)["missing_firmware"] == []
    (finding,) = verify(path)
    assert "no kernel module" in finding[2]


def test_files_that_are_no_modules(image):
    def bring(a):
        a.dir(f"{MODULES}/kernel").file(f"{MODULES}/kernel/x.ko", "text")
    (finding,) = verify(image(pack("gzip", initramfs_tools(change=bring))))
    assert finding[0] == "warning" and "x.ko: no kernel module" in finding[2]


def errors_behind(image, tree, archive, *more):
    """The errors when that archive stands behind ours."""
    path = insert(image(pack("gzip", initramfs_tools())), tree, *TARGET)
    path.write_bytes(path.read_bytes() + pack("gzip", archive.end()))
    return [f[2] for f in verify(path, *more, status=1) if f[0] == "error"]


def test_what_was_put_in_must_be_whole(image, tree):
    folder = f"connectx-en/{KERNEL}"
    (error,) = errors_behind(image, tree, Archive().file("init", "x", 0o755))
    assert "another /init" in error
    (error,) = errors_behind(image, tree, Archive().link(
        "connectx-en/init", "nowhere"))
    assert "connectx-en/init is missing" in error
    errors = errors_behind(image, tree, Archive().link(
        f"{folder}/mlx4_en.ko", "nowhere"))
    assert any("mlx4_en.ko is to be loaded, but is missing" in e
               for e in errors)
    errors = errors_behind(image, tree, Archive().file(
        f"{folder}/mlx4_en.ko", "text"))
    assert any("mlx4_en.ko: no kernel module" in e for e in errors)
    (error,) = errors_behind(image, tree, Archive().file(
        "connectx-en/target", "target=[2001:db8::9]:3261\n"))
    assert "11.4.3.7" in error and "2001:db8::9" in error
    errors = errors_behind(image, tree, Archive().file(f"{folder}/load", ""))
    assert any(f"no modules to load for kernel {KERNEL}" in e for e in errors)


def test_a_marker_that_does_not_hold(image, tree):
    def marked(text):
        a = Archive().file(".mkinitrd-en", text).dir("connectx-en")
        a.file("connectx-en/init", "x", 0o755).file("init", "x", 0o755)
        return image(base + pack("gzip", a.end()))
    base = pack("gzip", initramfs_tools())
    errors = [f[2] for f in verify(marked("mkinitrd-en 0\n"), status=1)]
    assert any("lacks a line" in e for e in errors)
    errors = [f[2] for f in verify(marked(
        f"mkinitrd-en 0\nbase-size 17\nkernel {KERNEL}\n"), status=1)]
    assert any("17 bytes of original" in e for e in errors)
    path = insert(image(base), tree)
    data = path.read_bytes()
    path.write_bytes(data + data[len(base):])
    assert any("2 segments of mkinitrd-en" in f[2]
               for f in verify(path, status=1))


def test_modules_against_a_directory(image, tree, tmp_path):
    path = insert(image(pack("gzip", initramfs_tools())), tree)
    other = fixtures.module_tree(tmp_path / "other", salt="rebuilt")
    errors = [f[2] for f in verify(path, "--modules", other, status=1)
              if f[0] == "error"]
    assert len(errors) == 4 and all(str(other) in e for e in errors)
    done = run("mkinitrd-en", "verify", "--modules", tmp_path / "none", path)
    assert "no such directory" in one_line(done)
    plain = image(pack("gzip", initramfs_tools()), "plain")
    assert "put nothing" in one_line(
        run("mkinitrd-en", "verify", "--modules", tree, plain))


# diff

def diff(one, two, status):
    done = run("mkinitrd-en", "diff", one, two)
    assert done.returncode == status, (done.stdout, done.stderr)
    found = run("mkinitrd-en", "diff", "--json", one, two)
    assert found.returncode == status
    return done.stdout.splitlines(), json.loads(found.stdout)


def test_the_same_however_it_is_packed(image):
    one = image(pack("gzip", initramfs_tools()), "one")
    two = image(pack("none", initramfs_tools()) + pack("xz", Archive().file(
        "conf/initramfs.conf", "MODULES=most\n").end()), "two")
    lines, found = diff(one, two, 0)
    assert lines == [] and found["same"] is True
    with open(two, "rb") as file:
        assert run("mkinitrd-en", "diff", one, "-",
                   stdin=file).returncode == 0


CHANGES = {
    "mode": (lambda a: a.file("etc/a", "one", 0o600),
             "mode 0644 -> 0600", {"mode": ("0644", "0600")}),
    "type": (lambda a: a.link("etc/a", "b"), "type file -> link",
             {"type": ("file", "link"), "mode": ("0644", "0777")}),
    "size": (lambda a: a.file("etc/a", "three"), "size 3 -> 5, content",
             {"size": ("3", "5"), "content": None}),
    "content": (lambda a: a.file("etc/a", "two"), ": content",
                {"content": None}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changes_of_a_file(name, image):
    change, line, aspects = CHANGES[name]
    one = image(pack("gzip", initramfs_tools(
        change=lambda a: a.file("etc/a", "one"))), "one")
    two = image(pack("gzip", initramfs_tools(change=change)), "two")
    lines, found = diff(one, two, 1)
    assert len(lines) == 1 and lines[0].startswith("~ etc/a: ")
    assert line in lines[0]
    (changed,) = found["changed"]
    assert changed.pop("path") == "etc/a"
    assert set(changed) == set(aspects)
    for aspect, pair in aspects.items():
        if pair:
            assert (changed[aspect]["old"], changed[aspect]["new"]) == pair
        else:
            assert changed[aspect]["old"] != changed[aspect]["new"]
    assert found["added"] == found["removed"] == []
    assert found["same"] is False


def test_changes_of_links_devices_and_owners(image):
    def one(a):
        a.link("etc/l", "x").entry("etc/d", stat.S_IFCHR | 0o600, rdev=(1, 3))
        a.file("etc/o").file("etc/gone")

    def two(a):
        a.link("etc/l", "y").entry("etc/d", stat.S_IFCHR | 0o600, rdev=(1, 5))
        a.file("etc/o").file("etc/new")
        # uid is the field behind the mode
        at = a.data.rindex(b"etc/o\0") - 110 + 6 + 16
        a.data = a.data[:at] + b"000003e8" + a.data[at + 8:]
    lines, found = diff(image(pack("gzip", initramfs_tools(change=one)), "1"),
                        image(pack("gzip", initramfs_tools(change=two)), "2"),
                        1)
    assert lines == ["~ etc/d: device 1:3 -> 1:5", "- etc/gone",
                     "~ etc/l: target x -> y", "+ etc/new",
                     "~ etc/o: owner 0:0 -> 1000:0"]
    assert found["added"] == [{"path": "etc/new"}]
    assert found["removed"] == [{"path": "etc/gone"}]
    assert [c["path"] for c in found["changed"]] == ["etc/d", "etc/l", "etc/o"]


def test_what_an_insertion_changes(image, tree):
    base = image(pack("gzip", initramfs_tools()), "base")
    path = image(base.read_bytes())
    insert(path, tree)
    lines, _ = diff(base, path, 1)
    assert [line for line in lines if line[0] != "+"] == [
        line for line in lines if line.startswith("~ init: ")]
    assert f"+ connectx-en/{KERNEL}/mlx4_en.ko" in lines


def test_trouble(image):
    good = image(pack("gzip", initramfs_tools()), "good")
    bad = image(good.read_bytes()[:-50], "bad")
    for pair in ((good, bad), (bad, good)):
        error = one_line(run("mkinitrd-en", "diff", *pair), 2)
        assert str(bad) in error and "cut off" in error


# in general

USAGE = [["inspect"], ["inspect", "a", "b"], ["inspect", "--nonsense", "a"],
         ["verify"], ["verify", "a", "b"], ["verify", "--modules"],
         ["verify", "--files", "a"], ["diff"], ["diff", "a"],
         ["diff", "a", "b", "c"], ["diff", "--files", "a", "b"],
         ["diff", "-", "-"]]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_wrong_usage(arguments):
    done = run("mkinitrd-en", *arguments)
    assert done.returncode == 2 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert lines[1] == f"Try 'mkinitrd-en {arguments[0]} --help'."


def test_a_full_standard_output(image):
    path = image(pack("gzip", initramfs_tools()))
    for arguments, status in ((["inspect", path], 1), (["verify", path], 1),
                              (["diff", path, path, "--json"], 2)):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run(
                [paths.binary("mkinitrd-en"), *arguments], stdout=full,
                stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == status
        assert "cannot print" in done.stderr


def test_little_memory_and_progress(image):
    """600 MiB in one entry: read piece by piece; and on a terminal, a line
    that says how far it is, and is gone at the end."""
    name = b"zeroes\0"
    size = 600 << 20
    head = b"070701" + b"".join(b"%08x" % field for field in (
        9, 0o100644, 0, 0, 1, 0, size, 0, 0, 0, 0, len(name), 0)) + name
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    data = packer.compress(head + bytes(-len(head) % 4))
    for _ in range(size >> 20):
        data += packer.compress(bytes(1 << 20))
    path = image(data + packer.flush() + pack("gzip", initramfs_tools()))

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (64 << 20, 64 << 20))
    terminal, other = pty.openpty()
    begin = time.monotonic()
    done = subprocess.run(
        [paths.binary("mkinitrd-en"), "inspect", path],
        stdout=subprocess.PIPE, stderr=other, check=False,
        preexec_fn=limit if b"asan" not in
        paths.binary("mkinitrd-en").read_bytes() else None)
    took = time.monotonic() - begin
    os.close(other)
    text = b""
    while True:
        try:
            text += os.read(terminal, 65536) or None
        except (OSError, TypeError):
            break
    os.close(terminal)
    assert done.returncode == 0, text
    assert b"600.0 MiB" in done.stdout
    assert text == b"" or took >= 1
    if text:
        assert text.startswith(b"\rreading the initrd:") and b"%" in text
        assert text.endswith(b"\r\x1b[K")
