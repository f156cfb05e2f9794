# SPDX-License-Identifier: GPL-2.0-only
"""A kernel comes to a Debian host that has dracut: its package runs the hooks,
dracut's and ours, and the initrd that they leave boots."""

import json
import os
import subprocess

import pytest

from tests.e2e.test_tools_boot import NAME, lab, probe
from tests.e2e.test_tools_hooks import CONF, make
from tests.e2e.tools_fixtures import run
from tests.families import booting
from tests.lab import paths

assert lab and probe  # fixtures

DRACUT = paths.LAB / "dracut"
RELEASE = paths.kernel_version(booting.KERNEL) if paths.is_built() else ""
# What an administrator says whose hosts are not this one
DRACUT_CONF = '''hostonly="no"
hostonly_cmdline="no"
add_dracutmodules+=" network iscsi "
add_drivers+=" iscsi_tcp sd_mod ext4 virtio_pci virtio_net "
omit_drivers+=" mlx4_core mlx4_en "
'''
# The host's root is the lab's with what was installed laid over it. What runs at
# the end is what linux-image's postinst runs.
UPGRADE = '''
    mount -t tmpfs tmpfs /mnt
    mkdir /mnt/upper /mnt/work /mnt/host
    cp -a "$INSTALLED"/. /mnt/upper
    host=/mnt/host
    mount -t overlay overlay "$host" \
        -o lowerdir="$ROOT",upperdir=/mnt/upper,workdir=/mnt/work
    mkdir -p "$host/usr/lib/modules/$RELEASE"
    mount --bind "$MODULES/lib/modules/$RELEASE" \
        "$host/usr/lib/modules/$RELEASE"
    mount --rbind /dev "$host/dev"
    mount -t proc proc "$host/proc"
    mount --rbind /sys "$host/sys"
    mount -t tmpfs tmpfs "$host/tmp"
    cp "$KERNEL/vmlinuz" "$host/boot/vmlinuz-$RELEASE"
    cp "$KERNEL/config" "$host/boot/config-$RELEASE"
    DEB_MAINT_PARAMS="configure" chroot "$host" run-parts --report \
        --exit-on-error --arg="$RELEASE" --arg="/boot/vmlinuz-$RELEASE" \
        /etc/kernel/postinst.d
    ls "$host/boot"
    cp "$host/boot/initrd.img-$RELEASE" "$OUT"
'''


def upgrade(tmp_path, conf):
    """The initrd that the package of a kernel leaves behind, and what was said."""
    installed = tmp_path / "installed"
    make("install", installed)
    (installed / CONF).write_text(conf)
    more = installed / "etc/dracut.conf.d/diskless.conf"
    more.parent.mkdir(parents=True)
    more.write_text(DRACUT_CONF)
    kernel = paths.kernel(booting.KERNEL)
    unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    if os.getuid():
        unshare += ["--map-root-user", "--map-auto"]
    done = subprocess.run(
        [*unshare, "bash", "-euc", UPGRADE], text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "RELEASE": RELEASE,
             "ROOT": str(DRACUT / "root"), "INSTALLED": str(installed),
             "MODULES": str(kernel / "modules"), "KERNEL": str(kernel),
             "OUT": str(tmp_path / "initrd.img")})
    assert done.returncode == 0, done.stdout
    return tmp_path / "initrd.img", done.stdout


def is_ours(image):
    found = json.loads(run("mkinitrd-en", "inspect", "--json", image).stdout)
    return any(segment["ours"] for segment in found["segments"])


def test_new_kernel_keeps_drivers_and_target(tmp_path, lab, probe):
    image, said = upgrade(tmp_path, "enabled=yes\niscsi-target=11.4.3.7\n")
    assert "ConnectX EN drivers and settings into" in said
    assert is_ours(image)
    booting.serve(lab, probe)
    console = booting.start(lab, image, memory=768)
    assert f"target {NAME} from the lease's root-path" in console
    assert booting.has_booted(console)


@pytest.mark.parametrize("conf, word", [
    ("enabled=no\niscsi-target=11.4.3.7\n", None),
    ("enabled=yes\niscsi-iqn=nonsense\n", "WITHOUT")])
def test_image_is_left_alone(conf, word, tmp_path):
    """Also where the settings are wrong: the package is configured all the
    same."""
    image, said = upgrade(tmp_path, conf)
    assert (word in said) if word else "mkinitrd-en" not in said
    assert not is_ours(image)
