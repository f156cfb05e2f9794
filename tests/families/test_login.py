# SPDX-License-Identifier: GPL-2.0-only
"""--iscsi-login native: dracut's own scripts log in, with systemd or without."""

import pytest

from tests.e2e.test_tools_boot import (NAME, console_of, dhcp, lab, mkinitrd,
                                       probe, probed)
from tests.e2e.test_tools_root import SECRET, USER, start_target
from tests.lab import paths

assert lab and probe  # fixtures

KERNEL = "6.12"


@pytest.mark.parametrize("image", ("systemd", "plain"))
def test_dracuts_scripts_log_in(image, lab, probe):
    """Without a root on the command line, and to a target that asks who is
    there."""
    start_target(lab, probe, more=f"\tincominguser {USER} {SECRET}\n")
    dhcp(lab, f"iscsi:11.4.3.7:::1:{NAME}")
    secret = lab.folder / "chap"
    secret.write_text(f"{USER}\n{SECRET}\n")
    secret.chmod(0o600)
    out = lab.folder / "initrd.img"
    mkinitrd(KERNEL, paths.LAB / "dracut" / f"{image}-{KERNEL}.img", out,
             "--iscsi-login", "native", "--iscsi-target", "11.4.3.7",
             "--iscsi-iqn", NAME, "--iscsi-lun", "1", "--iscsi-chap", secret)
    guest = lab.guest(kernel=KERNEL, initrd=out, memory=768,
                      nics=[lab.adapter()],
                      append="net.ifnames=0 rd.shell=0 rd.info")
    console = console_of(guest, 600)
    assert "connectx-en: logged in" not in console
    assert any(line.startswith("mount /dev/sda / ext4 ")
               for line in probed(console))
    assert SECRET not in console
