# SPDX-License-Identifier: GPL-2.0-only
"""iscsi-root install: a root disk of a tree, judged by e2fsprogs and by our own
inspect of what came out; and by a boot, in test_tools_root.py."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

from tests.e2e.tools_fixtures import (KERNEL, initramfs_tools, module_tree,
                                      one_line, run)
from tests.lab import paths

UUID = "11111111-2222-3333-4444-555555555555"
FSTAB = """\
# a comment
UUID=aa / ext4 errors=remount-ro 0 1
/dev/sda2 none swap sw 0 0
LABEL=data /data ext4 defaults 0 2
tmpfs /tmp tmpfs nosuid 0 0
server:/home /home nfs defaults,_netdev 0 0
"""


@pytest.fixture
def tree(tmp_path):
    """A small root file system with a kernel, its modules and its initrd."""
    root = tmp_path / "tree"
    for folder in ("sbin", "etc/iscsi", "boot", "home/user"):
        (root / folder).mkdir(parents=True)
    (root / "sbin/init").write_text("init\n")
    (root / "etc/fstab").write_text(FSTAB)
    (root / "etc/iscsi/initiatorname.iscsi").write_text(
        "InitiatorName=iqn.1993-08.org.debian:01:of-another-host\n")
    (root / "home/user/hole").touch()
    os.truncate(root / "home/user/hole", 8 << 20)
    os.symlink("sbin/init", root / "link")
    module_tree(root)
    shutil.rmtree(root / "scratch")
    (root / f"boot/vmlinuz-{KERNEL}").write_bytes(b"kernel" * 1000)
    (root / f"boot/initrd.img-{KERNEL}").write_bytes(initramfs_tools())
    return root


def install(disk, *words, **options):
    return run("iscsi-root", "install", *words, disk, **options)


def done(disk, *words):
    result = install(disk, *words, "--json")
    assert result.returncode == 0 and result.stderr == "", result.stderr
    return json.loads(result.stdout)


def debugfs(disk, request):
    return subprocess.run(["debugfs", "-R", request, disk], check=True,
                          capture_output=True).stdout


def cat(disk, path):
    return debugfs(disk, f"cat {path}").decode()


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def hashes(folder):
    return {path: (path.read_bytes(), path.stat().st_mtime_ns)
            for path in folder.rglob("*") if path.is_file()}


def test_all_that_a_host_needs(tree, tmp_path):
    """The tree is on the disk, with its own fstab, names and initrd; the tree
    itself is as it was."""
    disk, before = tmp_path / "disk.img", hashes(tree)
    kernel, initrd = tmp_path / "vmlinuz", tmp_path / "initrd"
    report = done(disk, "--from", tree, "--uuid", UUID, "--label", "host1",
                  "--kernel-out", kernel, "--initrd-out", initrd)
    assert hashes(tree) == before
    assert disk.stat().st_size == report["size"]
    assert disk.stat().st_mode & 0o777 == 0o600
    assert disk.stat().st_blocks * 512 < report["size"] / 2
    subprocess.run(["e2fsck", "-fn", disk], check=True, capture_output=True)
    said = subprocess.run(["blkid", "-p", "-o", "export", disk], check=True,
                          capture_output=True, text=True).stdout
    assert f"UUID={UUID}\n" in said and "LABEL=host1\n" in said
    assert "TYPE=ext4\n" in said
    lines = cat(disk, "/etc/fstab").splitlines()
    assert lines[0].split() == [f"UUID={UUID}", "/", "ext4",
                                "defaults,_netdev", "0", "1"]
    assert [line for line in lines[1:] if line.startswith("#")] == [
        "# a comment", *("# before iscsi-root: " + line
                         for line in FSTAB.splitlines()[1:4])]
    assert lines[-2:] == FSTAB.splitlines()[-2:]
    assert cat(disk, "/etc/iscsi/initiatorname.iscsi") == "GenerateName=yes\n"
    assert "open-iscsi" in cat(disk, "/etc/iscsi/iscsi.initramfs")
    assert cat(disk, "/sbin/init") == "init\n"
    assert b'"sbin/init"' in debugfs(disk, "stat /link")
    stat = debugfs(disk, "stat /sbin/init").decode()
    assert "User:     0   Group:     0" in stat
    assert kernel.read_bytes() == b"kernel" * 1000
    # the copy is what the disk has
    assert debugfs(disk, f"cat /boot/initrd.img-{KERNEL}") == \
        initrd.read_bytes()
    assert initrd.read_bytes().startswith(initramfs_tools())
    shown = json.loads(run("mkinitrd-en", "inspect", "--json",
                           initrd).stdout)
    assert "mlx4_en" in json.dumps(shown)


def test_target_and_names(tree, tmp_path):
    """ROOT-PATH, --initiator and what is behind -- reach mkinitrd-en."""
    disk, initrd = tmp_path / "disk.img", tmp_path / "initrd"
    result = run("iscsi-root", "install", "--from", tree, "--initiator",
                 "iqn.2007-08.com.example:me", "--initrd-out", initrd, disk,
                 "iscsi:[fd11::7]::3261:10:iqn.2007-08.com.example:disk", "--",
                 "--port", "2")
    assert result.returncode == 0, result.stderr
    assert cat(disk, "/etc/iscsi/initiatorname.iscsi") == \
        "InitiatorName=iqn.2007-08.com.example:me\n"
    image = initrd.read_bytes()
    assert image.startswith(initramfs_tools())
    shown = run("mkinitrd-en", "inspect", initrd).stdout
    for word in ("fd11::7", "3261", "iqn.2007-08.com.example:disk",
                 "iqn.2007-08.com.example:me"):
        assert word in shown, shown


def test_dry_run_writes_nothing(tree, tmp_path):
    before = listing(tmp_path)
    result = install(tmp_path / "disk.img", "--from", tree, "--dry-run")
    assert result.returncode == 0
    assert f"/boot/initrd.img-{KERNEL}, by mkinitrd-en" in result.stdout
    plan = done(tmp_path / "disk.img", "--from", tree, "--dry-run")
    assert plan["release"] == KERNEL and plan["size"] % 4096 == 0
    assert listing(tmp_path) == before


def test_a_size(tree, tmp_path):
    disk = tmp_path / "disk.img"
    assert done(disk, "--from", tree, "--size", "40M")["size"] == 40 << 20
    assert disk.stat().st_size == 40 << 20
    error = one_line(install(tmp_path / "small", "--from", tree, "--size",
                             "1M"))
    assert "too few" in error and not (tmp_path / "small").exists()


def test_links_to_elsewhere(tree, tmp_path):
    """A tree of hard links to another one needs as much room as that."""
    big = tmp_path / "big"
    big.write_bytes(b"x" * (90 << 20))
    for number in range(3):
        os.link(big, tmp_path / f"big{number}")
    os.link(big, tree / "big")
    disk = tmp_path / "disk.img"
    assert done(disk, "--from", tree)["size"] > 90 << 20
    assert f"Size: {90 << 20}" in debugfs(disk, "stat /big").decode()


def test_many_small_files(tree, tmp_path):
    """More than an inode for each 16 KiB."""
    for number in range(9000):
        (tree / f"home/user/{number}").touch()
    disk = tmp_path / "disk.img"
    done(disk, "--from", tree)
    assert b"8999" in debugfs(disk, "ls /home/user")


def test_what_is_there_stays(tree, tmp_path):
    """A file system or anything else, but for --force; an empty file is
    taken."""
    disk = tmp_path / "disk.img"
    disk.touch()
    os.truncate(disk, 1 << 20)
    disk.chmod(0o640)
    done(disk, "--from", tree)
    assert disk.stat().st_mode & 0o777 == 0o640
    first = disk.read_bytes()
    error = one_line(install(disk, "--from", tree))
    assert "ext4" in error and "--force" in error
    assert disk.read_bytes() == first
    letter = tmp_path / "letter"
    letter.write_text("dear all\n")
    assert "--force" in one_line(install(letter, "--from", tree))
    assert letter.read_text() == "dear all\n"
    done(disk, "--from", tree, "--force")
    assert disk.read_bytes() != first


def test_a_failure_changes_nothing(tree, tmp_path):
    """mkinitrd-en refuses the initrd: the old disk and the old copies stay, and
    nothing is left in the way."""
    disk, kernel = tmp_path / "disk.img", tmp_path / "vmlinuz"
    disk.write_text("old\n")
    kernel.write_text("old kernel\n")
    (tree / f"boot/initrd.img-{KERNEL}").write_bytes(b"no initrd at all")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    before = listing(tmp_path)
    environment = dict(os.environ, TMPDIR=str(scratch))
    result = subprocess.run(
        [paths.binary("iscsi-root"), "install", "--from", tree, "--force",
         "--kernel-out", kernel, disk], env=environment, capture_output=True,
        text=True, check=False)
    assert "mkinitrd-en" in one_line(result)
    assert disk.read_text() == "old\n"
    assert kernel.read_text() == "old kernel\n"
    assert listing(tmp_path) == before and listing(scratch) == []


def test_stopped_by_a_signal(tree, tmp_path):
    """In the middle of the copy: what was there stays, nothing is left."""
    disk, scratch = tmp_path / "disk.img", tmp_path / "scratch"
    disk.write_text("old\n")
    scratch.mkdir()
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "mke2fs").write_text(
        f"#!/bin/sh\ntouch {tmp_path}/begun\nexec sleep 60\n")
    (programs / "mke2fs").chmod(0o755)
    before = listing(tmp_path)
    environment = dict(os.environ, TMPDIR=str(scratch),
                       PATH=f"{programs}:{os.environ['PATH']}")
    with subprocess.Popen(
            [paths.binary("iscsi-root"), "install", "--from", tree, "--force",
             disk], env=environment, stderr=subprocess.PIPE, text=True) as it:
        limit = time.monotonic() + 30
        while not (tmp_path / "begun").exists():
            assert time.monotonic() < limit and it.poll() is None
            time.sleep(0.02)
        it.send_signal(signal.SIGTERM)
        error = it.communicate(timeout=20)[1]
    assert it.returncode == 1 and "signal 15" in error
    assert disk.read_text() == "old\n"
    assert listing(tmp_path) == sorted([*before, "begun"])
    assert listing(scratch) == []


# In the place of mmdebstrap: what it would mount, and a tree
MMDEBSTRAP = """#!/bin/sh
for folder; do case $folder in /*) break; esac; done
echo "$@" >{tmp}/words
mkdir -p $folder/proc
mount -t proc proc $folder/proc || exit 9
{then}
umount $folder/proc
mkdir -p $folder/etc $folder/sbin && touch $folder/sbin/init
"""


def start_suite(tmp_path, then):
    scratch, programs = tmp_path / "scratch", tmp_path / "programs"
    scratch.mkdir()
    programs.mkdir()
    (programs / "mmdebstrap").write_text(
        MMDEBSTRAP.format(tmp=tmp_path, then=then))
    (programs / "mmdebstrap").chmod(0o755)
    environment = dict(os.environ, TMPDIR=str(scratch),
                       PATH=f"{programs}:{os.environ['PATH']}")
    return subprocess.Popen(
        [paths.binary("iscsi-root"), "install", "--suite", "trixie",
         "--mirror", "http://mirror.example/debian", "--include", "vim,less",
         tmp_path / "disk.img"], env=environment, stderr=subprocess.PIPE,
        text=True)


def test_packages(tmp_path):
    """mmdebstrap is asked for what boots, and for what was asked for; what it
    made is on the disk."""
    with start_suite(tmp_path, "true") as it:
        error = it.communicate(timeout=60)[1]
    assert it.returncode == 0, error
    words = (tmp_path / "words").read_text().split()
    assert words[-1] == "http://mirror.example/debian"
    assert words[-3] == "trixie"
    packages = next(word for word in words if word.startswith("--include="))
    assert {"open-iscsi", "initramfs-tools", "vim", "less"} <= set(
        packages.split("=")[1].split(","))
    assert b"init" in debugfs(tmp_path / "disk.img", "ls /sbin")
    assert listing(tmp_path / "scratch") == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_mounts_end_with_mmdebstrap(tmp_path, number):
    """Stopped while something is mounted in the tree: nothing stays mounted,
    nobody runs on, and the removal meets none of it."""
    with start_suite(tmp_path, f"sleep 77.{os.getpid()}") as it:
        limit = time.monotonic() + 30
        while not (tmp_path / "words").exists():
            assert time.monotonic() < limit and it.poll() is None
            time.sleep(0.02)
        time.sleep(0.3)
        it.send_signal(number)
        it.communicate(timeout=20)
    assert it.returncode == (1 if number == signal.SIGTERM else -number)
    mounts = pathlib.Path("/proc/mounts").read_text()
    assert str(tmp_path) not in mounts
    limit = time.monotonic() + 10
    while subprocess.run(["pgrep", "-f", f"^sleep 77.{os.getpid()}"],
                         capture_output=True, check=False).returncode == 0:
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert not (tmp_path / "disk.img").exists()
    if number == signal.SIGTERM:
        assert listing(tmp_path / "scratch") == []


@pytest.mark.parametrize("words,says", [
    (["--from", "/nowhere"], "/nowhere"),
    (["--from", "{tmp}"], "no folder etc"),
    (["--from", "{tree}", "--uuid", "1234"], "--uuid 1234"),
    (["--from", "{tree}", "--label", "x" * 17], "--label"),
    (["--from", "{tree}", "--initiator", "me"], "--initiator me: column 1"),
    (["--from", "/"], "another file system is mounted"),
])
def test_what_is_refused(tree, tmp_path, words, says):
    words = [word.format(tmp=tmp_path, tree=tree) for word in words]
    error = one_line(install("/dev/shm/no-such-disk" if words[1] == "/" else
                             tmp_path / "disk.img", *words))
    assert says in error, error
    assert not (tmp_path / "disk.img").exists()


def test_places_that_are_refused(tree, tmp_path):
    assert "in the tree" in one_line(install(tree / "disk.img", "--from",
                                             tree))
    assert "no such folder" in one_line(install(tmp_path / "no/disk", "--from",
                                                tree))
    assert "neither a file nor" in one_line(install("/dev/null", "--from",
                                                    tree))
    result = run("iscsi-root", "install", "--from", tree, tmp_path / "d",
                 "iscsi:x:7::0:iqn.2007-08.a:b")
    assert "column" in one_line(result)
    (tree / f"boot/initrd.img-{KERNEL}").unlink()
    result = run("iscsi-root", "install", "--from", tree, tmp_path / "d",
                 "iscsi:11.4.3.7::::iqn.2007-08.a:b")
    assert "no initrd.img-VERSION" in one_line(result)
    # without any of it, a disk is made of what is there
    done(tmp_path / "d", "--from", tree)


@pytest.mark.parametrize("words", [
    [], ["--from", "a"], ["a"], ["a", "--from", "b", "--suite", "c"],
    ["a", "b", "c", "--from", "d"], ["a", "--from", "b", "--mirror", "c"],
    ["a", "--from", "b", "--size", "many"], ["a", "--unknown"]])
def test_wrong_usage(words):
    result = run("iscsi-root", "install", *words)
    assert result.returncode == 2 and "--help" in result.stderr
