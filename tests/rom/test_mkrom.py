# SPDX-License-Identifier: GPL-2.0-only
"""mkrom as a user calls it, and its ROMs as mstflint reads them."""

import json
import subprocess

import pytest

from tests.lab import Lab, paths
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
