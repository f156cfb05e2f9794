# SPDX-License-Identifier: GPL-2.0-only
"""Whether modules fit the kernel that an image is for: versions of symbols,
processor, signature; and the kernel's own file as the one who tells it."""

import json
import struct
import subprocess

import pytest

from tests.e2e import tools_fixtures as fixtures
from tests.e2e.tools_fixtures import (KERNEL, image, initramfs_tools,
                                      mkinitrd, module_tree, one_line, pack,
                                      run, unpack)
from tests.lab import paths

assert image  # a fixture

SIGNATURE = b"~Module signature appended~\n"
OTHER = f"usr/lib/modules/{KERNEL}/e1000.ko"


@pytest.fixture(scope="session", autouse=True)
def programs():
    if not paths.binary("mkinitrd-en").exists():
        pytest.fail("mkinitrd-en is not built: run make all")


def versions(**symbols):
    """What modpost writes of the symbols that a module imports."""
    entries = ", ".join(f'{{ {crc:#x}, "{name}" }}'
                        for name, crc in symbols.items())
    return ("static const struct { unsigned long crc; char name[56]; }"
            " versions[] __attribute__((section(\"__versions\"), used)) = {"
            f"{entries} }};")


def exports(name):
    return ('static const char more_exported[] __attribute__((section('
            f'"__ksymtab_strings"), used)) = "{name}";')


def other(tmp_path, end=b"", **symbols):
    """A module of the image's kernel: its bytes."""
    folder = tmp_path / "other"
    folder.mkdir(exist_ok=True)
    return fixtures.module(folder, "sd_mod", more=versions(**symbols)) + end


def with_module(body, suffix=""):
    return initramfs_tools(
        change=lambda a: a.file(OTHER + suffix, body))


def tree_with(tmp_path, **more):
    return module_tree(tmp_path / "root", more=more)


def test_a_symbol_of_another_version(image, tmp_path):
    """Refused, and said by verify and inspect of an image that has it."""
    tree = tree_with(tmp_path, mlx4_core=versions(printk=1, kfree=2),
                     mlx4_en=versions(printk=1))
    base = pack("gzip", with_module(other(tmp_path, printk=1, kfree=3)))
    path = image(base)
    error = one_line(mkinitrd(path, tree))
    assert "mlx4_core.ko: disagrees about version of symbol kfree" in error
    assert "(0x00000002; in " + OTHER + " 0x00000003)" in error
    assert path.read_bytes() == base

    # Into an image without evidence, which comes behind then
    alone = pack("gzip", initramfs_tools())
    path = image(alone)
    assert mkinitrd(path, tree).returncode == 0
    late = pack("gzip", fixtures.Archive().file(
        OTHER, other(tmp_path, printk=1, kfree=3)).end())
    path = image(path.read_bytes() + late)
    done = run("mkinitrd-en", "verify", path)
    assert done.returncode == 1
    assert done.stdout.count("disagrees about version of symbol kfree") == 1
    assert "error: segment 2: " in done.stdout
    shown = run("mkinitrd-en", "inspect", path).stdout
    assert "error: connectx-en/" in shown and "symbol kfree" in shown
    found = json.loads(run("mkinitrd-en", "inspect", "--json", path).stdout)
    assert [m["level"] for m in found["misfits"]] == ["error"]


@pytest.mark.parametrize("suffix", ["", ".xz"])
def test_packed_modules_tell_as_well(suffix, image, tmp_path):
    tree = tree_with(tmp_path, mlx4_en=versions(netif_rx=7))
    body = other(tmp_path, netif_rx=8)
    if suffix:
        body = subprocess.run(["xz", "-c"], input=body, check=True,
                              capture_output=True).stdout
    path = image(pack("gzip", with_module(body, suffix)))
    error = one_line(mkinitrd(path, tree))
    assert "mlx4_en.ko: disagrees about version of symbol netif_rx" in error


