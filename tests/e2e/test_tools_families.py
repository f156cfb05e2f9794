# SPDX-License-Identifier: GPL-2.0-only
"""mkinitrd-en on images of every make: which it takes them for, what it puts
in, in which of the three ways the drivers load. No machine is booted here."""

import json
import os
import shutil
import stat
import subprocess

import pytest

from tests.e2e import family_fixtures as families
from tests.e2e import tools_fixtures as fixtures
from tests.e2e.test_tools_mkinitrd import added, programs, tree, untouched
from tests.e2e.tools_fixtures import (KERNEL, image, initramfs_tools, mkinitrd,
                                      one_line, pack, run)

assert image and tree and programs  # fixtures

IQN = "iqn.2007-08.7.3.4.10:iscsiboot"
TARGET = ("--iscsi-target", "11.4.3.7")
MODULES = ("pps_core", "ptp", "mlx4_core", "mlx4_en")

DRACUT = {"init": ("#!/bin/sh\nmount -t proc proc /proc\n", 0o755),
          "usr/lib/dracut-lib.sh": ("true\n", 0o644),
          "usr/lib/dracut/hooks/cmdline/01-x.sh": ("true\n", 0o644)}

MAKES = {
    "initramfs-tools": lambda **more: initramfs_tools(merged=False, **more),
    "dracut": lambda **more: families.image(DRACUT, **more),
    "suse-mkinitrd": families.sles10,
    "mkinitcpio": lambda **more: families.image(families.MKINITCPIO, **more),
    "mkinitfs": lambda **more: families.image(families.MKINITFS, **more),
    "booster": lambda **more: families.image(families.BOOSTER, **more),
    "debian-installer": lambda **more: families.image(families.INSTALLER,
                                                      **more),
    "systemd": families.systemd,
    "shell": families.shell,
    "other": families.other,
}


def do(base, image, tree, *options, packer="gzip"):
    """The image that was written, and its new files by name: (mode, body)."""
    path = image(pack(packer, base))
    before = path.read_bytes()
    done = mkinitrd(path, tree, *options)
    assert done.returncode == 0, done.stderr
    verified = run("mkinitrd-en", "verify", path)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    return path, {name: (mode, body) for name, mode, body, *_ in
                  added(before, path, packer)}


def refused(base, image, tree, *options):
    """The one line that says why, the image being as it was."""
    path = image(pack("gzip", base))
    before = path.read_bytes()
    error = one_line(mkinitrd(path, tree, *options))
    untouched(path, before)
    return error


def text(files, name):
    return files[name][1].decode()


def inserted(path):
    return json.loads(run("mkinitrd-en", "inspect", "--json",
                          path).stdout)["inserted"]


# which is which

@pytest.mark.parametrize("make", MAKES)
def test_knows_the_make(make, image, tree):
    path = image(pack("gzip", MAKES[make]()))
    plan = json.loads(mkinitrd(path, tree, *TARGET, "--dry-run",
                               "--json").stdout)
    assert plan["family"] == make
    assert plan["load"]["by"] == ("insmod" if make == "suse-mkinitrd" else
                                  "wrapper")
    shown = json.loads(run("mkinitrd-en", "inspect", "--json", path).stdout)
    assert shown["family"] == make
    # and again when our own program is /init
    assert mkinitrd(path, tree, *TARGET).returncode == 0
    shown = json.loads(run("mkinitrd-en", "inspect", "--json", path).stdout)
    assert shown["family"] == make


def test_no_init_is_refused(image, tree):
    base = families.image({"etc/x": ("", 0o644)})
    assert "no /init" in refused(base, image, tree)


# SUSE mkinitrd

