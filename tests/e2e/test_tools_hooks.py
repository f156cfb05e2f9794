# SPDX-License-Identifier: GPL-2.0-only
"""make install, and the hooks that it puts there: an initrd that Debian's own
tools make anew has the drivers and the target in it, each time."""

import json
import os
import shutil
import subprocess

import pytest

from tests.e2e.tools_fixtures import run
from tests.lab import paths

pytestmark = pytest.mark.skipif(not paths.is_built(),
                                reason="no lab: run make lab")

KERNEL = "6.12"
# The lab's root has nothing below it, and its /usr cannot be written.
PREFIX = "/opt"
CONF = "etc/connectx-en/mkinitrd-en.conf"


def make(verb, destination, prefix="/usr"):
    done = subprocess.run(
        ["make", "-s", "-C", paths.REPOSITORY, verb, f"DESTDIR={destination}",
         f"PREFIX={prefix}"], capture_output=True, text=True, check=False,
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")})
    assert done.returncode == 0, done.stderr
    return done.stdout


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")
                  if not path.is_dir())


def test_what_is_installed_goes_again(tmp_path):
    make("install", tmp_path)
    found = files_below(tmp_path)
    assert {"usr/sbin/mkinitrd-en", "usr/sbin/iscsi-root",
            "usr/bin/connectx-adapter", "usr/share/man/man8/mkinitrd-en.8",
            "usr/share/bash-completion/completions/mkinitrd-en",
            "usr/lib/connectx-en/new-initrd",
            "usr/lib/kernel/install.d/60-connectx-en.install",
            "etc/initramfs/post-update.d/connectx-en",
            "etc/kernel/postinst.d/zz-connectx-en", CONF} <= set(found)
    for path in (tmp_path / "etc").rglob("*-en*"):
        if path.is_file() and path.suffix != ".conf":
            assert os.access(path, os.X_OK), path
            subprocess.run(["sh", "-n", path], check=True)
    make("uninstall", tmp_path)
    assert files_below(tmp_path) == []


def test_the_administrators_file_stays(tmp_path):
    make("install", tmp_path)
    (tmp_path / CONF).write_text("enabled=yes\nip=dhcp\n")
    make("install", tmp_path)
    assert "ip=dhcp" in (tmp_path / CONF).read_text()
    assert "was changed, and stays" in make("uninstall", tmp_path)
    assert files_below(tmp_path) == [CONF]


# with Debian's update-initramfs, in the lab's root

@pytest.fixture
def host():
    """A root with a kernel, initramfs-tools, and what make install puts."""
    from tests.lab.testbed import Lab
    with Lab(network=False) as lab:
        make("install", lab.folder / "new", PREFIX)
        (lab.folder / "boot").mkdir()
        # Libraries of this machine that the lab's root has no package of
        (lab.folder / "lib").mkdir()
        there = {path.name for path in
                 (paths.ROOT / "usr/lib").glob("*-linux-gnu/*.so*")}
        used = subprocess.run(["ldd", paths.binary("mkinitrd-en")], text=True,
                              capture_output=True, check=True).stdout.split()
        for name in used:
            if name.startswith("/") and ".so" in name and \
                    os.path.basename(name) not in there:
                shutil.copy(name, lab.folder / "lib")
        version, kernel = paths.kernel_version(KERNEL), paths.kernel(KERNEL)
        lab.run(f'''
            set -e
            cp -a {lab.folder}/new/. /
            cp {paths.REPOSITORY}/tests/lab/initrd/modules \
                /etc/initramfs-tools/modules
            sed -i 's/^MODULES=.*/MODULES=list/' \
                /etc/initramfs-tools/initramfs.conf
            mount --bind {lab.folder}/boot /boot
            cp {kernel}/config /boot/config-{version}
            mount -t tmpfs tmpfs /usr/lib/modules
            mkdir /usr/lib/modules/{version}
            mount --bind {kernel}/modules/lib/modules/{version} \
                /usr/lib/modules/{version}''')
        lab.image = lab.folder / "boot" / f"initrd.img-{version}"
        lab.version = version
        yield lab


def configure(host, text):
    host.run(f"cat >/{CONF}", input=text)


def libraries(host):
    return {"LD_LIBRARY_PATH": str(host.folder / "lib")}


def update(host, *options):
    return host.run(["update-initramfs", *options, "-k", host.version],
                    timeout=300, env=libraries(host))


def segments_of_ours(image):
    shown = run("mkinitrd-en", "inspect", "--json", image)
    assert shown.returncode == 0, shown.stderr
    return [s for s in json.loads(shown.stdout)["segments"] if s["ours"]]


