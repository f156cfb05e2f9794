# SPDX-License-Identifier: GPL-2.0-only
"""The demonstration ends at a login prompt, with its root on the iSCSI disk."""

import datetime
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lab import paths

RUN = Path(__file__).with_name("run")
# One kernel a day, turn and turn about; `tests/lab/run demo --kernel` for the
# others.
KERNELS = paths.kernels() or ["6.12"]
TODAY = KERNELS[datetime.date.today().toordinal() % len(KERNELS)]


def version():
    """Our drivers' own, by which they can be told from the kernel's."""
    api = (paths.REPOSITORY / "kernel/mlx4_core/api.h").read_text()
    return re.search('CX_DRIVER_VERSION "(.*)"', api)[1]


@pytest.mark.parametrize("kernel", [TODAY])
def test_demo(kernel):
    done = subprocess.run([sys.executable, RUN, "demo", "--kernel", kernel],
                          capture_output=True, text=True, timeout=600,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for sign in ("eth0: link is up, 10000 Mbit/s", "address 11.4.3.130/24 by DHCP",
                 "is operational now", "EXT4-fs (sda): mounted",
                 "| /dev/sda ext4", "| driver: mlx4_en",
                 f"| version: {version()}",
                 f"Linux {paths.kernel_version(kernel)}", "power to login"):
        assert sign in done.stdout, done.stdout


def test_demo_says_why_it_failed(tmp_path, monkeypatch):
    """No adapter to be found: one reason, status 1, no login prompt."""
    monkeypatch.setenv("CONNECTX_BIN", str(tmp_path))
    done = subprocess.run([sys.executable, RUN, "demo"], capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"{tmp_path}/mkinitrd-en" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
