# SPDX-License-Identifier: GPL-2.0-only
"""How mkinitrd-en writes: the overlay alone, taken out again, through pipes,
as one new archive; and what is left when it is killed or the disk is full."""

import json
import os
import pty
import random
import shutil
import stat
import subprocess

import pytest

from tests.e2e import tools_fixtures as fixtures
from tests.e2e.tools_fixtures import (KERNEL, PACKERS, Archive, image,
                                      initramfs_tools, mkinitrd, one_line,
                                      pack, run, unpack)
from tests.lab import paths

assert image  # a fixture

TARGET = ("--iscsi-target", "11.4.3.7")
OLD_KERNEL = "2.6.16.60-0.21-smp"


@pytest.fixture(scope="session", autouse=True)
def programs():
    if not paths.binary("mkinitrd-en").exists():
        pytest.fail("mkinitrd-en is not built: run make all")


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    return fixtures.module_tree(tmp_path_factory.mktemp("modules"))


def good(path, tree, *more, **options):
    done = mkinitrd(path, tree, *more, **options)
    assert done.returncode == 0, done.stderr
    return done


def alone(path, data):
    """The file as it was, and nothing made beside it."""
    assert path.read_bytes() == data
    assert [p.name for p in path.parent.iterdir()
            if p.name.startswith(path.name)] == [path.name]


# what the kernel makes of an archive, by a reader of our own

def entries(data):
    """The entries of one archive as dicts, and the offset behind them."""
    names = ("ino mode uid gid nlink mtime size major minor rmajor rminor"
             " name_size check").split()
    found, at = [], 0
    while True:
        while data[at] == 0:
            at += 1
        assert at % 4 == 0 and data[at:at + 6] in (b"070701", b"070702")
        entry = {name: int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16)
                 for i, name in enumerate(names)}
        begin = at + 110
        entry["name"] = data[begin:begin + entry["name_size"] - 1].decode()
        body = begin + entry["name_size"] + (-(110 + entry["name_size"]) % 4)
        entry["body"] = data[body:body + entry["size"]]
        at = body + entry["size"] + (-entry["size"] % 4)
        if entry["name"] == "TRAILER!!!":
            return found, at
        found.append(entry)


def final(data):
    """{path: what is there}, the names of a hard link with one number."""
    listed, _ = entries(data)
    bodies = {e["ino"]: e["body"] for e in listed if e["body"]}
    shared = {e["ino"] for e in listed if e["nlink"] > 1 and
              stat.S_ISREG(e["mode"])}
    tree = {}
    for e in listed:
        assert e["name"] not in tree, f"{e['name']} twice"
        linked = e["ino"] in shared
        parent = e["name"].rpartition("/")[0]
        assert not parent or stat.S_ISDIR(tree[parent]["mode"])
        tree[e["name"]] = {
            "mode": e["mode"], "uid": e["uid"], "gid": e["gid"],
            "mtime": e["mtime"], "rdev": (e["rmajor"], e["rminor"]),
            "body": bodies.get(e["ino"], b"") if linked else e["body"],
            "link": e["ino"] if linked else None}
    return tree


def is_ours(name):
    return name.startswith("connectx-en") or name == ".mkinitrd-en"


def fields(entry, *names):
    return tuple(entry[name] for name in names)


# the overlay alone

def loaded(base, overlay, align=4):
    """As a boot loader puts one file behind another."""
    return base + bytes(-len(base) % align) + overlay


def off_a_multiple_of_4(path, tree, out):
    """The kernel takes the zeroes behind a plain archive up to a multiple of
    4 only, and loaders put different numbers of them there."""
    out.unlink(missing_ok=True)
    before = path.read_bytes()
    error = one_line(mkinitrd(path, tree, "--overlay-only", out))
    assert "off a multiple of 4" in error and str(path) in error
    assert not out.exists() and path.read_bytes() == before


@pytest.mark.parametrize("packer", PACKERS)
def test_an_overlay_stands_where_a_loader_puts_it(packer, image, tree,
                                                  tmp_path):
    """At every length of the base, in its file and in its archive."""
    for extra in range(4):
        for tail in range(4):
            base = pack(packer, initramfs_tools(padding=4) +
                        bytes(extra)) + bytes(tail)
            path = image(base)
            out = tmp_path / "overlay"
            if packer == "none" and len(base) % 4:
                off_a_multiple_of_4(path, tree, out)
                continue
            good(path, tree, *TARGET, "--overlay-only", out)
            alone(path, base)
            for align in (4, 4096):
                both = image(loaded(base, out.read_bytes(), align), "both")
                done = good(both, tree, "--dry-run", "--json")
                segments = json.loads(done.stdout)["segments"]
                assert [s["ours"] for s in segments[-2:]] == [False, True]
                ours = segments[-1]
                at = ours["offset"]
                zeros = both.read_bytes()[:at]
                gap = at - len(zeros.rstrip(b"\0"))
                assert ours["entries"] > 10
                assert packer != "lz4" or gap == 0 or gap >= 4
        if packer not in ("lz4", "none"):
            break  # they end by themselves: one length will do


def test_an_overlay_is_what_would_be_appended(image, tree, tmp_path):
    base = pack("zstd", initramfs_tools())
    path = image(base)
    out = tmp_path / "overlay"
    done = good(path, tree, *TARGET, "--overlay-only", out)
    assert done.stdout == ""
    assert stat.S_IMODE(out.stat().st_mode) == stat.S_IMODE(
        path.stat().st_mode)
    good(path, tree, *TARGET)
    assert path.read_bytes() == base + out.read_bytes()


