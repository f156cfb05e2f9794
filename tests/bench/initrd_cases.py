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
# Where dracut is installed; part of the lab's "dracut"
DRACUT_ROOT = paths.LAB / "dracut" / "root"


def cases():
    return [*(MANUAL + name for name in COMPRESSORS),
            *(STREAM + name for name in COMPRESSORS), UPDATE, DRACUT, LIST]


def measure(chosen, settings, report):
    with tempfile.TemporaryDirectory(prefix="connectx-bench-") as folder:
        folder = Path(folder)
        with Lab(network=False) as lab:
            image = debian_image(lab, folder)
            if UPDATE in chosen:
                update(lab, folder, image, settings, report)
            if LIST in chosen:
                listed(lab, image, settings, report)
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


def mkinitrd(image, out, options, kernel=KERNEL):
    """Seconds of mkinitrd-en."""
    out.unlink(missing_ok=True)
    return shell(f'"$TOOL" {options} --modules "$MODULES" -o "$OUT" "$IMAGE"',
                 TOOL=str(paths.binary("mkinitrd-en")),
                 MODULES=str(paths.kernel(kernel) / "modules"), OUT=str(out),
                 IMAGE=str(image))


def append(image, out, kernel=KERNEL):
    return mkinitrd(image, out, "--iscsi-target 11.4.3.7", kernel)


def debian_image(lab, folder):
    """Debian's own, MODULES=most, as a host has it that nobody has changed. The
    lab stays ready for another update-initramfs."""
    version, kernel = paths.kernel_version(KERNEL), paths.kernel(KERNEL)
    (lab.folder / "boot").mkdir()
    lab.run(f'''
        set -e
        printf '%s\\n' {' '.join(MODULES)} >>/etc/initramfs-tools/modules
        mount --bind {lab.folder}/boot /boot
        cp {kernel}/config /boot/config-{version}
        mount -t tmpfs tmpfs /usr/lib/modules
        mkdir /usr/lib/modules/{version}
        mount --bind {kernel}/modules/lib/modules/{version} \
/usr/lib/modules/{version}
        update-initramfs -c -k {version} >/dev/null''', timeout=600)
    made = lab.folder / "boot" / f"initrd.img-{version}"
    if "mlx4_en.ko" not in lab.run(["lsinitramfs", made]).stdout:
        raise LabError("update-initramfs has left mlx4_en out: nothing to "
                       "compare with")
    return Path(shutil.copy(made, folder / "debian.img"))


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


def update(lab, folder, image, settings, report):
    """Debian's own tool, with the drivers listed in its configuration."""
    version = paths.kernel_version(KERNEL)
    ours, theirs = [], []
    for _ in range(settings.runs):
        ours.append(append(image, folder / "out.img"))
        started = time.monotonic()
        lab.run(["update-initramfs", "-u", "-k", version], timeout=600)
        theirs.append(time.monotonic() - started)
    report.add(UPDATE, "s", ours, "update-initramfs -u", theirs,
               better="lower", image_bytes=image.stat().st_size)


DRACUT_SCRIPT = '''
    mount -t tmpfs tmpfs "$ROOT/tmp"
    mount -t tmpfs tmpfs "$ROOT/usr/lib/modules"
    mkdir "$ROOT/usr/lib/modules/$RELEASE"
    mount --bind "$MODULES/lib/modules/$RELEASE" \
        "$ROOT/usr/lib/modules/$RELEASE"
    mount --rbind /dev "$ROOT/dev"
    mount -t proc proc "$ROOT/proc"
    mount --rbind /sys "$ROOT/sys"
    start=$(date +%s.%N)
    chroot "$ROOT" dracut --force --zstd --no-hostonly-cmdline \
        --kver "$RELEASE" --add "network iscsi" \
        --add-drivers "iscsi_tcp sd_mod $DRIVERS" "$@" /tmp/initrd.img \
        >/dev/null 2>&1
    echo "$start $(date +%s.%N)"
    [ -z "$OUT" ] || cp "$ROOT/tmp/initrd.img" "$OUT"'''


def run_dracut(kernel, options, out=None):
    """dracut as Debian 13 has it, with the drivers and its iSCSI modules, in
    namespaces of its own; the seconds that it took."""
    if not DRACUT_ROOT.exists():
        raise LabError(f"no {DRACUT_ROOT} (tests/lab/make-lab dracut)")
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    if os.getuid():
        command += ["--map-root-user", "--map-auto"]
    done = subprocess.run(
        [*command, "bash", "-euc", DRACUT_SCRIPT, "dracut", *options],
        text=True, check=True, capture_output=True,
        env={"ROOT": str(DRACUT_ROOT), "DRIVERS": " ".join(MODULES),
             "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "OUT": str(out or ""),
             "RELEASE": paths.kernel_version(kernel),
             "MODULES": str(paths.kernel(kernel) / "modules")})
    start, end = map(float, done.stdout.split())
    return end - start


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


def listed(lab, image, settings, report):
    """All that is in an image, on standard output."""
    ours, theirs = [], []
    for _ in range(settings.runs):
        for times, command, root in (
                (ours, [paths.binary("mkinitrd-en"), "inspect", "--files",
                        image], False),
                (theirs, ["lsinitramfs", "-l", image], True)):
            started = time.monotonic()
            lab.run(command, root=root)
            times.append(time.monotonic() - started)
    report.add(LIST, "s", ours, "lsinitramfs -l", theirs, better="lower",
               image_bytes=image.stat().st_size)
