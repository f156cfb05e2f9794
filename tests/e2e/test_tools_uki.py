# SPDX-License-Identifier: GPL-2.0-only
"""mkinitrd-en on unified kernel images: PE files made here, judged by objcopy
and by a reader that shares no code with the tools."""

import json
import struct
import subprocess

import pytest

from tests.e2e import tools_fixtures as fixtures
from tests.e2e.pe_file import ALIGN, HEADERS, make, parts
from tests.e2e.tools_fixtures import (KERNEL, image, initramfs_tools,
                                      mkinitrd, one_line, pack, read_archive,
                                      run, unpack)
from tests.lab import paths

assert image  # a fixture


@pytest.fixture(scope="session", autouse=True)
def programs():
    if not paths.binary("mkinitrd-en").exists():
        pytest.fail("mkinitrd-en is not built: run make all")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return fixtures.module_tree(tmp_path_factory.mktemp("modules"))


def linux(release=KERNEL):
    """What lies in .linux: the header of a kernel, and something."""
    body = bytearray(b"K" * 3000)
    body[0x202:0x206] = b"HdrS"
    body[0x206:0x208] = struct.pack("<H", 0x20f)
    body[0x20e:0x210] = struct.pack("<H", 0x300)
    text = release.encode() + b" (me@there)\0"
    body[0x500:0x500 + len(text)] = text
    return bytes(body)


def uki(initrd, order=(".osrel", ".initrd", ".linux"), **more):
    bodies = {".osrel": b"ID=test\n", ".initrd": initrd, ".linux": linux(),
              ".pcrsig": b"{}"}
    return make([(name, bodies[name]) for name in order], **more)


@pytest.mark.parametrize("gap", [0, 100])
@pytest.mark.parametrize("order", [
    (".osrel", ".initrd", ".linux"), (".initrd", ".osrel", ".linux"),
    (".osrel", ".linux", ".initrd")])
@pytest.mark.parametrize("packer", ["zstd", "none"])
def test_added_and_removed(packer, order, gap, image, tree, tmp_path):
    base = pack(packer, initramfs_tools())
    old = uki(base, order, gap=gap)
    path = image(old, "linux.efi")
    done = mkinitrd(path, tree, "--iscsi-target", "11.4.3.7")
    assert done.returncode == 0, done.stderr
    data = path.read_bytes()
    found, signature = parts(data)
    before, _ = parts(old)
    assert signature == (0, 0)
    initrd = found.pop(".initrd")[0]
    del before[".initrd"]
    assert found == before
    assert initrd.startswith(base)
    ours = unpack("gzip" if packer == "none" else packer,
                  initrd[len(base):].lstrip(b"\0"))
    names = [name for name, *_ in read_archive(ours)[0]]
    assert f"connectx-en/{KERNEL}/mlx4_en.ko" in names
    # Another's eyes
    dumped = tmp_path / "dumped"
    subprocess.run(["objcopy", "-O", "binary", "--only-section=.initrd", path,
                    dumped], check=True, capture_output=True)
    assert dumped.read_bytes() == initrd
    # The same again, and out
    assert mkinitrd(path, tree, "--iscsi-target", "11.4.3.7").returncode == 0
    assert path.read_bytes() == data
    assert path.with_name("linux.efi.orig").read_bytes() == old
    done = run("mkinitrd-en", "--remove", path)
    assert done.returncode == 0, done.stderr
    found, _ = parts(path.read_bytes())
    assert found[".initrd"][0] == base
    if gap or order[-1] == ".initrd":
        assert path.read_bytes() == old


def test_a_signature_is_taken_out_with_a_word(image, tree):
    path = image(uki(pack("gzip", initramfs_tools()),
                     (".osrel", ".initrd", ".linux", ".pcrsig"),
                     certificate=b"C" * 1000))
    shown = run("mkinitrd-en", "inspect", path)
    assert "unified kernel image" in shown.stdout and "signed" in shown.stdout
    done = mkinitrd(path, tree)
    assert done.returncode == 0
    assert "the signature of the kernel image is taken out" in done.stderr
    assert ".pcrsig" in done.stderr
    data = path.read_bytes()
    assert parts(data)[1] == (0, 0) and b"CCCC" not in data


def test_looked_at(image, tree):
    base = pack("gzip", initramfs_tools())
    path = image(uki(base))
    assert run("mkinitrd-en", "verify", path).returncode == 0
    assert mkinitrd(path, tree).returncode == 0
    found = json.loads(run("mkinitrd-en", "inspect", "--json", path).stdout)
    assert found["uki"] == {"offset": HEADERS + ALIGN, "signed": False}
    assert found["inserted"]["kernel"] == KERNEL
    done = run("mkinitrd-en", "verify", path)
    assert done.returncode == 0, done.stdout
    plain = image(base, "plain.img")
    assert run("mkinitrd-en", "diff", plain, path).returncode == 1
    assert run("mkinitrd-en", "diff", plain,
               image(uki(base), "same.efi")).returncode == 0
    plan = json.loads(mkinitrd(path, tree, "--dry-run", "--json").stdout)
    assert plan["uki"] and plan["output_size"] == path.stat().st_size


