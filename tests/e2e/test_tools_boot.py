# SPDX-License-Identifier: GPL-2.0-only
"""What mkinitrd-en wrote, judged by kernels that unpack and boot it.

No ConnectX here: the network card is virtio's. The image's own driver for it
stands in for ours, all else is as with the adapter.
"""

import shutil
import subprocess

import pytest

from tests.e2e import tools_fixtures as fixtures
from tests.e2e.tools_fixtures import Archive, pack, run
from tests.lab import paths

pytestmark = pytest.mark.skipif(not paths.is_built(),
                                reason="no lab: run make lab")

NAME = "iqn.2007-08.7.3.4.10:iscsiboot"
MAC = "00:02:c9:00:00:bb"
# made at boot, of the target's naming authority and the MAC
INITIATOR = "iqn.2007-08.7.3.4.10:host.0002c90000bb"

# PID 1 of the tests: tells what it sees, and ends the machine.
PROBE = r"""
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

static void show(const char *path)
{
	char text[200] = "", target[100] = "";
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (lstat(path, &st)) {
		printf("probe: %s missing\n", path);
		return;
	}
	if (S_ISREG(st.st_mode) && fd >= 0 && read(fd, text, 100) > 0)
		text[strcspn(text, "\n")] = '\0';
	if (S_ISLNK(st.st_mode) && readlink(path, target, 99) < 0)
		target[0] = '\0';
	printf("probe: %s %o %lu [%s%s]\n", path, st.st_mode,
	       (unsigned long)st.st_nlink, text, target);
}

int main(int argc, char **argv)
{
	char line[300];
	FILE *list;

	setvbuf(stdout, NULL, _IOLBF, 0);
	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	printf("probe: PID %d argc %d\n", getpid(), argc);
	list = fopen("/probe", "r");
	while (list && fgets(line, sizeof(line), list)) {
		line[strcspn(line, "\n")] = '\0';
		show(line);
	}
	list = fopen("/proc/mounts", "r");
	while (list && fgets(line, sizeof(line), list))
		if (strstr(line, " / "))
			printf("probe: mount %s", line);
	list = fopen("/proc/modules", "r");
	while (list && fgets(line, sizeof(line), list))
		if (!strncmp(line, "mlx4", 4))
			printf("probe: module %.*s\n",
			       (int)strcspn(line, " "), line);
	printf("probe: end\n");
	sleep(1);
	reboot(RB_AUTOBOOT);
	return 0;
}
"""


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    folder = tmp_path_factory.mktemp("probe")
    (folder / "probe.c").write_text(PROBE)
    subprocess.run(["gcc", "-static", "-O1", "-s", "-o", folder / "probe",
                    folder / "probe.c"], check=True)
    return folder / "probe"


@pytest.fixture
def lab():
    from tests.lab.testbed import Lab
    with Lab() as lab:
        yield lab


def mkinitrd(kernel, source, out, *more):
    done = run("mkinitrd-en", "--modules", paths.kernel(kernel) / "modules",
               "-o", out, *more, source)
    assert done.returncode == 0, done.stderr


def console_of(guest, timeout=90):
    """What the probe said, when it is done."""
    guest.wait_console(r"probe: end", timeout)
    return guest.console()


def probed(console):
    return [line[7:].strip() for line in console.splitlines()
            if line.startswith("probe: ")]


# the segment, as the kernel unpacks it

