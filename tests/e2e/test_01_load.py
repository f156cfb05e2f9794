# SPDX-License-Identifier: GPL-2.0-only
"""The drivers load, the ports are there, ethtool answers."""

import re

import pytest

from tests.e2e.machine import MAC, SERVER4


@pytest.mark.every
def test_load(machine):
    """Both drivers load with no warning or error in the kernel log."""
    modules = machine.run("lsmod").stdout
    assert re.search(r"^mlx4_en\s", modules, re.M), modules
    assert re.search(r"^mlx4_core\s", modules, re.M), modules
    assert machine.complaints() == []


@pytest.mark.every
def test_ports(machine):
    """Both ports appear, with their MAC addresses and the steering mode asked
    for."""
    for port in (1, 2):
        dev = machine.dev(port)
        address = machine.run(f"cat /sys/class/net/{dev}/address").stdout
        assert address.strip() == MAC[port]
        number = machine.run(f"cat /sys/class/net/{dev}/dev_port").stdout
        assert number.strip() == str(port - 1)
    modes = set(machine.guest.dmesg(match="Steering Mode"))
    assert modes, "the driver names no steering mode"
    assert all(line.endswith(f"Steering Mode {machine.combination.mode}")
               for line in modes), modes


@pytest.mark.every
def test_link_speed(machine):
    """The link has the card's speed on both ports."""
    for port in (1, 2):
        out = machine.run(f"ethtool {machine.dev(port)}").stdout
        assert f"Speed: {machine.combination.speed}Mb/s" in out, out
        assert "Duplex: Full" in out and "Link detected: yes" in out, out


def test_ethtool_plain(machine):
    """ethtool without an option: port, modes, pause, Wake-on-LAN."""
    out = machine.run("ethtool eth0").stdout
    assert "Port: FIBRE" in out, out
    assert "Supported ports: [ FIBRE ]" in out, out
    if machine.combination.has("managed"):
        assert "40000baseSR4/Full" in out, out
        assert "Link partner advertised link modes:" in out, out
        assert "Supports Wake-on: g" in out, out
    else:
        assert "10000baseT/Full" in out, out


def test_ethtool_i(machine):
    """ethtool -i: driver, firmware version, bus address."""
    out = machine.ethtool("-i")
    assert re.search(r"^driver: mlx4_en$", out, re.M), out
    assert re.search(r"^firmware-version: 2\.\d+\.\d+", out, re.M), out
    address = re.search(r"^bus-info: (\S+)$", out, re.M)[1]
    device = machine.run(f"cat /sys/bus/pci/devices/{address}/device").stdout
    assert int(device, 16) == machine.combination.device


def test_ethtool_k(machine):
    """ethtool -k: the features of a card of its generation."""
    on = machine.features()
    for name in ("rx-checksumming", "tx-checksum-ipv4", "tx-checksum-ipv6",
                 "scatter-gather", "tx-tcp-segmentation",
                 "tx-tcp6-segmentation", "receive-hashing", "rx-vlan-offload",
                 "tx-vlan-offload"):
        assert on.get(name), f"{name} is off"
    fixed = machine.ethtool("-k")
    assert "rx-vlan-filter: on [fixed]" in fixed, fixed
    assert ("ntuple-filters: off [fixed]" not in fixed) == \
        machine.combination.has("dmfs"), fixed
    assert re.search(r"^\s*loopback: off$", fixed, re.M), fixed


def test_ethtool_g(machine):
    """ethtool -g: ring sizes and their limits."""
    out = machine.ethtool("-g")
    numbers = [int(n) for n in re.findall(r"^[RT]X:\s+(\d+)$", out, re.M)]
    assert numbers == [8192, 8192, 1024, 1024], out


def test_ethtool_l(machine):
    """ethtool -l: as many rings as processors, receive and transmit apart."""
    out = machine.ethtool("-l")
    numbers = [int(n) for n in re.findall(r"^[RT]X:\s+(\d+)$", out, re.M)]
    assert numbers == [2, 2, 2, 2], out


def test_ethtool_c(machine):
    """ethtool -c: the driver's moderation, and a change of it."""
    out = machine.ethtool("-c")
    assert re.search(r"^rx-usecs:\s+16$", out, re.M), out
    assert re.search(r"^rx-frames:\s+44$", out, re.M), out
    machine.ethtool("-C adaptive-rx off rx-usecs 3 rx-frames 2")
    try:
        out = machine.ethtool("-c")
        assert re.search(r"^rx-usecs:\s+3$", out, re.M), out
        assert re.search(r"^rx-frames:\s+2$", out, re.M), out
        assert machine.ping(SERVER4[1], 5) == 5
    finally:
        machine.ethtool("-C adaptive-rx on rx-usecs 16 rx-frames 44")


