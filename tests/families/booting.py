# SPDX-License-Identifier: GPL-2.0-only
"""What the boots of all makes have in common: the target and its lease, an image
that mkinitrd-en has changed, a machine with the virtual adapter, its console."""

from tests.e2e.test_tools_boot import MAC, NAME, console_of, dhcp
from tests.e2e.test_tools_root import (SECRET, USER, has_booted,
                                       start_target)
from tests.e2e.tools_fixtures import run
from tests.lab import paths

assert MAC and has_booted  # of all that the rows import from here

KERNEL = "6.12"
# Images with systemd, on a machine that others use too
LIMIT = 900
# brought along where the image has none
INITIATOR = ("--initiator", paths.ROOT)
ASKS_WHO = f"\tincominguser {USER} {SECRET}\n"
# The port that has a link, and the target behind it
PORT_2 = {"port1": "none", "port2": "tap:tap2"}
SERVERS = {1: "11.4.3.7", 2: "11.4.4.7"}


def serve(lab, probe, more=""):
    """The target on port 1's network, and a lease with its root-path."""
    start_target(lab, probe, SERVERS[1], more)
    dhcp(lab, f"iscsi:{SERVERS[1]}::::{NAME}")


def secret_file(lab):
    """What --iscsi-chap takes for a target that ASKS_WHO is there."""
    path = lab.folder / "chap"
    path.touch(0o600)
    path.write_text(f"{USER}\n{SECRET}\n")
    return path


def run_mkinitrd(*options, kernel=KERNEL):
    """mkinitrd-en with these words, and a kernel of the lab's."""
    done = run("mkinitrd-en", "--modules", paths.kernel(kernel) / "modules",
               "--kernel", paths.kernel_version(kernel), *options)
    assert done.returncode == 0, done.stderr


def sound(image):
    done = run("mkinitrd-en", "verify", image)
    assert done.returncode == 0, done.stdout + done.stderr
    return image


def made(lab, *words, kernel=KERNEL):
    """What mkinitrd-en makes of an image, which stays as it is."""
    out = lab.folder / "initrd.img"
    run_mkinitrd("-o", out, *words, kernel=kernel)
    return sound(out)


def start(lab, image, append="", memory=512, qemu=(), kernel=KERNEL, **ports):
    """The console of a machine that boots an image, when the probe is done."""
    return console_of(lab.guest(
        kernel=kernel, initrd=image, memory=memory,
        nics=[lab.adapter(**ports)], qemu=qemu,
        append=f"net.ifnames=0 rd.shell=0 {append}"), LIMIT)


def boot(lab, base, *options, kernel=KERNEL, **machine):
    return start(lab, made(lab, base, *options, kernel=kernel), kernel=kernel,
                 **machine)