def test_update_initramfs_keeps_it(host):
    configure(host, "# ours\nenabled=yes\n\niscsi-target=11.4.3.7\nport=1")
    for option in ("-c", "-u"):
        done = update(host, option)
        assert "ConnectX EN drivers" in done.stdout
        checked = run("mkinitrd-en", "verify", host.image)
        assert checked.returncode == 0, checked.stdout
        assert len(segments_of_ours(host.image)) == 1
        shown = run("mkinitrd-en", "inspect", host.image).stdout
        assert "11.4.3.7" in shown
    # no copies of the original pile up beside it
    assert not [path for path in host.image.parent.iterdir()
                if path.name.startswith(host.image.name + ".")]


def test_a_mistake_leaves_the_image_and_is_told(host):
    configure(host, "enabled=yes\nnonsense=1\n")
    done = update(host, "-c")
    assert "nonsense" in done.stderr
    assert "WITHOUT ConnectX EN drivers" in done.stderr
    assert segments_of_ours(host.image) == []
    assert run("mkinitrd-en", "verify", host.image).returncode == 0


def test_it_can_be_switched_off_and_taken_away(host):
    update(host, "-c")  # as it is installed: off
    assert segments_of_ours(host.image) == []
    configure(host, "enabled=yes\n")
    host.run("rm -r /opt /etc/initramfs/post-update.d/connectx-en "
             f"/etc/kernel/postinst.d/zz-connectx-en /{CONF}")
    done = update(host, "-u")
    assert "connectx" not in (done.stdout + done.stderr).lower()
    assert segments_of_ours(host.image) == []


# with kernel-install, and with dracut on Debian: as they call their plugins

def test_the_plugin_of_kernel_install(host):
    configure(host, "enabled=yes\niscsi-target=11.4.3.7\n")
    source = paths.LAB / "initrd" / f"initrd-{KERNEL}.img"
    staging, entry = host.folder / "staging", host.folder / "entry"
    for folder in (staging, entry):
        folder.mkdir()
        shutil.copy(source, folder / "initrd")
    plugin = "/opt/lib/kernel/install.d/60-connectx-en.install"
    environment = {**libraries(host),
                   "KERNEL_INSTALL_STAGING_AREA": str(staging),
                   "KERNEL_INSTALL_BOOT_ROOT": str(host.folder / "boot")}
    host.run([plugin, "remove", host.version, entry], env=environment)
    assert (staging / "initrd").read_bytes() == source.read_bytes()
    host.run([plugin, "add", host.version, entry, "/boot/vmlinuz"],
             timeout=120, env=environment)
    for folder in (staging, entry):
        assert [p.name for p in folder.iterdir()] == ["initrd"]
        assert len(segments_of_ours(folder / "initrd")) == 1
        assert run("mkinitrd-en", "verify", folder / "initrd").returncode == 0


def test_the_hook_of_kernel_packages_leaves_initramfs_tools_alone(host):
    configure(host, "enabled=yes\n")
    shutil.copy(paths.LAB / "initrd" / f"initrd-{KERNEL}.img", host.image)
    before = host.image.read_bytes()
    hook = ["/etc/kernel/postinst.d/zz-connectx-en", host.version,
            "/boot/vmlinuz"]
    host.run(hook, env=libraries(host))
    assert host.image.read_bytes() == before
    host.run("mount --bind /dev/null /usr/sbin/update-initramfs")
    host.run(hook, timeout=120, env=libraries(host))
    assert len(segments_of_ours(host.image)) == 1


def test_kernel_install_itself(host):
    """A kernel is added by systemd's program, the Boot Loader Specification's
    way: its entry's initrd has the drivers, the one that it was copied from is
    as it was."""
    configure(host, "enabled=yes\niscsi-target=11.4.3.7\n")
    source = paths.LAB / "initrd" / f"initrd-{KERNEL}.img"
    shutil.copy(source, host.image)
    kernel = f"/boot/vmlinuz-{host.version}"
    done = host.run(f'''
        set -e
        cp {paths.kernel(KERNEL)}/vmlinuz {kernel}
        mkdir -p /etc/kernel/install.d
        ln -s /opt/lib/kernel/install.d/60-connectx-en.install \
            /etc/kernel/install.d
        printf 'layout=bls\nBOOT_ROOT=/boot\n' >/etc/kernel/install.conf
        echo diskless >/etc/kernel/entry-token
        echo root=/dev/sda >/etc/kernel/cmdline
        kernel-install --verbose add {host.version} {kernel}''',
                    timeout=300, env=libraries(host))
    assert "ConnectX EN drivers" in done.stdout
    boot = host.folder / "boot"
    entry = (boot / "loader" / "entries" /
             f"diskless-{host.version}.conf").read_text()
    initrd = next(line.split()[1] for line in entry.splitlines()
                  if line.startswith("initrd"))
    image = boot / initrd.lstrip("/")
    assert len(segments_of_ours(image)) == 1
    assert run("mkinitrd-en", "verify", image).returncode == 0
    assert host.image.read_bytes() == source.read_bytes()
