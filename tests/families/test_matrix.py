# SPDX-License-Identifier: GPL-2.0-only
"""Cells of the matrix of makes (matrix.py), each booted to the mounted root over
iSCSI. What a cell came to is kept for the table: make family-matrix."""

import dataclasses
import json
import subprocess
import time

import pytest

from tests.e2e.ibft import ORIGIN_DHCP, ORIGIN_STATIC, ibft
from tests.e2e.test_tools_boot import NAME, lab, probe
from tests.e2e.test_tools_root import start_target
from tests.e2e.tools_fixtures import run
from tests.families import booting, images, matrix
from tests.families import test_installer as installer
from tests.lab import paths

assert lab and probe  # fixtures

RESULTS = paths.REPOSITORY / "build" / "families"
ME = "iqn.2007-08.com.example:me"
ROOT = "root=/dev/sda"
MACS = {"1": booting.MAC, "2": "00:02:c9:00:00:bc"}


@dataclasses.dataclass
class Source:
    """How an image of a make is had: its file, for which kernel, and what it
    is told beside the cell's values."""
    image: object
    kernel: str = booting.KERNEL
    options: tuple = ()
    append: str = ""
    memory: int = 512


def of_lab(name, kernel=booting.KERNEL):
    return lambda folder: paths.LAB / f"{name}-{kernel}.img"


def image_of(make, *more):
    return lambda folder: make(folder / "base", folder / "base.img", *more)


# Its options are those that another make's image would be.
NEW = ("--new", "--initiator", paths.ROOT, "--busybox",
       paths.ROOT / "usr/bin/busybox", "--compress", "zstd:1")
SOURCES = {
    "tiny-initramfs": Source(image_of(images.tiny_initramfs),
                             options=booting.INITIATOR, append=ROOT),
    "shell script": Source(image_of(images.shell), options=booting.INITIATOR,
                           append=ROOT),
    "mkinitcpio style": Source(image_of(images.mkinitcpio),
                               options=booting.INITIATOR),
    "--new": Source(None, options=NEW),
    "SLES 10 style": Source(image_of(images.sles10, booting.KERNEL)),
    "initramfs-tools, Debian 13": Source(of_lab("initrd/initrd")),
    "initramfs-tools, Debian 12": Source(
        of_lab("bookworm/initramfs-tools", "6.1"), "6.1"),
    "dracut 106": Source(of_lab("dracut/plain"), memory=768),
    "dracut 059": Source(of_lab("bookworm/dracut-plain", "6.1"), "6.1",
                         memory=768),
    "dracut 106, systemd": Source(of_lab("dracut/systemd"), memory=768),
    "dracut 059, systemd": Source(of_lab("bookworm/dracut-systemd", "6.1"),
                                  "6.1", memory=768),
    "systemd": Source(image_of(images.systemd, of_lab("dracut/systemd")(None)),
                      memory=768),
    "Debian 12's installer": Source(
        lambda folder: paths.LAB / "installer" / "initrd.gz", "6.1-installer",
        (*installer.EXT4, *booting.INITIATOR), installer.APPEND, 1024),
}


def network(cell):
    """The server's address and the host's, behind the cell's port."""
    server = booting.SERVERS[int(cell.port)]
    return server, server.rpartition(".")[0] + ".130"


def serve(lab, probe, cell):
    """The target, and a lease where the cell has one: with a root-path where
    nothing else says what the target is."""
    server, host = network(cell)
    start_target(lab, probe, server,
                 booting.ASKS_WHO if cell.chap == "CHAP" else "")
    if cell.address == "DHCP":
        said = [f"--dhcp-option=option:root-path,iscsi:{server}::::{NAME}"] \
            if cell.target == "root-path" else []
        lab.dnsmasq(interface=f"tap{cell.port}", first=host, last=host,
                    options=said)


def settings(lab, cell):
    """mkinitrd-en's options, and QEMU's."""
    server, host = network(cell)
    options, qemu = ["--load", cell.load], []
    if cell.write == "rebuild":
        options.append("--rebuild")
    if cell.target == "option":
        options += ["--iscsi-target", server, "--iscsi-iqn", NAME]
    else:
        options += ["--iscsi-target", "auto"]
    if cell.target == "iBFT":
        table = lab.folder / "ibft"
        table.write_bytes(ibft(
            MACS[cell.port], host, 24, server, NAME, 1, ME,
            origin=ORIGIN_STATIC if cell.address == "static" else ORIGIN_DHCP))
        qemu = ["-acpitable", f"sig=iBFT,data={table}"]
    elif cell.address == "static":
        options += ["--ip", f"{host}/24"]
    if cell.chap == "CHAP":
        options += ["--iscsi-chap", booting.secret_file(lab)]
    return options, qemu


def seen(console, cell):
    """That it came to its root by what the cell says."""
    assert booting.has_booted(console)
    assert ("connectx-en: loaded" in console) == (cell.load == "wrapper")
    assert ("loading Mellanox ConnectX EN driver" in console) == \
        (cell.load == "insmod")
    assert booting.SECRET not in console
    if cell.make == "SLES 10 style":
        return
    by = "DHCP" if cell.address == "DHCP" else "the settings"
    assert f"eth{int(cell.port) - 1}: address {network(cell)[1]}/24 by {by}" \
        in console
    assert ("from the lease's root-path" in console) == \
        (cell.target == "root-path")
    assert (f" as {ME}" in console) == (cell.target == "iBFT")


def boot(lab, probe, cell):
    source = SOURCES[cell.make]
    serve(lab, probe, cell)
    options, qemu = settings(lab, cell)
    base = [source.image(lab.folder)] if source.image else []
    image = booting.made(lab, *source.options, *options, *base,
                         kernel=source.kernel)
    if cell.write == "rebuild":
        shown = json.loads(run("mkinitrd-en", "inspect", "--json",
                               image).stdout)
        assert [s["early"] for s in shown["segments"]].count(False) == 1
    ports = booting.PORT_2 if cell.port == "2" else {}
    return booting.start(lab, image, append=source.append, qemu=qemu,
                         memory=source.memory, kernel=source.kernel, **ports)


def note(cell, outcome, seconds):
    """For the table; a run that is ended keeps what it has tried."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], check=True, text=True,
                            capture_output=True,
                            cwd=paths.REPOSITORY).stdout.strip()
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / (str(cell).replace("/", "-").replace(" ", "_") + ".json")
    path.write_text(json.dumps({
        "cell": dataclasses.asdict(cell), "outcome": outcome,
        "seconds": round(seconds), "commit": commit,
        "date": time.strftime("%Y-%m-%d", time.gmtime())}))


@pytest.mark.parametrize("cell", matrix.chosen(), ids=str)
def test_cell(cell, lab, probe):
    begin = time.monotonic()
    try:
        seen(boot(lab, probe, cell), cell)
    except Exception:
        note(cell, "failed", time.monotonic() - begin)
        raise
    note(cell, "passed", time.monotonic() - begin)