def test_the_manuals_patch(image, tree):
    """The address before the if, the drivers behind the initiator's."""
    _, files = do(families.sles10(), image, tree, "--iscsi-target",
                  "11.4.3.7", "--iscsi-iqn", IQN, "--iscsi-initiator",
                  "iqn.2007-08.com.example:me")
    lines = text(files, "init").splitlines()
    test = lines.index('    if [ "$iSCSI_TARGET_IPADDR" ] ; then')
    assert lines[test - 2:test] == ["    iSCSI_TARGET_IPADDR='11.4.3.7'",
                                    f"    iSCSI_TARGET_NAME='{IQN}'"]
    begin = lines.index("# mkinitrd-en: begin")
    assert lines[begin - 1] == "done"
    assert lines[begin + 1].startswith("echo ")
    assert [line.split()[:2] for line in lines[begin + 2:begin + 6]] == [
        ["/sbin/insmod", f"/connectx-en/{KERNEL}/{name}.ko"]
        for name in MODULES]
    assert files["etc/initiatorname.iscsi"][1] == \
        b"InitiatorName=iqn.2007-08.com.example:me\n"
    # nothing else of the script has changed
    ours = {line for line in lines if line.startswith("/sbin/insmod") or
            "mkinitrd-en" in line or "loading Mellanox" in line or
            line.startswith("    iSCSI_TARGET_")}
    assert [line for line in lines if line not in ours] == \
        families.SLES10_INIT.splitlines()
    assert "connectx-en/iscsi-root" not in files


def test_what_the_patched_script_does(image, tree, tmp_path):
    """bash runs it, its programs being traps that tell what they are given."""
    path, files = do(families.sles10(), image, tree, *TARGET)
    script = text(files, "init").replace(". /etc/initiatorname.iscsi", "")
    script = script.replace("/sbin/insmod", "insmod").replace(
        "/sbin/modprobe", "modprobe")
    traps = "".join(f'{name}() {{ echo "{name} $*"; }}\n' for name in
                    ("insmod", "modprobe", "mount", "udev_discover_root"))
    (tmp_path / "init").write_text(traps + script)
    done = subprocess.run(["bash", tmp_path / "init"], text=True,
                          capture_output=True, check=True)
    lines = [line.strip() for line in done.stdout.splitlines()
             if line.startswith(("insmod", "modprobe i", "login"))]
    assert lines == ["modprobe iscsi_tcp", "modprobe iscsi_tcp",
                     *(f"insmod /connectx-en/{KERNEL}/{n}.ko"
                       for n in (*MODULES, "iscsi_tcp", "sd_mod")),
                     "login 11.4.3.7 3260"]
    assert inserted(path)["hook"] == "init"


@pytest.mark.parametrize("test", (
    '[ -n "$iSCSI_TARGET_IPADDR" ]', '[ ! -z "${iSCSI_TARGET_IPADDR}" ]',
    'test -n "$iSCSI_TARGET_IPADDR"', '[[ $iSCSI_TARGET_IPADDR ]]'))
def test_other_words_for_the_same_test(test, image, tree):
    init = families.SLES10_INIT.replace('[ "$iSCSI_TARGET_IPADDR" ]', test)
    _, files = do(families.sles10(init), image, tree, *TARGET)
    lines = text(files, "init").splitlines()
    at = next(i for i, line in enumerate(lines) if test in line)
    assert lines[at - 1].strip() == "iSCSI_TARGET_IPADDR='11.4.3.7'"


def test_no_place_for_the_target_changes_nothing(image, tree):
    init = families.SLES10_INIT.replace("iSCSI_TARGET_IPADDR", "SERVER")
    init = init.replace("TargetAddress", "server")
    error = refused(families.sles10(init), image, tree, *TARGET)
    assert "/init: found neither" in error and "nothing is changed" in error


def test_no_place_for_insmod_changes_nothing(image, tree):
    init = '#!/bin/bash\necho "$iSCSI_TARGET_IPADDR"\nexec /sbin/x\n'
    error = refused(families.sles10(init), image, tree)
    assert "nothing is changed" in error and "--load wrapper" in error


def test_sles11_network_before_the_initiator(image, tree):
    _, files = do(families.sles11(), image, tree, "--iscsi-target",
                  "11.4.3.7:3261", "--iscsi-iqn", IQN)
    iscsi = text(files, "boot/08-iscsi.sh").splitlines()
    assert iscsi[3:6] == ["TargetAddress='11.4.3.7'", "TargetPort='3261'",
                          f"TargetName='{IQN}'"]
    network = text(files, "boot/05-network.sh").splitlines()
    assert network[3] == "# mkinitrd-en: begin"
    assert network[-1] == "echo network"
    assert "init" not in files


