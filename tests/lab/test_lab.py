# SPDX-License-Identifier: GPL-2.0-only
"""The lab itself: what tests build on holds."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab import GuestError, Lab, LabError, cpio, modules, paths
from tryboot.machine import INVISIBLE

TESTS = str(Path(__file__).resolve().parent.parent)

# A lab with a long-lived process; says the folder, then waits to be killed.
HOLDER = f"""
import signal, sys, time
sys.path.insert(0, {TESTS!r})
from lab import Lab
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
with Lab() as lab:
    lab.spawn(["sh", "-c", "setsid sleep 1000 & exec sleep 1000"])
    lab.dnsmasq()
    print(lab.folder, flush=True)
    time.sleep(1000)
"""


def processes_of(folder):
    """PIDs of the machine whose command line or folder names the lab's."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
            where = os.readlink(entry / "cwd")
        except OSError:
            continue
        if str(folder) in words or where.startswith(str(folder)):
            found.append(int(entry.name))
    return found


def test_server_addresses_are_in_the_namespace_only(lab):
    inside = lab.run("ip -brief address").stdout
    assert "11.4.3.7/24" in inside and "11.4.4.7/24" in inside
    outside = subprocess.run(["ip", "-brief", "address"], capture_output=True,
                             text=True, check=True).stdout
    assert "11.4.3.7" not in outside
    assert lab.run("ip route get 192.0.2.1", check=False).returncode != 0


def test_run_reports_status_output_and_input(lab):
    done = lab.run("cat; echo err >&2; exit 3", input="text", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "text", "err\n")
    with pytest.raises(LabError, match="status 3"):
        lab.run("exit 3")
    with pytest.raises(LabError, match="not done after"):
        lab.run("sleep 30", timeout=0.2)
    with pytest.raises(LabError, match="no-such-program"):
        lab.run(["no-such-program"])


def test_root_is_the_labs_and_cannot_be_changed(lab):
    assert "VERSION_ID=\"13\"" in lab.run("cat /etc/os-release").stdout
    assert lab.run("touch /usr/x", check=False).returncode != 0
    lab.run("touch /etc/x /var/lib/x")
    assert not (paths.ROOT / "etc/x").exists()
    assert not (paths.ROOT / "var/lib/x").exists()


def test_two_labs_do_not_see_each_other(lab):
    with Lab() as other:
        other.http(paths.REPOSITORY / "tests")
        with other.socket() as client:
            client.connect(("11.4.3.7", 80))
        with lab.socket() as client, pytest.raises(ConnectionRefusedError):
            client.connect(("11.4.3.7", 80))


def test_packet_socket_sees_frames(lab):
    lab.tap("tap9")
    with lab.packet_socket("tap1") as frames:
        frames.settimeout(5)
        assert frames.getsockname()[0] == "tap1"
        assert frames.family == socket.AF_PACKET


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM,
                                    signal.SIGINT])