def test_the_kernel_beside_it_counts(image, tree):
    """No modules in the initrd, and no --kernel either."""
    path = image(uki(pack("gzip", initramfs_tools(kernel=None))))
    done = mkinitrd(path, tree)
    assert done.returncode == 0 and f"kernel {KERNEL}" in done.stderr


def test_nothing_to_remove(image):
    old = uki(pack("gzip", initramfs_tools()), certificate=b"C" * 8)
    path = image(old)
    assert run("mkinitrd-en", "--remove", path).returncode == 0
    assert path.read_bytes() == old
    done = subprocess.run([paths.binary("mkinitrd-en"), "--remove", "-o", "-",
                           path], capture_output=True, check=True)
    assert done.stdout == old


def test_no_overlay_beside_it(image, tree, tmp_path):
    old = uki(pack("gzip", initramfs_tools()))
    path = image(old)
    error = one_line(mkinitrd(path, tree, "--overlay-only", "x", cwd=tmp_path))
    assert "unified kernel image" in error and "--overlay-only" in error
    assert path.read_bytes() == old


@pytest.mark.parametrize("packer, to", [("zstd", "none"), ("none", "zstd:19")])
@pytest.mark.parametrize("order", [
    (".osrel", ".initrd", ".linux"), (".initrd", ".osrel", ".linux"),
    (".osrel", ".linux", ".initrd")])
def test_rebuilt(packer, to, order, image, tree, tmp_path):
    """Larger or smaller than it was, and again with other drivers."""
    old = uki(pack(packer, initramfs_tools()), order)
    path = image(old, "linux.efi")
    for words in ((), ("--iscsi-target", "11.4.3.7")):
        done = mkinitrd(path, tree, "--rebuild", "--compress", to, *words)
        assert done.returncode == 0, done.stderr
        assert run("mkinitrd-en", "verify", path).returncode == 0
        found, signature = parts(path.read_bytes())
        before, _ = parts(old)
        initrd = found.pop(".initrd")[0]
        del before[".initrd"]
        assert found == before and signature == (0, 0)
        names = [name for name, *_ in
                 read_archive(unpack(to.partition(":")[0], initrd))[0]]
        assert f"connectx-en/{KERNEL}/mlx4_en.ko" in names
        dumped = tmp_path / "dumped"
        subprocess.run(["objcopy", "-O", "binary", "--only-section=.initrd",
                        path, dumped], check=True, capture_output=True)
        assert dumped.read_bytes() == initrd
    assert path.with_name("linux.efi.orig").read_bytes() == old
    piped = subprocess.run([paths.binary("mkinitrd-en"), "--rebuild",
                            "--compress", to, "--modules", tree, *words, "-o",
                            "-", path.with_name("linux.efi.orig")],
                           capture_output=True, check=True)
    assert piped.stdout == path.read_bytes()


def patched(at, form, *values):
    data = bytearray(uki(pack("gzip", initramfs_tools())))
    struct.pack_into(form, data, at, *values)
    return bytes(data)


BAD = {
    "no-initrd": (lambda: make([(".linux", linux())]), "without .initrd"),
    "two": (lambda: make([(".initrd", b"a"), (".initrd", b"b")]),
            "a second .initrd"),
    "sections": (lambda: patched(0x86, "<H", 0xffff), "damaged PE headers"),
    "optional": (lambda: patched(0x94, "<H", 4), "damaged PE headers"),
    "magic": (lambda: patched(0x98, "<H", 7), "no optional header"),
    "directories": (lambda: patched(0x98 + 108, "<I", 1 << 30),
                    "data directories"),
    "alignment": (lambda: patched(0x98 + 36, "<I", 3), "alignment"),
    "signature": (lambda: patched(0x98 + 144, "<II", 1 << 30, 8),
                  "the signature is said to be"),
    "behind": (lambda: patched(0x188 + 40 + 20, "<I", 1 << 30),
               "section 2 is said to be"),
    "overlap": (lambda: patched(0x188 + 80 + 20, "<I", HEADERS + ALIGN),
                "in common with .initrd"),
    "empty": (lambda: patched(0x188 + 40 + 16, "<II", 0, 0), "is empty"),
    "initrd": (lambda: uki(b"garbage" * 9), "not an initrd"),
}


@pytest.mark.parametrize("name", BAD)
def test_damaged_files(name, image, tree):
    data, word = BAD[name][0](), BAD[name][1]
    path = image(data)
    error = one_line(mkinitrd(path, tree))
    assert word in error and str(path) in error
    assert path.read_bytes() == data
    if name != "initrd":
        assert word in one_line(run("mkinitrd-en", "verify", path))


def test_every_truncation_is_refused(image, tree):
    data = uki(pack("gzip", initramfs_tools()))
    for size in [*range(0, HEADERS, 37), *range(HEADERS, len(data), 400)]:
        path = image(data[:size])
        assert mkinitrd(path, tree).returncode == 1, size
        assert path.read_bytes() == data[:size]
