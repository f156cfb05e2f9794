# SPDX-License-Identifier: GPL-2.0-only
"""mkinitrd-en beside what an administrator would do: unpack, add, pack; or
have the distribution's tool make the image anew."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from lab import Lab, LabError, paths

# Its image is one archive, without early microcode in front.
KERNEL = "6.1"
COMPRESSORS = {
    "gzip": ("gzip -dc", "gzip -n"),
    "zstd": ("zstd -dcq", "zstd -q -T0"),
    "xz": ("xz -dc", "xz -T0 --check=crc32"),
}
MANUAL = "initrd/append-vs-manual-"
REBUILD = "initrd/append-vs-rebuild-update-initramfs"
MODULES = ("mlx4_core", "mlx4_en")


def cases():
    return [*(MANUAL + name for name in COMPRESSORS), REBUILD]


def original():
    return paths.LAB / "initrd" / f"initrd-{KERNEL}.img"


def measure(chosen, settings, report):
    with tempfile.TemporaryDirectory(prefix="connectx-bench-") as folder:
        folder = Path(folder)
        for name, commands in COMPRESSORS.items():
            if MANUAL + name in chosen:
                manual(folder, name, commands, settings, report)
        if REBUILD in chosen:
            rebuild(folder, settings, report)


def shell(script, **environment):
    """Run a script; the seconds that it took."""
    started = time.monotonic()
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script],
                          env={**os.environ, **environment}, text=True,
                          capture_output=True, check=False)
    took = time.monotonic() - started
    if done.returncode != 0:
        raise LabError(f"{script}: status {done.returncode}\n"
                       f"{done.stdout}{done.stderr}")
    return took


def append(image, out):
    """Seconds of mkinitrd-en."""
    out.unlink(missing_ok=True)
    return shell('"$TOOL" --iscsi-target 11.4.3.7 --modules "$MODULES" '
                 '-o "$OUT" "$IMAGE"',
                 TOOL=str(paths.binary("mkinitrd-en")),
                 MODULES=str(paths.kernel(KERNEL) / "modules"), OUT=str(out),
                 IMAGE=str(image))


def driver_files():
    folder = paths.kernel(KERNEL) / "modules" / "lib" / "modules"
    found = [path for name in MODULES for path in folder.rglob(f"{name}.ko*")]
    if len(found) != len(MODULES):
        raise LabError(f"{folder} does not have {' and '.join(MODULES)}")
    return found


def manual(folder, name, commands, settings, report):
    """The recipe of any how-to: unpack to disk, copy the drivers, load them
    before the scripts run, pack again."""
    unpack, pack = commands
    image, out = folder / f"{name}.img", folder / "out.img"
    shell(f'zstd -dcq "$FROM" | {pack} >"$TO"', FROM=str(original()),
          TO=str(image))
    version = paths.kernel_version(KERNEL)
    script = f'''
        rm -rf "$TREE" && mkdir "$TREE" && cd "$TREE"
        {unpack} "$IMAGE" | cpio --quiet -id
        cp $DRIVERS usr/lib/modules/{version}/
        sed -i '2i insmod /usr/lib/modules/{version}/mlx4_core.ko; \
insmod /usr/lib/modules/{version}/mlx4_en.ko' init
        find . | cpio --quiet -o -H newc | {pack} >"$OUT"'''
    ours, theirs = [], []
    for _ in range(settings.runs):
        ours.append(append(image, out))
        theirs.append(shell(script, TREE=str(folder / "tree"),
                            IMAGE=str(image), OUT=str(out),
                            DRIVERS=" ".join(map(str, driver_files()))))
    shutil.rmtree(folder / "tree", ignore_errors=True)
    report.add(MANUAL + name, "s", ours, f"{unpack}, cpio, {pack}", theirs,
               better="lower", image_bytes=image.stat().st_size)


def rebuild(folder, settings, report):
    """Debian's own tool, on the root of the lab, with the drivers listed in
    its configuration."""
    version = paths.kernel_version(KERNEL)
    kernel = paths.kernel(KERNEL)
    out = folder / "out.img"
    prepare = f'''
        set -e
        cp -a /etc/initramfs-tools /run/conf
        cp {paths.REPOSITORY}/tests/lab/initrd/modules /run/conf/modules
        printf '%s\\n' {' '.join(MODULES)} >>/run/conf/modules
        sed -i 's/^MODULES=.*/MODULES=list/' /run/conf/initramfs.conf
        mount -t tmpfs tmpfs /etc/initramfs-tools
        cp -a /run/conf/. /etc/initramfs-tools/
        mount -t tmpfs tmpfs /boot
        cp {kernel}/config /boot/config-{version}
        mount -t tmpfs tmpfs /usr/lib/modules
        mkdir /usr/lib/modules/{version}
        mount --bind {kernel}/modules/lib/modules/{version} \
/usr/lib/modules/{version}
        update-initramfs -c -k {version} >/dev/null'''
    ours, theirs = [], []
    with Lab(network=False) as lab:
        lab.run(prepare, timeout=300)
        for _ in range(settings.runs):
            ours.append(append(original(), out))
            started = time.monotonic()
            lab.run(["update-initramfs", "-u", "-k", version], timeout=300)
            theirs.append(time.monotonic() - started)
        made = lab.run(f"lsinitramfs /boot/initrd.img-{version}").stdout
    if "mlx4_en.ko" not in made:
        raise LabError("update-initramfs has left mlx4_en out: nothing to "
                       "compare with")
    report.add(REBUILD, "s", ours, "update-initramfs -u", theirs,
               better="lower", image_bytes=original().stat().st_size)