def base_image(kernel, program):
    """Links on the way, hard links, and an init that tells all."""
    release = paths.kernel_version(kernel)
    a = Archive().dir(".", "usr", "usr/lib", "usr/lib/modules", "etc",
                      f"usr/lib/modules/{release}", "scripts",
                      "scripts/local-top", "conf", "conf/conf.d", "usr/sbin")
    a.file(f"usr/lib/modules/{release}/modules.order")
    a.link("lib", "usr/lib").link("sbin", "usr/sbin")
    a.file("usr/sbin/iscsistart", "x", 0o755)
    a.file("scripts/functions").file("conf/initramfs.conf")
    # with this, /init and the ORDER file are hard links of something else
    a.file("init", nlink=2, ino=11)
    a.file("etc/keeps-init", program, 0o755, nlink=2, ino=11)
    a.file("scripts/local-top/ORDER", nlink=2, ino=12)
    a.file("etc/keeps-order", fixtures.ORDER, nlink=2, ino=12)
    a.file("probe", "\n".join(
        ["/lib", "/etc/keeps-init", "/etc/keeps-order", "/scripts/local-top/ORDER",
         "/scripts/local-top/connectx-en", "/connectx-en/kmsg",
         "/conf/conf.d/zz-connectx-en", "/.mkinitrd-en",
         f"/usr/lib/modules/{release}/modules.order"]) + "\n")
    return a.end()


# every compressor once; with --matrix=all each on each kernel
TURN = {"none": "7.3", "gzip": "6.1", "bzip2": "6.1", "lzma": "6.12",
        "xz": "7.3", "lzo": "6.12", "lz4": "6.1", "zstd": "6.12"}


def pytest_generate_tests(metafunc):
    if "packer" in metafunc.fixturenames:
        everything = metafunc.config.getoption("--matrix") == "all"
        metafunc.parametrize("kernel,packer", [
            (kernel, packer) for packer, turn in TURN.items()
            for kernel in (paths.kernels() if everything else [turn])])


def test_the_kernel_takes_the_segment(kernel, packer, lab, probe):
    """The drivers load before the image's own init, which then runs as PID 1;
    nothing of the base is lost."""
    base = lab.folder / "base.img"
    base.write_bytes(fixtures.microcode() +
                     pack(packer, base_image(kernel, probe.read_bytes())))
    out = lab.folder / "initrd.img"
    mkinitrd(kernel, base, out, "--iscsi-target", "11.4.3.7")
    guest = lab.guest(kernel=kernel, initrd=out, nics=["virtio-net-pci"],
                      memory=512)
    console = console_of(guest)
    release = paths.kernel_version(kernel)
    assert "Initramfs unpacking failed" not in console
    assert "looks like an initrd" not in console
    loaded = [line.split("loaded ")[1] for line in console.splitlines()
              if "connectx-en: loaded" in line]
    assert f"/connectx-en/{release}/mlx4_core.ko" in loaded
    assert f"/connectx-en/{release}/mlx4_en.ko" in loaded
    lines = probed(console)
    assert lines[0].startswith("PID 1 ")
    seen = {line.split()[0]: line.split(None, 1)[1] for line in lines[1:]
            if line.startswith("/")}
    order = fixtures.ORDER.splitlines()[0]
    assert seen["/etc/keeps-init"].startswith("100755 1 [\x7fELF")
    assert seen["/lib"] == "120777 1 [usr/lib]"
    assert seen["/etc/keeps-order"] == f"100644 1 [{order}]"
    assert seen["/scripts/local-top/ORDER"] == f"100644 1 [{order}]"
    assert seen["/scripts/local-top/connectx-en"].startswith("100755 1")
    assert seen["/connectx-en/kmsg"].startswith("20600 1")
    assert seen["/.mkinitrd-en"].startswith("100644 1 [mkinitrd-en ")
    assert "missing" not in console
    assert {"module mlx4_en", "module mlx4_core"} <= set(lines)


# the root over iSCSI

def file_system(path, folder, size):
    """An ext4 image of a folder, made without root."""
    subprocess.run(["truncate", "-s", size, path], check=True)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", folder, path],
                   check=True)
    return path


def root_folder(folder, probe):
    for name in ("sbin", "proc", "sys", "dev", "run", "etc"):
        (folder / name).mkdir(parents=True)
    shutil.copy(probe, folder / "sbin/init")
    (folder / "probe").write_text("/sbin/init\n")
    # systemd goes to no root without it
    (folder / "etc/os-release").write_text("ID=probe\n")
    return folder