def test_lz4_gets_no_zeroes_where_none_are_needed(image, tree, tmp_path):
    """Kernels before 5.14 do not take them for an end."""
    base = next(b for b in (pack("lz4", initramfs_tools(
        init=fixtures.LIGHT_INIT + "#" + "ab1" * n))
        for n in range(60)) if len(b) % 4 == 0)
    out = tmp_path / "overlay"
    good(image(base), tree, "--overlay-only", out)
    assert out.read_bytes()[:4] == b"\x02\x21\x4c\x18"
    assert b"connectx-en/init" in unpack("lz4", base + out.read_bytes())


def test_an_overlay_behind_padding_that_is_lacking(image, tree, tmp_path):
    """Even where the loader does not align, it is not eaten as padding."""
    plain = initramfs_tools(padding=4)
    plain = plain[:plain.rindex(b"070701")] + Archive().file("x", "1").data
    for missing in range(4):
        base = plain[:len(plain) - missing]
        out = tmp_path / "overlay"
        if missing:
            off_a_multiple_of_4(image(base), tree, out)
            continue
        good(image(base), tree, "--overlay-only", out)
        both = image(base + out.read_bytes(), "both")
        plan = json.loads(good(both, tree, "--dry-run", "--json").stdout)
        assert plan["segments"][-1]["ours"]


def test_overlays_that_would_be_lost(image, tree, tmp_path):
    out = tmp_path / "overlay"
    base = pack("gzip", initramfs_tools()) + fixtures.bootconfig()
    path = image(base)
    error = one_line(mkinitrd(path, tree, "--overlay-only", out))
    assert "bootconfig" in error
    path = image(pack("gzip", initramfs_tools()))
    good(path, tree)
    before = path.read_bytes()
    assert "--remove" in one_line(mkinitrd(path, tree, "--overlay-only", out))
    assert "replace the image" in one_line(
        mkinitrd(path, tree, "--overlay-only", path))
    assert path.read_bytes() == before and not out.exists()


# out again

@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("tail", [0, 1, 3, 512])
def test_removal_gives_the_original_back(packer, tail, image, tree):
    base = pack(packer, initramfs_tools(padding=4)) + bytes(tail)
    for end in (b"", fixtures.bootconfig()):
        path = image(base + end)
        good(path, tree, *TARGET)
        good(path, tree)
        backup = path.with_name("initrd.img.orig")
        backup.write_text("left alone")
        done = good(path, tree, "--remove")
        assert path.read_bytes() == base + end
        assert "as it was before" in done.stderr and done.stdout == ""
        assert backup.read_text() == "left alone"
        backup.unlink()


