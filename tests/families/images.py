# SPDX-License-Identifier: GPL-2.0-only
"""Small initrds of other makes that boot: Debian's busybox or tiny-initramfs as
their programs, a kernel's own modules, and init scripts of ours."""

import shutil
import subprocess

from tests.e2e.tools_fixtures import pack
from tests.lab import paths

PARTS = paths.LAB / "families"
# busybox's names that the scripts call
APPLETS = ("sh", "mount", "umount", "mkdir", "cat", "echo", "sleep", "insmod",
           "modprobe", "ip", "udhcpc", "switch_root", "ls", "grep")

SCRIPT = """\
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
read -r line </proc/cmdline
for word in $line; do
\tcase $word in root=*) root=${word#root=} ;; esac
done
mount -o ro "$root" /target
exec switch_root /target /sbin/init
"""

# SLES 10 in miniature: modules, network, the manual's block, the login
SLES10 = """\
#!/bin/bash
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in sd_mod scsi_transport_iscsi iscsi_tcp; do
\t/sbin/modprobe $module
done
[ -e /sys/class/net/eth0 ] || sleep 3
ip link set eth0 up
udhcpc -i eth0 -n -q -t 20 -T 2 -s /sbin/lease
iscsiport=3260
if [ "$iSCSI_TARGET_IPADDR" ] ; then
      iscsiserver="$iSCSI_TARGET_IPADDR"
fi
if [ "$iSCSI_TARGET_NAME" ] ; then
      iscsitarget="$iSCSI_TARGET_NAME"
fi
. /etc/initiatorname.iscsi
iscsistart -i $InitiatorName -t $iscsitarget -a $iscsiserver -p $iscsiport -g 1
udev_discover_root() {
\twhile ! [ -e /dev/sda ]; do sleep 1; done
}
udev_discover_root
mount -o ro /dev/sda /target
exec switch_root /target /sbin/init
"""

# mkinitcpio in miniature: modules and hooks that /config names, one shell
MKINITCPIO = """\
#!/bin/sh
. /init_functions
mount_all
read -r line </proc/cmdline
for word in $line; do
\tcase $word in root=*) root=${word#root=} ;; esac
done
. /config
for module in $MODULES; do
\tmodprobe $module
done
for hook in $HOOKS; do
\t[ -x /hooks/$hook ] || continue
\t. /hooks/$hook
\trun_hook
done
mount -o ro ${rootfstype:+-t $rootfstype} "$root" /target
exec switch_root /target /sbin/init
"""

MKINITCPIO_FUNCTIONS = """\
mount_all() {
\tmount -t proc proc /proc
\tmount -t sysfs sysfs /sys
\tmount -t devtmpfs dev /dev
}
"""

LEASE = """\
#!/bin/sh
[ "$1" != bound ] || ip addr add $ip/24 dev $interface
"""