def test_ethtool_a(machine):
    """ethtool -a: pause both ways."""
    out = machine.ethtool("-a")
    assert re.search(r"^RX:\s+on$", out, re.M), out
    assert re.search(r"^TX:\s+on$", out, re.M), out


def test_ethtool_S(machine):
    """ethtool -S: every counter there, and the ping's frames counted."""
    before = machine.counters()
    names = ["rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "tso_packets",
             "rx_csum_good", "rx_multicast_packets", "rx_novlan_packets",
             "tx_novlan_bytes", "rx_xdp_drop", "rx_packets_phy",
             "tx_bytes_phy", "tx1_packets", "rx1_dropped"]
    names += [f"{way}_prio_{n}_{what}" for way in ("rx", "tx")
              for n in range(8) for what in ("packets", "bytes")]
    missing = [name for name in names if name not in before]
    assert not missing, missing
    assert machine.ping(SERVER4[1], 10, size=1000) == 10
    after = machine.settled_counters()
    for name in ("rx_packets", "tx_packets", "rx_packets_phy",
                 "tx_packets_phy", "rx_novlan_packets", "tx_novlan_packets"):
        assert after[name] - before[name] >= 10, name
    for name in ("rx_bytes", "tx_bytes", "rx_bytes_phy", "tx_bytes_phy"):
        assert after[name] - before[name] >= 10 * 1042, name
    wrong = {name: value for name, value in after.items()
             if "error" in name and value}
    assert not wrong, wrong


def test_ethtool_m(machine):
    """ethtool -m: the module's identity and temperature."""
    out = machine.ethtool("-m")
    kind = "QSFP" if machine.combination.has("managed") else "SFP"
    assert re.search(rf"Identifier\s+: 0x\w+ \({kind}", out), out
    assert re.search(r"Vendor name\s+: \S+", out), out
    found = re.search(r"Module temperature\s+: ([\d.]+) degrees C", out)
    assert found and 0 < float(found[1]) < 75, out


def test_ethtool_T(machine):
    """ethtool -T: hardware time stamps and a clock on ConnectX-3, and none on
    the earlier ones."""
    out = machine.ethtool("-T")
    has = "hardware-receive" in out and "hardware-transmit" in out
    assert has == machine.combination.has("managed"), out
    clocks = machine.run("ls /sys/class/ptp").stdout.split()
    names = [machine.run(f"cat /sys/class/ptp/{clock}/clock_name").stdout
             .strip() for clock in clocks]
    assert ("mlx4 ptp" in names) == has, names
    if has:
        assert re.search(r"(Clock|index): \d+", out), out
        assert re.search(r"^\s+all", out, re.M), out


def test_ethtool_x(machine):
    """ethtool -x: indirection over all rings, a key of 40 bytes, Toeplitz."""
    out = machine.ethtool("-x")
    table = [int(n) for line in re.findall(r"^\s+\d+:((?:\s+\d+)+)$", out, re.M)
             for n in line.split()]
    assert table == [0, 1], out
    key = re.search(r"^((?:[0-9a-f]{2}:){39}[0-9a-f]{2})$", out, re.M)
    assert key and set(key[1]) != set("0:"), out
    assert re.search(r"toeplitz: on", out), out


def test_ethtool_n(machine):
    """ethtool -n: the number of rings; rules where the card has them."""
    result = machine.run("ethtool -n eth0", check=False)
    assert "2 RX rings available" in result.stdout, result
    if machine.combination.has("dmfs"):
        assert "Total 0 rules" in result.stdout, result


@pytest.mark.parametrize("port", (1, 2))
def test_self_test_online(machine, port):
    """ethtool -t passes online."""
    result = machine.run(f"ethtool -t {machine.dev(port)} online", check=False)
    assert "The test result is PASS" in result.stdout, result
    for name in ("Interrupt", "Link", "Speed"):
        assert re.search(rf"^{name} Test\s+0$", result.stdout, re.M), result


@pytest.mark.parametrize("port", (1, 2))
def test_self_test_offline(machine, port):
    """ethtool -t passes offline: registers and loopback too."""
    result = machine.run(f"ethtool -t {machine.dev(port)} offline", check=False)
    assert "The test result is PASS" in result.stdout, result
    for name in ("Interrupt", "Link", "Speed", "Register", "Loopback"):
        assert re.search(rf"^{name} Test\s+0$", result.stdout, re.M), result
    machine.reachable(port)


