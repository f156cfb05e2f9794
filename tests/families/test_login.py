# SPDX-License-Identifier: GPL-2.0-only
"""--iscsi-login native: dracut's own scripts log in, with systemd or without."""

import pytest

from tests.e2e.test_tools_boot import NAME, lab, probe
from tests.families.booting import (ASKS_WHO, KERNEL, SECRET, SERVERS, boot,
                                    has_booted, secret_file, serve)
from tests.lab import paths

assert lab and probe  # fixtures


@pytest.mark.parametrize("image", ("systemd", "plain"))
def test_dracuts_scripts_log_in(image, lab, probe):
    """Without a root on the command line, and to a target that asks who is
    there."""
    serve(lab, probe, ASKS_WHO)
    console = boot(lab, paths.LAB / "dracut" / f"{image}-{KERNEL}.img",
                   "--iscsi-login", "native", "--iscsi-target", SERVERS[1],
                   "--iscsi-iqn", NAME, "--iscsi-lun", "1", "--iscsi-chap",
                   secret_file(lab), memory=768)
    assert "connectx-en: logged in" not in console
    assert has_booted(console)
    assert SECRET not in console
