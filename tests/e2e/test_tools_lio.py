# SPDX-License-Identifier: GPL-2.0-only
"""iscsi-root's saveconfig.json for LIO, judged by LIO: targetctl of rtslib puts
it into a guest's kernel, which is asked what it has then, and logged in to."""

import json
import lzma

import pytest

from tests.e2e.tools_fixtures import run
from tests.lab import paths
from tests.lab.fixtures import module_lab

assert module_lab  # a fixture

KERNEL = "6.12"
NAME = "iqn.2007-08.name.dns.target.my:iscsiboot"
ME = "iqn.2007-08.name.dns.client.my:host1"
SECRET = "0123456789abcdef"
MODULES = ("configfs", "iscsi_target_mod", "target_core_file",
           "target_core_iblock", "brd", "iscsi_tcp", "sd_mod")
DISK = "/srv/disk.img"
DISK_SIZE = 16 << 20


def modules():
    """Those of LIO with what they need, in the order of loading: {guest's path:
    content}."""
    folder = (paths.kernel(KERNEL) / "modules/lib/modules"
              / paths.kernel_version(KERNEL))
    needs = {}
    for line in (folder / "modules.dep").read_text().splitlines():
        file, _, rest = line.partition(":")
        name = file.rsplit("/", 1)[1].split(".")[0].replace("-", "_")
        needs[name] = [file, *rest.split()]
    order = []
    for name in MODULES:
        # The last one has to be loaded first.
        order += [file for file in reversed(needs[name]) if file not in order]
    found = {}
    for number, file in enumerate(order):
        data = (folder / file).read_bytes()
        if file.endswith(".xz"):
            data = lzma.decompress(data)
        base = file.rsplit("/", 1)[1].removesuffix(".xz")
        found[f"/lio/{number:02}-{base}"] = data
    return found


@pytest.fixture(scope="module")
def guest(module_lab):
    """A guest with LIO in its kernel, a disk in memory and a file."""
    made = module_lab.guest(kernel=KERNEL, files=modules(), boot_timeout=180,
                            segments=("python", "iscsi", "lio"))
    # Some are built in, or there already.
    made.run("for file in /lio/*.ko; do insmod $file 2>/dev/null; done;"
             "grep -q ^iscsi_target_mod /proc/modules &&"
             "grep -q ^target_core_iblock /proc/modules &&"
             "ip address add 11.4.3.7/24 dev lo &&"
             "ip address add fd11:4:3::7/64 dev lo nodad &&"
             f"mkdir -p /srv && truncate -s {DISK_SIZE} {DISK}")
    return made


def saveconfig(*options, root_path=f"iscsi:11.4.3.7::::{NAME}"):
    done = run("iscsi-root", "target", "--server", "lio", *options, root_path)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def restored(guest, config):
    """What LIO has when it has taken a configuration without a word; what it had
    before is gone then."""
    guest.write_file("/tmp/saveconfig.json", json.dumps(config))
    done = guest.run("targetctl restore /tmp/saveconfig.json", 120, check=False)
    assert (done.status, done.stdout, done.stderr) == (0, "", "")
    guest.run("targetctl save /tmp/saved.json", 120)
    return json.loads(guest.read_file("/tmp/saved.json"))


def contained(part, whole, where="saveconfig"):
    """Everything that was asked for is there, as it was asked for."""
    if isinstance(part, dict):
        for key, value in part.items():
            assert key in whole, f"{where}: {key}"
            contained(value, whole[key], f"{where}/{key}")
    elif isinstance(part, list):
        assert len(part) == len(whole), where
        for number, value in enumerate(part):
            contained(value, whole[number], f"{where}/{number}")
    else:
        assert part == whole, where


@pytest.fixture(scope="module")
def chap(tmp_path_factory):
    path = tmp_path_factory.mktemp("chap") / "chap"
    path.write_text(f"joe\n{SECRET}\n")
    path.chmod(0o600)
    return path


def options(chap):
    file = ("--backing", DISK, "--size", str(DISK_SIZE))
    device = ("--backing", "/dev/ram0")
    return {
        "file": (file, f"iscsi:11.4.3.7::::{NAME}"),
        "device": (device, f"iscsi:11.4.3.7::3261:10:{NAME}"),
        "read-only": ((*device, "--read-only"), f"iscsi:11.4.3.7::::{NAME}"),
        "ipv6": (device, f"iscsi:[fd11:4:3::7]::::{NAME}"),
        "any address": (device, f"iscsi:san.example.org::::{NAME}"),
        "chap": ((*file, "--chap", chap), f"iscsi:11.4.3.7::::{NAME}"),
        "one host": ((*file, "--chap", chap, "--initiator", ME),
                     f"iscsi:11.4.3.7:::7fff:{NAME}"),
    }


@pytest.mark.parametrize("kind", options(None))
def test_lio_takes_it(kind, guest, chap):
    words, root_path = options(chap)[kind]
    config = saveconfig(*words, root_path=root_path)
    contained({key: config[key] for key in ("storage_objects", "targets")},
              restored(guest, config))


def login(guest, *words):
    """iscsistart's CompletedProcess; it does not log in twice."""
    return guest.run(f"iscsistart -i {ME} -t {NAME} -g 1 -a 11.4.3.7 -p 3260 "
                     + " ".join(words), 60, check=False)


def test_a_host_logs_in(guest, chap):
    """By the secret and not without; the disk is the one that was said."""
    config = saveconfig("--backing", DISK, "--size", str(DISK_SIZE), "--chap",
                        chap, "--initiator", ME,
                        root_path=f"iscsi:11.4.3.7:::5:{NAME}")
    restored(guest, config)
    assert login(guest).status != 0
    assert login(guest, "-u", "joe", "-w", "f" * 16).status != 0
    done = login(guest, "-u", "joe", "-w", SECRET)
    assert done.status == 0, done.stdout + done.stderr
    shown = guest.run(
        "for n in $(seq 50); do set -- /sys/class/scsi_disk/*:5;"
        "[ -e $1 ] && break; sleep 0.2; done; cat $1/device/block/*/size;"
        "tr -dc '[:alnum:]-' <$1/device/vpd_pg80").stdout.split()
    assert int(shown[0]) * 512 == DISK_SIZE
    assert shown[1].endswith(config["storage_objects"][0]["wwn"])
    guest.run("iscsiadm -m session -u 2>/dev/null || :; for d in "
                "/sys/class/scsi_disk/*:5/device/delete; do echo 1 >$d; done")


@pytest.mark.parametrize("spoil", ["lun", "portal"])
def test_it_is_no_reader_that_takes_anything(spoil, guest):
    config = saveconfig("--backing", "/dev/ram0")
    group = config["targets"][0]["tpgs"][0]
    if spoil == "lun":
        group["luns"][0]["storage_object"] = "/backstores/block/other"
    else:
        group["portals"][0]["ip_address"] = "11.4.3.999"
    guest.write_file("/tmp/saveconfig.json", json.dumps(config))
    done = guest.run("targetctl restore /tmp/saveconfig.json", 120,
                       check=False)
    assert done.status != 0 or done.stderr
