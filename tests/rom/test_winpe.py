# SPDX-License-Identifier: GPL-2.0-only
"""WinPE as the manual's chapter 10 has it: the script there, and files laid out
as on Microsoft's medium. Stand-ins take the place of the files and of wimboot,
which says what it has been given."""

import re
import secrets
import shutil
import zlib

import pytest

from tests.lab import paths
from tests.rom.machine import FIRMWARES, TESTS, served

MANUAL = paths.REPOSITORY / "docs/manual.md"
WIMBOOT = {"bios": "rom-wimboot.bin", "uefi": "rom-wimboot.efi"}
# What wimboot looks for, by firmware, and where it is on the medium
FILES = {"BCD": {"bios": "boot/bcd", "uefi": "efi/microsoft/boot/bcd"},
         "boot.sdi": {"bios": "boot/boot.sdi", "uefi": "boot/boot.sdi"},
         "boot.wim": {"bios": "sources/boot.wim", "uefi": "sources/boot.wim"},
         "bootmgr": {"bios": "bootmgr"},
         "bootx64.efi": {"uefi": "efi/boot/bootx64.efi"}}
# Bytes; the largest is no multiple of the four that an archive aligns to
SIZES = {"boot.wim": (3 << 20) + 1, "boot.sdi": 70001}
# Seconds, on a busy host
BOOT = 300


def script():
    """The script of chapter 10, out of the manual."""
    found = re.search(r"^## 10 WinPE$.*?^```ipxe\n(.*?)^```$",
                      MANUAL.read_text(), re.M | re.S)
    return found[1]


def medium(folder, firmware):
    """Fill a folder; {name: (size, CRC)} that wimboot is to be given."""
    given = {}
    for name, places in FILES.items():
        for where, place in places.items():
            content = secrets.token_bytes(SIZES.get(name, 5003))
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            # The other firmware's, if it is the same file, is not made anew
            if path.exists():
                content = path.read_bytes()
            path.write_bytes(content)
            if where == firmware:
                given[name] = (len(content), zlib.crc32(content))
    shutil.copy(TESTS / WIMBOOT[firmware], folder / "wimboot")
    (folder / "winpe.ipxe").write_text(script())
    return given


@pytest.mark.parametrize("protocol", ["tftp", "http"])
@pytest.mark.parametrize("firmware", FIRMWARES)
def test_winpe(firmware, protocol, lab, power_on):
    folder = served(lab)
    given = medium(folder, firmware)
    if protocol == "tftp":
        lab.dnsmasq(tftp=folder, options=["--dhcp-boot=winpe.ipxe"])
    else:
        lab.http(folder)
        lab.dnsmasq(options=["--dhcp-boot=http://11.4.3.7/winpe.ipxe"])
    machine = power_on(firmware, 25448)
    machine.wait("^e2e: no more files", BOOT)
    said = machine.said()
    found = {name: (int(size, 16), int(crc, 16)) for name, size, crc in
             re.findall(r"^e2e: file (\S+), 0x([0-9a-f]{8}) bytes, "
                        r"CRC 0x([0-9a-f]{8})$", said, re.M)}
    # iPXE shows the running program itself too with UEFI
    found.pop("wimboot", None)
    assert found == given, said
