# SPDX-License-Identifier: GPL-2.0-only
"""mkinitrd-en beside what an administrator would do: unpack, add, pack; or
have the distribution's tool make the image anew."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from lab import LabError, paths
from lab.generator import run_on_host

# Its modules are not packed, so that the image is one archive.
KERNEL = "6.1"
COMPRESSORS = {
    "gzip": ("gzip -dc", "gzip -n", "gzip:6"),
    "zstd": ("zstd -dcq", "zstd -q -T0", "zstd:3"),
    "xz": ("xz -dc", "xz -T0 --check=crc32", "xz:6"),
}
MANUAL = "initrd/append-vs-manual-"
STREAM = "initrd/rebuild-vs-stream-"
UPDATE = "initrd/append-vs-rebuild-update-initramfs"
DRACUT = "initrd/append-vs-rebuild-dracut"
LIST = "initrd/list"
MODULES = ("mlx4_core", "mlx4_en")
# Where they are installed, by these parts of the lab
DEBIAN_ROOT = paths.LAB / "bookworm" / "root"
DRACUT_ROOT = paths.LAB / "dracut" / "root"


def cases():
    return [*(MANUAL + name for name in COMPRESSORS),
            *(STREAM + name for name in COMPRESSORS), UPDATE, DRACUT, LIST]


def measure(chosen, settings, report):
    with tempfile.TemporaryDirectory(prefix="connectx-bench-") as folder:
        folder = Path(folder)
        image, boot = debian_image(folder)
        if UPDATE in chosen:
            update(folder, image, boot, settings, report)
        if LIST in chosen:
            listed(image, boot, settings, report)
        for name, commands in COMPRESSORS.items():
            packed = folder / f"{name}.img"
            if {MANUAL + name, STREAM + name} & set(chosen):
                shell(f'zstd -dcq "$FROM" | {commands[1]} >"$TO"',
                      FROM=str(image), TO=str(packed))
            if MANUAL + name in chosen:
                manual(folder, name, packed, settings, report)
            if STREAM + name in chosen:
                stream(folder, name, packed, settings, report)
        if DRACUT in chosen:
            dracut(folder, settings, report)


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


def mkinitrd(image, out, options, kernel=KERNEL, tree=None):
    """Seconds of mkinitrd-en, with the modules of a tree, or the kernel's own."""
    out.unlink(missing_ok=True)
    return shell(f'"$TOOL" {options} --modules "$MODULES" -o "$OUT" "$IMAGE"',
                 TOOL=str(paths.binary("mkinitrd-en")),
                 MODULES=str(tree or paths.kernel(kernel) / "modules"),
                 OUT=str(out),
                 IMAGE=str(image))


def append(image, out, kernel=KERNEL):
    return mkinitrd(image, out, "--iscsi-target 11.4.3.7", kernel)


# Times a command of the host's; the lines before and behind it do not count.
TIMED = '''
    {prepare}
    start=$(date +%s.%N)
    chroot "$HOST" "$@" >/dev/null 2>&1
    echo "$start $(date +%s.%N)"
    {keep}'''


def in_root(root, kernel, command, prepare="", keep="", **environment):
    """Seconds of a command in a root of the lab, with a kernel's modules;
    prepare, keep: shell lines before and behind it."""
    if not root.exists():
        raise LabError(f"no {root} (tests/lab/make-lab {root.parent.name})")
    done = run_on_host(root, kernel, TIMED.format(prepare=prepare, keep=keep),
                       *command, environment=environment, check=True,
                       capture_output=True)
    start, end = map(float, done.stdout.split())
    return end - start


# A Debian host as its installer leaves it, but for the drivers.
DEBIAN_HOST = '''
    mount --bind "$BOOT" "$HOST/boot"
    cp -a "$HOST/etc/initramfs-tools" "$HOST/tmp"
    mount --bind "$HOST/tmp/initramfs-tools" "$HOST/etc/initramfs-tools"
    sed -i 's/^MODULES=.*/MODULES=most/' \
        "$HOST/etc/initramfs-tools/initramfs.conf"
    printf '%s\\n' $DRIVERS >"$HOST/etc/initramfs-tools/modules"'''


def on_debian(boot, *command):
    """Seconds of a command on Debian 12; boot: what it has as /boot."""
    return in_root(DEBIAN_ROOT, KERNEL, command, prepare=DEBIAN_HOST,
                   BOOT=boot, DRIVERS=" ".join(MODULES))