class Tree:
    """A folder that becomes an initrd."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("bin", "sbin", "dev", "proc", "sys", "target", "etc",
                     "run"):
            (folder / name).mkdir(parents=True)

    def file(self, name, text, mode=0o755):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return self

    def program(self, source, name):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, path)
        path.chmod(0o755)
        return self

    def busybox(self):
        self.program(PARTS / "busybox", "bin/busybox")
        for name in APPLETS:
            (self.folder / "bin" / name).symlink_to("busybox")
        for name in ("insmod", "modprobe"):
            (self.folder / "sbin" / name).symlink_to("/bin/busybox")
        return self

    def modules(self, kernel, *names):
        """These and what they need, unpacked, indexed by depmod."""
        version = paths.kernel_version(kernel)
        source = paths.kernel(kernel) / "modules"
        for name in names:
            shown = subprocess.run(
                ["modprobe", "-d", source, "-S", version, "--show-depends",
                 name], check=True, text=True, capture_output=True).stdout
            for line in shown.splitlines():
                if not line.startswith("insmod "):
                    continue
                path = line.split()[1]
                out = (self.folder / "lib/modules" / version / "kernel" /
                       path.rsplit("/")[-1].removesuffix(".xz"))
                out.parent.mkdir(parents=True, exist_ok=True)
                with open(out, "wb") as file:
                    subprocess.run(["xz", "-dc", path] if path.endswith("xz")
                                   else ["cat", path], check=True, stdout=file)
        folder = self.folder / "lib/modules" / version
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "modules.order").touch()
        shutil.copy(source / "lib/modules" / version / "modules.builtin",
                    folder)
        subprocess.run(["depmod", "-b", self.folder, version], check=True,
                       capture_output=True)
        return self

    def from_lab(self, source, name):
        """A program of the lab's root, with its interpreter and libraries."""
        loader = "lib64/ld-linux-x86-64.so.2"
        library = "usr/lib/x86_64-linux-gnu"
        listed = subprocess.run(
            [paths.ROOT / loader, "--library-path",
             f"{paths.ROOT / library}:{paths.ROOT / library}/systemd",
             "--list", paths.ROOT / source], check=True, text=True,
            capture_output=True).stdout
        self.program(paths.ROOT / source, name)
        self.program(paths.ROOT / loader, loader)
        for line in listed.splitlines():
            words = line.split()
            if len(words) > 2 and words[1] == "=>" and words[0][0] != "/":
                self.program(words[2], f"{library}/{words[0]}")
        return self

    def image(self, out, packer="gzip"):
        names = subprocess.run(["find", ".", "-mindepth", "1"], text=True,
                               cwd=self.folder, check=True,
                               capture_output=True).stdout
        archive = subprocess.run(
            ["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"],
            input=names.encode(), cwd=self.folder, check=True,
            capture_output=True).stdout
        out.write_bytes(pack(packer, archive))
        return out


def shell(folder, out, packer="gzip"):
    """A script and busybox, and nothing of iSCSI."""
    tree = Tree(folder).busybox().file("init", SCRIPT)
    return tree.image(out, packer)


def mkinitcpio(folder, out):
    tree = Tree(folder).busybox().file("init", MKINITCPIO)
    tree.file("init_functions", MKINITCPIO_FUNCTIONS, 0o644)
    tree.file("config", 'MODULES=""\nHOOKS="base"', 0o644)
    return tree.image(out, "zstd")


def tiny_initramfs(folder, out):
    """What mktirfs makes without modules: one static program."""
    return Tree(folder).program(PARTS / "tiny-init", "init").image(out)


def sles10(folder, out, kernel):
    tree = Tree(folder).busybox().modules(kernel, "iscsi_tcp", "sd_mod")
    tree.from_lab("usr/bin/bash", "bin/bash")
    tree.from_lab("usr/sbin/iscsistart", "bin/iscsistart")
    tree.file("init", SLES10).file("sbin/lease", LEASE)
    tree.file("etc/initiatorname.iscsi",
              "InitiatorName=iqn.1996-04.de.suse:01:me\n", 0o644)
    return tree.image(out)


def systemd(folder, out, source):
    """An image of dracut's without anything of dracut in it: what is left is
    systemd, udev, kmod and open-iscsi, as mkosi-initrd has them."""
    folder.mkdir()
    data = source.read_bytes()
    unpacked = subprocess.run(["zstd", "-dqc"], input=data[early(data):],
                              check=True, capture_output=True).stdout
    # As a plain user there are no device nodes; the kernel makes them.
    subprocess.run(["cpio", "-idu", "--quiet"], cwd=folder, input=unpacked,
                   capture_output=True, check=False)
    for path in sorted(folder.rglob("*dracut*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.is_symlink() or path.exists():
            path.unlink()
    tree = Tree.__new__(Tree)
    tree.folder = folder
    return tree.image(out, "zstd")


def early(data):
    """Where the first compressed segment begins."""
    return data.index(b"\x28\xb5\x2f\xfd")