def test_sles_by_the_wrapper(image, tree):
    """The script that was patched is the one that our program starts."""
    path, files = do(families.sles10(), image, tree, *TARGET, "--load",
                     "wrapper")
    assert "iSCSI_TARGET_IPADDR='11.4.3.7'" in text(files, "connectx-en/init")
    assert "insmod" not in text(files, "connectx-en/init")
    assert files["init"][1][:4] == b"\x7fELF"
    assert inserted(path)["load"] == "wrapper"


@pytest.mark.parametrize("options, words", (
    (("--ip", "11.4.3.130/24"), "ip cannot be said"),
    (("--vlan", "5"), "vlan cannot be said"),
    (("--iscsi-lun", "2"), "every LUN"),
    (("--iscsi-target", "11.4.3.8"), "target2 cannot be said")))
def test_what_sles_cannot_be_told(options, words, image, tree):
    assert words in refused(families.sles10(), image, tree, *TARGET, *options)


def test_sles_needs_its_own_initiator(image, tree):
    base = families.sles10(initiator=())
    assert "mkinitrd -f iscsi" in refused(base, image, tree, *TARGET)


def test_a_kernel_before_2_6_18_needs_rebuild(image, tmp_path):
    old = "2.6.16.60-0.21-smp"
    tree = fixtures.module_tree(tmp_path / "old", kernel=old)
    base = families.sles10(kernel=old)
    assert "--rebuild" in refused(base, image, tree, *TARGET)
    path = image(pack("gzip", base))
    assert mkinitrd(path, tree, *TARGET, "--rebuild").returncode == 0
    done = run("mkinitrd-en", "inspect", "--files", path)
    assert "suse-mkinitrd" in done.stdout


# before an init that knows nothing

@pytest.mark.parametrize("make", ("mkinitfs", "booster", "debian-installer",
                                  "shell", "other"))
def test_the_disk_comes_first(make, image, tree):
    path, files = do(MAKES[make](), image, tree, *TARGET, "--iscsi-iqn", IQN,
                     "--ip", "11.4.3.130/24")
    assert files["connectx-en/early"] == (stat.S_IFREG | 0o644, b"")
    assert files["connectx-en/iscsi-root"][1][:4] == b"\x7fELF"
    load = text(files, f"connectx-en/{KERNEL}/load").splitlines()
    # no modprobe runs that early
    assert load[-2:] == [f"/connectx-en/{KERNEL}/iscsi_tcp.ko",
                         f"/connectx-en/{KERNEL}/sd_mod.ko"]
    assert inserted(path)["hook"] == "init"


@pytest.mark.parametrize("way", ("native", "insmod"))
def test_drivers_late_and_disk_early_do_not_go_together(way, image, tree):
    error = refused(MAKES["mkinitfs"](), image, tree, *TARGET, "--load", way)
    assert "--load wrapper" in error


def test_a_large_program_as_init_is_moved(image, tree):
    body = "\x7fELF" + "x" * (5 << 20)
    base = families.image({"init": (body, 0o755)})
    _, files = do(base, image, tree, *TARGET)
    assert files["connectx-en/init"][1] == body.encode()


# hooks

def test_mkinitcpios_hook(image, tree, tmp_path):
    _, files = do(MAKES["mkinitcpio"](), image, tree, *TARGET)
    config = tmp_path / "config"
    config.write_text(text(files, "config"))
    done = subprocess.run(["sh", "-c", f'. {config}; echo "$HOOKS/$MODULES"'],
                          text=True, capture_output=True, check=True)
    assert done.stdout == "udev connectx-en/ext4\n"
    assert files["hooks/connectx-en"][0] == stat.S_IFREG | 0o755
    assert subprocess.run(["sh", "-n"], input=files["hooks/connectx-en"][1],
                          check=True).returncode == 0


