# SPDX-License-Identifier: GPL-2.0-only
"""Boots that come to their root, and boots that stop at each stage: tryboot
and mkinitrd-en --try as a user calls them."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.lab import Lab, paths

pytestmark = pytest.mark.skipif(not paths.is_built(),
                                reason="no lab: run make lab")

KERNEL = "6.12"
VMLINUZ = paths.LAB / "kernels" / KERNEL / "vmlinuz"
PLAIN = paths.LAB / "initrd" / f"initrd-{KERNEL}.img"
NAME = "iqn.2007-08.7.3.4.10:iscsiboot"
OTHER = "iqn.2020-01.com.example:other"
# A machine that has next to nothing of a busy processor
LIMIT = 900
# What does not come is not waited for long; behind what comes on a busy
# processor, longer.
SOON = ("--append", "connectx-en.link_timeout=4 connectx-en.timeout=4")
LATER = ("--append", "connectx-en.timeout=90")
COMMON = ("--kernel", VMLINUZ, "--lab", paths.LAB, "--memory", 512,
          "--limit", LIMIT)


def text_of(words):
    return [str(word) for word in words]


def environment(folder):
    return dict(os.environ, TMPDIR=str(folder), LC_ALL="C.UTF-8")


@pytest.fixture(scope="session")
def images(tmp_path_factory):
    """Images that were made once: a function of mkinitrd-en's options."""
    folder = tmp_path_factory.mktemp("images")
    made = {}

    def make(*options):
        if options not in made:
            out = folder / f"{len(made)}.img"
            subprocess.run(text_of((
                paths.binary("mkinitrd-en"), "--modules",
                paths.kernel(KERNEL) / "modules", *options, "-o", out, PLAIN)),
                check=True, capture_output=True)
            made[options] = out
        return made[options]
    return make


def nothing_left(folder):
    """No run folder, and no process that works in one."""
    runs = list(Path(folder).glob("tryboot-*/*"))
    assert runs == []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = each.read_bytes().decode(errors="replace")
        except OSError:
            continue
        assert str(folder) not in words or "pytest" in words, words


def tryboot(folder, image, *options):
    """The JSON of a boot; its exit status is in it too."""
    done = subprocess.run(text_of((
        paths.binary("tryboot"), *COMMON, "--json", *options, image)),
        capture_output=True, text=True, check=False, timeout=LIMIT + 60,
        env=environment(folder))
    assert done.stderr == "", done.stderr
    result = json.loads(done.stdout)
    assert done.returncode == result["status"]
    nothing_left(folder)
    return result


def states(result):
    return {stage["name"]: stage["state"] for stage in result["stages"]}


def test_root_is_mounted(images, tmp_path):
    """All that is written: JSON, report, capture, logs."""
    report, capture, logs = (tmp_path / name for name in
                             ("report.html", "port.pcap", "logs"))
    result = tryboot(tmp_path, images("--iscsi-target", "11.4.3.7"),
                     "--report", report, "--pcap", capture, "--keep", logs)
    assert result["status"] == 0 and result["mounted"], result
    assert result["root"] == {"device": "/dev/sda", "type": "ext4"}
    assert set(states(result).values()) == {"done"}
    times = [stage["end"] for stage in result["stages"]]
    assert times == sorted(times) and times[-1] <= result["seconds"]
    # little-endian, or big, with microseconds or nanoseconds
    assert capture.read_bytes()[:4].hex() in ("d4c3b2a1", "a1b2c3d4",
                                              "4d3cb2a1", "a1b23c4d")
    assert b"iqn.2007-08" in capture.read_bytes()
    console = (logs / "machine.console.log").read_text(errors="replace")
    assert "tryboot: root mounted" in console
    assert (logs / "adapter.trace").stat().st_size
    text = report.read_text()
    assert "Root mounted after" in text and "port.pcap" in text
    assert "Attached SCSI disk" in text


