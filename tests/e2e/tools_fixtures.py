# SPDX-License-Identifier: GPL-2.0-only
"""What the tools' tests make: initrds of every form, kernels' module trees,
and an unpacker of segments that shares no code with the tools."""

import gzip
import lzma
import os
import stat
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from tests.lab import paths

KERNEL = "6.1.0-99-test"

# how a segment is packed by the programs that people use
PACKERS = {
    "none": None,
    "gzip": ["gzip", "-nc"],
    "bzip2": ["bzip2", "-c"],
    "lzma": ["xz", "--format=lzma", "-c"],
    "xz": ["xz", "--check=crc32", "-c"],
    "lzo": ["lzop", "-c"],
    "lz4": ["lz4", "-l", "-c"],
    "zstd": ["zstd", "-qc"],
}
UNPACKERS = {
    "gzip": ["gzip", "-dc"],
    "bzip2": ["bzip2", "-dc"],
    "lzma": ["xz", "--format=lzma", "-dc"],
    "xz": ["xz", "-dc"],
    "lzo": ["lzop", "-dc"],
    "lz4": ["lz4", "-dc"],
    "zstd": ["zstd", "-dqc"],
}


def pack(name, data):
    """A segment of an archive."""
    if PACKERS[name] is None:
        return data
    return subprocess.run(PACKERS[name], input=data, check=True,
                          capture_output=True).stdout


def unpack(name, data):
    """What a compressor's own program makes of a segment."""
    if name == "none":
        return data
    return subprocess.run(UNPACKERS[name], input=data, check=True,
                          capture_output=True).stdout


# archives

class Archive:
    """A newc archive in the making; entries in the order of the calls."""

    def __init__(self, magic=b"070701"):
        self.data = b""
        self.magic = magic
        self.ino = 100

    def entry(self, name, mode, body=b"", nlink=1, ino=None, rdev=(0, 0)):
        if isinstance(body, str):
            body = body.encode()
        if ino is None:
            self.ino += 1
            ino = self.ino
        encoded = name.encode() + b"\0"
        check = sum(body) & 0xffffffff if self.magic == b"070702" else 0
        fields = (ino, mode, 0, 0, nlink, 0, len(body), 0, 0, *rdev,
                  len(encoded), check)
        head = self.magic + b"".join(b"%08x" % f for f in fields) + encoded
        head += bytes(-len(head) % 4)
        self.data += head + body + bytes(-len(body) % 4)
        return self

    def dir(self, *names):
        for name in names:
            self.entry(name, stat.S_IFDIR | 0o755, nlink=2)
        return self

    def file(self, name, body=b"", mode=0o644, **more):
        return self.entry(name, stat.S_IFREG | mode, body, **more)

    def link(self, name, target):
        return self.entry(name, stat.S_IFLNK | 0o777, target)

    def end(self, padding=512):
        """The bytes, with the trailer."""
        self.entry("TRAILER!!!", 0, ino=0)
        self.data += bytes(-len(self.data) % padding)
        return self.data


def read_archive(data):
    """[(name, mode, body, nlink, ino)] of one archive up to its trailer, and
    the offset behind that."""
    found, at = [], 0
    while True:
        while at < len(data) and data[at] == 0:
            at += 1
        assert data[at:at + 6] in (b"070701", b"070702"), (at, data[at:at + 8])
        field = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16)
                 for i in range(13)]
        begin = at + 110
        name = data[begin:begin + field[11] - 1].decode()
        body = begin + field[11] + (-(110 + field[11]) % 4)
        at = body + field[6] + (-field[6] % 4)
        if name == "TRAILER!!!":
            return found, at
        found.append((name, field[1], data[body:body + field[6]], field[4],
                      field[0]))


LIGHT_INIT = """#!/bin/sh
. /conf/initramfs.conf
. /scripts/functions
"""

ORDER = """\
/scripts/local-top/before "$@"
[ -e /conf/param.conf ] && . /conf/param.conf
/scripts/local-top/iscsi "$@"
[ -e /conf/param.conf ] && . /conf/param.conf
/scripts/local-top/after "$@"
[ -e /conf/param.conf ] && . /conf/param.conf
"""


def initramfs_tools(kernel=KERNEL, merged=True, without=(), init=LIGHT_INIT,
                    change=None, padding=512, order=ORDER):
    """An image as initramfs-tools lays it out, with next to nothing in it."""
    a = Archive()
    lib = "usr/lib" if merged else "lib"
    a.dir(".", "conf", "conf/conf.d", "scripts", "scripts/local-top", "etc",
          "usr", "usr/sbin")
    if merged:
        a.dir("usr/lib").link("lib", "usr/lib").link("sbin", "usr/sbin")
    else:
        a.dir("lib", "sbin")
    if kernel:
        a.dir(f"{lib}/modules", f"{lib}/modules/{kernel}")
        a.file(f"{lib}/modules/{kernel}/modules.order", "")
    files = {"init": (init, 0o755), "scripts/functions": ("true\n", 0o644),
             "conf/initramfs.conf": ("MODULES=most\n", 0o644),
             "scripts/local-top/ORDER": (order, 0o644),
             "scripts/local-top/iscsi": ("#!/bin/sh\n", 0o755),
             "usr/sbin/iscsistart" if merged else "sbin/iscsistart":
             ("ELF", 0o755)}
    for name, (body, mode) in files.items():
        if not any(name.endswith(each) for each in without):
            a.file(name, body, mode)
    if change:
        change(a)
    return a.end(padding)


