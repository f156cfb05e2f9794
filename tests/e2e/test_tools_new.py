# SPDX-License-Identifier: GPL-2.0-only
"""Images that mkinitrd-en makes from nothing, looked at, and booted over the
virtual adapter to the root file system's own init as PID 1."""

import json
import re
import stat
import subprocess

import pytest

from tests.e2e.test_tools_boot import (NAME, console_of, dhcp, lab, probe,
                                       probed, root_folder)
from tests.e2e.test_tools_root import start_target
from tests.e2e.tools_fixtures import one_line, read_archive, run, unpack
from tests.lab import paths

assert lab and probe  # fixtures

pytestmark = pytest.mark.skipif(not paths.is_built(),
                                reason="no lab: run make lab")

KERNEL = "6.12"


def new(out, *options, kernel=KERNEL):
    return run("mkinitrd-en", "--new", "--kernel", paths.kernel_version(kernel),
               "--modules", paths.kernel(kernel) / "modules",
               "--initiator", paths.ROOT,
               "--busybox", paths.ROOT / "usr/bin/busybox",
               "--compress", "zstd:1", "-o", out, *options)


def boot(lab, *options, append="", kernel=KERNEL, **ports):
    out = lab.folder / "initrd.img"
    done = new(out, *options, kernel=kernel)
    assert done.returncode == 0, done.stderr
    adapter = lab.adapter(**ports)
    return lab.guest(kernel=kernel, initrd=out, memory=384, nics=[adapter],
                     append=f"net.ifnames=0 {append}")


def root_mount(console):
    return next((line for line in probed(console)
                 if line.startswith("mount ")), None)


def test_iscsi_by_the_lease(lab, probe):
    start_target(lab, probe)
    dhcp(lab, f"iscsi:11.4.3.7::::{NAME}")
    console = console_of(boot(lab, "--iscsi-target", "11.4.3.7"), 120)
    assert f"target {NAME} from the lease's root-path" in console
    assert probed(console)[0].startswith("PID 1 ")
    assert root_mount(console).startswith("mount /dev/sda / ext4 ro")


def test_nfs(lab, probe):
    """By a fixed address; version 4.2, which is tried first, is refused."""
    lab.nfs(root_folder(lab.folder / "tree", probe))
    console = console_of(boot(lab, "--nfs", "11.4.3.7:/", "--ip",
                              "11.4.3.130/24", "--port", "1"), 120)
    assert "root file system from 11.4.3.7:/,vers=3" in console
    assert probed(console)[0].startswith("PID 1 ")
    assert root_mount(console).startswith("mount 11.4.3.7:/ / nfs ro")


def test_ramroot_of_the_disk(lab, probe):
    """Copied into memory; then the target goes, and nobody misses it."""
    start_target(lab, probe)
    dhcp(lab, f"iscsi:11.4.3.7::::{NAME}")
    console = console_of(boot(lab, "--ramroot"), 120)
    assert "root file system copied into memory" in console
    assert root_mount(console).startswith("mount root / tmpfs ")
    assert "Synchronizing SCSI cache" in console
    assert not lab.run("tgtadm --lld iscsi --op show --mode conn --tid 1"
                       ).stdout.strip()


def test_ramroot_of_an_archive(lab, probe):
    """From a server of files, and the address from the command line."""
    root_folder(lab.folder / "tree", probe)
    (lab.folder / "files").mkdir()
    subprocess.run(["tar", "-czf", lab.folder / "files/root.tar.gz", "-C",
                    lab.folder / "tree", "."], check=True)
    lab.http(lab.folder / "files")
    url = "http://11.4.3.7/root.tar.gz"
    console = console_of(boot(lab, "--iscsi-target", "auto", append="connectx-"
                              f"en.ip=11.4.3.130/24 connectx-en.ramroot={url}",
                              ), 120)
    assert f"root file system unpacked from {url}" in console
    assert root_mount(console).startswith("mount root / tmpfs ")


# without a machine

def entries_of(path):
    found, end = read_archive(unpack("zstd", path.read_bytes()))
    return {name: (mode, body) for name, mode, body, *_ in found}


@pytest.fixture
def out(tmp_path):
    return tmp_path / "new.img"


