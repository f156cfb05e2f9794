# SPDX-License-Identifier: GPL-2.0-only
"""A kernel comes to a Debian host that has dracut: its package runs the hooks,
dracut's and ours, and the initrd that they leave boots."""

import json
import subprocess

import pytest

from tests.e2e.test_tools_boot import NAME, lab, probe
from tests.e2e.test_tools_hooks import CONF, make
from tests.e2e.tools_fixtures import run
from tests.families import booting
from tests.lab import paths
from tests.lab.generator import run_on_host

assert lab and probe  # fixtures

# What an administrator says whose hosts are not this one
DRACUT_CONF = '''hostonly="no"
hostonly_cmdline="no"
add_dracutmodules+=" network iscsi "
add_drivers+=" iscsi_tcp sd_mod ext4 virtio_pci virtio_net "
omit_drivers+=" mlx4_core mlx4_en "
'''
# The host's root is the lab's with what was installed laid over it.
INSTALL = '''
    mount -t tmpfs tmpfs /mnt
    mkdir /mnt/upper /mnt/work /mnt/host
    cp -a "$INSTALLED"/. /mnt/upper
    mount -t overlay overlay /mnt/host \
        -o lowerdir="$HOST",upperdir=/mnt/upper,workdir=/mnt/work
    HOST=/mnt/host
'''
# What linux-image's postinst runs
UPGRADE = '''
    cp "$KERNEL/vmlinuz" "$HOST/boot/vmlinuz-$RELEASE"
    cp "$KERNEL/config" "$HOST/boot/config-$RELEASE"
    DEB_MAINT_PARAMS="configure" chroot "$HOST" run-parts --report \
        --exit-on-error --arg="$RELEASE" --arg="/boot/vmlinuz-$RELEASE" \
        /etc/kernel/postinst.d
    cp "$HOST/boot/initrd.img-$RELEASE" "$OUT"
'''


def upgrade(tmp_path, conf):
    """The initrd that the package of a kernel leaves behind, and what was said."""
    installed = tmp_path / "installed"
    make("install", installed)
    (installed / CONF).write_text(conf)
    more = installed / "etc/dracut.conf.d/diskless.conf"
    more.parent.mkdir(parents=True)
    more.write_text(DRACUT_CONF)
    done = run_on_host(
        paths.LAB / "dracut" / "root", booting.KERNEL, UPGRADE, before=INSTALL,
        environment={"INSTALLED": installed, "OUT": tmp_path / "initrd.img",
                     "KERNEL": paths.kernel(booting.KERNEL)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900)
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
