# SPDX-License-Identifier: GPL-2.0-only
"""A generator of images at work in a root of the lab's, as on a host that has a
kernel of the lab's."""

import os
import subprocess

from . import paths

UNSHARE = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
# What such a host has mounted; the root itself stays as it is.
MOUNTS = '''
    mount -t tmpfs tmpfs "$HOST/tmp"
    mount -t tmpfs tmpfs "$HOST/usr/lib/modules"
    mkdir "$HOST/usr/lib/modules/$RELEASE"
    mount --bind "$MODULES/lib/modules/$RELEASE" \\
        "$HOST/usr/lib/modules/$RELEASE"
    mount --rbind /dev "$HOST/dev"
    mount -t proc proc "$HOST/proc"
    mount --rbind /sys "$HOST/sys"
'''


def run_on_host(root, kernel, script, *words, before="", environment=(),
                **options):
    """Runs a script as root, in namespaces that end with it; $HOST is the host's
    root folder, $RELEASE its kernel's. before: lines that set HOST to another
    one than the lab's root, which they find there. The others are options of
    subprocess.run, whose value it returns."""
    tree = paths.kernel(kernel)
    mapped = ("--map-root-user", "--map-auto") if os.getuid() else ()
    return subprocess.run(
        [*UNSHARE, *mapped, "bash", "-euc", before + MOUNTS + script, "bash",
         *words], text=True,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOST": str(root),
             "RELEASE": paths.kernel_version(kernel),
             "MODULES": str(tree / "modules"),
             **{name: str(value) for name, value in dict(environment).items()}},
        **options)