# name, mkinitrd-en's options or None (an image without drivers), tryboot's,
# where it stops, words of the reason and the hint
ROWS = (
    ("no-drivers", None, (), "init", "no ConnectX driver"),
    ("link-down", (), ("--without", "link", *SOON), "link", "no port had"),
    ("no-dhcp", (), ("--without", "dhcp", *SOON), "address", "no lease"),
    ("wrong-name", ("--iscsi-iqn", NAME), ("--iscsi-iqn", OTHER, *SOON),
     "login", f"the target is {OTHER}"),
    ("no-target", ("--iscsi-iqn", NAME), ("--without", "target", *SOON),
     "login", "login refused"),
    ("no-lun", ("--iscsi-iqn", NAME), ("--without", "lun", *LATER), "disk",
     "LUN not there"),
    ("no-root", (), ("--without", "root", *LATER), "root", "no root"),
)
# The statuses, as the man page has them
STATUS = {"init": 13, "link": 15, "address": 16, "login": 17, "disk": 18,
          "root": 19}
SHORT = ("link-down",)


@pytest.mark.parametrize("options,more,stage,why", [
    pytest.param(*row[1:], id=row[0],
                 marks=() if row[0] in SHORT else pytest.mark.long)
    for row in ROWS])
def test_it_stops(images, tmp_path, options, more, stage, why):
    """Each at its stage, with that status, a reason and a hint."""
    image = PLAIN if options is None else \
        images("--iscsi-target", "11.4.3.7", *options)
    result = tryboot(tmp_path, image, *more)
    assert result["stopped_at"] == stage, result
    assert result["status"] == STATUS[stage] and not result["mounted"]
    assert why in result["why"] and result["hint"]
    found = states(result)
    assert found[stage] == "stopped"
    assert list(found.values()).count("stopped") == 1
    assert result["last_lines"]
    assert result["seconds"] < LIMIT


@pytest.mark.long
def test_the_images_own_settings(images, tmp_path):
    """Port 2, a fixed address, a target beyond a router, another LUN: all of
    it is made as the image asks for it; with the user and secret, both ways.
    The firmware is UEFI's."""
    chap = tmp_path / "chap"
    chap.touch(0o600)
    chap.write_text("joe\nsecretsecret\nfox\nsecretofthefox\n")
    image = images("--iscsi-target", "10.99.7.3:3261", "--iscsi-iqn", OTHER,
                   "--iscsi-lun", "a", "--port", "2", "--ip",
                   "10.98.0.20/24,10.98.0.1", "--iscsi-chap", chap)
    result = tryboot(tmp_path, image, "--firmware", "uefi", "--iscsi-chap",
                     chap)
    assert result["status"] == 0, result
    assert "10.99.7.3::3261:a:" in result["settings"]["root-path"]
    assert result["settings"]["MAC address"] == "00:02:c9:00:00:bc"


@pytest.mark.long
def test_the_wrong_secret(images, tmp_path):
    """The target says no to what the image has."""
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    for path, secret in (right, "secretsecret"), (wrong, "anothersecret"):
        path.touch(0o600)
        path.write_text(f"joe\n{secret}\n")
    image = images("--iscsi-target", "11.4.3.7", "--iscsi-iqn", NAME,
                   "--iscsi-chap", wrong)
    result = tryboot(tmp_path, image, "--iscsi-chap", right, *SOON)
    assert result["stopped_at"] == "login", result
    assert "--iscsi-chap" in result["hint"]


@pytest.mark.long
@pytest.mark.parametrize("make", ("plain", "systemd"))
def test_an_image_of_dracut(make, tmp_path):
    image = tmp_path / "dracut.img"
    subprocess.run(text_of((
        paths.binary("mkinitrd-en"), "--modules",
        paths.kernel(KERNEL) / "modules", "--iscsi-target", "11.4.3.7", "-o",
        image, paths.LAB / "dracut" / f"{make}-{KERNEL}.img")),
        check=True, capture_output=True)
    result = tryboot(tmp_path, image, "--memory", 1024)
    assert result["status"] == 0, result
    assert result["settings"]["image's make"] == "dracut"


@pytest.mark.long
def test_a_disk_of_the_users_own(images, tmp_path):
    """A copy of it is booted; it stays as it is."""
    disk = paths.LAB / "rootdisk" / "rootdisk.img"
    before = disk.stat().st_mtime_ns
    result = tryboot(tmp_path, images("--iscsi-target", "11.4.3.7"),
                     "--disk", disk, "--memory", "768")
    assert result["status"] == 0, result
    assert disk.stat().st_mtime_ns == before