def test_systemds_units(image, tree):
    _, files = do(families.systemd(), image, tree, *TARGET)
    units = "etc/systemd/system"
    assert files[f"{units}/initrd-root-device.target.wants/"
                 "connectx-en-disk.service"][1] == b"../connectx-en-disk.service"
    assert files[f"{units}/initrd-root-fs.target.requires/"
                 "connectx-en-root.service"][1] == b"../connectx-en-root.service"
    assert "ConditionKernelCommandLine=!root\n" in text(
        files, f"{units}/connectx-en-root.service")
    assert "connectx-en/early" not in files
    assert f"{units}/iscsid.service" not in files


@pytest.mark.parametrize("make", (families.systemd, lambda **more:
                                  families.image(
                                      {**DRACUT, "usr/lib/systemd/systemd":
                                       ("\x7fELF", 0o755)}, **more)),
                         ids=("systemd", "dracut"))
def test_iscsids_unit_waits_for_no_network(make, image, tree):
    base = make(initiator=("iscsiadm", "iscsid"))
    _, files = do(base, image, tree, *TARGET)
    unit = text(files, "etc/systemd/system/iscsid.service")
    assert "network" not in unit.partition("[Unit]")[2]
    assert "\nExecStart=iscsid -f\n" in unit


# --load native

def lay_out(path, folder):
    """The files of all segments, as GNU cpio unpacks them."""
    folder.mkdir()
    plan = json.loads(run("mkinitrd-en", "inspect", "--json", path).stdout)
    data = path.read_bytes()
    for s in plan["segments"]:
        segment = data[s["offset"]:s["offset"] + s["size"]]
        subprocess.run(["cpio", "-idu", "--quiet"], cwd=folder, check=False,
                       input=fixtures.unpack(s["compression"], segment),
                       capture_output=True)
    return folder


