# SPDX-License-Identifier: GPL-2.0-only
"""From iPXE's driver to ours: the machine is started over the card."""

import pytest

from tests.e2e.matrix import CARDS, KERNELS
from tests.e2e.machine import SERVER4
from tests.lab import Lab, wait_for

# Both ports; complaints come before the driver's version
ASK = """
modprobe mlx4_en && udevadm settle 2>/dev/null
for n in 0 1; do
	ip link set eth$n up && ip address add 11.4.$((3 + n)).130/24 dev eth$n
done
dmesg -r | grep -E '^<[0-4]>.*mlx4' | grep -v out-of-tree
ethtool -i eth0 | grep ^version
"""


@pytest.mark.parametrize("kernel,card",
                         zip(KERNELS, ("ConnectX", "ConnectX-2", "ConnectX-3")))
def test_handover(kernel, card):
    """iPXE takes the card, fetches kernel and initramfs over it and starts
    them; our driver takes the card from it, without a complaint."""
    with Lab() as lab:
        served = lab.folder / "served"
        served.mkdir()
        lab.dnsmasq(tftp=served)
        lab.http(served)
        adapter = lab.adapter(device=CARDS[card].device, trace="trace.log")
        guest = lab.guest(kernel=kernel, driver="ours", nics=[adapter],
                          boot="ipxe", served=served, memory=512,
                          boot_timeout=180)
        taken = (lab.folder / "trace.log").read_text()
        assert "INIT_HCA" in taken and "INIT_PORT" in taken, taken
        said = guest.run(ASK).stdout
        for port in (1, 2):
            wait_for(lambda: guest.run(
                f"ping -c 1 -W 1 {SERVER4[port]}", check=False).status == 0,
                20, f"port {port} does not answer: {said}")
        assert adapter.alive(), adapter.log()
    assert said.startswith("version: 5.0-"), said