def mkinitrd(folder, image, *words):
    return subprocess.run(text_of((
        paths.binary("mkinitrd-en"), "--modules",
        paths.kernel(KERNEL) / "modules", "--iscsi-target", "11.4.3.7",
        "--try", image, "--", *COMMON, *words)),
        capture_output=True, text=True, check=False, timeout=LIMIT + 60,
        env=environment(folder))


@pytest.mark.parametrize("words,statuses", (
    # firmware and kernel need longer than that
    pytest.param(("--limit", 2), (11, 12), id="no-time"),
    pytest.param(("--without", "link", *SOON), (15,), id="no-link",
                 marks=pytest.mark.long)))
def test_only_what_boots_is_put_into_place(tmp_path, words, statuses):
    """mkinitrd-en --try of an image that stops: its status, and no change."""
    image = tmp_path / "initrd.img"
    shutil.copy(PLAIN, image)
    before = image.read_bytes()
    done = mkinitrd(tmp_path, image, *words)
    assert done.returncode in statuses, done.stderr
    assert "stopped at" in done.stderr
    assert "nothing is changed" in done.stderr
    assert image.read_bytes() == before
    assert [path.name for path in tmp_path.glob("initrd*")] == ["initrd.img"]
    nothing_left(tmp_path)


@pytest.mark.long
def test_what_boots_is_put_into_place(tmp_path):
    image = tmp_path / "initrd.img"
    shutil.copy(PLAIN, image)
    done = mkinitrd(tmp_path, image)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "" and "root mounted after" in done.stderr
    assert image.stat().st_size > PLAIN.stat().st_size
    assert (tmp_path / "initrd.img.orig").read_bytes() == PLAIN.read_bytes()


@pytest.mark.parametrize("number,status", ((signal.SIGINT, 130),
                                           (signal.SIGTERM, 143)))