def test_removal_to_another_file(image, tree, tmp_path):
    base = pack("gzip", initramfs_tools())
    path = image(base)
    good(path, tree)
    ours = path.read_bytes()
    good(path, tree, "--remove", "-o", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == base
    assert path.read_bytes() == ours
    plan = good(path, tree, "--remove", "--dry-run")
    assert f"remove    {len(ours) - len(base)} bytes" in plan.stdout
    plan = json.loads(good(path, tree, "--remove", "--json",
                           "--dry-run").stdout)
    assert plan["mode"] == "remove" and plan["output_size"] == len(base)
    assert path.read_bytes() == ours


def test_nothing_to_remove(image, tree, tmp_path):
    base = pack("gzip", initramfs_tools())
    path = image(base)
    done = good(path, "/none", "--remove", "-o", tmp_path / "out")
    assert "nothing of mkinitrd-en" in done.stderr
    assert not (tmp_path / "out").exists()
    good(path, tree, "--remove")
    alone(path, base)


def test_removal_keeps_what_somebody_appended(image, tree):
    base = pack("gzip", initramfs_tools()) + b"\0"
    foreign = Archive().dir("etc").file("etc/theirs", "x").end()
    path = image(base)
    good(path, tree)
    data = path.read_bytes()
    path.write_bytes(data + bytes(-len(data) % 4) + foreign)
    good(path, tree, "--remove")
    assert path.read_bytes().startswith(base)
    assert path.read_bytes()[len(base):].lstrip(b"\0") == foreign
    good(path, tree, "--dry-run")


@pytest.mark.parametrize("packer", ["gzip", "zstd", "lz4"])
@pytest.mark.parametrize("again", [(), ("--remove",), TARGET])
def test_what_is_behind_us_comes_behind_a_plain_archive(again, packer, image,
                                                        tree):
    """Where zeroes have to end on a multiple of 4 then."""
    base = initramfs_tools(padding=4)
    for count in range(7, 47):
        path = image(base)
        good(path, tree, "--iscsi-target", f"11.4.3.{count}")
        ours = path.read_bytes()
        if len(ours) % 4:
            break
    foreign = pack(packer, Archive().file("theirs", "x").end())
    path.write_bytes(ours + foreign)
    good(path, tree, *again)
    assert foreign in path.read_bytes()
    done = mkinitrd(path, tree, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    listed = fixtures.run("mkinitrd-en", "inspect", "--files", path)
    assert listed.returncode == 0 and " theirs" in listed.stdout
    path.write_bytes(ours + foreign + bytes(4 + -len(ours + foreign) % 4)
                     + Archive().file("more", "x").end())
    before = path.read_bytes()
    assert "cannot move" in one_line(mkinitrd(path, tree, "--remove"))
    assert path.read_bytes() == before


# pipes

def piped(data, tree, *more, **options):
    return subprocess.run(
        [paths.binary("mkinitrd-en"), "--modules", tree, *map(str, more)],
        input=data, capture_output=True, check=False, timeout=120, **options)


@pytest.mark.parametrize("names", [("-", "-"), ("/dev/stdin", "/dev/stdout")])
def test_a_pipe_gives_the_same(names, image, tree):
    base = pack("zstd", initramfs_tools())
    path = image(base)
    good(path, tree, *TARGET)
    done = piped(base, tree, *TARGET, "-o", names[1], names[0])
    assert done.returncode == 0, done.stderr
    assert done.stdout == path.read_bytes()
    assert done.stderr.startswith(b"standard output: ")
    back = piped(done.stdout, tree, "--remove", "-o", "-", "-")
    assert back.stdout == base
    # without our segment it is handed on all the same
    assert piped(base, tree, "--remove", "-o", "-", "-").stdout == base


def test_the_other_modes_in_a_pipe(image, tree, tmp_path):
    base = pack("gzip", initramfs_tools())
    path = image(base)
    out = tmp_path / "out"
    good(path, tree, "--rebuild", "-o", out)
    assert piped(base, tree, "--rebuild", "-o", "-", "-").stdout == \
        out.read_bytes()
    good(path, tree, "--overlay-only", out)
    assert piped(base, tree, "--overlay-only", "-", "-").stdout == \
        out.read_bytes()
    alone(path, base)


def test_a_file_as_standard_input(image, tree, tmp_path):
    base = pack("gzip", initramfs_tools())
    path = image(base)
    out = tmp_path / "out"
    with path.open("rb") as stdin:
        done = mkinitrd("-", tree, "-o", out, stdin=stdin)
    assert done.returncode == 0, done.stderr
    alone(path, base)
    assert out.read_bytes().startswith(base)
    assert len(out.read_bytes()) > len(base)
    with path.open("rb") as stdin:  # from where it stands
        stdin.seek(100)
        error = one_line(mkinitrd("-", tree, "-o", out, stdin=stdin))
    assert "standard input" in error and "not an initrd" in error


def test_nothing_but_the_image_on_standard_output(image, tree):
    base = pack("gzip", initramfs_tools())
    for more in (("--json",), ("--dry-run",)):
        done = piped(base, tree, *more, "-o", "-", "-")
        assert done.returncode == 2 and done.stdout == b""
    done = piped(base[:-20], tree, "-o", "-", "-")
    assert done.returncode == 1 and done.stdout == b""
    assert b"standard input" in done.stderr
    done = piped(b"", tree, "-o", "-", "-")
    assert done.returncode == 1 and b"empty" in done.stderr
    done = piped(base, tree, "-")
    assert done.returncode == 2 and b"-o FILE" in done.stderr
    done = piped(base, tree, "--dry-run", "-")
    assert done.returncode == 0 and b"standard input" in done.stdout


def test_standard_output_that_is_no_place(image, tree):
    path = image(pack("gzip", initramfs_tools()))
    terminal, other = pty.openpty()
    command = [paths.binary("mkinitrd-en"), "--modules", tree, "-o", "-", path]
    done = subprocess.run(command, stdout=other, stderr=subprocess.PIPE,
                          check=False)
    os.close(other)
    os.close(terminal)
    assert done.returncode == 2 and b"terminal" in done.stderr
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE,
                              check=False)
    assert done.returncode == 1
    assert b"standard output: cannot write: No space left" in done.stderr
    done = piped(b"", tree, "-o", "-", path,
                 env=dict(os.environ, TMPDIR="/none"))
    assert done.returncode == 1 and b"TMPDIR" in done.stderr


# one new archive

def rich():
    """An image with all that a rebuild has to keep, and its final tree."""
    def more(a):
        for name, mode, rdev in (("dev", 0o40755, (0, 0)),
                                 ("dev/sda", 0o60660, (8, 0)),
                                 ("dev/fifo", 0o10600, (0, 0))):
            a.entry(name, mode, rdev=rdev)
        a.file("etc/one", nlink=3, ino=7).file("etc/two", nlink=3, ino=7)
        a.file("etc/three", "three names", nlink=3, ino=7)
        a.file("etc/hostname", "old")
        a.file("etc/empty").link("etc/link", "hostname")
        a.file("etc/gone", "x" * 3000)
        a.file("etc/odd", "12345")
    first = initramfs_tools(change=more)
    # mtime, uid and gid, which the fixture does not set
    at = first.index(b"etc/odd\0") - 110
    first = (first[:at + 22] + b"000003e8000003e9" + first[at + 38:at + 46] +
             b"65432100" + first[at + 54:])
    second = Archive().file("etc/hostname", "new", 0o600).file(
        "./etc/later", "x").file("usr/late", "y").end()
    return first, second


def rebuilt(path):
    data = path.read_bytes()
    return final(data)


@pytest.mark.parametrize("packer", PACKERS)
def test_rebuild_keeps_the_tree(packer, image, tree):
    first, second = rich()
    base = pack(packer, first) + pack("gzip" if packer == "none" else packer,
                                      second)
    path = image(base)
    done = good(path, tree, *TARGET, "--rebuild")
    assert "entries" in done.stderr
    ours = packer if packer != "none" else "gzip"
    new = final(unpack(ours, path.read_bytes()))
    old = final(first)
    for name, mode, body in (("etc/hostname", 0o100600, b"new"),
                             ("etc/later", 0o100644, b"x"),
                             ("usr/late", 0o100644, b"y")):
        old[name] = {"mode": mode, "uid": 0, "gid": 0, "mtime": 0,
                     "rdev": (0, 0), "body": body, "link": None}
    replaced = {"init", "scripts/local-top/ORDER"}
    for name in replaced:
        assert old.pop(name)["body"] in [
            e["body"] for n, e in new.items()
            if n.startswith("connectx-en/base/")]
    for name, entry in old.items():
        keys = ("mode", "uid", "gid", "mtime", "rdev", "body")
        assert fields(new[name], *keys) == fields(entry, *keys), name
        assert bool(new[name]["link"]) == bool(entry["link"]), name
    assert new["etc/odd"]["mtime"] == 0x65432100
    assert fields(new["etc/odd"], "uid", "gid") == (1000, 1001)
    assert len({new[f"etc/{n}"]["link"] for n in ("one", "two", "three")}) == 1
    added = {n for n in new if n not in old and not is_ours(n)}
    assert added == replaced | {"scripts/local-top/connectx-en",
                                "conf/conf.d/zz-connectx-en"}
    assert new["init"]["body"][:4] == b"\x7fELF"
    assert path.with_name("initrd.img.orig").read_bytes() == base


def test_gnu_cpio_reads_a_rebuilt_archive(image, tree, tmp_path):
    path = image(pack("gzip", rich()[0]))
    good(path, tree, "--rebuild")
    out = tmp_path / "out"
    out.mkdir()
    data = unpack("gzip", path.read_bytes())
    listed = subprocess.run(["cpio", "-t", "--quiet"], input=data, check=True,
                            capture_output=True).stdout.decode().split("\n")
    assert {"etc/three", "init", "connectx-en/init"} <= set(listed)
    subprocess.run(["cpio", "-idu", "--quiet"], cwd=out, input=data,
                   capture_output=True, check=False)
    assert (out / "etc/one").read_text() == "three names"
    assert (out / "etc/one").stat().st_nlink == 3
    assert (out / "etc/link").readlink().name == "hostname"


@pytest.mark.parametrize("packer", ["gzip", "zstd", "lz4", "none"])
def test_rebuilding_again_changes_nothing(packer, image, tree):
    path = image(fixtures.microcode() + pack(packer, rich()[0]) +
                 fixtures.bootconfig())
    good(path, tree, *TARGET, "--rebuild")
    once = path.read_bytes()
    good(path, tree, *TARGET, "--rebuild")
    assert path.read_bytes() == once
    # with other settings and back, nothing of the others is left
    good(path, tree, "--rebuild")
    plain = path.read_bytes()
    assert plain != once
    good(path, tree, *TARGET, "--rebuild")
    assert path.read_bytes() == once
    good(path, tree, "--rebuild")
    assert path.read_bytes() == plain


def test_rebuild_takes_an_appended_segment_in(image, tree, tmp_path):
    base = pack("zstd", rich()[0])
    one = image(base, "one")
    good(one, tree, "--rebuild")
    two = image(base, "two")
    good(two, tree, *TARGET)
    good(two, tree, "--rebuild")
    assert one.read_bytes() == two.read_bytes()
    assert (tmp_path / "two.orig").read_bytes() == base
    for more in ((), ("--remove",), ("--overlay-only", tmp_path / "x")):
        before = one.read_bytes()
        assert "--rebuild" in one_line(mkinitrd(one, tree, *more))
        assert one.read_bytes() == before


def test_what_somebody_laid_over_a_rebuilt_image_stays(image, tree):
    path = image(pack("gzip", rich()[0]))
    good(path, tree, *TARGET, "--rebuild")
    theirs = Archive().file("init", "#!/bin/theirs\n", 0o755).file(
        "conf/conf.d/zz-connectx-en", "theirs").end()
    path.write_bytes(path.read_bytes() + pack("gzip", theirs))
    good(path, tree, "--rebuild")
    new = final(unpack("gzip", path.read_bytes()))
    assert new["connectx-en/init"]["body"] == b"#!/bin/theirs\n"
    assert new["conf/conf.d/zz-connectx-en"]["body"] == b"theirs"
    assert new["scripts/local-top/ORDER"]["body"] == fixtures.ORDER.encode()


def test_a_marker_that_lies(image, tree):
    def lie(a):
        a.file(".mkinitrd-en", "mkinitrd-en 1\nrebuilt\nreplaced init\n")
    base = pack("gzip", initramfs_tools(change=lie))
    path = image(base)
    assert "not as --rebuild wrote" in one_line(
        mkinitrd(path, tree, "--rebuild"))
    alone(path, base)
    # one that is no marker at all
    base = pack("gzip", initramfs_tools(
        change=lambda a: a.file(".mkinitrd-en", "hello")))
    path = image(base)
    assert "not ours" in one_line(mkinitrd(path, tree, "--rebuild"))
    base = pack("gzip", initramfs_tools(change=lambda a: a.dir(
        "connectx-en", "connectx-en/base")))
    path = image(base)
    assert "no --rebuild has made" in one_line(
        mkinitrd(path, tree, "--rebuild"))


@pytest.mark.parametrize("packer", ["gzip", "none"])
def test_microcode_stays_in_front(packer, image, tree):
    early = fixtures.microcode()
    early += bytes(-len(early) % 512)
    base = early + pack(packer, rich()[0])
    path = image(base + fixtures.bootconfig())
    good(path, tree, "--rebuild")
    data = path.read_bytes()
    assert data.startswith(early) and data.endswith(fixtures.bootconfig())
    new = final(unpack(packer, data[len(early):-len(fixtures.bootconfig())]))
    assert "init" in new
    assert not [n for n in new if n.startswith("kernel")]
    before = data
    for name in ("kernel", "kernel/x86/microcode/GenuineIntel.bin"):
        error = one_line(mkinitrd(path, tree, "--rebuild", "--delete", name))
        assert "early segment" in error
        assert path.read_bytes() == before


def test_delete(image, tree):
    base = pack("gzip", rich()[0])
    path = image(base)
    for name in ("/etc/none", "none/at/all", "connectx-en"):
        error = one_line(mkinitrd(path, tree, "--rebuild", "--delete", name))
        assert f"--delete {name}: not in the image" in error
        alone(path, base)
    assert "all there is" in one_line(
        mkinitrd(path, tree, "--rebuild", "--delete", "."))
    assert "no /init" in one_line(
        mkinitrd(path, tree, "--rebuild", "--delete", "init"))
    good(path, tree, "--rebuild", "--delete", "/etc/gone", "--delete",
         "etc/three", "--delete", "dev")
    new = final(unpack("gzip", path.read_bytes()))
    assert not {"etc/gone", "etc/three", "dev", "dev/sda"} & set(new)
    assert new["etc/one"]["body"] == b"three names"
    assert new["etc/one"]["link"] == new["etc/two"]["link"] is not None
    assert "--delete etc/gone: not in" in one_line(
        mkinitrd(path, tree, "--rebuild", "--delete", "etc/gone"))


@pytest.mark.parametrize("name", [
    "none", "gzip", "gzip:1", "gzip:9", "bzip2:1", "lzma:0", "xz:0", "xz",
    "lzo", "lzo:9", "lz4:1", "lz4:12", "zstd:1", "zstd:19"])
def test_the_compressor_can_be_chosen(name, image, tree):
    packer, _, level = name.partition(":")
    path = image(pack("gzip", rich()[0]))
    plan = json.loads(good(path, tree, "--rebuild", "--compress", name,
                           "--dry-run", "--json").stdout)
    assert plan["mode"] == "rebuild" and plan["compression"] == packer
    assert not level or plan["level"] == int(level)
    good(path, tree, "--rebuild", "--compress", name)
    data = path.read_bytes()
    assert final(unpack(packer, data))["init"]
    plan = json.loads(good(path, tree, "--rebuild", "--dry-run",
                           "--json").stdout)
    assert plan["compression"] == packer
    if packer == "xz":
        listed = subprocess.run(["xz", "--robot", "-lvv", path.rename(
            path.with_suffix(".xz"))], check=True, capture_output=True,
            text=True).stdout
        assert "CRC32" in listed and "CRC64" not in listed
        assert "dict=1MiB" in listed or "dict=256KiB" in listed


LEVELS = {"gzip": (["gzip", "-9nc"], 9), "gzip1": (["gzip", "-1nc"], 1),
          "bzip2": (["bzip2", "-3c"], 3), "zstd": (["zstd", "-19qc"], 19),
          "zstd1": (["zstd", "-1qc"], 1), "zstd3": (["zstd", "-3qc"], 3),
          "lzop": (["lzop", "-9c"], 9)}


@pytest.mark.parametrize("name", LEVELS)
def test_the_level_is_that_of_the_image(name, image, tree):
    command, level = LEVELS[name]
    base = subprocess.run(command, input=initramfs_tools(), check=True,
                          capture_output=True).stdout
    path = image(base)
    plan = json.loads(good(path, tree, "--rebuild", "--dry-run",
                           "--json").stdout)
    assert plan["level"] == level
    alone(path, base)


@pytest.mark.parametrize("packer", ["xz:1", "zstd:1"])
def test_any_number_of_processors_gives_the_same(packer, image, tree,
                                                 tmp_path):
    body = random.Random(1).randbytes(1 << 16) + bytes(9 << 20)
    path = image(initramfs_tools(change=lambda a: a.file("etc/big", body)))
    outs = []
    for count in (1, 2):
        out = tmp_path / str(count)
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < 2:
            pytest.skip("one processor: a unit test compares threads")
        good(path, tree, "--rebuild", "--compress", packer, "-o", out,
             preexec_fn=lambda: os.sched_setaffinity(0, cpus[:count]))
        outs.append(out.read_bytes())
    assert outs[0] == outs[1]
    alone(path, path.read_bytes())


def test_kernels_that_replace_nothing(image, tmp_path):
    old = fixtures.module_tree(tmp_path / "old", kernel=OLD_KERNEL)
    base = pack("gzip", initramfs_tools(kernel=OLD_KERNEL))
    path = image(base)
    assert "give --rebuild" in one_line(mkinitrd(path, old))
    alone(path, base)
    good(path, old, "--rebuild")
    new = final(unpack("gzip", path.read_bytes()))
    assert f"connectx-en/{OLD_KERNEL}/mlx4_en.ko" in new


def test_a_plan_for_people(image, tree):
    path = image(fixtures.microcode() + pack("zstd", initramfs_tools()))
    text = good(path, tree, "--rebuild", "--dry-run").stdout
    assert "(zstd, level 3) behind" in text and "bytes as they are" in text


USAGE = [
    ["--rebuild", "--remove", "a"], ["--overlay-only", "b", "--rebuild", "a"],
    ["--delete", "x", "a"], ["--compress", "gzip", "a"],
    ["--rebuild", "--compress", "rar", "a"],
    ["--rebuild", "--compress", "gzip:0", "a"],
    ["--rebuild", "--compress", "gzip:10", "a"],
    ["--rebuild", "--compress", "zstd:", "a"],
    ["--rebuild", "--compress", "zstd:3x", "a"],
    ["--rebuild", "--compress", "none:1", "a"],
    ["--rebuild", "--compress", "averylongnameindeed", "a"],
    ["--rebuild", "--delete", "/", "a"],
    ["--overlay-only", "b", "-o", "c", "a"], ["--remove", "-"],
    ["--remove", "--iscsi-target", "11.4.3.7", "a"],
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_wrong_usage(arguments):
    done = run("mkinitrd-en", *arguments)
    assert done.returncode == 2 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 2 and lines[1] == "Try 'mkinitrd-en --help'."


def test_help_tells_them():
    done = run("mkinitrd-en", "--help")
    assert max(map(len, done.stdout.splitlines())) <= 80
    for option in ("--overlay-only", "--rebuild", "--remove", "--compress",
                   "--delete"):
        assert option in done.stdout


# what can go wrong meanwhile

HOOKS = r"""
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* KILL_AT=N dies at the Nth step; a call is two, before it and after it. */
static int steps;
static void step(void)
{
	const char *at = getenv("KILL_AT");
	if (__atomic_add_fetch(&steps, 1, __ATOMIC_SEQ_CST) ==
	    (at ? atoi(at) : 0))
		kill(getpid(), SIGKILL);
}
#define WRAP(type, name, args, call)                      \
	type name args                                    \
	{                                                 \
		type (*real) args = dlsym(RTLD_NEXT, #name); \
		step();                                   \
		type ret = real call;                     \
		step();                                   \
		return ret;                               \
	}
/* CORRUPT=1: a disk that keeps other bytes than those it was given */
ssize_t write(int fd, const void *p, size_t n)
{
	ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
	char *copy = malloc(n + 1);
	ssize_t ret;

	memcpy(copy, p, n);
	if (getenv("CORRUPT") && n > 64)
		copy[n / 2] ^= 1;
	step();
	ret = real(fd, copy, n);
	step();
	free(copy);
	return ret;
}
WRAP(int, rename, (const char *a, const char *b), (a, b))
WRAP(int, link, (const char *a, const char *b), (a, b))
WRAP(int, linkat, (int d, const char *a, int e, const char *b, int f),
     (d, a, e, b, f))

int fsync(int fd)
{
	int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
	const char *change = getenv("CHANGE");
	FILE *f = change ? fopen(change, "a") : NULL;
	if (f) {
		fputc('x', f);
		fclose(f);
	}
	step();
	int ret = real(fd);
	step();
	return ret;
}

static __attribute__((destructor)) void tell(void)
{
	const char *name = getenv("TELL");
	char line[200];
	FILE *out = name ? fopen(name, "w") : NULL;
	FILE *in = out ? fopen("/proc/self/status", "r") : NULL;
	while (in && fgets(line, sizeof(line), in))
		if (!strncmp(line, "VmHWM:", 6))
			fprintf(out, "%d %s", steps, line + 6);
	if (out)
		fclose(out);
}
"""


@pytest.fixture(scope="session")
def hooked(tmp_path_factory):
    """A function that makes an environment for a run with the hooks in."""
    folder = tmp_path_factory.mktemp("hooks")
    (folder / "hooks.c").write_text(HOOKS)
    subprocess.run(["gcc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o",
                    folder / "hooks.so", folder / "hooks.c", "-ldl"],
                   check=True)

    def environment(**more):
        return dict(os.environ, LC_ALL="C", LD_PRELOAD=folder / "hooks.so",
                    ASAN_OPTIONS="verify_asan_link_order=0",
                    **{k: str(v) for k, v in more.items()})
    return environment


def told(path):
    """How many steps a run had, and its peak of memory in KiB."""
    words = path.read_text().split()
    return int(words[0]), int(words[1])


def start(path, tree, env, *more):
    return subprocess.run(
        [paths.binary("mkinitrd-en"), "--modules", tree, *more, path],
        env=env, capture_output=True, text=True, check=False, timeout=120)


def large(mode):
    return random.Random(4).randbytes(5 << 20 if mode.endswith("-large")
                                      else 100 << 10)


# A large image is copied by a thread while it is looked at.
@pytest.mark.parametrize("mode", ["append", "append-large", "rebuild", "remove",
                                  "overlay-only"])
def test_killed_at_every_step(mode, image, tree, hooked, tmp_path):
    """The old image or the new one, whole, and the next run is as good."""
    base = pack("none", initramfs_tools(
        change=lambda a: a.file("etc/big", large(mode))))
    mode = mode.removesuffix("-large")
    path = image(base)
    backup = path.with_name("initrd.img.orig")
    out = path if mode != "overlay-only" else tmp_path / "overlay"
    if mode == "remove":
        good(path, tree)
    old = path.read_bytes()
    more = {"append": (), "overlay-only": ("--overlay-only", out)}.get(
        mode, (f"--{mode}",))
    done = start(path, tree, hooked(TELL=tmp_path / "told"), *more)
    assert done.returncode == 0, done.stderr
    new = out.read_bytes()
    steps, _ = told(tmp_path / "told")
    assert steps >= 8
    seen = set()
    for at in range(1, steps + 1):
        if out != path:
            out.unlink()
        path.write_bytes(old)
        backup.unlink(missing_ok=True)
        done = start(path, tree, hooked(KILL_AT=at), *more)
        assert done.returncode == -9
        assert not backup.exists() or backup.read_bytes() == base
        if out != path:
            assert path.read_bytes() == old
        if out.exists():
            assert out.read_bytes() in (old, new)
            seen.add(out.read_bytes() == new)
        else:
            seen.add(False)
        # What it left behind is in nobody's way.
        path.write_bytes(old)
        done = mkinitrd(path, tree, *more)
        assert done.returncode == 0 and out.read_bytes() == new
    assert seen == {False, True}


@pytest.mark.parametrize("mode", ["append", "append-large", "rebuild", "remove",
                                  "overlay-only"])
def test_what_was_written_is_read_back(mode, image, tree, hooked, tmp_path):
    """Before it takes the place of anything."""
    base = pack("none", initramfs_tools(
        change=lambda a: a.file("etc/big", large(mode))))
    mode = mode.removesuffix("-large")
    path = image(base)
    if mode == "remove":
        good(path, tree)
        path.with_name("initrd.img.orig").unlink()
    before = path.read_bytes()
    more = {"append": (), "overlay-only": (
        "--overlay-only", tmp_path / "out")}.get(mode, (f"--{mode}",))
    error = one_line(start(path, tree, hooked(CORRUPT=1), *more))
    assert "reading back what was written" in error
    if mode == "rebuild":
        assert "etc/big is not as it was written" in error
    alone(path, before)
    assert not (tmp_path / "out").exists()


def on_small_disk(tmp_path, size, base, command):
    """Runs a command on a disk of its own: its status, what it says, and
    what is on the disk then; the image there must be as it was."""
    disk = tmp_path / "disk"
    disk.mkdir(exist_ok=True)
    (tmp_path / "base").write_bytes(base)
    script = (f"mount -t tmpfs -o size={size} none {disk} &&"
              f" cp {tmp_path}/base {disk}/image && {command};"
              f" echo status $?; cmp {tmp_path}/base {disk}/image &&"
              f" ls -A {disk}")
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script], text=True,
                          capture_output=True, check=False, timeout=120,
                          env=dict(os.environ, LC_ALL="C"))
    lines = done.stdout.split("\n")
    assert "status 1" in lines, (done.stdout, done.stderr)
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr, lines[lines.index("status 1") + 1:-1]