def debian_image(folder):
    """Debian 12's own, MODULES=most, as a host has it that nobody has changed,
    with the drivers; and its /boot."""
    version, boot = paths.kernel_version(KERNEL), folder / "boot"
    boot.mkdir()
    shutil.copy(paths.kernel(KERNEL) / "config", boot / f"config-{version}")
    on_debian(boot, "update-initramfs", "-c", "-k", version)
    made = boot / f"initrd.img-{version}"
    if b"mlx4_en.ko" not in subprocess.run(
            ["zstd", "-dcq", made], check=True, capture_output=True).stdout:
        raise LabError("update-initramfs has left mlx4_en out: nothing to "
                       "compare with")
    return Path(shutil.copy(made, folder / "debian.img")), boot


def driver_files():
    folder = paths.kernel(KERNEL) / "modules" / "lib" / "modules"
    found = [path for name in MODULES for path in folder.rglob(f"{name}.ko*")]
    if len(found) != len(MODULES):
        raise LabError(f"{folder} does not have {' and '.join(MODULES)}")
    return found


def manual(folder, name, image, settings, report):
    """The recipe of any how-to: unpack to disk, copy the drivers, load them
    before the scripts run, pack again."""
    unpack, pack, _ = COMPRESSORS[name]
    out = folder / "out.img"
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


def stream(folder, name, image, settings, report):
    """What nobody who packs an image anew can save."""
    unpack, pack, compress = COMPRESSORS[name]
    out = folder / "out.img"
    ours, theirs = [], []
    for _ in range(settings.runs):
        ours.append(mkinitrd(image, out, "--rebuild --iscsi-target 11.4.3.7 "
                             f"--compress {compress}"))
        theirs.append(shell(f'{unpack} "$IMAGE" | {pack} >"$OUT"',
                            IMAGE=str(image), OUT=str(out)))
    report.add(STREAM + name, "s", ours, f"{unpack} | {pack}", theirs,
               better="lower", ratio_is="ours / peer",
               image_bytes=image.stat().st_size)


def update(folder, image, boot, settings, report):
    """Debian's own tool, with the drivers listed in its configuration."""
    version = paths.kernel_version(KERNEL)
    ours, theirs = [], []
    for _ in range(settings.runs):
        ours.append(append(image, folder / "out.img"))
        theirs.append(on_debian(boot, "update-initramfs", "-u", "-k", version))
    report.add(UPDATE, "s", ours, "update-initramfs -u", theirs,
               better="lower", image_bytes=image.stat().st_size)


def run_dracut(kernel, options, out=None):
    """dracut as Debian 13 has it, with the drivers and its iSCSI modules; the
    seconds that it took."""
    return in_root(
        DRACUT_ROOT, kernel,
        ["dracut", "--force", "--zstd", "--no-hostonly-cmdline", "--kver",
         paths.kernel_version(kernel), "--add", "network iscsi",
         "--add-drivers", f"iscsi_tcp sd_mod {' '.join(MODULES)}", *options,
         "/tmp/initrd.img"],
        keep='[ -z "$OUT" ] || cp "$HOST/tmp/initrd.img" "$OUT"',
        OUT=out or "")


def dracut(folder, settings, report):
    """The image is the lab's, which dracut has made the same way."""
    kernel = "6.12"
    image = paths.LAB / "dracut" / f"systemd-{kernel}.img"
    ours, theirs = [], []
    for _ in range(settings.runs):
        ours.append(append(image, folder / "out.img", kernel))
        theirs.append(run_dracut(kernel, ["--no-hostonly"]))
    report.add(DRACUT, "s", ours, "dracut --force", theirs, better="lower",
               image_bytes=image.stat().st_size)


def listed(image, boot, settings, report):
    """All that is in an image, on standard output."""
    name = f"/boot/initrd.img-{paths.kernel_version(KERNEL)}"
    ours, theirs = [], []
    for _ in range(settings.runs):
        ours.append(shell('"$TOOL" inspect --files "$IMAGE" >/dev/null',
                          TOOL=str(paths.binary("mkinitrd-en")),
                          IMAGE=str(image)))
        theirs.append(on_debian(boot, "lsinitramfs", "-l", name))
    report.add(LIST, "s", ours, "lsinitramfs -l", theirs, better="lower",
               image_bytes=image.stat().st_size)
