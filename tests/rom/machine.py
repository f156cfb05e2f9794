# SPDX-License-Identifier: GPL-2.0-only
"""A machine from power-on, and what the servers give it."""

import pathlib
import shutil
import time

from tests.e2e.matrix import MANUAL_IDS
from tests.lab import cpio, paths
from tests.lab import LabError
from tests.lab.demo import TARGET_NAME

IDS = (*MANUAL_IDS, 4099, 4103)
# One of each generation: ConnectX, ConnectX-2, ConnectX-3
ONE_EACH = (25448, 26448, 4099)
FIRMWARES = ("bios", "uefi")
TESTS = paths.binary("mkrom").parent.parent / "tests"
NETBOOT = paths.LAB / "netboot"
SECTOR = 512


def rom_of(device):
    """The ROM that make rom has built for a device id."""
    found = list((paths.REPOSITORY / "build/rom").glob(
        f"CONNECTX_EN_{device}_ROM-*.rom"))
    if len(found) != 1:
        raise LabError(f"no ROM for {device} in build/rom: run make rom")
    return found[0]


class Machine:
    """A machine with no disk and one adapter, whose ROM is `rom` or that of
    make rom; what follows it in the firmware's list is at hand at once.

    flash     a file with the adapter's flash, from which the ROM comes instead
    adapter   options of lab.adapter;  others: further adapters
    memory    MiB
    """

    def __init__(self, lab, firmware, device, rom=None, memory=512, others=(),
                 adapter=None, qemu=(), flash=None):
        self.lab = lab
        self.firmware = firmware
        source = ("--flash", flash) if flash else \
            ("--rom", rom or rom_of(device))
        self.adapter = lab.adapter(device=device, options=source,
                                   **(adapter or {}))
        nics = [(self.adapter, {"bootindex": 1})]
        nics += [(other, {"bootindex": 2 + n})
                 for n, other in enumerate(others)]
        self.started = time.monotonic()
        self.guest = lab.guest(
            nics=nics, boot="firmware", smp=1, memory=memory, qemu=qemu,
            firmware="ovmf" if firmware == "uefi" else None)

    def wait(self, pattern, timeout=240, start=0):
        return self.guest.wait_console(pattern, timeout, start)

    def wait_next_device(self, timeout=240):
        """The firmware goes on; what the console has shown until then."""
        self.wait("Booting from Hard Disk" if self.firmware == "bios" else
                  "EFI Internal Shell|UEFI Interactive Shell", timeout)
        return self.said()

    def said(self):
        """The console as lines that are not cut at 80 characters."""
        return self.guest.console()

    def enter_cli(self):
        self.wait("Press Ctrl-B")
        self.guest.type("\x02")
        self.wait("iPXE>")

    def command(self, line, pattern=r"iPXE> *$", timeout=60):
        """Type a command slowly; what was shown until the pattern came."""
        start = len(self.said())
        for key in line + "\r":
            self.guest.type(key)
            time.sleep(0.03)
        time.sleep(0.5)
        self.wait(pattern, timeout, start + len(line))
        return self.said()[start:]


def served(lab):
    """An empty folder for what the servers serve."""
    folder = lab.folder / "served"
    folder.mkdir()
    return folder


def serve_kernel(folder, token, kernel="6.12"):
    """Put a kernel and an initrd that print `token` into a folder; the words
    of the kernel's command line."""
    shutil.copy(paths.kernel(kernel) / "vmlinuz", folder / "vmlinuz")
    with open(folder / "initrd", "wb") as out:
        out.write(paths.segment("base").read_bytes())
        out.write(cpio.archive({"/token": f"e2e: {token}\n"}))
    return ("console=ttyS0 no_timer_check tsc=reliable "
            "rdinit=/usr/bin/cat -- /token")


def serve_pxelinux(folder, words):
    """Put Debian's pxelinux beside such a kernel."""
    shutil.copy(NETBOOT / "usr/lib/PXELINUX/pxelinux.0", folder)
    shutil.copy(NETBOOT / "usr/lib/syslinux/modules/bios/ldlinux.c32", folder)
    (folder / "pxelinux.cfg").mkdir()
    (folder / "pxelinux.cfg/default").write_text(
        "serial 0\ndefault linux\nlabel linux\nkernel vmlinuz\n"
        f"append initrd=initrd {words}\n")