def microcode():
    """An early archive, as the kernel wants it: first and not compressed."""
    a = Archive()
    a.dir("kernel", "kernel/x86", "kernel/x86/microcode")
    return a.file("kernel/x86/microcode/GenuineIntel.bin", bytes(2048)).end()


def bootconfig(text="kernel.x = 1\n"):
    body = text.encode() + b"\0"
    body += bytes(-len(body) % 4)
    return body + struct.pack("<II", len(body),
                              sum(body) & 0xffffffff) + b"#BOOTCONFIG\n"


# kernels

MODULE_SOURCE = """
#define INFO(n, text) static const char info_##n[] \\
    __attribute__((section(".modinfo"), used, aligned(1))) = text
INFO(1, "vermagic=%(kernel)s SMP preempt mod_unload ");
INFO(2, "name=%(name)s");
%(more)s
static const char exported[]
    __attribute__((section("__ksymtab_strings"), used)) = "%(name)s_symbol";
%(needs)s
int %(name)s_symbol = 1;
static char body[%(size)d] __attribute__((used)) = "%(name)s %(salt)s";
"""

NEEDS = {"pps_core": (), "ptp": ("pps_core",), "mlx4_core": ("ptp",),
         "mlx4_en": ("mlx4_core", "ptp"), "iscsi_tcp": (), "sd_mod": ()}


def module(folder, name, kernel=KERNEL, salt="", more=""):
    """A relocatable object that libkmod and depmod take for a module."""
    needs = "".join(f"extern int {n}_symbol; int *use_{n} = &{n}_symbol;\n"
                    for n in NEEDS[name])
    source = folder / f"{name}.c"
    source.write_text(MODULE_SOURCE % {"kernel": kernel, "name": name,
                                       "needs": needs, "salt": salt,
                                       "more": more, "size": 3000})
    out = folder / f"{name}.ko"
    subprocess.run(["gcc", "-c", "-o", out, source], check=True)
    return out.read_bytes()


def module_tree(root, kernel=KERNEL, suffix="", without=(), builtin=(),
                vermagic=None, more=None, salt=""):
    """A root with /lib/modules/KERNEL of those modules, indexed by depmod."""
    packers = {"": None, ".gz": ["gzip", "-n"], ".xz": ["xz"],
               ".zst": ["zstd", "-q", "--rm"]}
    drivers = Path(root) / "lib" / "modules" / kernel / "kernel"
    drivers.mkdir(parents=True)
    scratch = Path(root) / "scratch"
    scratch.mkdir()
    for name in NEEDS:
        if name in without or name in builtin:
            continue
        path = drivers / f"{name}.ko"
        path.write_bytes(module(scratch, name, vermagic or kernel, salt,
                                (more or {}).get(name, "")))
        if packers[suffix]:
            subprocess.run([*packers[suffix], path], check=True)
    (drivers.parent / "modules.order").write_text("")
    (drivers.parent / "modules.builtin").write_text(
        "".join(f"kernel/{name}.ko\n" for name in builtin))
    subprocess.run(["depmod", "-b", root, kernel], check=True,
                   capture_output=True)
    return Path(root)


# the programs

def run(name, *arguments, **options):
    """A tool's CompletedProcess, text both ways."""
    environment = dict(os.environ, LC_ALL="C")
    return subprocess.run([paths.binary(name), *map(str, arguments)],
                          capture_output=True, text=True, check=False,
                          env=environment, timeout=120, **options)


@pytest.fixture
def image(tmp_path):
    """A function that writes an image and returns its path."""
    def write(data, name="initrd.img"):
        path = tmp_path / name
        path.write_bytes(data)
        return path
    return write


def mkinitrd(path, tree, *more, **options):
    return run("mkinitrd-en", "--modules", tree, *more, path, **options)


def one_line(done, status=1):
    """The error of a run that must have failed with one clear line."""
    assert done.returncode == status, (done.returncode, done.stderr)
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].isprintable()
    return lines[0]


def damaged_gzip(data):
    """A gzip stream with a wrong CRC: the kernel would boot it."""
    packed = gzip.compress(data, mtime=0)
    return packed[:-8] + struct.pack("<I", zlib.crc32(data) ^ 1) + packed[-4:]


def xz_crc64(data):
    return lzma.compress(data, check=lzma.CHECK_CRC64)