def paths_of(folder, name):
    """What kmod's own modprobe would load."""
    modprobe = shutil.which("modprobe", path="/usr/sbin:/sbin:" +
                            os.environ["PATH"])
    done = subprocess.run([modprobe, "-d", folder, "-S", KERNEL,
                           "--show-depends", name], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return [line.split()[1].split(f"{KERNEL}/")[1]
            for line in done.stdout.splitlines()]


NATIVE = {"initramfs-tools": "conf/modules",
          "dracut": "etc/cmdline.d/90-connectx-en.conf",
          "mkinitcpio": "config", "mkinitfs": "etc/modules",
          "systemd": "etc/modules-load.d/connectx-en.conf"}


@pytest.mark.parametrize("make", NATIVE)
def test_native_is_found_by_modprobe(make, image, tree, tmp_path):
    path, files = do(MAKES[make](), image, tree, "--load", "native")
    said = text(files, NATIVE[make]).replace(",", " ").replace("=", " ")
    assert [w.strip('"') for w in said.split()][-4:] == list(MODULES)
    folder = lay_out(path, tmp_path / "out")
    assert paths_of(folder, "mlx4_en") == [f"updates/{name}.ko"
                                           for name in MODULES]
    shown = inserted(path)
    assert (shown["load"], shown["hook"]) == ("native", NATIVE[make])
    assert [load["path"] for load in shown["loads"]] == [
        f"lib/modules/{KERNEL}/updates/{name}.ko" for name in MODULES]
    assert "init" not in files


def test_native_with_a_target(image, tree):
    path, files = do(MAKES["initramfs-tools"](), image, tree, *TARGET,
                     "--load", "native")
    assert text(files, "conf/modules").split() == [*MODULES, "iscsi_tcp",
                                                   "sd_mod"]
    assert "/scripts/local-top/connectx-en " in text(
        files, "scripts/local-top/ORDER")


OLD_DEP = """\
kernel/ptp.ko.xz: kernel/pps-core.ko.xz
kernel/pps-core.ko.xz:
kernel/mlx4_core.ko.xz: kernel/ptp.ko.xz kernel/pps-core.ko.xz
kernel/mlx4_ib.ko.xz: kernel/mlx4_core.ko.xz kernel/ptp.ko.xz kernel/pps-core.ko.xz
kernel/ext9.ko.xz: kernel/jbd9.ko.xz
kernel/jbd9.ko.xz:
"""


def test_native_leads_others_to_the_new_drivers(image, tree, tmp_path):
    """What was listed stays listed; what needs one of ours, needs ours. (The
    names are none that this machine has loaded: modprobe passes those over.)"""
    base = families.systemd(dep=OLD_DEP)
    path, files = do(base, image, tree, "--load", "native")
    dep = text(files, f"lib/modules/{KERNEL}/modules.dep").splitlines()
    assert "kernel/ext9.ko.xz: kernel/jbd9.ko.xz" in dep
    assert ("kernel/mlx4_ib.ko.xz: updates/mlx4_core.ko updates/ptp.ko"
            " updates/pps_core.ko") in dep
    assert len(dep) == 7
    folder = lay_out(path, tmp_path / "out")
    (folder / "lib/modules" / KERNEL / "kernel").mkdir()
    for name in ("ext9", "jbd9", "mlx4_ib"):
        (folder / f"lib/modules/{KERNEL}/kernel/{name}.ko.xz").touch()
    assert paths_of(folder, "ext9") == ["kernel/jbd9.ko.xz",
                                        "kernel/ext9.ko.xz"]
    assert paths_of(folder, "mlx4_ib")[-2:] == ["updates/mlx4_core.ko",
                                                "kernel/mlx4_ib.ko.xz"]


def test_the_index_is_depmods(image, tree, tmp_path):
    """Byte by byte, where the files are the same."""
    folder = tree / "lib/modules" / KERNEL
    base = families.systemd(dep=(folder / "modules.dep").read_text())
    path, files = do(base, image, tree, "--load", "native")
    out = lay_out(path, tmp_path / "out")
    ours = out / "lib/modules" / KERNEL
    dep = (ours / "modules.dep").read_text()
    index = (ours / "modules.dep.bin").read_bytes()
    (ours / "kernel").mkdir(exist_ok=True)
    for name in ("iscsi_tcp", "sd_mod"):
        shutil.copy(folder / f"kernel/{name}.ko", ours / "kernel")
    (ours / "modules.order").write_text("".join(
        line.split(":")[0] + "\n" for line in dep.splitlines()))
    subprocess.run(["depmod", "-b", out, KERNEL], check=True,
                   capture_output=True,
                   env=dict(os.environ, PATH="/usr/sbin:/sbin:/usr/bin:/bin"))
    assert sorted((ours / "modules.dep").read_text().splitlines()) == \
        sorted(dep.splitlines())
    if (ours / "modules.dep").read_text() == dep:
        assert (ours / "modules.dep.bin").read_bytes() == index


def test_a_damaged_modules_dep_is_refused(image, tree):
    base = families.systemd(dep="kernel/a.ko:\nnothing\n")
    error = refused(base, image, tree, "--load", "native")
    assert "modules.dep, line 2" in error


def test_boosters_list(image, tree):
    path, files = do(MAKES["booster"](), image, tree, "--load", "native")
    assert text(files, "etc/booster.init.yaml") == (
        "moduledependencies:\n"
        "    ptp:\n        - pps_core\n"
        "    mlx4_core:\n        - ptp\n"
        "    mlx4_en:\n        - mlx4_core\n"
        "    ext4:\n        - jbd2\n"
        "modulesforceload:\n"
        "    - pps_core\n    - ptp\n    - mlx4_core\n    - mlx4_en\n"
        "    - ext4\n"
        "kernel: 6.1\n")
    assert "usr/lib/modules/mlx4_en.ko" in files
    assert len(inserted(path)["loads"]) == 4


def test_booster_with_a_list_in_one_line(image, tree):
    files = dict(families.BOOSTER)
    files["etc/booster.init.yaml"] = ("modulesforceload: [ext4]\n", 0o644)
    error = refused(families.image(files), image, tree, "--load", "native")
    assert "modulesforceload:" in error and "nothing is changed" in error


@pytest.mark.parametrize("make", ("shell", "other", "debian-installer",
                                  "suse-mkinitrd"))
def test_native_where_there_is_none(make, image, tree):
    error = refused(MAKES[make](), image, tree, "--load", "native")
    assert "no list of modules" in error and "--load wrapper" in error


# --load insmod

@pytest.mark.parametrize("init, line", (
    # behind what loads a module on the outermost level, an operator at its end
    (families.SHELL_INIT, 9),
    # a mount, where nothing is loaded; not the one in a block
    (families.SHELL_INIT.replace("modprobe ext4 ||", "true ||"), 4),
    # not in a here-document, not in a text of several lines
    ("#!/bin/sh\nmount proc /proc -t proc\ncat <<-X\n\tmodprobe a\n\tX\n"
     "echo 'a\nmodprobe b\n'\nexec x\n", 3),
    # no newline at its end
    ("#!/bin/sh\nmodprobe ext4", 3)))
def test_insmods_lines_go_where_the_script_loads(init, line, image, tree):
    path, files = do(families.shell(init), image, tree, "--load", "insmod")
    lines = text(files, "init").splitlines()
    assert lines[line - 1] == "# mkinitrd-en: begin"
    assert "mlx4_en.ko ||" in lines[line + 4]
    assert subprocess.run(["sh", "-n"], text=True,
                          input=text(files, "init")).returncode == 0
    shown = run("mkinitrd-en", "inspect", path).stdout
    assert "loaded by   insmod" in shown and "hook        init" in shown


def test_insmod_prints_where(image, tree):
    path = image(pack("gzip", families.shell()))
    done = mkinitrd(path, tree, "--load", "insmod", "--dry-run")
    assert "load      insmod, by /init from line 9 on" in done.stdout
    plan = json.loads(mkinitrd(path, tree, "--load", "insmod", "--dry-run",
                               "--json").stdout)
    assert plan["load"] == {"by": "insmod", "hook": "init", "line": 9}


def test_insmod_needs_insmod(image, tree):
    base = families.shell(programs=())
    assert "has no insmod" in refused(base, image, tree, "--load", "insmod")


def test_insmod_needs_a_script(image, tree):
    error = refused(families.other(), image, tree, "--load", "insmod")
    assert "is no script" in error


def test_an_unknown_way(image, tree):
    path = image(pack("gzip", families.shell()))
    done = mkinitrd(path, tree, "--load", "magic")
    assert done.returncode == 2
    assert "one of wrapper, native and insmod" in done.stderr


# what verify sees

@pytest.mark.parametrize("way, hook, words", (
    ("insmod", "init", "brings another /init"),
    ("native", "etc/modules", "brings another /etc/modules")))
def test_verify_sees_a_hook_that_was_replaced(way, hook, words, image, tree):
    path, _ = do(MAKES["mkinitfs"](), image, tree, "--load", way)
    a = fixtures.Archive().file(hook, "#!/bin/sh\n", 0o755)
    path.write_bytes(path.read_bytes() + pack("gzip", a.end()))
    done = run("mkinitrd-en", "verify", path)
    assert done.returncode == 1
    assert words in done.stdout + done.stderr


@pytest.mark.parametrize("make", MAKES)
def test_rebuilt_and_removed(make, image, tree):
    """A second run starts from what was; --remove leads back to it."""
    base = pack("gzip", MAKES[make]())
    path = image(base)
    assert mkinitrd(path, tree, *TARGET).returncode == 0
    once = path.read_bytes()
    assert mkinitrd(path, tree, *TARGET).returncode == 0
    assert path.read_bytes() == once
    assert run("mkinitrd-en", "--remove", path).returncode == 0
    assert path.read_bytes() == base
    assert mkinitrd(path, tree, *TARGET, "--rebuild").returncode == 0
    rebuilt = path.read_bytes()
    assert mkinitrd(path, tree, *TARGET, "--rebuild").returncode == 0
    assert path.read_bytes() == rebuilt