def serve_grub(folder, words, initrds="/initrd"):
    """Put Debian's GRUB for UEFI beside such a kernel; its file's name."""
    name = "grubnetx64.efi"
    shutil.copy(NETBOOT / "usr/lib/grub/x86_64-efi-signed" / f"{name}.signed",
                folder / name)
    (folder / "grub").mkdir()
    (folder / "grub/grub.cfg").write_text(
        f"linux /vmlinuz {words}\ninitrd {initrds}\nboot\n")
    return name


def ipxe_kernel(folder, token):
    """The name of an iPXE script in the folder that boots such a kernel."""
    words = serve_kernel(folder, token)
    (folder / "boot.ipxe").write_text(
        f"#!ipxe\nkernel vmlinuz initrd=initrd {words}\n"
        "initrd initrd\nboot\n")
    return "boot.ipxe"


def bios_disk(path):
    """A disk for a BIOS that says "e2e: booted from the disk". Less than a
    cylinder of 255 heads and 63 sectors, and iPXE cannot address it."""
    path.write_bytes((TESTS / "rom-disk.bin").read_bytes())
    with open(path, "r+b") as disk:
        disk.truncate(64 << 20)


def _entry(name, attributes, cluster, size=0):
    return (name.encode().ljust(11) + bytes([attributes]) + bytes(14)
            + cluster.to_bytes(2, "little") + size.to_bytes(4, "little"))


def uefi_disk(path, program="rom-disk.efi"):
    """The same for UEFI: FAT16, one sector a cluster, one program on it."""
    program = (TESTS / program).read_bytes()
    sectors, fat_sectors, root_entries = 16384, 64, 512
    head = bytearray(SECTOR)
    head[0:3] = b"\xeb\x3c\x90"
    head[3:11] = b"CONNECTX"
    fields = ((11, 2, SECTOR), (13, 1, 1), (14, 2, 1), (16, 1, 2),
              (17, 2, root_entries), (19, 2, sectors), (21, 1, 0xf8),
              (22, 2, fat_sectors), (24, 2, 32), (26, 2, 2), (36, 1, 0x80),
              (38, 1, 0x29))
    for at, size, value in fields:
        head[at:at + size] = value.to_bytes(size, "little")
    head[43:62] = b"DISK       FAT16   "
    head[510:512] = b"\x55\xaa"
    clusters = -(-len(program) // SECTOR)
    last = 0xffff
    fat = [0xfff8, last, last, last,
           *range(5, 4 + clusters), last]  # EFI, BOOT, the program
    table = b"".join(n.to_bytes(2, "little") for n in fat)
    table = table.ljust(fat_sectors * SECTOR, b"\0")
    folder = 0x10

    def directory(*entries):
        return b"".join(entries).ljust(SECTOR, b"\0")
    content = (bytes(head) + 2 * table
               + _entry("EFI", folder, 2).ljust(root_entries * 32, b"\0")
               + directory(_entry(".", folder, 2), _entry("..", folder, 0),
                           _entry("BOOT", folder, 3))
               + directory(_entry(".", folder, 3), _entry("..", folder, 2),
                           _entry("BOOTX64 EFI", 0x20, 4, len(program)))
               + program)
    pathlib.Path(path).write_bytes(content.ljust(sectors * SECTOR, b"\0"))


DISKS = {"bios": bios_disk, "uefi": uefi_disk}


def local_disk(path, bootindex):
    """QEMU's words for a disk in the machine itself."""
    name = f"disk{bootindex}"
    return ["-drive", f"if=none,id={name},format=raw,file={path}",
            "-device", f"virtio-blk-pci,drive={name},bootindex={bootindex}"]


ROOT_PATH = f"iscsi:11.4.3.7:::1:{TARGET_NAME}"


def serve_disk(lab, firmware, tftp=None, options=()):
    """A target with a disk to boot from, and a lease that names it; `tftp` and
    `options` are more for the lease's server."""
    disk = lab.folder / "disk"
    DISKS[firmware](disk)
    lab.tgt(disk)
    lab.dnsmasq(tftp=tftp,
                options=[f"--dhcp-option=17,{ROOT_PATH}", *options])
