# SPDX-License-Identifier: GPL-2.0-only
"""Debian's installer: the disk is there before anything of it begins."""

from tests.e2e.test_tools_boot import NAME, lab, probe
from tests.families import booting
from tests.lab import paths

assert lab and probe  # fixtures

# A file system is not among what it begins with.
EXT4 = ("--module", "ext4")
# The first command of their own that users can have it run; what that says is
# not for the console.
COMMAND = "mkdir -p /target; mount -t ext4 -o ro /dev/sda /target; " \
    "exec chroot /target /sbin/init >/dev/console"
APPEND = f'auto=true preseed/early_command="{COMMAND}"'


def test_the_disk_is_there_first(lab, probe):
    booting.serve(lab, probe)
    console = booting.boot(
        lab, paths.LAB / "installer" / "initrd.gz", "--iscsi-target", "auto",
        *EXT4, *booting.INITIATOR, kernel="6.1-installer", memory=1024,
        append=APPEND)
    assert f"target {NAME} from the lease's root-path" in console
    assert booting.has_booted(console)
