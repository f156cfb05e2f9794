# SPDX-License-Identifier: GPL-2.0-only
"""DKMS in a Debian 12 and a Debian 13: installed for every kernel, again for a
new one, gone without a trace. One root a release, through the tests in order.
"""

import re
import subprocess
from pathlib import Path

import pytest

from lab import paths

DIST = paths.REPOSITORY / "build/dist"
NAMES = ("mlx4_core", "mlx4_en")
MARK = "@@ done"


def package():
    text = (paths.REPOSITORY / "dkms.conf").read_text()
    return [re.search(rf'^PACKAGE_{what}="(.*)"$', text, re.M)[1]
            for what in ("NAME", "VERSION")]


NAME, VERSION = package()


class Root:
    """A shell in a root of the lab, and what the tests ask of it."""

    def __init__(self, release):
        self.release = release
        self.shell = subprocess.Popen(
            [Path(__file__).with_name("in-root"), release], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        self.first = self.kernels()

    def close(self):
        self.shell.stdin.close()
        self.shell.wait(30)

    def run(self, command, check=True):
        """The output of a shell command, standard error with it."""
        self.shell.stdin.write(f"({command}\n) </dev/null 2>&1; s=$?\n"
                               f"echo; echo '{MARK}' $s\n")
        self.shell.stdin.flush()
        lines = []
        for line in self.shell.stdout:
            if line.startswith(MARK):
                break
            lines.append(line)
        else:
            raise RuntimeError("the root is gone: " + "".join(lines))
        out = "".join(lines).removesuffix("\n")
        status = int(line.removeprefix(MARK))
        assert not check or status == 0, f"{command}: {status}\n{out}"
        return out

    def kernels(self):
        """Those whose drivers are there."""
        return self.run("ls /lib/modules").split()

    def in_tree(self, kernel):
        """The kernel's own two files, and what is in them."""
        return self.run("find /lib/modules/%s/kernel -name 'mlx4_core.ko*' "
                        "-o -name 'mlx4_en.ko*' | sort | xargs sha256sum"
                        % kernel)

    def files(self, kernel):
        """What a removal must leave as it was."""
        return self.run(f"find /lib/modules/{kernel} /etc/modprobe.d "
                        f"/etc/initramfs-tools /usr/src /boot | sort")


@pytest.fixture(scope="module", params=("12", "13"))
def root(request):
    if not (paths.LAB / "dkms" / request.param).is_dir():
        pytest.fail("no roots for DKMS: run make test-dkms")
    made = Root(request.param)
    made.before = {kernel: (made.files(kernel), made.in_tree(kernel),
                            made.run(f"sha256sum /lib/modules/{kernel}/"
                                     "modules.dep"))
                   for kernel in made.first}
    yield made
    made.close()


def check_kernel(root, kernel):
    """Ours are there, found first, signed, and in the initramfs."""
    for name in NAMES:
        out = root.run(f"modinfo -k {kernel} {name}")
        fields = dict(re.findall(r"^(\w+):\s+(.*)$", out, re.M))
        path = fields["filename"]
        assert f"/{kernel}/updates/dkms/{name}.ko" in path, out
        assert fields["vermagic"].startswith(f"{kernel} "), out
        assert fields["license"].startswith("GPL"), out
        assert "signer" in fields and fields["sig_id"] == "PKCS#7", out
        key = root.run("openssl x509 -inform der -noout -subject -nameopt "
                       "multiline -in /var/lib/dkms/mok.pub")
        assert re.search(r"commonName\s+= (.*)", key)[1] == fields["signer"]
    # What an installed system does when the card is found
    for word in ("mlx4_en", "pci:v000015B3d00006368sv0sd0bc02sc00i00"):
        out = root.run(f"modprobe -S {kernel} -n -v --ignore-install {word}")
        loaded = re.findall(r"^insmod (\S+)", out, re.M)
        ours = [path for path in loaded if "mlx4" in path]
        assert ours and all("/updates/dkms/" in path for path in ours), out
    assert "blacklist mlx4_ib" in root.run("modprobe --showconfig")
    inside = root.run(f"lsinitramfs /boot/initrd.img-{kernel}")
    found = re.findall(r"^.*/mlx4_\w+\.ko\S*$", inside, re.M)
    assert len(found) == 2 and all("/updates/dkms/" in path
                                   for path in found), found


def test_install(root):
    """dkms install for every installed kernel."""
    root.run(f"tar -C /usr/src -xf /src/{NAME}-dkms-{VERSION}.tar.gz")
    root.run(f"dkms add {NAME}/{VERSION}")
    for kernel in root.first:
        out = root.run(f"dkms install {NAME}/{VERSION} -k {kernel} || "
                       f"{{ cat /var/lib/dkms/{NAME}/{VERSION}/build/make.log;"
                       " exit 1; }")
        assert "rror" not in out and "bad exit" not in out, out
        assert re.search(rf"{NAME}.*{re.escape(kernel)}.*installed",
                         root.run("dkms status")), out
        check_kernel(root, kernel)
        # DKMS 3.0 leaves the kernel's own where they are, 3.2 keeps them in
        # its archive until ours are removed.
        kept = root.run(f"find /lib/modules/{kernel}/kernel "
                        f"/var/lib/dkms/{NAME}/original_module/{kernel} "
                        "-name 'mlx4_*.ko*' ! -name '*.origin' "
                        "! -name 'mlx4_ib*' | "
                        "xargs sha256sum")
        assert {line.split()[0] for line in kept.splitlines()
                if re.match("[0-9a-f]{64} ", line)} == \
            {line.split()[0] for line in root.before[kernel][1].splitlines()}


def test_upgrade(root):
    """A new kernel's packages bring our drivers with them, unasked."""
    root.run("apt-get install -q -y -o APT::Sandbox::User=root "
             "/var/cache/upgrade/*.deb")
    new = set(root.kernels()) - set(root.first)
    assert len(new) == 1, new
    kernel = new.pop()
    check_kernel(root, kernel)
    for kernel in root.first:
        check_kernel(root, kernel)


def test_again(root):
    """dkms autoinstall has nothing to do, and fails at nothing."""
    for kernel in root.kernels():
        out = root.run(f"dkms autoinstall -k {kernel}")
        assert "rror" not in out and "Building" not in out, out


def test_word_is_kept(root):
    """A configuration that the administrator has changed is not replaced."""
    kernel = root.first[0]
    word = f"/etc/modprobe.d/{NAME}.conf"
    root.run(f"cp {word} /tmp/word; echo '# mine' >>{word}")
    root.run(f"dkms uninstall {NAME}/{VERSION} -k {kernel} && "
             f"dkms install {NAME}/{VERSION} -k {kernel}")
    assert "# mine" in root.run(f"cat {word}")
    root.run(f"cp /tmp/word {word}")
    check_kernel(root, kernel)


def test_remove(root):
    """dkms remove leaves nothing of ours, and the kernel's own drivers."""
    root.run(f"dkms remove {NAME}/{VERSION} --all; "
             f"rm -r /usr/src/{NAME}-{VERSION}")
    assert NAME not in root.run("dkms status")
    new = [kernel for kernel in root.kernels() if kernel not in root.first]
    for kernel, (files, in_tree, dependencies) in root.before.items():
        after = [line for line in root.files(kernel).splitlines()
                 if not any(other in line for other in new)]
        assert set(after) - set(files.splitlines()) == set() or \
            all(line.startswith("/usr/src/linux-")
                for line in set(after) - set(files.splitlines())), after
        assert set(files.splitlines()) - set(after) == set()
        assert root.in_tree(kernel) == in_tree
        assert root.run(f"sha256sum /lib/modules/{kernel}/modules.dep") == \
            dependencies
    for kernel in root.kernels():
        assert root.run(f"find /lib/modules/{kernel} -path '*updates*' "
                        "-name 'mlx4*'") == ""
        inside = root.run(f"lsinitramfs /boot/initrd.img-{kernel}")
        found = re.findall(r"^.*/mlx4_\w+\.ko\S*$", inside, re.M)
        assert found and not any("updates" in path for path in found), found
    assert root.run(f"find / -xdev -iname '*{NAME}*' "
                    "-not -path '/proc/*' -not -path '/src/*'") == ""
