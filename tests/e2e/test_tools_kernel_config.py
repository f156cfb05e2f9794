# SPDX-License-Identifier: GPL-2.0-only
"""The kernel that an image is for has to have its compressors: what inspect and
verify say of it, from a config beside the kernel or inside it."""

import gzip
import json
import struct

import pytest

from tests.e2e.tools_fixtures import (KERNEL, PACKERS, Archive, image,
                                      initramfs_tools, one_line, pack, run)
from tests.lab import paths

assert image  # a fixture

COMPRESSORS = [name for name in PACKERS if name != "none"]


def config(*lacks):
    """A config with every compressor but those."""
    options = ["BLK_DEV_INITRD", *(f"RD_{n.upper()}" for n in COMPRESSORS)]
    return "# Linux\n" + "".join(
        f"# CONFIG_{option} is not set\n"
        if option.removeprefix("RD_").lower() in lacks or option in lacks
        else f"CONFIG_{option}=y\n" for option in options)


def kernel(inside=b"", packer="none"):
    """A kernel's file (bzImage), with something packed in its payload."""
    head = bytearray(0x800)
    head[0x1f1] = 2
    head[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", head, 0x206, 0x20f)
    struct.pack_into("<H", head, 0x20e, 0x300)
    text = KERNEL.encode() + b" (me@there)\0"
    head[0x500:0x500 + len(text)] = text
    payload = pack(packer, bytes(5000) + inside + bytes(300))
    # The length of the kernel stands behind what is packed.
    payload += struct.pack("<I", 5300 + len(inside))
    struct.pack_into("<II", head, 0x248, 0x200, len(payload))
    return bytes(head) + payload


def inside(text):
    return b"IKCFG_ST" + gzip.compress(text.encode()) + b"IKCFG_ED"


def errors(path, of, status=1):
    done = run("mkinitrd-en", "verify", "--json", "--kernel", of, path)
    assert done.returncode == status, done.stderr
    return [(f["segment"], f["offset"], f["text"])
            for f in json.loads(done.stdout)["findings"]
            if f["level"] == "error"]


@pytest.mark.parametrize("packer", COMPRESSORS)
def test_a_compressor_that_the_kernel_lacks(packer, image, tmp_path):
    first = pack("gzip" if packer != "gzip" else "xz", initramfs_tools())
    path = image(first + pack(packer, Archive().file("more", "x").end()))
    file = tmp_path / "config"
    file.write_text(config(packer))
    [(segment, offset, text)] = errors(path, file)
    assert (segment, offset) == (2, len(first))
    assert f"CONFIG_RD_{packer.upper()}=y" in text and str(file) in text
    done = run("mkinitrd-en", "inspect", "--kernel", file, path)
    assert done.returncode == 0
    assert "compressors that the kernel lacks" in done.stdout
    assert text in done.stdout
    done = run("mkinitrd-en", "inspect", "--json", "--kernel", file, path)
    found = json.loads(done.stdout)
    assert found["kernel_config"] == str(file)
    assert found["kernel_lacks"] == [{"level": "error", "text": text}]
    file.write_text(config())
    assert errors(path, file, 0) == []
    done = run("mkinitrd-en", "inspect", "--kernel", file, path)
    assert "the kernel lacks" not in done.stdout


def test_a_kernel_without_initrds(image, tmp_path):
    file = tmp_path / "config"
    file.write_text(config("BLK_DEV_INITRD"))
    [(segment, _, text)] = errors(image(initramfs_tools()), file)
    assert segment is None and "CONFIG_BLK_DEV_INITRD=y" in text


@pytest.mark.parametrize("name", ["config", f"config-{KERNEL}"])
def test_the_config_beside_the_kernel(name, image, tmp_path):
    path = image(pack("zstd", initramfs_tools()))
    file = tmp_path / "vmlinuz"
    file.write_bytes(kernel(inside(config())))
    (tmp_path / name).write_text(config("zstd"))
    assert str(tmp_path / name) in errors(path, file)[0][2]
    (tmp_path / name).write_text("of something else\n")
    assert name in one_line(run("mkinitrd-en", "verify", "--kernel", file,
                                path))


@pytest.mark.parametrize("packer", PACKERS)
def test_the_config_inside_the_kernel(packer, image, tmp_path):
    path = image(pack("zstd", initramfs_tools()))
    file = tmp_path / "vmlinuz"
    file.write_bytes(kernel(inside(config("zstd")), packer))
    assert str(file) in errors(path, file)[0][2]
    file.write_bytes(kernel(inside(config()), packer))
    assert errors(path, file, 0) == []


@pytest.mark.parametrize("content", [
    kernel(), kernel(b"IKCFG_ST"), kernel(b"IKCFG_ST\x1f\x8b\x08", "xz"),
    kernel(inside(config()))[:0x900], kernel()[:0x200], b"", b"junk\n",
    gzip.compress(b"CONFIG_X=y\n")], ids=range(8))
def test_no_config(content, image, tmp_path):
    path = image(pack("zstd", initramfs_tools()))
    file = tmp_path / "vmlinuz"
    file.write_bytes(content)
    for verb in ("inspect", "verify"):
        error = one_line(run("mkinitrd-en", verb, "--kernel", file, path))
        assert str(file) in error and "--kernel" in error


def test_no_such_kernel(image, tmp_path):
    path = image(pack("zstd", initramfs_tools()))
    for word in ("9.9.9-none", tmp_path / "none"):
        error = one_line(run("mkinitrd-en", "verify", "--kernel", word, path))
        assert str(word) in error and "No such file" in error
    # Unasked, an unknown config is no failure.
    assert run("mkinitrd-en", "verify", path).returncode == 0


@pytest.mark.parametrize("release", paths.kernels())
def test_kernels_of_debian_have_them_all(release, image, tmp_path):
    file = paths.kernel(release) / "vmlinuz"
    data = b""
    for packer in COMPRESSORS:
        data += pack(packer, initramfs_tools() if not data else
                     Archive().file(packer, "x").end()) + bytes(4)
    assert errors(image(data), file, 0) == []