def test_nothing_but_what_is_needed(out):
    done = new(out, "--iscsi-target", "11.4.3.7", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["mode"] == "new" and plan["input"] is None
    names = [m["name"] for m in plan["modules"]]
    assert names.index("mlx4_core") < names.index("mlx4_en")
    assert "iscsi_tcp" in names and "nfs" not in names
    assert "8021q" not in names
    files = entries_of(out)
    assert set(files) >= {"init", "bin/busybox", "bin/sh", "connectx-en/init",
                          "connectx-en/iscsi-root", "connectx-en/target"}
    assert files["bin/sh"] == (stat.S_IFLNK | 0o777, b"busybox")
    # a parent before what is in it, or the kernel loses that
    seen = set()
    for name in files:
        assert "/" not in name or name.rsplit("/", 1)[0] in seen, name
        seen.add(name)
    assert run("mkinitrd-en", "verify", out).returncode == 0
    shown = run("mkinitrd-en", "inspect", out).stdout
    assert "mkinitrd-en --new" in shown


def test_the_same_bytes_each_time(out):
    assert new(out, "--iscsi-target", "11.4.3.7").returncode == 0
    before = out.read_bytes()
    assert new(out, "--iscsi-target", "11.4.3.7").returncode == 0
    assert out.read_bytes() == before
    assert [p.name for p in out.parent.iterdir()] == [out.name]


def test_nfs_needs_no_initiator_and_a_version_only_its_module(out):
    for options, modules in (("", {"nfsv3", "nfsv4"}),
                             (",vers=3", {"nfsv3"}),
                             (",vers=4.2", {"nfsv4"})):
        done = new(out, "--nfs", f"11.4.3.7:/srv/root{options}", "--json",
                   "--dry-run", "--initiator", "none")
        assert done.returncode == 0, done.stderr
        names = {m["name"] for m in json.loads(done.stdout)["modules"]}
        assert "nfs" in names and "iscsi_tcp" not in names
        assert names & {"nfsv3", "nfsv4"} == modules
    assert not out.exists()


def test_options_of_the_way_need_no_target(out):
    done = new(out, "--nfs", "11.4.3.7:/srv", "--vlan", "7", "--ip",
               "11.4.3.130/24")
    assert done.returncode == 0, done.stderr
    files = entries_of(out)
    assert files["connectx-en/target"][1] == b"vlan=7\nip=11.4.3.130/24\n"
    assert any(name.endswith("/8021q.ko") for name in files)


def test_secrets_and_further_modules(out, tmp_path):
    chap = tmp_path / "chap"
    chap.write_text("user\ntwelve-or-more\n")
    chap.chmod(0o600)
    done = new(out, "--iscsi-target", "auto", "--iscsi-chap", chap,
               "--module", "xfs", "--module", "squashfs")
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    names = set(entries_of(out))
    assert {name.split("/")[-1] for name in names} >= {"xfs.ko",
                                                       "squashfs.ko"}


def test_it_is_made_anew_and_not_added_to(out):
    assert new(out).returncode == 0
    before = out.read_bytes()
    for options in ((), ("--rebuild",), ("--remove",)):
        done = run("mkinitrd-en", "--modules",
                   paths.kernel(KERNEL) / "modules", *options, out)
        assert "--new" in one_line(done)
    assert out.read_bytes() == before


@pytest.mark.parametrize("options,words", [
    (("--nfs", "server:/srv"), "address"),
    (("--nfs", "11.4.3.7"), "not ADDRESS:PATH"),
    (("--nfs", "11.4.3.7:/a'b"), "quote"),
    (("--nfs", "11.4.3.7:/a b"), "blank"),
    (("--ramroot=ftp://11.4.3.7/x",), "http://"),
    (("--ramroot=http://11.4.3.7",), "which file"),
    (("--ramroot=http://11.4.3.7/x", "--nfs", "auto"), "--ramroot=URL"),
    (("--delete", "x"), "--delete needs --rebuild"),
    (("initrd.img",), "takes no initrd"),
    (("--rebuild",), "at a time"),
])
def test_wrong_usage(options, words, out):
    done = new(out, *options)
    assert done.returncode == 2 and words in done.stderr
    assert not out.exists()


def test_what_new_cannot_know(out):
    done = run("mkinitrd-en", "--new", "-o", out)
    assert done.returncode == 2 and "--kernel" in done.stderr
    done = run("mkinitrd-en", "--new", "--kernel", "6.12")
    assert done.returncode == 2 and "-o FILE" in done.stderr
    done = run("mkinitrd-en", "--nfs", "auto", out)
    assert done.returncode == 2 and "--new" in done.stderr


def test_a_shell_that_does_not_stand_alone(out, tmp_path):
    error = one_line(new(out, "--busybox", paths.ROOT / "usr/bin/ls"))
    assert "busybox-static" in error and "ld-linux" in error
    error = one_line(new(out, "--busybox", tmp_path / "none"))
    assert "busybox-static" in error
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")
    assert "no program" in one_line(new(out, "--busybox", script))
    assert not out.exists()


def test_each_program_of_the_script_has_its_link(out):
    busybox = paths.ROOT / "usr/bin/busybox"
    script = paths.REPOSITORY / "initrd/new/init.sh"
    subprocess.run([busybox, "sh", "-n", script], check=True)
    programs = subprocess.run([busybox, "--list"], check=True, text=True,
                              capture_output=True).stdout.split()
    builtin = {"echo", "[", "test", "true"}
    text = re.sub(r"^\t*#.*|exec ", "", script.read_text(),
                  flags=re.MULTILINE)
    called = set(re.findall(r"(?:^|[;&|()]|then|do)[ \t]*([a-z_0-9]+)(?= )",
                            text, re.MULTILINE)) & set(programs) - builtin
    assert {"mount", "switch_root", "wget", "cp"} <= called
    assert new(out).returncode == 0
    links = {name[4:] for name in entries_of(out) if name.startswith("bin/")}
    assert called <= links, called - links
