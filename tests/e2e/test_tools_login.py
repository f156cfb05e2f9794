# SPDX-License-Identifier: GPL-2.0-only
"""--iscsi-login native: the image's own scripts log in, told in their own way.
One of them boots here, over the virtual adapter; dracut's in tests/families."""

import json
import subprocess

import pytest

from tests.e2e import family_fixtures as families
from tests.e2e.test_tools_boot import dhcp, lab, probe
from tests.e2e.test_tools_families import (DRACUT, IQN, TARGET, do, refused,
                                           text)
from tests.e2e.test_tools_mkinitrd import programs, tree
from tests.e2e.test_tools_root import (SECRET, USER, boot, has_booted,
                                       start_target)
from tests.e2e.tools_fixtures import image, initramfs_tools, run
from tests.lab import paths

assert image and tree and programs and lab and probe  # fixtures

NATIVE = ("--iscsi-login", "native")
NAMED = (*NATIVE, *TARGET, "--iscsi-iqn", IQN)
CMDLINE = "etc/cmdline.d/91-connectx-en-root.conf"


def with_dracut(programs=("iscsiroot", "iscsiadm", "iscsid")):
    return families.image(DRACUT, initiator=programs)


def chap(tmp_path, *lines):
    path = tmp_path / "chap"
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o600)
    return path


def variables(script):
    """What a shell makes of it."""
    out = subprocess.run(["sh"], input=f"set -a\n{script}\n/usr/bin/env -0",
                         text=True, check=True, capture_output=True,
                         env={}).stdout
    return dict(word.split("=", 1) for word in out.split("\0") if word)


def test_settings_of_open_iscsi(image, tree, tmp_path):
    """What stood there stays, what is said now counts more."""
    def change(archive):
        archive.file("etc/iscsi.initramfs",
                     "ISCSI_INITIATOR=old\nISCSI_TARGET_GROUP=2", 0o600)
    secret = "twelve'or'\"$more"
    _, files = do(initramfs_tools(merged=False, change=change), image, tree,
                  *NAMED, "--iscsi-lun", "0a", "--iscsi-initiator",
                  "iqn.2007-08.com.example:me", "--iscsi-chap",
                  chap(tmp_path, "me", secret, "it", "another-secret"))
    assert files["etc/iscsi.initramfs"][0] & 0o777 == 0o600
    got = variables(text(files, "etc/iscsi.initramfs"))
    assert {name: value for name, value in got.items()
            if name.startswith("ISCSI_")} == {
                "ISCSI_HAD_ROOT": "yes", "ISCSI_TARGET_IP": "11.4.3.7",
                "ISCSI_TARGET_NAME": IQN, "ISCSI_ROOT_LUN": "10",
                "ISCSI_INITIATOR": "iqn.2007-08.com.example:me",
                "ISCSI_TARGET_GROUP": "2", "ISCSI_USERNAME": "me",
                "ISCSI_PASSWORD": secret, "ISCSI_IN_USERNAME": "it",
                "ISCSI_IN_PASSWORD": "another-secret"}
    conf = text(files, "conf/conf.d/zz-connectx-en")
    assert variables(conf)["ROOT"] == "iscsi:"
    assert variables(f"ROOT=UUID=1\n{conf}")["ROOT"] == "UUID=1"
    assert not any(name in files for name in
                   ("connectx-en/iscsi-root", "scripts/local-top/ORDER",
                    "scripts/local-top/connectx-en"))


def test_settings_of_dracut(image, tree, tmp_path):
    _, files = do(with_dracut(), image, tree, *NAMED, "--iscsi-lun", "1",
                  "--iscsi-chap", chap(tmp_path, "me", "twelve-or-more"))
    assert files[CMDLINE][0] & 0o777 == 0o600
    assert text(files, CMDLINE).split() == [
        "rd.neednet=1", "ip=dhcp", f"netroot=iscsi:11.4.3.7::3260:1:{IQN}",
        f"root=/dev/disk/by-path/ip-11.4.3.7:3260-iscsi-{IQN}-lun-1",
        "rd.iscsi.username=me", "rd.iscsi.password=twelve-or-more"]
    assert not any("hooks" in name or "iscsi-root" in name for name in files)


