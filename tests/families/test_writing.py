# SPDX-License-Identifier: GPL-2.0-only
"""Each way to write an image, booted to the root over iSCSI: one new archive, an
overlay behind the original as a boot loader puts it there, and what was taken out
and put in anew."""

import json
import shutil

import pytest

from tests.e2e.test_tools_boot import NAME, lab, probe
from tests.e2e.tools_fixtures import run
from tests.families import images
from tests.families.booting import (INITIATOR, has_booted, made, run_mkinitrd,
                                    serve, sound, start)

assert lab and probe  # fixtures

OPTIONS = ("--iscsi-target", "11.4.3.7", *INITIATOR)


def segments(image):
    shown = run("mkinitrd-en", "inspect", "--json", image).stdout
    return [s["compression"] for s in json.loads(shown)["segments"]]


def rebuilt(lab, base, packer):
    out = made(lab, base, *OPTIONS, "--rebuild")
    assert segments(out) == [packer]
    return out


def overlaid(lab, base, packer):
    """Two files, the first one padded as QEMU and iPXE do."""
    overlay, out = lab.folder / "overlay", lab.folder / "loaded.img"
    run_mkinitrd(base, *OPTIONS, "--overlay-only", overlay)
    first = base.read_bytes()
    out.write_bytes(first + bytes(-len(first) % 4) + overlay.read_bytes())
    assert segments(out) == [packer, packer]
    return sound(out)


def put_in_anew(lab, base, packer):
    """With other settings the first time; the original is back between."""
    image = lab.folder / "initrd.img"
    shutil.copy(base, image)
    run_mkinitrd(image, *OPTIONS, "--iscsi-iqn", "iqn.2020-01.com.example:no",
                 "--ip", "192.0.2.1/24")
    assert segments(image) == [packer, packer]
    assert run("mkinitrd-en", "--remove", image).returncode == 0
    assert image.read_bytes() == base.read_bytes()
    run_mkinitrd(image, *OPTIONS)
    return sound(image)


@pytest.mark.parametrize("packer", ("gzip", "zstd", "xz"))
@pytest.mark.parametrize("write", (rebuilt, overlaid, put_in_anew))
def test_what_is_written_boots(write, packer, lab, probe):
    serve(lab, probe)
    base = images.shell(lab.folder / "base", lab.folder / "base.img", packer)
    console = start(lab, write(lab, base, packer), append="root=/dev/sda")
    assert "Initramfs unpacking failed" not in console
    assert f"target {NAME} from the lease's root-path" in console
    assert has_booted(console)
