# SPDX-License-Identifier: GPL-2.0-only
"""The flash of the virtual adapter under mstflint 4.16, the last one of Debian
that opens these cards, and under en-flash: each burns, each reads what the
other has burned, both ways to the registers; and what was burned runs when the
machine is switched on again."""

import json
import os
import pathlib
import re
import subprocess

import pytest

from tests.lab import Lab, paths

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = REPOSITORY / "build/plain/tests/flash-sample"
MISSING = paths.LAB / "mstflint/missing"
MACS = ["00:02:c9:00:00:bb", "00:02:c9:00:00:bc"]
FIND = "basename $(dirname $(grep -l 0x15b3 /sys/bus/pci/devices/*/vendor))"


def sample(folder, device, size, seed):
    """A ROM for a device, as bytes."""
    folder.mkdir(exist_ok=True)
    if not SAMPLE.exists():
        pytest.fail(f"{SAMPLE} is missing: run make {SAMPLE}")
    subprocess.run([SAMPLE, folder, str(device), str(size), str(seed)],
                   check=True)
    return (folder / "rom").read_bytes()


def programs():
    """en-flash and the libraries that the guest may not have."""
    program = paths.binary("en-flash")
    if not program.exists():
        pytest.fail(f"{program} is missing: run make all")
    found = {"/opt/en-flash/en-flash": (program.read_bytes(), 0o755)}
    listed = subprocess.run(["ldd", program], capture_output=True, text=True,
                            check=True).stdout
    for path in re.findall(r"=> (/\S*json\S*) ", listed):
        found["/opt/en-flash/" + os.path.basename(path)] = (
            pathlib.Path(path).read_bytes(), 0o644)
    return found


class Card:
    """A guest that sees the card, and what can be done to it there."""

    def __init__(self, guest):
        self.guest = guest
        self.address = guest.run(FIND).stdout.strip()
        self.resource = f"/sys/bus/pci/devices/{self.address}/resource0"

    def en_flash(self, words, check=True, timeout=600):
        done = self.guest.run("LD_LIBRARY_PATH=/opt/en-flash /opt/en-flash/"
                              f"en-flash {words} -d {self.address}",
                              timeout, check)
        return done.stdout if check else done

    def query(self, words=""):
        return json.loads(self.en_flash(f"query --json {words}"))

    def mstflint(self, words, config=False, check=True, timeout=600):
        device = self.address if config else self.resource
        done = self.guest.run("LD_LIBRARY_PATH=/opt/mstflint /opt/mstflint/"
                              f"mstflint -d {device} -y {words}",
                              timeout, check)
        return done.stdout if check else done

    def semaphore_is_free(self):
        """By mstflint's eyes: it would wait and fail."""
        return self.guest.run(
            "python3 - <<'EOF'\nimport mmap, os, struct\n"
            f"f = os.open('{self.resource}', os.O_RDWR)\n"
            "m = memoryview(mmap.mmap(f, 1 << 20)).cast('I')\n"
            "print(m[0xf03fc // 4])\nm[0xf03fc // 4] = 0\nEOF").stdout.strip()


def need_mstflint():
    if MISSING.exists():
        pytest.skip(MISSING.read_text().strip())


def boot(lab, device, files, segments=(), adapter=None, **options):
    adapter = adapter or lab.adapter(
        device=device, port1="none", port2="none",
        options=["--flash", lab.folder / "flash"])
    # On a busy host a kernel takes the local APIC's timer for thousands of
    # times too slow; then nothing that waits ever wakes up.
    guest = lab.guest(nics=[adapter], segments=["mstflint", *segments],
                      files=files, smp=1, driver="in-tree",
                      append="nolapic_timer", boot_timeout=300, **options)
    return adapter, guest


@pytest.mark.parametrize("device", [26448])
def test_mstflint_and_en_flash(device, tmp_path):
    """q, v, brom, rrom, drom and ri of mstflint 4.16 and all of en-flash, by
    BAR0 and by configuration space, each reading what the other wrote."""
    need_mstflint()
    small = sample(tmp_path, device, 8192, 1)
    other = sample(tmp_path, 25448, 8192, 3)
    files = {"/small": small, "/larger": sample(tmp_path, device, 16384, 2),
             "/other": other, **programs()}
    with Lab() as lab:
        adapter, guest = boot(lab, device, files, ["mstflint-4.16"])
        card = Card(guest)
        for config in (False, True):
            said = card.mstflint("q", config)
            assert "FW Version:            2.9.1000" in said
            assert "Rom Info" not in said and "0002c90000bb" in said
            assert "-I- FW image verification succeeded" in \
                card.mstflint("v", config)
            found = card.query("--access config" if config else "")
            assert found["macs"] == MACS and not found["roms"]
            assert found["flash"]["image_at"] == 0
        firmware = guest_image(card, guest)

        # mstflint burns by configuration space, en-flash reads by BAR0
        card.mstflint("brom /small", config=True)
        assert "type=PXE version=1.5.5 proto=ETH" in card.mstflint("q")
        found = card.query()
        assert found["roms"][0]["text"] == "type=PXE version=1.5.5 proto=ETH"
        assert found["flash"] == {
            "size": 2 << 20, "jedec_id": "207115", "image_at": 0x40000,
            "failsafe": True, "other_signatures": 0}
        card.en_flash("verify")
        card.en_flash("rrom /read-1")
        assert guest.read_file("/read-1") == small

        # en-flash burns by BAR0, mstflint reads both ways
        assert "burned:          16384 bytes" in card.en_flash("brom /larger")
        for config in (False, True):
            assert "verification succeeded" in card.mstflint("v", config)
        card.mstflint("rrom /read-2")
        guest.run("cmp /read-2 /larger")
        assert card.query()["flash"]["image_at"] == 0

        # and back: what mstflint has burned, en-flash deletes, by config
        card.mstflint("brom /larger")  # into the other copy, the same again
        assert card.query()["flash"]["image_at"] == 0x40000
        card.en_flash("drom --access config")
        assert "Rom Info" not in card.mstflint("q", config=True)
        assert guest_image(card, guest) == firmware

        # both tools' images of the same flash are the same bytes
        card.en_flash("brom --access config /small")
        card.mstflint("ri /image-1")
        card.en_flash("backup /image-2")
        guest.run("cmp /image-1 /image-2")
        card.mstflint("drom")
        assert "none" in card.en_flash("query")
        card.en_flash("restore /image-1")
        card.mstflint("rrom /read-3")
        guest.run("cmp /read-3 /small")

        # what is refused leaves the flash as it is
        before = (lab.folder / "flash").read_bytes()
        done = card.en_flash("brom /other", check=False)
        assert done.status == 1 and "25448" in done.stderr
        assert (lab.folder / "flash").read_bytes() == before
        assert adapter.alive(), adapter.log()
    judge_by_files(before, tmp_path)


