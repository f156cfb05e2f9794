# SPDX-License-Identifier: GPL-2.0-only
"""What the commands of docs/manual.md work on: a folder with the files that
they name, small ones, and the blocks of commands in the text."""

import os
import re
import subprocess

from tests.e2e.tools_fixtures import initramfs_tools, module_tree, pack
from tests.lab import paths

MANUAL = paths.REPOSITORY / "docs/manual.md"
KERNEL = "6.12.43+deb13-amd64"
# What the folder is called in the manual
SHOWN_AS = "/srv/diskless"
# Before a block whose commands are run. "sizes": numbers that stand alone are
# not compared, as what is really read there is larger.
MARK = re.compile(r"<!-- (run|run, sizes) -->\n```console\n(.*?)```\n",
                  re.DOTALL)
ALONE = re.compile(r"(?<![\w.:/=+-])(0x[0-9a-f]+|\d+(\.\d+)?)(?![\w.:/+-]\w)")


def commands(block):
    """[(command, what it prints)] of a block."""
    found = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line = re.match(r"(?:.*\\\n)*.*\n", part)[0]
        found.append((line.replace("\\\n", ""), part[len(line):]))
    return found


def without_sizes(text):
    """The text with # for each number that stands alone, one blank for many."""
    return re.sub(r"[ \t]+", " ", ALONE.sub("#", text))


def make_root(root):
    """The root file system of a host: modules, kernel, initrd."""
    module_tree(root, kernel=KERNEL)
    modules = root / "lib/modules" / KERNEL
    (modules / "updates/dkms").mkdir(parents=True)
    for name in ("mlx4_core", "mlx4_en"):
        (modules / f"kernel/{name}.ko").rename(
            modules / f"updates/dkms/{name}.ko")
    subprocess.run(["depmod", "-b", root, KERNEL], check=True,
                   capture_output=True)
    for folder in ("sbin", "etc/iscsi", "boot"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "sbin/init").write_text("init\n")
    (root / "etc/fstab").write_text("/dev/sda1 / ext4 defaults 0 1\n")
    (root / f"boot/vmlinuz-{KERNEL}").write_bytes(b"kernel" * 1000)
    image = pack("gzip", initramfs_tools(kernel=KERNEL))
    (root / f"boot/initrd.img-{KERNEL}").write_bytes(image)
    return image


def make_rom(folder, device, version):
    """The ROM of make rom, or one whose iPXE is nearly empty."""
    name = f"CONNECTX_EN_{device}_ROM-{version}.rom"
    built = paths.REPOSITORY / "build/rom" / name
    if built.exists():
        (folder / name).write_bytes(built.read_bytes())
        return
    empty = folder / "empty.lkrn"
    empty.write_bytes(b"-" * 514 + b"HdrS" + bytes(1000))
    subprocess.run([paths.binary("mkrom"), "build", "--device", str(device),
                    "--bios", empty, "--uefi", empty, "-o", folder / name],
                   check=True)
    empty.unlink()


def make_desk(folder, version):
    """Fill the folder."""
    (folder / "root").mkdir()
    (folder / "initrd.img").write_bytes(make_root(folder / "root"))
    make_rom(folder, 25448, version)
    make_rom(folder, 26448, version)
    sample = paths.binary("mkrom").parent.parent / "tests/flash-sample"
    subprocess.run([sample, folder, "25448", "8192", "1"], check=True)
    (folder / "image").rename(folder / "card.bin")
    (folder / "rom").unlink()
    (folder / "rack.csv").write_text(
        "host,mac,address,root_path,backing\n" + "".join(
            f"host{n},0002c90000b{mac},11.4.3.13{n - 1},"
            f"iscsi:11.4.3.7:::1:iqn.2007-08.7.3.4.10:host{n},/dev/vg/host{n}\n"
            for n, mac in ((1, "b"), (2, "c"))))
    (folder / "chap").write_text("diskless\ntwelve-or-more\n")
    (folder / "chap").chmod(0o600)
    (folder / "chap.ipxe").write_text(
        "#!ipxe\nset username diskless\nset password twelve-or-more\n"
        "dhcp ${rom-port1}\n"
        "sanboot iscsi:11.4.3.7:::1:iqn.2007-08.7.3.4.10:iscsiboot\n")


def run_in(folder, lines):
    """What each of a block's commands prints, with both streams as a terminal
    has them. One shell runs them all."""
    environment = dict(
        os.environ, LC_ALL="C",
        PATH=f"{paths.binary('mkrom').parent}:{os.environ['PATH']}:/usr/sbin")
    end = "--- end of a command ---\n"
    script = "".join(f"{line}\necho '{end.strip()}'\n" for line in lines)
    done = subprocess.run(
        ["bash", "-c", script.replace(SHOWN_AS, str(folder))], cwd=folder,
        check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=120, env=environment)
    return done.stdout.replace(str(folder), SHOWN_AS).split(end)[:-1]
