# SPDX-License-Identifier: GPL-2.0-only
"""iscsi-root, and the servers' own judgement on what it prints."""

import json

import pytest

from tests.e2e.tools_fixtures import one_line, run
from tests.lab import paths

ROOT_PATH = "iscsi:11.4.3.7::::iqn.2007-08.7.3.4.10:iscsiboot"
IPV6 = "iscsi:[2001:db8::7]:6:3261:A:iqn.2007-08.7.3.4.10:iscsiboot"

# The manual's section 9.1
HOST = """host host1 {
\tfilename "";
\thardware ethernet 00:02:c9:00:00:bb;
\toption root-path "iscsi:11.4.3.7::::iqn.2007-08.7.3.4.10:iscsiboot";
}
"""


@pytest.fixture(scope="session", autouse=True)
def programs():
    if not paths.binary("iscsi-root").exists():
        pytest.fail("iscsi-root is not built: run make all")


@pytest.fixture(scope="module")
def lab():
    if not paths.ROOT.is_dir():
        pytest.skip("no lab: run make lab")
    from tests.lab.testbed import Lab
    with Lab() as lab:
        yield lab


def test_check():
    done = run("iscsi-root", "check", ROOT_PATH)
    assert done.returncode == 0 and done.stderr == ""
    fields = dict(line.split(None, 1) for line in done.stdout.splitlines())
    assert fields["server"] == "11.4.3.7"
    assert fields["port"] == "3260 (default)"
    assert fields["LUN"] == "0000-0000-0000-0000, decimal 0 (default)"
    assert fields["name"] == "iqn.2007-08.7.3.4.10:iscsiboot"


def test_check_as_json():
    found = json.loads(run("iscsi-root", "check", "--json", IPV6).stdout)
    assert found == {"server": "2001:db8::7", "protocol": 6, "port": 3261,
                     "lun": "000a-0000-0000-0000", "lun_number": 10,
                     "name": "iqn.2007-08.7.3.4.10:iscsiboot",
                     "short": "iscsi:[2001:db8::7]::3261:a:"
                              "iqn.2007-08.7.3.4.10:iscsiboot"}
    long = "iscsi:a:::4752-3A4F-6b7e-2F99:iqn.2007-08.x"
    found = json.loads(run("iscsi-root", "check", "--json", long).stdout)
    assert found["lun"] == "4752-3a4f-6b7e-2f99"
    assert found["lun_number"] is None


@pytest.mark.parametrize("text", [
    "", "iscsi:", "nfs:x", "iscsi:1.2.3.4:17:::iqn.2007-08.x",
    "iscsi:2001:db8::1::::iqn.2007-08.x", "iscsi:1.2.3.4::::disk",
    "iscsi:1.2.3.4:::\x1b[31m:iqn.2007-08.x"])
def test_malformed(text):
    for command in (["check"], ["dhcp", "--host", "h", "--mac",
                                "0002c90000bb"], ["target", "--backing", "/x"]):
        error = one_line(run("iscsi-root", *command, text))
        assert "column" in error


def test_dhcp_entry_is_the_manuals():
    done = run("iscsi-root", "dhcp", "--host", "host1", "--mac",
               "00:02:C9:00:00:BB", "--server", "dhcpd", ROOT_PATH)
    assert done.returncode == 0, done.stderr
    assert done.stdout == HOST


@pytest.mark.parametrize("arguments", [
    ["--host", "1st", "--mac", "0002c90000bb"],
    ["--host", 'h"; }', "--mac", "0002c90000bb"],
    ["--host", "h", "--mac", "01:02:c9:00:00:bb"],
    ["--host", "h", "--mac", "00:02:c9"],
    ["--host", "h", "--mac", "0002c90000bb", "--address", "11.4.3"],
    ["--host", "h", "--mac", "0002c90000bb", "--server", "udhcpd"]])
def test_dhcp_refuses(arguments):
    one_line(run("iscsi-root", "dhcp", *arguments, ROOT_PATH))


@pytest.mark.parametrize("arguments", [
    ["--backing", "relative.img"], ["--backing", "/srv/a b"],
    ["--backing", "/srv/<x>"], ["--backing", "/x", "--server", "lio"]])
def test_target_refuses(arguments):
    one_line(run("iscsi-root", "target", *arguments, ROOT_PATH))


@pytest.mark.parametrize("lun", ["0", "100", "4001", "1-2"])
def test_target_refuses_luns_that_tgt_has_not(lun):
    path = f"iscsi:11.4.3.7:::{lun}:iqn.2007-08.7.3.4.10:iscsiboot"
    assert "LUN 1 to 255" in one_line(
        run("iscsi-root", "target", "--backing", "/x", path))


def test_wrong_usage():
    for arguments in ([], ["check"], ["nonsense", ROOT_PATH],
                      ["dhcp", ROOT_PATH], ["target", ROOT_PATH],
                      ["check", "--bad", ROOT_PATH]):
        done = run("iscsi-root", *arguments)
        assert done.returncode == 2, arguments
        assert "--help" in done.stderr
    done = run("iscsi-root", "--help")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert run("iscsi-root", "--version").stdout.startswith("iscsi-root ")


def test_dhcpd_accepts_the_entry(lab):
    for path in (ROOT_PATH, IPV6):
        entry = run("iscsi-root", "dhcp", "--host", "host1", "--mac",
                    "0002c90000bb", "--address", "11.4.3.130", path).stdout
        conf = lab.folder / "dhcpd.conf"
        conf.write_text("subnet 11.4.3.0 netmask 255.255.255.0 {}\n" + entry)
        lab.run(["dhcpd", "-t", "-cf", conf])
        # and it is no checker that takes anything
        conf.write_text("subnet 11.4.3.0 netmask 255.255.255.0 {}\n" +
                        entry.replace("hardware", "hardwear"))
        assert lab.run(["dhcpd", "-t", "-cf", conf],
                       check=False).returncode != 0


def test_tgt_accepts_the_target(lab):
    disk = lab.folder / "disk.img"
    disk.write_bytes(bytes(1 << 20))
    path = "iscsi:11.4.3.7:::1F:iqn.2007-08.7.3.4.10:iscsiboot"
    text = run("iscsi-root", "target", "--backing", disk, path).stdout
    lab.tgt(disk, configuration=text)
    shown = lab.run("tgtadm --lld iscsi --op show --mode target").stdout
    assert "iqn.2007-08.7.3.4.10:iscsiboot" in shown
    assert "LUN: 31" in shown
    assert str(disk) in shown