def test_more_than_a_stripe(tmp_path):
    """A ROM of several stripes: burned by either, read by the other."""
    need_mstflint()
    device = 26448
    files = {"/one": sample(tmp_path, device, 300 * 1024, 1),
             "/two": sample(tmp_path, device, 280 * 1024, 2), **programs()}
    with Lab() as lab:
        adapter, guest = boot(lab, device, files, ["mstflint-4.16"])
        card = Card(guest)
        card.mstflint("brom /one")
        card.en_flash("rrom /read-1")
        guest.run("cmp /read-1 /one")
        card.en_flash("brom /two")
        card.mstflint("rrom /read-2")
        guest.run("cmp /read-2 /two")
        assert adapter.alive(), adapter.log()


def guest_image(card, guest):
    """The image as mstflint reads it."""
    guest.run("rm -f /ri.bin")
    card.mstflint("ri /ri.bin")
    return guest.read_file("/ri.bin")


def judge_by_files(flash, folder):
    """The flash's bytes under the lab's own mstflint, which opens no such
    card any more, but still its images."""
    program = [paths.ROOT / "lib64/ld-linux-x86-64.so.2", "--library-path",
               paths.ROOT / "usr/lib/x86_64-linux-gnu",
               paths.ROOT / "usr/bin/mstflint"]
    path = folder / "flash.bin"
    path.write_bytes(flash)
    for verb, said in (("v", "verification succeeded"),
                       ("q", "type=PXE version=1.5.5 proto=ETH")):
        done = subprocess.run([*program, "-i", path, "--striped_image", verb],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0 and said in done.stdout, done


@pytest.mark.parametrize("device", [25448, 26478])
def test_burned_and_switched_on(device, tmp_path):
    """One machine burns a ROM; after off and on the BIOS runs it, and it is
    what the card shows."""
    rom = sample(tmp_path, device, 16384, 7)
    with Lab() as lab:
        adapter, guest = boot(lab, device, {"/rom": rom, **programs()})
        card = Card(guest)
        said = card.en_flash("query")
        assert "Rom Info:        none" in said
        assert f"MACs:            {MACS[0]}  {MACS[1]}" in said
        card.en_flash("brom /rom")
        guest.stop()
        debug = ["-chardev", "file,id=debug,path=debug.log", "-device",
                 "isa-debugcon,iobase=0x402,chardev=debug"]
        _, guest = boot(lab, device, programs(), adapter=adapter, qemu=debug)
        shown = "/sys/bus/pci/devices/$({})/rom".format(FIND)
        guest.run(f"echo 1 >{shown}; cat {shown} >/shown")
        assert guest.read_file("/shown")[:len(rom)] == rom
        assert "sample ROM 7 of 16384 bytes runs" in lab.log("debug.log")
        assert Card(guest).query()["roms"][0]["device_id"] == device
        assert adapter.alive(), adapter.log()


def test_interrupted(tmp_path):
    """Ctrl-C in the middle of burning: the semaphore is free, the old image
    in use; and the driver loads."""
    device = 26448
    rom = sample(tmp_path, device, 300 * 1024, 4)
    with Lab() as lab:
        adapter, guest = boot(
            lab, device, {"/rom": rom, "/small": sample(tmp_path, device, 8192,
                                                        5), **programs()},
            ["python"])
        card = Card(guest)
        before = card.query()
        done = guest.run(
            "LD_LIBRARY_PATH=/opt/en-flash timeout -s INT 0.5 /opt/en-flash/"
            f"en-flash brom --access config /rom -d {card.address}",
            check=False)
        assert done.status != 0
        assert "stopped: the image that was in use still is" in done.stderr
        assert card.query() == before
        assert card.semaphore_is_free() == "0"
        guest.run("modprobe mlx4_core", timeout=60)
        # The kernel gives BAR0 to nobody else while the driver has it.
        done = card.en_flash("query", check=False)
        assert done.status == 1 and "--access config" in done.stderr
        card.en_flash("brom --access config /small")
        assert card.query("--access config")["rom_size"] == 8192
        assert guest.dmesg(level=3, match="mlx4") == []
        assert adapter.alive(), adapter.log()
