# SPDX-License-Identifier: GPL-2.0-only
"""mkrom as a user calls it, and its ROMs as mstflint reads them."""

import gzip
import json
import lzma
import random
import re
import subprocess

import pytest

from tests.lab import Lab, cpio, modules, paths
from tests.rom.machine import IDS, rom_of

MKROM = paths.binary("mkrom")
EN_FLASH = paths.binary("en-flash")
SAMPLE = MKROM.parent.parent / "tests/flash-sample"
IPXE = paths.LAB / "netboot/usr/lib/ipxe"
LIMIT = 1 << 20


def mkrom(*words, status=0):
    done = subprocess.run([MKROM, *map(str, words)], capture_output=True,
                          text=True, check=False)
    assert done.returncode == status, done
    return done.stderr if status else done.stdout


def inspect(rom, status=0):
    done = subprocess.run([MKROM, "inspect", "--json", rom],
                          capture_output=True, text=True, check=False)
    assert done.returncode == status, done
    return json.loads(done.stdout)


def build(out, device, *options):
    return mkrom("build", "--device", device, "--bios", IPXE / "ipxe.lkrn",
                 "--uefi", IPXE / "ipxe-amd64.efi", "-o", out, *options)


def test_mstflint_reads_all():
    """type, version and protocol of each id, and no remark."""
    roms = {device: rom_of(device) for device in IDS}
    version = inspect(roms[25448])["version"]
    with Lab(network=False) as lab:
        for device, rom in roms.items():
            done = lab.run(["mstflint", "-i", rom, "qrom"])
            lines = [" ".join(line.split()) for line in
                     done.stdout.splitlines() if line.strip()]
            assert lines == [
                f"Rom Info: type=PXE version={version} proto=ETH",
                f"type=UEFI version={version} cpu=AMD64"], (device, done)


@pytest.mark.parametrize("device", IDS)
def test_every_id(device):
    rom = rom_of(device)
    told = inspect(rom)
    assert told["device"] == device and told["wrong"] is None
    assert told["size"] == rom.stat().st_size <= LIMIT
    assert [image["type"] for image in told["images"]] == \
        ["BIOS", "UEFI", "data"]
    assert {image["device"] for image in told["images"]} == {device}
    assert {trailer["device"] for trailer in told["trailers"]} == {device}
    assert told["images"][0]["checksum_ok"]
    assert told["images"][0]["size"] == 8192


@pytest.mark.short
def test_same_bytes(tmp_path):
    build(tmp_path / "rom", 25448)
    assert (tmp_path / "rom").read_bytes() == rom_of(25448).read_bytes()


def test_set(tmp_path):
    """What is set is there, the rest as it was; back again, the same bytes."""
    out, script = tmp_path / "rom", tmp_path / "script"
    script.write_text("#!ipxe\necho hello")
    mkrom("set", "--banner", "Rack 7", "--timeout", 9, "--vlan", 20,
          "--script", script, "-o", out, rom_of(4099))
    told = inspect(out)
    assert told["settings"] == {"banner": "Rack 7", "timeout": 9, "vlan": 20}
    assert told["device"] == 4099
    assert b"#!ipxe\necho hello\n" in out.read_bytes()
    mkrom("set", "--banner", "MLNX NIC", "--timeout", 2, "--vlan", 0,
          "--script", "", out)
    assert out.read_bytes() == rom_of(4099).read_bytes()
    text = mkrom("inspect", out)
    assert "device    4099 (0x1003)" in text and "VLAN      none" in text


@pytest.mark.parametrize("words,message", [
    (["set", "--timeout", "soon"], "timeout 'soon': not a number of seconds"),
    (["set", "--vlan", "4095"], "VLAN '4095': not a number from 1 to 4094"),
    (["set", "--banner", "${net0/ip}"], "banner: character 1"),
    (["set", "--script", "/nowhere"], "/nowhere: cannot open: No such file"),
    (["set"], "set: nothing to set"),
])
def test_refused(words, message, tmp_path):
    rom = tmp_path / "rom"
    rom.write_bytes(rom_of(25448).read_bytes())
    assert message in mkrom(*words, rom, status=1)
    assert rom.read_bytes() == rom_of(25448).read_bytes()


def test_overlay(tmp_path):
    """It comes in packed, whatever it was packed with, and out again."""
    out, overlay = tmp_path / "rom", tmp_path / "overlay"
    archive = cpio.archive({"/init": "x" * 5000, "/etc/settings": "y\n"})
    archive = archive.rstrip(b"\0") + bytes(4)
    told = []
    for content in (archive, gzip.compress(archive, mtime=0),
                    lzma.compress(archive, check=lzma.CHECK_CRC32)):
        overlay.write_bytes(content)
        mkrom("set", "--initrd-overlay", overlay, "-o", out, rom_of(25448))
        part = next(part for part in inspect(out)["parts"]
                    if part["name"] == "overlay")
        assert part["unpacked"] == len(archive) > part["size"]
        told.append(out.read_bytes())
    assert told[0] == told[1] == told[2]
    # An archive behind a compressed one begins at a multiple of four.
    overlay.write_bytes(gzip.compress(archive + bytes(2)) + bytes(9)
                        + lzma.compress(archive, check=lzma.CHECK_CRC32))
    mkrom("set", "--initrd-overlay", overlay, out)
    assert re.search(rf"part +overlay +\d+ bytes, unpacked +{2 * len(archive) + 4}",
                     mkrom("inspect", out))
    mkrom("set", "--banner", "Rack 7", out)
    assert "overlay" in mkrom("inspect", out)
    mkrom("set", "--initrd-overlay", "", "--banner", "MLNX NIC", out)
    assert out.read_bytes() == rom_of(25448).read_bytes()
    build(tmp_path / "new", 25448, "--initrd-overlay", overlay)
    assert "overlay" in mkrom("inspect", tmp_path / "new")