def test_nothing_is_left_behind(number):
    # A shell's background jobs, these tests maybe, inherit SIGINT as ignored.
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        holder = subprocess.Popen([sys.executable, "-c", HOLDER],
                                  stdout=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, ignored)
    line = holder.stdout.readline().strip()
    assert line, "the lab did not come up"
    folder = Path(line)
    assert len(processes_of(folder)) >= 4
    holder.send_signal(number)
    holder.wait(20)
    deadline = time.monotonic() + 10
    while processes_of(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of(folder) == []
    if number == signal.SIGKILL:
        # Nobody was left to do it; the next lab does.
        Lab(network=False).close()
    assert not folder.exists()


def test_servers_accept_what_they_are_given(lab):
    with pytest.raises(LabError, match="dhcpd"):
        lab.dhcpd("subnet nonsense {")
    lab.kea('{"Dhcp4": {"interfaces-config": {"interfaces": ["tap2"], '
            '"service-sockets-max-retries": 100}, '
            '"lease-database": {"type": "memfile", "persist": false}, '
            '"subnet4": [{"id": 1, "subnet": "11.4.4.0/24", "pools": '
            '[{"pool": "11.4.4.100-11.4.4.199"}]}]}}')
    lab.tgt(paths.LAB / "rootdisk" / "rootdisk.img")
    shown = lab.run("tgtadm --lld iscsi --op show --mode target").stdout
    assert "iqn.2007-08.7.3.4.10:iscsiboot" in shown
    assert "rootdisk.img" in shown


@pytest.mark.parametrize("kernel", paths.kernels())
def test_guest_runs_commands(lab, kernel):
    lab.dnsmasq()
    guest = lab.guest(kernel=kernel, nics=["virtio-net-pci"],
                      files={"/etc/test/hello": "hello\n",
                             "/usr/bin/hello": ("#!/bin/sh\ncat /etc/test/hello",
                                                0o755)})
    assert guest.run("uname -r").stdout.strip() == paths.kernel_version(kernel)
    result = guest.run("hello; echo wrong >&2; exit 7", check=False)
    assert result == (7, "hello\n", "wrong\n")
    with pytest.raises(GuestError, match="not done after"):
        guest.run("sleep 30", timeout=1)
    # side by side
    slow = guest.start("sleep 2; echo slow")
    assert guest.run("echo fast").stdout == "fast\n"
    assert guest.finish(slow).stdout == "slow\n"
    data = os.urandom(3000)
    guest.write_file("/tmp/data", data)
    assert guest.read_file("/tmp/data") == data
    assert len(guest.run(f"echo {'x' * 5000}").stdout) == 5001
    assert any("the guest is up" in line for line in guest.dmesg(level=7))
    guest.run("udhcpc -i eth0 -s /usr/sbin/lab-udhcpc -n -q")
    guest.run("ping -c 1 -W 2 11.4.3.7")
    address = guest.run("cat /sys/class/net/eth0/address").stdout.strip()
    assert address == "00:02:c9:00:00:bb"


def test_guest_reboots_and_resets(lab):
    guest = lab.guest(reboot=True)
    guest.start("reboot -f")
    guest.wait_ready()
    assert guest.run("cat /proc/uptime").status == 0
    guest.reset()
    guest.wait_ready()
    guest.start("poweroff -f")
    assert guest.wait_exit() == 0


def test_a_panic_is_said_at_once(lab):
    guest = lab.guest()
    started = guest.start("echo c >/proc/sysrq-trigger", timeout=60)
    before = time.monotonic()
    with pytest.raises(GuestError, match="sysrq|dead|ended"):
        guest.finish(started)
    assert time.monotonic() - before < 20


def test_cpio_is_readable_by_cpio(tmp_path):
    archive = cpio.archive({"/a/b/c": b"\0data", "/d": ("x", 0o755)})
    assert len(archive) % 512 == 0
    listed = subprocess.run(["cpio", "-t", "--quiet"], input=archive,
                            capture_output=True, check=True).stdout
    assert listed.split() == [b"a", b"a/b", b"a/b/c", b"d"]
    subprocess.run(["cpio", "-i", "--quiet"], input=archive, cwd=tmp_path,
                   check=True)
    assert (tmp_path / "a/b/c").read_bytes() == b"\0data"
    assert (tmp_path / "d").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("kernel", paths.kernels())
def test_our_drivers_take_the_place_of_the_kernels(kernel, tmp_path,
                                                   monkeypatch):
    """Any two modules do for ours: the segment is what is looked at."""
    monkeypatch.setattr(paths, "MODULES", tmp_path)
    with pytest.raises(LabError, match="make modules"):
        modules.overlay(kernel)
    version = paths.kernel_version(kernel)
    own, tree = tmp_path / "own", tmp_path / "tree"
    for folder, source in ((own, paths.segment(f"modules-{kernel}")),
                           (tree, None)):
        folder.mkdir()
        if source is None:
            (tmp_path / kernel).mkdir()
            for name in modules.OURS:
                found = next(own.rglob(f"{name}.ko"))
                shutil.copy(found, tmp_path / kernel)
            source = modules.overlay(kernel)
        with open(source, "rb") as archive:
            subprocess.run(["cpio", "-idm", "--quiet"], stdin=archive,
                           cwd=folder, check=True)
    folder = tree / "usr/lib/modules" / version
    found = sorted(str(path.relative_to(folder))
                   for path in folder.rglob("*.ko"))
    assert found == ["updates/mlx4_core.ko", "updates/mlx4_en.ko"]
    lines = (folder / "modules.dep").read_text()
    assert "updates/mlx4_en.ko: " in lines and "mlx4_ib" not in lines
    assert "kernel/drivers/net/ethernet/mellanox" not in lines
    # The rest is known still.
    assert "iscsi_tcp.ko" in lines
    made = modules.overlay(kernel).stat()
    assert modules.overlay(kernel).stat().st_mtime_ns == made.st_mtime_ns
    os.utime(tmp_path / kernel / "mlx4_core.ko",
             ns=(made.st_mtime_ns + 1,) * 2)
    assert modules.overlay(kernel).stat().st_mtime_ns > made.st_mtime_ns


def test_drivers_that_there_are(lab):
    with pytest.raises(LabError, match="in-tree, ours"):
        lab.guest(driver="theirs")


def test_console_shows_what_a_terminal_would():
    raw = "\x1b[!p\x1b]104\x07a\x1b[0;1;38:5:185mUNSUPP\x1b[0m\x1b[?25l\r\n"
    assert INVISIBLE.sub("", raw) == "aUNSUPP\n"


def test_make_lab_is_quick_when_there_is_nothing_to_do():
    before = time.monotonic()
    subprocess.run([Path(__file__).with_name("make-lab")], check=True)
    assert time.monotonic() - before < 1


@pytest.mark.parametrize("firmware", [None, "ovmf"])
def test_firmware_boots_from_the_network(lab, tmp_path, firmware):
    (tmp_path / "boot.ipxe").write_text("#!ipxe\necho the script runs on "
                                        "${platform}\nsleep 1000\n")
    # SeaBIOS runs the card's ROM, which is iPXE; OVMF fetches what it runs.
    shutil.copy(paths.ROOT / "usr/lib/ipxe/ipxe.efi", tmp_path)
    lab.dnsmasq(tftp=tmp_path, options=[
        "--dhcp-userclass=set:ipxe,iPXE", "--dhcp-boot=tag:ipxe,boot.ipxe",
        "--dhcp-boot=tag:!ipxe,ipxe.efi"])
    guest = lab.guest(boot="firmware", firmware=firmware,
                      nics=["virtio-net-pci"])
    # the whole line: a name may arrive in two pieces
    found = guest.wait_console(r"the script runs on (\w+)\s*\n", timeout=90)
    assert found[1] == ("efi" if firmware else "pcbios")