def partitioned(path, first, second):
    """A disk with two partitions of these images."""
    table, start = bytearray(512), 2048
    with open(path, "wb") as disk:
        for number, image in enumerate((first, second)):
            sectors = image.stat().st_size // 512
            at = 446 + 16 * number
            table[at + 4] = 0x83
            table[at + 8:at + 12] = start.to_bytes(4, "little")
            table[at + 12:at + 16] = sectors.to_bytes(4, "little")
            disk.seek(start * 512)
            disk.write(image.read_bytes())
            start += sectors
        table[510:512] = b"\x55\xaa"
        disk.seek(0)
        disk.write(table)
    return path


DHCPD = """\
default-lease-time 600;
max-lease-time 7200;
subnet 11.4.3.0 netmask 255.255.255.0 {}
"""


def dhcp(lab, root_path):
    """A lease of a fixed address, with a root-path or without."""
    entry = run("iscsi-root", "dhcp", "--host", "diskless", "--mac", MAC,
                "--address", "11.4.3.130",
                root_path or f"iscsi:11.4.3.7::::{NAME}").stdout
    if not root_path:
        entry = "\n".join(line for line in entry.splitlines()
                          if "root-path" not in line)
    lab.dhcpd(DHCPD + entry)


def target(lab, disk, initiator, root_path):
    """tgt as iscsi-root configures it, for that initiator alone."""
    text = run("iscsi-root", "target", "--backing", disk, root_path).stdout
    lab.tgt(disk, configuration=text.replace(
        "</target>", f"\tinitiator-name {initiator}\n</target>"))


def boot(lab, kernel, *options):
    out = lab.folder / "initrd.img"
    mkinitrd(kernel, paths.LAB / "initrd" / f"initrd-{kernel}.img", out,
             # The port is no ConnectX here: it is named
             "--iscsi-target", "11.4.3.7", "--mac", MAC, *options)
    return lab.guest(kernel=kernel, initrd=out, append="net.ifnames=0",
                     nics=[("virtio-net-pci", "tap1", MAC)], memory=512)


@pytest.mark.parametrize("kernel", ["6.12"])
def test_name_and_lun_from_the_lease(kernel, lab, probe):
    """Nothing but the address is baked in; no root= on the command line."""
    disk = file_system(lab.folder / "disk.img",
                       root_folder(lab.folder / "tree", probe), "16M")
    root_path = f"iscsi:11.4.3.7::::{NAME}"
    dhcp(lab, root_path)
    target(lab, disk, INITIATOR, root_path)
    console = console_of(boot(lab, kernel), 120)
    assert f"connectx-en: target {NAME} from the lease's root-path" in console
    lines = probed(console)
    assert lines[0].startswith("PID 1 ")
    assert any(line.startswith("mount /dev/sda / ext4 ") for line in lines)


@pytest.mark.parametrize("kernel", ["6.1"])
def test_everything_baked_in_and_a_partition(kernel, lab, probe):
    """LUN 2, an initiator's name that the target insists on, the root in the
    second partition; the lease has no root-path."""
    (lab.folder / "other").mkdir()
    (lab.folder / "other/file").write_text("no root")
    disk = partitioned(
        lab.folder / "disk.img",
        file_system(lab.folder / "1.img", lab.folder / "other", "8M"),
        file_system(lab.folder / "2.img",
                    root_folder(lab.folder / "tree", probe), "16M"))
    me = "iqn.2007-08.com.example:me"
    dhcp(lab, None)
    target(lab, disk, me, f"iscsi:11.4.3.7:::2:{NAME}")
    console = console_of(boot(lab, kernel, "--iscsi-iqn", NAME, "--iscsi-lun",
                              "2", "--iscsi-initiator", me), 120)
    assert f"connectx-en: disk sda: {NAME}, LUN 0002-0000-0000-0000" in console
    assert any(line.startswith("mount /dev/sda2 / ext4 ")
               for line in probed(console))


@pytest.mark.parametrize("kernel", ["7.3"])
def test_without_a_target_the_console_says_why(kernel, lab):
    dhcp(lab, None)
    guest = boot(lab, kernel)
    guest.wait_console(r"no target: mkinitrd-en had no --iscsi-iqn and the "
                       r"lease has no good root-path", 120)