def test_overlay_of_mkinitrd_en(tmp_path):
    """inspect tells for which kernel it is."""
    overlay, rom = tmp_path / "overlay", tmp_path / "rom"
    subprocess.run([paths.binary("mkinitrd-en"), "--iscsi-target", "auto",
                    "--modules", modules.tree("6.12"), "--overlay-only",
                    overlay, paths.LAB / "initrd/initrd-6.12.img"], check=True)
    mkrom("set", "--initrd-overlay", overlay, "-o", rom, rom_of(25448))
    told = inspect(rom)["overlay"]
    assert told["kernel"] == paths.kernel_version("6.12")
    assert told["iscsi_target"] == "auto"
    assert (f"overlay   for kernel {told['kernel']}, iSCSI target auto"
            in mkrom("inspect", rom))
    assert inspect(rom_of(25448))["overlay"] is None


def test_overlay_is_refused(tmp_path):
    out, overlay = tmp_path / "rom", tmp_path / "overlay"
    archive = cpio.archive({"/init": "x" * 5000})

    def refused(content, rom=rom_of(25448)):
        overlay.write_bytes(content)
        said = mkrom("set", "--initrd-overlay", overlay, "-o", out, rom,
                     status=1)
        assert not out.exists()
        return said

    assert f"mkrom: {overlay}: " in refused(b"no initrd")
    assert str(overlay) in refused(b"")
    assert str(overlay) in refused(gzip.compress(archive)[:-20])
    assert "microcode" in refused(cpio.archive(
        {"/kernel/x86/microcode/GenuineIntel.bin": "x"}) + archive)
    settings = b"a = 1\n\0\0"
    assert "bootconfig" in refused(
        archive + settings + len(settings).to_bytes(4, "little")
        + sum(settings).to_bytes(4, "little") + b"#BOOTCONFIG\n")
    assert re.search(r"the overlay has \d{6,} bytes when it is packed, but "
                     r"\d{6} fit into a ROM of 1048576",
                     refused(cpio.archive({"/big": random.Random(1)
                                           .randbytes(300000)})))
    # Code that may not know of it: only its version's digit is another.
    content = bytearray(rom_of(25448).read_bytes())
    at = content.index(b"MLNX NIC ") + 9
    content[at] += 1
    content[8191] = content[8191] - 1 & 0xff
    old = tmp_path / "old"
    old.write_bytes(content)
    assert "another version of mkrom" in refused(archive, old)


def test_wrong_programs(tmp_path):
    out = tmp_path / "rom"
    assert "device '1': not the id of a ConnectX" in mkrom(
        "build", "--device", "1", status=1)
    efi, lkrn = IPXE / "ipxe-amd64.efi", IPXE / "ipxe.lkrn"
    done = mkrom("build", "--device", 25448, "--bios", efi, "--uefi", efi,
                 "-o", out, status=1)
    assert f"{efi}: not in the form of a Linux kernel" in done
    big = tmp_path / "big"
    content = bytearray(lkrn.read_bytes()) + bytes(LIMIT)
    big.write_bytes(content)
    done = mkrom("build", "--device", 25448, "--bios", big, "--uefi", efi,
                 "-o", out, status=1)
    assert f"but a ROM has at most {LIMIT}" in done
    assert not out.exists()


def test_damage_is_named(tmp_path):
    content = bytearray(rom_of(25448).read_bytes())
    rom = tmp_path / "rom"
    rom.write_bytes(content[:-512])
    assert "is the file cut off?" in mkrom("inspect", rom, status=1)
    assert inspect(rom, status=1)["wrong"]
    content[300000] ^= 1
    rom.write_bytes(content)
    assert "part 'bios'" in mkrom("set", "--vlan", 3, rom, status=1)
    assert "damaged" in inspect(rom, status=1)["wrong"]
    rom.write_bytes(bytes(4096))
    assert "offset 0x0: no ROM image" in mkrom("inspect", rom, status=1)


@pytest.mark.parametrize("device", IDS)
def test_en_flash_takes_it(device, tmp_path):
    """Into the second copy of a flash and back, the same bytes, and
    query says of it what mstflint says (test_mstflint_reads_all)."""
    rom, saved = rom_of(device), tmp_path / "saved"
    version = inspect(rom)["version"]
    subprocess.run([SAMPLE, tmp_path, str(device), "8192", "1"], check=True)
    flash = tmp_path / "image"
    flash.write_bytes(flash.read_bytes().ljust(2 << 20, b"\xff"))

    def en_flash(verb, *words):
        done = subprocess.run([EN_FLASH, verb, "-i", flash, *words],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0 and not done.stderr, done
        return done.stdout

    en_flash("brom", rom)
    en_flash("verify")
    en_flash("rrom", saved)
    assert saved.read_bytes() == rom.read_bytes()
    told = json.loads(en_flash("query", "--json"))
    assert told["flash"]["image_at"] and told["rom_size"] == len(
        rom.read_bytes())
    assert [(one["text"], one["device_id"]) for one in told["roms"]] == [
        (f"type=PXE version={version} proto=ETH", device),
        (f"type=UEFI version={version} cpu=AMD64", device)]