def test_the_same_versions_fit(image, tmp_path):
    tree = tree_with(tmp_path, mlx4_core=versions(printk=1))
    path = image(pack("gzip", with_module(other(tmp_path, printk=1, x=5))))
    done = mkinitrd(path, tree)
    assert done.returncode == 0 and "note" not in done.stderr
    done = run("mkinitrd-en", "verify", path)
    assert done.returncode == 0 and "warning" not in done.stdout


def test_symbols_that_are_ours_may_differ(image, tmp_path):
    """Another build of our drivers in the image, and what is made for it."""
    tree = tree_with(tmp_path, mlx4_core=exports("mlx4_find"),
                     mlx4_en=versions(mlx4_find=1))
    path = image(pack("gzip", with_module(other(tmp_path, mlx4_find=2))))
    assert mkinitrd(path, tree).returncode == 0
    assert run("mkinitrd-en", "verify", path).returncode == 0


def test_the_headers_tell_as_well(image, tmp_path):
    """A note only: the headers need not be those of that very kernel."""
    tree = tree_with(tmp_path, mlx4_core=versions(printk=0x11, kfree=2))
    headers = tree / "usr/src/linux-headers"
    headers.mkdir(parents=True)
    (tree / "lib/modules" / KERNEL / "build").symlink_to(
        "/usr/src/linux-headers")
    lines = headers / "Module.symvers"
    path = image(pack("gzip", initramfs_tools()))
    lines.write_text("0x00000011\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n"
                     "0x00000000\tkfree\tvmlinux\tEXPORT_SYMBOL\t\n"
                     "nothing\n0x1\tkfree\n\n0x00000005\tkfree")
    assert "note" not in mkinitrd(path, tree).stderr
    lines.write_text("0x00000012\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n")
    done = mkinitrd(path, tree)
    assert done.returncode == 0
    assert "disagrees about version of symbol printk" in done.stderr
    assert str(lines) in done.stderr


def test_unsigned_among_signed_ones(image, tmp_path):
    tree = tree_with(tmp_path)
    path = image(pack("gzip", with_module(other(tmp_path, SIGNATURE))))
    done = mkinitrd(path, tree)
    assert done.returncode == 0
    assert "mlx4_core.ko, mlx4_en.ko: no signature" in done.stderr
    done = run("mkinitrd-en", "verify", path)
    assert done.returncode == 0
    assert done.stdout.count("no signature") == 1
    assert "warning: " in done.stdout
    assert "no signature" in run("mkinitrd-en", "inspect", path).stdout


def test_signed_among_signed_ones(image, tmp_path):
    tree = tree_with(tmp_path)
    for each in tree.rglob("lib/modules/*/kernel/*.ko"):
        each.write_bytes(each.read_bytes() + SIGNATURE)
    path = image(pack("gzip", with_module(other(tmp_path, SIGNATURE))))
    assert "signature" not in mkinitrd(path, tree).stderr
    assert "signature" not in run("mkinitrd-en", "verify", path).stdout


def test_another_processor(image, tmp_path):
    tree = tree_with(tmp_path)
    body = bytearray(other(tmp_path))
    body[18:20] = struct.pack("<H", 183)  # EM_AARCH64
    path = image(pack("gzip", with_module(bytes(body))))
    error = one_line(mkinitrd(path, tree))
    assert "made for another processor" in error and "183" in error


# lz4 before 5.14

OLD = "5.10.0-9-test"


@pytest.fixture(scope="module")
def old_tree(tmp_path_factory):
    return module_tree(tmp_path_factory.mktemp("old"), kernel=OLD)


