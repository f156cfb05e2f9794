# SPDX-License-Identifier: GPL-2.0-only
"""Debian's iPXE with its own ConnectX driver, on each id of the manual."""

import re
import secrets

import pytest

from tests.e2e.matrix import MANUAL_IDS
from tests.lab import Lab

SCRIPT = """#!ipxe
echo e2e: start
ifopen net0
ifopen net1
ifstat
dhcp net0
echo e2e: lease ${net0/ip}
chain --autofree tftp://11.4.3.7/tftp.ipxe
chain --autofree http://11.4.3.7/http.ipxe
imgfetch --name large-tftp tftp://11.4.3.7/large
imgfetch --name large-http http://11.4.3.7/large
imgstat
dhcp net1
echo e2e: second lease ${net1/ip}
ifstat
echo e2e: end
sleep 600
"""
LARGE = 300000


@pytest.mark.parametrize("device", MANUAL_IDS)
def test_ipxe(device):
    """iPXE 1.21.1 sees net0 and net1, gets a lease, and a file over TFTP and
    HTTP."""
    with Lab() as lab:
        served = lab.folder / "served"
        served.mkdir()
        tokens = {}
        for way in ("tftp", "http"):
            tokens[way] = secrets.token_hex(16)
            (served / f"{way}.ipxe").write_text(
                f"#!ipxe\necho e2e: {way} {tokens[way]}\n")
        (served / "large").write_bytes(bytes(range(250)) * (LARGE // 250))
        lab.dnsmasq(tftp=served)
        lab.dnsmasq("tap2", "11.4.4.100", "11.4.4.199")
        lab.http(served)
        script = lab.folder / "script.ipxe"
        script.write_text(SCRIPT)
        adapter = lab.adapter(device=device, trace="trace.log")
        guest = lab.guest(nics=[adapter], boot="firmware", smp=1, memory=256,
                          qemu=["-kernel", "/usr/lib/ipxe/ipxe.lkrn",
                                "-initrd", script])
        guest.wait_console("^e2e: end", 90)
        said = guest.console()
        assert adapter.alive(), adapter.log()
    assert "iPXE 1.21.1" in said, said
    for net, mac in (("net0", "00:02:c9:00:00:bb"),
                     ("net1", "00:02:c9:00:00:bc")):
        assert re.search(rf"^{net}: {mac} using mt{device} on .*\(Ethernet\)",
                         said, re.M), said
    assert re.search(r"^e2e: lease 11\.4\.3\.1\d\d$", said, re.M), said
    assert re.search(r"^e2e: second lease 11\.4\.4\.1\d\d$", said, re.M), said
    for way, token in tokens.items():
        assert f"e2e: {way} {token}" in said, said
        assert f"large-{way} : {LARGE} bytes" in said, said