@pytest.mark.parametrize("kib", (256, 3000))
@pytest.mark.parametrize("more", [(), ("--rebuild",),
                                  ("--overlay-only", "{disk}/overlay")])
def test_a_full_disk(more, kib, tree, tmp_path):
    body = random.Random(2).randbytes(kib << 10)
    base = pack("none", initramfs_tools(
        change=lambda a: a.file("etc/big", body)))
    room = 0 if "--overlay-only" in more else 4
    size = -(-len(base) // 4096) * 4 + room
    words = " ".join(more).format(disk=tmp_path / "disk")
    program = paths.binary("mkinitrd-en")
    error, left = on_small_disk(
        tmp_path, f"{size}k", base,
        f"{program} --modules {tree} {words} {tmp_path}/disk/image")
    assert "No space left" in error
    assert left == ["image"]


@pytest.mark.parametrize("mode", ("small", "append-large"))
@pytest.mark.parametrize("more", ["", "--rebuild", "-o {disk}/new"])
def test_a_disk_that_is_read_only(more, mode, tree, tmp_path):
    base = pack("gzip", initramfs_tools(
        change=lambda a: a.file("etc/big", large(mode))))
    disk = tmp_path / "disk"
    error, left = on_small_disk(
        tmp_path, "9m", base,
        f"mount -o remount,ro {disk} && {paths.binary('mkinitrd-en')}"
        f" --modules {tree} {more.format(disk=disk)} {disk}/image")
    assert "Read-only file system" in error and str(disk) in error
    assert left == ["image"]


@pytest.mark.parametrize("mode", ("small", "append-large"))
@pytest.mark.parametrize("more", [(), ("--rebuild",)])
def test_an_input_that_changes_meanwhile(more, mode, image, tree, hooked):
    base = pack("gzip", initramfs_tools(
        change=lambda a: a.file("etc/big", large(mode))))
    path = image(base)
    done = start(path, tree, hooked(CHANGE=path), *more)
    assert "changed by somebody else" in one_line(done)
    assert path.read_bytes().startswith(base + b"x")
    assert [p.name for p in path.parent.iterdir()
            if p.name.startswith(path.name)] == [path.name]


# Shrinks the file that $SHRINK names when the $AT-th thread begins: the first one
# copies, the second one unpacks, where there is a processor for it.
SHRINKS = r"""
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

int pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*run)(void *),
		   void *arg)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
		    void *) = dlsym(RTLD_NEXT, "pthread_create");

	static int calls;

	if (++calls == atoi(getenv("AT")) && truncate(getenv("SHRINK"), 8192))
		abort();
	return real(t, a, run, arg);
}
"""


def test_a_large_image_that_shrinks_meanwhile(image, tree, tmp_path):
    """Whichever thread finds out: one line, and nothing is left."""
    base = pack("gzip", initramfs_tools(
        change=lambda a: a.file("etc/big", large("append-large"))))
    path = image(base)
    (tmp_path / "shrinks.c").write_text(SHRINKS)
    subprocess.run(["gcc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o",
                    tmp_path / "shrinks.so", tmp_path / "shrinks.c", "-ldl"],
                   check=True)
    error = one_line(start(path, tree, dict(
        os.environ, LC_ALL="C", LD_PRELOAD=str(tmp_path / "shrinks.so"),
        ASAN_OPTIONS="verify_asan_link_order=0", SHRINK=str(path),
        AT=str(min(2, len(os.sched_getaffinity(0)))))))
    assert "shrank while it was read" in error
    alone(path, base[:8192])


def test_a_second_run_on_a_large_image(image, tree):
    """Less of it is kept than was copied before it was looked at."""
    base = pack("none", initramfs_tools(
        change=lambda a: a.file("etc/big", large("append-large"))))
    path = image(base)
    good(path, tree, "--iscsi-target", "11.4.3.7")
    once = path.read_bytes()
    good(path, tree)
    assert len(path.read_bytes()) < len(once)
    good(path, tree, "--iscsi-target", "11.4.3.7")
    assert path.read_bytes() == once
    good(path, tree, "--remove")
    assert path.read_bytes() == base


def test_a_large_image_that_is_left_alone(image, tree):
    """What cannot be done leaves nothing of what was begun."""
    base = pack("none", initramfs_tools(
        change=lambda a: a.file("etc/big", large("append-large"))))
    path = image(base)
    done = mkinitrd(path, tree, "--kernel", "6.1.0-99-nobody")
    assert "6.1.0-99-nobody" in one_line(done)
    alone(path, base)


def bomb():
    """1 GiB of zeroes in one file, in an image of 40 KB."""
    name = b"zeroes\0"
    size = 1 << 30
    head = b"070701" + b"".join(b"%08x" % field for field in (
        9, 0o100644, 0, 0, 1, 0, size, 0, 0, 0, 0, len(name), 0)) + name
    with subprocess.Popen(["zstd", "-qc1"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as packer:
        packer.stdin.write(head + bytes(-len(head) % 4))
        zeroes = bytes(1 << 20)
        for _ in range(size >> 20):
            packer.stdin.write(zeroes)
        packer.stdin.write(initramfs_tools())
        packer.stdin.close()
        return packer.stdout.read()


def test_much_that_is_packed_well(image, tree, hooked, tmp_path):
    """No contents are held in memory; what does not fit is said."""
    base = bomb()
    path = image(base)
    done = start(path, tree, hooked(TELL=tmp_path / "told"), "--rebuild",
                 "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    _, peak = told(tmp_path / "told")
    asan = b"asan" in paths.binary("mkinitrd-en").read_bytes()
    # Of it, zstd's threads take the most.
    assert asan or peak < 80 << 10
    plan = json.loads(good(tmp_path / "out", tree, "--rebuild", "--dry-run",
                           "--json").stdout)
    assert plan["segments"][0]["unpacked"] > 1 << 30
    program = paths.binary("mkinitrd-en")
    error, left = on_small_disk(
        tmp_path, "2m", base, f"{program} --modules {tree} --rebuild"
        f" --compress none {tmp_path}/disk/image")
    assert "No space left" in error and left == ["image"]


@pytest.mark.parametrize("packer", ["gzip:1", "none", "lz4:1"])
def test_memory_beside_the_compressor(packer, image, tree, hooked, tmp_path):
    """64 MiB that do not compress: of them, at most 16 MiB and what the
    compressor itself and the files' own pages take."""
    body = random.Random(3).randbytes(1 << 20) * 64
    base = pack("zstd", initramfs_tools(
        change=lambda a: a.file("usr/big", body)))
    path = image(base)
    out = tmp_path / "out"
    done = start(path, tree, hooked(TELL=tmp_path / "told"), "--rebuild",
                 "--compress", packer, "-o", out)
    assert done.returncode == 0, done.stderr
    _, peak = told(tmp_path / "told")
    mapped = (len(base) + out.stat().st_size) >> 10
    window = 17 << 10 if packer.startswith("lz4") else 1 << 10
    if b"asan" not in paths.binary("mkinitrd-en").read_bytes():
        assert peak - mapped - window < 16 << 10


def test_memory_beside_two_blocks_at_a_time(image, tree, hooked, tmp_path):
    """An image of xz -T: what a thread unpacks ahead of the reader counts too."""
    body = random.Random(4).randbytes(1 << 20) * 64
    base = initramfs_tools(change=lambda a: a.file("usr/big", body))
    packed = subprocess.run(["xz", "-0", "-T2", "--block-size=24MiB",
                             "--check=crc32"], input=base, check=True,
                            capture_output=True).stdout
    path = image(packed)
    out = tmp_path / "out"
    done = start(path, tree, hooked(TELL=tmp_path / "told"), "-o", out)
    assert done.returncode == 0, done.stderr
    _, peak = told(tmp_path / "told")
    mapped = (len(packed) + out.stat().st_size) >> 10
    if b"asan" not in paths.binary("mkinitrd-en").read_bytes():
        assert peak - mapped - 2 * 256 < 16 << 10