@pytest.mark.parametrize("gap", [0, 1, 4, 512])
@pytest.mark.parametrize("cut", [0, 3])
def test_lz4_directly_behind_lz4(gap, cut, image, old_tree):
    """Nothing between the frames, and the second goes on as the first; lz4's
    own program reads both as one stream, as such a kernel does."""
    frame = pack("lz4", initramfs_tools(kernel=OLD, padding=4) + bytes(cut))
    path = image(frame + bytes(gap))
    done = mkinitrd(path, old_tree)
    assert done.returncode == 0, done.stderr
    assert (f"{gap} zero bytes behind the lz4" in done.stderr) == (gap > 0)
    data = path.read_bytes()
    assert data.startswith(frame) and data[len(frame)] == 0x02
    stream = unpack("lz4", data)
    assert (stream.index(b".mkinitrd-en\0") - 110) % 4 == 0
    found = json.loads(run("mkinitrd-en", "verify", "--json", path).stdout)
    assert found["sound"] and found["findings"] == []
    # A second run, and out again
    assert mkinitrd(path, old_tree).returncode == 0
    assert path.read_bytes() == data
    assert run("mkinitrd-en", "--remove", path).returncode == 0
    assert path.read_bytes() == frame


def test_a_younger_kernel_keeps_the_padding(image, tmp_path):
    base = pack("lz4", initramfs_tools()) + bytes(512)
    path = image(base)
    done = mkinitrd(path, tree_with(tmp_path))
    assert done.returncode == 0 and "zero bytes" not in done.stderr
    assert path.read_bytes().startswith(base)


def test_what_an_old_kernel_would_not_read(image, old_tree, tmp_path):
    frame = pack("lz4", initramfs_tools(kernel=OLD))
    more = pack("gzip", fixtures.Archive().dir("x").end())
    path = image(frame + bytes(4) + more)
    error = one_line(mkinitrd(path, old_tree))
    assert "reads nothing behind the lz4 segment" in error and OLD in error
    assert mkinitrd(path, old_tree, "--rebuild").returncode == 0
    path = image(frame + bytes(4), "padded.img")
    out = tmp_path / "overlay"
    error = one_line(mkinitrd(path, old_tree, "--overlay-only", out))
    assert "--overlay-only" in error and not out.exists()


# the kernel's file

def bzimage(version=KERNEL.encode() + b" (me@there) #1 SMP\0", at=0x300):
    head = bytearray(0x200 + max(at, 0x10))
    head[0x202:0x206] = b"HdrS"
    head[0x206:0x208] = struct.pack("<H", 0x20f)
    head[0x20e:0x210] = struct.pack("<H", at)
    return bytes(head) + version


def test_the_kernel_of_a_file(image, tmp_path):
    tree = tree_with(tmp_path)
    kernel = tmp_path / "vmlinuz"
    kernel.write_bytes(bzimage())
    path = image(pack("gzip", initramfs_tools(kernel=None)))
    assert "--kernel VERSION" in one_line(mkinitrd(path, tree))
    done = mkinitrd(path, tree, "--kernel", kernel)
    assert done.returncode == 0 and f"kernel {KERNEL}" in done.stderr
    done = mkinitrd(path, tree, "--kernel", "vmlinuz", cwd=tmp_path)
    assert done.returncode == 0


@pytest.mark.parametrize("body, says", [
    (b"", "no x86 kernel"),
    (bzimage()[:0x20f], "no x86 kernel"),
    (b"MZ" + bytes(5000), "no x86 kernel"),
    (bzimage(b""), "offset 0x20e"),
    (bzimage(at=0)[:0x400], "offset 0x20e"),
    (bzimage(b"6.1.0"), "offset 0x500: no kernel version"),
    (bzimage(b" 6.1"), "no kernel version"),
    (bzimage(b"../../x \0"), "no kernel version"),
    (bzimage(b"6" * 200), "no kernel version")], ids=[
        "empty", "cut", "no-header", "behind-the-end", "none", "no-end",
        "blank", "path", "long"])
def test_a_file_that_does_not_tell(body, says, image, tmp_path):
    tree = tree_with(tmp_path)
    kernel = tmp_path / "vmlinuz"
    kernel.write_bytes(body)
    path = image(pack("gzip", initramfs_tools(kernel=None)))
    error = one_line(mkinitrd(path, tree, "--kernel", kernel))
    assert says in error and str(kernel) in error