def test_a_signal_leaves_nothing_behind(tmp_path, number, status):
    # As a terminal's programs have it: a shell's background jobs ignore SIGINT
    process = subprocess.Popen(text_of((
        paths.binary("tryboot"), *COMMON, PLAIN)), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment(tmp_path),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    try:
        # The machine is on.
        assert "power-on" in process.stdout.readline()
        time.sleep(0.5)
        process.send_signal(number)
        assert process.wait(30) == status, process.stderr.read()
    finally:
        process.kill()
        process.communicate()
    nothing_left(tmp_path)


def test_a_mkinitrd_that_is_killed_ends_its_boot(tmp_path):
    image = tmp_path / "initrd.img"
    shutil.copy(PLAIN, image)
    process = subprocess.Popen(text_of((
        paths.binary("mkinitrd-en"), "--modules",
        paths.kernel(KERNEL) / "modules", "--try", image, "--", *COMMON)),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=environment(tmp_path))
    try:
        while "power-on" not in process.stderr.readline():
            assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    # tryboot is told by the kernel that nobody waits for it any more.
    process.stderr.read()
    nothing_left(tmp_path)
    assert image.read_bytes() == PLAIN.read_bytes()


@pytest.mark.parametrize("settings", (
    ("--iscsi-target", "[fd12:3:4::7]:3262", "--iscsi-iqn", OTHER),
    ("--iscsi-target", "10.0.0.150", "--mtu", "9000")), ids=("ipv6", "mtu"))
def test_networks_of_other_kinds(images, tmp_path, settings):
    """They are made: the servers start, and so does the machine."""
    result = tryboot(tmp_path, images(*settings), "--limit", 1, "--keep",
                     tmp_path / "logs")
    assert result["status"] == 11 and states(result)["power"] == "done"
    said = (next((tmp_path / "logs").glob("dnsmasq-*.log"))).read_text()
    assert "router advertisement on fd12:3:4::" in said or \
        "IP range 10.0.0.20 -- 10.0.0.99" in said


def test_a_vlan_where_the_host_has_them(images, tmp_path):
    """The network is in it, or a line says what the host's kernel lacks."""
    done = subprocess.run(text_of((
        paths.binary("tryboot"), *COMMON, "--limit", 1,
        images("--iscsi-target", "10.0.0.150", "--vlan", "7"))),
        capture_output=True, text=True, check=False,
        env=environment(tmp_path))
    if done.returncode == 1:
        assert "no VLAN 7" in done.stderr and "8021q" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    else:
        assert done.returncode == 11, done.stderr
    nothing_left(tmp_path)


def test_a_rom_that_is_none(images, tmp_path):
    """The machine boots from the adapter's ROM, or not at all."""
    rom = tmp_path / "zeros.rom"
    rom.write_bytes(bytes(65536))
    result = tryboot(tmp_path, images("--iscsi-target", "11.4.3.7"),
                     "--rom", rom)
    assert (result["status"], result["stopped_at"]) == (11, "firmware")
    assert "nothing to boot" in result["why"]


# with next to no boot, or none

def test_without_a_lab(images, tmp_path):
    """All programs are in PATH, as where it is installed: here, in the lab's
    own root, which lacks only what our programs are linked with."""
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    for name in ("connectx-adapter", "mkinitrd-en"):
        said = subprocess.run(["ldd", paths.binary(name)], check=True,
                              capture_output=True, text=True).stdout
        for path in re.findall(r"=> (/\S+)", said):
            if not re.search(r"/(libc|libm|ld-linux)[.-]", path):
                shutil.copy(path, libraries)
    image = images("--iscsi-target", "11.4.3.7")
    with Lab(network=False) as lab:
        done = lab.run(text_of((
            "python3", paths.binary("tryboot"), "--json", "--limit", 1,
            "--kernel", VMLINUZ, "--keep", tmp_path / "logs", image)),
            check=False, timeout=120, env={
                "LD_LIBRARY_PATH": str(libraries), "TMPDIR": str(tmp_path)})
    assert done.stderr == ""
    result = json.loads(done.stdout)
    assert done.returncode == result["status"] == 11
    assert result["stages"][0]["state"] == "done"
    assert result["ended"] == "the limit of 1 s ran out"
    assert result["settings"]["image's make"] == "initramfs-tools"
    for log in ("tgtd.log", "dnsmasq-tap1.log", "port.pcap"):
        assert (tmp_path / "logs" / log).stat().st_size, log
    nothing_left(tmp_path)


def fails(status, *words, **options):
    done = subprocess.run(text_of((paths.binary("tryboot"), *words)),
                          capture_output=True, text=True, check=False,
                          **options)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("words,said", (
    ((), "IMAGE"),
    (("/nowhere/initrd.img",), "/nowhere/initrd.img: No such file"),
    (("--port", "3", PLAIN), "--port"),
    (("--iscsi-lun", "0", PLAIN), "LUN from 1 to ff"),
    (("--iscsi-target", "a:b", PLAIN), "a:b: an address"),
    (("--without", "luck", PLAIN), "luck"),
    (("--limit", "-1", PLAIN), "a number from 1"),
))
def test_wrong_usage(words, said):
    assert said in fails(2, *words)


def test_which_kernel(tmp_path):
    said = fails(1, "--lab", paths.LAB, PLAIN)
    assert "--kernel" in said
    assert paths.kernel_version(KERNEL) in said


def test_what_is_missing_is_named(tmp_path):
    """No program of a boot in PATH, and no lab."""
    alone = tmp_path / "bin" / "tryboot"
    alone.parent.mkdir()
    shutil.copy(paths.binary("tryboot"), alone)
    done = subprocess.run(
        ["/usr/bin/python3", alone, PLAIN], capture_output=True, text=True,
        check=False, cwd=tmp_path, env={"PATH": "/nowhere"})
    assert done.returncode == 1
    if "missing here" in done.stderr:
        for package in ("qemu-system-x86", "dnsmasq-base", "tgt"):
            assert f"package {package}" in done.stderr or \
                shutil.which({"dnsmasq-base": "dnsmasq", "tgt": "tgtd"}.get(
                    package, "qemu-system-x86_64"))
    else:
        assert "connectx-adapter is neither" in done.stderr


def test_outputs_are_checked_first(tmp_path):
    said = fails(1, *COMMON, "--report", tmp_path / "no" / "report.html",
                 PLAIN)
    assert "cannot be written" in said


def test_try_needs_an_image():
    """What cannot be booted is refused before anything is done."""
    for words, said in (
            (("--try", "--dry-run", PLAIN), "--dry-run"),
            (("--try", "--overlay-only", "x", PLAIN), "--overlay-only"),
            (("--try-only", "--try", PLAIN), "--try-only"),
            ((PLAIN, "--", "more"), "one initrd")):
        done = subprocess.run(text_of((paths.binary("mkinitrd-en"), *words)),
                              capture_output=True, text=True, check=False)
        assert done.returncode == 2 and said in done.stderr