def test_settings_of_dracut_with_ipv6(image, tree):
    _, files = do(with_dracut(), image, tree, *NATIVE, "--iscsi-target",
                  "[fd11::7]:3261", "--iscsi-iqn", IQN)
    assert f"netroot=iscsi:[fd11::7]::3261:0:{IQN}" in text(files, CMDLINE)
    assert f"by-path/ip-[fd11::7]:3261-iscsi-{IQN}-lun-0" in \
        text(files, CMDLINE)


def test_settings_are_small(image, tree):
    """Fewer bytes than the kilobyte that they may have; ours have many more."""
    base = initramfs_tools(merged=False)

    def added(*options):
        path, _ = do(base, image, tree, *options)
        return json.loads(run("mkinitrd-en", "inspect", "--json",
                              path).stdout)["segments"][-1]["size"]
    plain = added()
    assert added(*NAMED) - plain < 1000
    assert added(*TARGET, "--iscsi-iqn", IQN) - plain > 30000


@pytest.mark.parametrize("options,word", (
    (("--iscsi-target", "auto"), "--iscsi-iqn"), (TARGET, "--iscsi-iqn"),
    ((*NAMED, "--vlan", "20"), "vlan=20"),
    ((*NAMED, "--port", "2"), "device_port=2"),
    ((*NAMED, "--ip", "11.4.3.9/24"), "ip=11.4.3.9/24"),
    ((*NAMED, "--iscsi-target", "11.4.3.8"), "target2=11.4.3.8"),
    ((*NAMED, "--iscsi-lun", "1-2"), "several levels")))
@pytest.mark.parametrize("base", (
    lambda: initramfs_tools(merged=False), with_dracut))
def test_what_they_cannot_be_told(base, options, word, image, tree):
    assert word in refused(base(), image, tree, *NATIVE, *options)


@pytest.mark.parametrize("base,options,word", (
    (lambda: initramfs_tools(merged=False, without=("local-top/iscsi",)),
     NAMED, "/scripts/local-top/iscsi"),
    (lambda: initramfs_tools(merged=False),
     (*NATIVE, "--iscsi-target", "fd11::7", "--iscsi-iqn", IQN), "IPv6"),
    (lambda: with_dracut(("iscsiadm", "iscsid")), NAMED, "module iscsi"),
    (with_dracut, (*NATIVE, "--iscsi-target", "disks.example", "--iscsi-iqn",
                   IQN), "not a name"),
    (families.shell, NAMED, "shell")))
def test_images_that_have_no_such_login(base, options, word, image, tree):
    assert word in refused(base(), image, tree, *options)


def test_no_such_login(image, tree):
    path = image(initramfs_tools())
    done = run("mkinitrd-en", *TARGET, "--iscsi-login", "ours", path)
    assert done.returncode == 2 and "iscsi-root or native" in done.stderr
    done = run("mkinitrd-en", *NATIVE, path)
    assert done.returncode == 2 and "--iscsi-target" in done.stderr


@pytest.mark.skipif(not paths.is_built(), reason="no lab: run make lab")
def test_open_iscsis_script_logs_in(lab, probe, tmp_path):
    """Without a root on the command line, and to a target that asks who is
    there."""
    start_target(lab, probe, more=f"\tincominguser {USER} {SECRET}\n")
    dhcp(lab, f"iscsi:11.4.3.7:::1:{IQN}")
    console = boot(lab, *NAMED, "--iscsi-lun", "1", "--iscsi-chap",
                   chap(tmp_path, USER, SECRET))
    assert "iscsi-root" not in console
    assert has_booted(console)
    assert SECRET not in console
