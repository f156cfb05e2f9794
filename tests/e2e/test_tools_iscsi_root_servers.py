# SPDX-License-Identifier: GPL-2.0-only
"""iscsi-root's configurations, and the judgement of the servers' own checkers
on them."""

import json
import os
import re
import subprocess

import pytest

from tests.e2e.tools_fixtures import one_line, run
from tests.lab import paths

NAME = "iqn.2007-08.7.3.4.10:iscsiboot"
ROOT_PATH = f"iscsi:11.4.3.7::::{NAME}"
ME = "iqn.2007-08.7.3.4.10:host1"
MAC = "00:02:c9:00:00:bb"
# every option that a DHCP server can be told, a URL with what has to be quoted
FULL = ["--host", "host1", "--mac", MAC, "--address", "11.4.3.130",
        "--filename", "http://11.4.3.7/a,b?x=${net0/mac}#1", "--next-server",
        "11.4.3.7", "--initiator", ME]
SECRET = "correct-horse-battery"


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


@pytest.fixture
def chap(tmp_path):
    path = tmp_path / "chap"
    path.write_text(f"joe\n{SECRET}\n")
    path.chmod(0o600)
    return path


def good(*arguments):
    done = run("iscsi-root", *arguments)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


def dhcp(server, *arguments):
    return good("dhcp", "--server", server, *arguments)


def target(server, *arguments, root_path=ROOT_PATH):
    return good("target", "--server", server, *arguments, root_path)


# DHCP

def check_with(lab, server, text):
    """The checker's CompletedProcess on a whole configuration."""
    conf = lab.folder / "server.conf"
    if server == "dhcpd":
        conf.write_text("subnet 11.4.3.0 netmask 255.255.255.0 {}\n" + text)
        return lab.run(["dhcpd", "-t", "-cf", conf], check=False)
    if server == "dnsmasq":
        conf.write_text("dhcp-range=11.4.3.100,11.4.3.200\n" + text)
        return lab.run(["dnsmasq", "--test", "-C", conf], check=False)
    hosts = lab.folder / "hosts.json"
    hosts.write_text(text)
    conf.write_text(
        '{"Dhcp4": {"interfaces-config": {"interfaces": []},'
        '"lease-database": {"type": "memfile", "persist": false},'
        '"subnet4": [{"id": 1, "subnet": "11.4.3.0/24",'
        f'"reservations": <?include "{hosts}"?>}}]}}}}')
    return lab.run(["kea-dhcp4", "-t", conf], check=False)


SPOILED = {"dhcpd": ("hardware", "hardwear"), "kea": ("hw-address", "hwaddress"),
           "dnsmasq": ("dhcp-option=", "dhcp-opzion=")}


@pytest.mark.parametrize("server", SPOILED)
def test_the_checker_accepts_it(server, lab):
    least = ["--host", "host1", "--mac", MAC]
    for options in (least, FULL, [*least, "--next-server", "11.4.3.7"],
                    [*least, "--filename", "pxelinux.0"],
                    [*least, "--initiator", "eui.02004567A425678D"]):
        for path in (ROOT_PATH, f"iscsi:[2001:db8::7]::3261:a:{NAME}"):
            text = dhcp(server, *options, path)
            done = check_with(lab, server, text)
            assert done.returncode == 0, done.stdout + done.stderr
    # and it is no checker that takes anything
    assert check_with(lab, server, text.replace(
        *SPOILED[server])).returncode != 0


def test_dhcpd_takes_the_output_of_two_calls(lab):
    one = dhcp("dhcpd", *FULL, ROOT_PATH)
    two = dhcp("dhcpd", "--host", "host2", "--mac", "0002c90000bc",
               "--initiator", ME + "2", ROOT_PATH)
    done = check_with(lab, "dhcpd", one + two)
    assert done.returncode == 0, done.stderr


def test_dhcpd_with_everything():
    assert dhcp("dhcpd", *FULL, ROOT_PATH) == (
        "option iscsi-initiator-iqn code 203 = text;\n"
        "host host1 {\n"
        "\tnext-server 11.4.3.7;\n"
        '\tfilename "http://11.4.3.7/a,b?x=${net0/mac}#1";\n'
        f"\thardware ethernet {MAC};\n"
        "\tfixed-address 11.4.3.130;\n"
        f'\toption root-path "{ROOT_PATH}";\n'
        f'\toption iscsi-initiator-iqn "{ME}";\n'
        "}\n")


def test_kea_with_everything_and_with_nothing():
    assert json.loads(dhcp("kea", *FULL, ROOT_PATH)) == [{
        "hw-address": MAC, "ip-address": "11.4.3.130", "hostname": "host1",
        "next-server": "11.4.3.7",
        "boot-file-name": "http://11.4.3.7/a,b?x=${net0/mac}#1",
        "option-data": [{"name": "root-path", "data": ROOT_PATH},
                        {"code": 203, "space": "dhcp4", "csv-format": False,
                         "data": f"'{ME}'"}]}]
    assert json.loads(dhcp("kea", *FULL[:4], ROOT_PATH)) == [{
        "hw-address": MAC, "hostname": "host1",
        "option-data": [{"name": "root-path", "data": ROOT_PATH}]}]


def test_dnsmasq_with_everything_and_with_nothing():
    assert dhcp("dnsmasq", *FULL, ROOT_PATH).splitlines() == [
        f"dhcp-host={MAC},set:host1,11.4.3.130,host1",
        f'dhcp-option=tag:host1,option:root-path,"{ROOT_PATH}"',
        f'dhcp-option=tag:host1,203,"{ME}"',
        'dhcp-boot=tag:host1,"http://11.4.3.7/a,b?x=${net0/mac}#1",,11.4.3.7']
    assert dhcp("dnsmasq", *FULL[:4], ROOT_PATH).splitlines() == [
        f"dhcp-host={MAC},set:host1,host1",
        f'dhcp-option=tag:host1,option:root-path,"{ROOT_PATH}"']


@pytest.mark.parametrize("server", SPOILED)
@pytest.mark.parametrize("option,value,said", [
    ("--filename", 'a"; }', "--filename"), ("--filename", "a\\", "--filename"),
    ("--filename", "a\nb", "--filename"), ("--filename", "x" * 128, "127"),
    ("--next-server", "boot.example.org", "--next-server"),
    ("--next-server", "::1", "--next-server"),
    ("--initiator", "host1", "--initiator"),
    ("--initiator", "iqn.2007-13.a", "column 10"),
    ("--host", "host-", "--host"), ("--host", "h" * 64, "--host"),
    ("--address", "2001:db8::1", "--address")])
def test_dhcp_refuses(server, option, value, said):
    options = ["--host", "h", "--mac", MAC, option, value]
    assert said in one_line(run("iscsi-root", "dhcp", "--server", server,
                                *options, ROOT_PATH))


@pytest.mark.parametrize("server", SPOILED)
def test_dhcp_refuses_root_paths_that_do_not_work(server):
    call = ["dhcp", "--server", server, "--host", "h", "--mac", MAC]
    assert "no server" in one_line(
        run("iscsi-root", *call, f"iscsi:::::{NAME}"))
    # 255 bytes are what an option holds
    filler = "x" * (255 - len(ROOT_PATH))
    good(*call, ROOT_PATH + filler[:180])
    long = f"iscsi:{'a' * 60}.{'b' * 60}::::{NAME}:{'x' * 50}"
    good(*call, long + "x" * (255 - len(long)))
    assert "255" in one_line(
        run("iscsi-root", *call, long + "x" * (256 - len(long))))


# targets

def test_tgt_accepts_everything(lab, chap):
    disk = lab.folder / "disk.img"
    disk.write_bytes(bytes(1 << 20))
    done = run("iscsi-root", "target", "--backing", disk, "--read-only",
               "--chap", chap, "--initiator", ME, "--portal", "11.4.3.7:3261",
               f"iscsi:11.4.3.7:::1:{NAME}")
    assert done.returncode == 0
    assert "tgtd --iscsi portal=11.4.3.7:3261" in done.stdout
    lab.tgt(disk, port=3261, configuration=done.stdout)
    shown = lab.run("tgtadm --lld iscsi --op show --mode target").stdout
    lun = shown[shown.index("LUN: 1"):]
    assert "Readonly: Yes" in lun and str(disk) in lun
    assert re.search(r"Account information:\s+joe\n", shown)
    assert re.search(rf"ACL information:\s+(ALL\s+)?{re.escape(ME)}\n", shown)


def test_tgts_text(chap):
    done = run("iscsi-root", "target", "--backing", "/srv/a", "--read-only",
               "--chap", chap, "--initiator", ME, f"iscsi:a:::2:{NAME}")
    assert done.stdout == (
        f"<target {NAME}>\n\tdriver iscsi\n\t<backing-store /srv/a>\n"
        "\t\tlun 2\n\t\treadonly 1\n\t</backing-store>\n"
        f"\tincominguser joe {SECRET}\n\tinitiator-name {ME}\n</target>\n")


def test_ietd_is_the_manuals():
    """Its section 9.1, but for the blanks at the line's begin"""
    assert target("ietd", "--backing", "/dev/sda5") == (
        "Target iqn.2007-08.7.3.4.10:iscsiboot\n"
        "\tLun 0 Path=/dev/sda5,Type=fileio\n")


def test_ietd_with_everything(chap):
    done = run("iscsi-root", "target", "--server", "ietd", "--backing", "/srv/a",
               "--read-only", "--chap", chap, "--portal", "11.4.3.8",
               f"iscsi:11.4.3.7::3261:4100:{NAME}")
    assert done.stdout == (
        f"Target {NAME}\n"
        "\t# ietd has to listen there: ietd --address=11.4.3.8 --port=3261\n"
        f"\tIncomingUser joe {SECRET}\n"
        "\tLun 256 Path=/srv/a,Type=fileio,IOMode=ro\n")


def lio(*arguments, root_path=ROOT_PATH):
    """The storage object and the target portal group of a saveconfig.json"""
    config = json.loads(target("lio", *arguments, root_path=root_path))
    assert set(config) == {"fabric_modules", "storage_objects", "targets"}
    [storage], [found] = config["storage_objects"], config["targets"]
    assert found["fabric"] == "iscsi" and found["wwn"] == NAME
    [group] = found["tpgs"]
    assert group["tag"] == 1 and group["enable"] is True
    assert re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}"
                        "-[0-9a-f]{12}", storage["wwn"])
    [lun] = group["luns"]
    assert lun["storage_object"] == (
        f"/backstores/{storage['plugin']}/{storage['name']}")
    return storage, group


def test_lio_with_a_device():
    storage, group = lio("--backing", "/dev/vg/host1")
    assert (storage["plugin"], storage["dev"]) == ("block", "/dev/vg/host1")
    assert storage["readonly"] is False and "size" not in storage
    assert group["luns"][0]["index"] == 0
    assert group["portals"] == [{"ip_address": "11.4.3.7", "port": 3260}]
    assert group["node_acls"] == []
    assert group["attributes"] == {
        "authentication": 0, "generate_node_acls": 1, "cache_dynamic_acls": 1,
        "demo_mode_write_protect": 0}
    storage, group = lio("--backing", "/dev/vg/host1", "--read-only")
    assert storage["readonly"] is True
    assert group["attributes"]["demo_mode_write_protect"] == 1


def test_lio_with_a_file(tmp_path):
    disk = tmp_path / "disk.img"
    storage, _ = lio("--backing", disk, "--size", "10G")
    assert (storage["plugin"], storage["dev"]) == ("fileio", str(disk))
    assert storage["size"] == 10 << 30
    disk.write_bytes(bytes(4096))
    assert lio("--backing", disk)[0]["size"] == 4096
    assert lio("--backing", disk, "--size", "4K")[0]["size"] == 4096


def test_lios_serial_is_of_the_name():
    """Else the disk's names in /dev/disk/by-id change with each restart."""
    first = lio("--backing", "/dev/a")[0]["wwn"]
    assert lio("--backing", "/dev/b")[0]["wwn"] == first
    other = json.loads(target("lio", "--backing", "/dev/a",
                              root_path=ROOT_PATH + "2"))
    assert other["storage_objects"][0]["wwn"] != first


def test_lios_access(chap):
    call = ["target", "--server", "lio", "--backing", "/dev/a", "--chap", chap,
            "--read-only", f"iscsi:11.4.3.7:::3:{NAME}"]
    [found] = json.loads(run("iscsi-root", *call).stdout)["targets"]
    [group] = found["tpgs"]
    assert group["attributes"]["authentication"] == 1
    assert group["chap_userid"] == "joe"
    assert group["chap_password"] == SECRET
    [found] = json.loads(
        run("iscsi-root", *call, "--initiator", ME).stdout)["targets"]
    [group] = found["tpgs"]
    assert group["attributes"]["generate_node_acls"] == 0
    assert "chap_userid" not in group
    assert group["node_acls"] == [{
        "node_wwn": ME, "chap_userid": "joe", "chap_password": SECRET,
        "mapped_luns": [{"index": 3, "tpg_lun": 3, "write_protect": True}]}]


@pytest.mark.parametrize("root_path,options,portal", [
    (f"iscsi:[2001:db8::7]::3261::{NAME}", [], ("[2001:db8::7]", 3261)),
    (f"iscsi:san.example.org::3261::{NAME}", [], ("0.0.0.0", 3261)),
    (f"iscsi:::::{NAME}", [], ("0.0.0.0", 3260)),
    (f"iscsi:11.4.3.7::3261::{NAME}", ["--portal", "[::]:3262"],
     ("[::]", 3262)),
    (f"iscsi:11.4.3.7::3261::{NAME}", ["--portal", "11.4.3.8"],
     ("11.4.3.8", 3261))])
def test_lios_portal(root_path, options, portal):
    _, group = lio("--backing", "/dev/a", *options, root_path=root_path)
    [found] = group["portals"]
    assert (found["ip_address"], found["port"]) == portal


@pytest.mark.parametrize("server,options,root_path,said", [
    ("lio", ["--backing", "/nowhere/x"], ROOT_PATH, "--size"),
    ("lio", ["--backing", "/tmp"], ROOT_PATH, "neither a file nor a device"),
    ("lio", ["--backing", "/dev/a", "--size", "1G"], ROOT_PATH, "--size"),
    ("lio", ["--backing", "/dev/a", "--portal", "a.example.org"], ROOT_PATH,
     "--portal"),
    ("lio", ["--backing", "/dev/a"], ROOT_PATH + "X", "small letters"),
    ("lio", ["--backing", "/dev/a"], "iscsi:a::::iqn.2007-08.x:y", "two parts"),
    ("lio", ["--backing", "/dev/a"],
     "iscsi:a::::naa.62004567ba64678d0123456789abcdef", "naa"),
    ("lio", ["--backing", "/dev/a", "--initiator", "iqn.2007-08.x"], ROOT_PATH,
     "--initiator"),
    ("lio", ["--backing", "/dev/a"], f"iscsi:a:::100:{NAME}", "LUNs"),
    ("lio", ["--backing", "/dev/a"], f"iscsi:a:::4001:{NAME}", "LUNs"),
    ("ietd", ["--backing", "/dev/a"], f"iscsi:a:::1-2:{NAME}", "LUNs"),
    ("ietd", ["--backing", "/srv/a,b"], ROOT_PATH, "--backing"),
    ("ietd", ["--backing", "/srv/a", "--size", "1G"], ROOT_PATH, "--size"),
    ("ietd", ["--backing", "/srv/a", "--initiator", ME], ROOT_PATH,
     "initiators.allow"),
    ("tgt", ["--backing", "/srv/a", "--size", "1G"], ROOT_PATH, "--size"),
    ("tgt", ["--backing", "/srv/a\nb"], ROOT_PATH, "--backing"),
    ("scst", ["--backing", "/srv/a"], ROOT_PATH, "tgt, lio, ietd")])
def test_target_refuses(server, options, root_path, said):
    assert said in one_line(run("iscsi-root", "target", "--server", server,
                                *options, root_path))


@pytest.mark.parametrize("size", ["", "0", "0G", "1", "513", "-512", "1g", "1GB",
                                  "G", "9999999999999999", "8388608T", "1.5G"])
def test_no_size(size, tmp_path):
    assert "--size" in one_line(run(
        "iscsi-root", "target", "--server", "lio", "--backing",
        tmp_path / "x", "--size", size, ROOT_PATH))


def test_size_of_another_file(tmp_path):
    disk = tmp_path / "disk.img"
    disk.write_bytes(bytes(4096))
    assert "4096" in one_line(run(
        "iscsi-root", "target", "--server", "lio", "--backing", disk,
        "--size", "8K", ROOT_PATH))


# secrets

@pytest.mark.parametrize("text,said", [
    ("", "user"), ("joe\n", "secret"), ("joe\nshort-of-12\n", "12"),
    ("joe\nlong enough a secret\n", "secret"), ("jo\u00eb\nlong-enough-1\n", "user"),
    ("joe\nlong-enough-1\nmore\n", "two lines"), ("joe\n" + "x" * 256, "255")])
def test_malformed_secrets(text, said, chap):
    chap.write_text(text)
    error = one_line(run("iscsi-root", "target", "--backing", "/srv/a",
                         "--chap", chap, ROOT_PATH))
    assert said in error and "--chap" in error
    assert "long-enough" not in error


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_secrets_that_others_can_read(mode, chap):
    chap.chmod(mode)
    assert "chmod 600" in one_line(run(
        "iscsi-root", "target", "--backing", "/srv/a", "--chap", chap,
        ROOT_PATH))


def test_secrets_that_a_server_cannot_hold(chap):
    for server, secret in (("tgt", "twelve<chars>"), ("tgt", "twelve#chars1"),
                           ("ietd", "twelve,chars1")):
        chap.write_text(f"joe\n{secret}\n")
        assert "--chap" in one_line(run(
            "iscsi-root", "target", "--server", server, "--backing", "/srv/a",
            "--chap", chap, ROOT_PATH))


def test_secrets_are_warned_of_and_kept(chap, tmp_path):
    out = tmp_path / "out"
    out.write_text("old")
    out.chmod(0o644)
    done = run("iscsi-root", "target", "--backing", "/srv/a", "--chap", chap,
               "-o", out, ROOT_PATH)
    assert done.returncode == 0 and done.stdout == ""
    assert "secret" in done.stderr and SECRET not in done.stderr
    assert SECRET in out.read_text()
    assert out.stat().st_mode & 0o777 == 0o600


# files

def test_output_is_whole_or_not_there(tmp_path):
    out = tmp_path / "ietd.conf"
    call = ["target", "--server", "ietd", "--backing", "/dev/sda5"]
    assert good(*call, "-o", out, ROOT_PATH) == ""
    text = good(*call, ROOT_PATH)
    assert out.read_text() == text
    assert out.stat().st_mode & 0o777 == 0o644
    link = tmp_path / "link"
    link.symlink_to(out)
    good(*call, "--read-only", "--output", link, ROOT_PATH)
    assert link.is_symlink() and "IOMode=ro" in out.read_text()
    one_line(run("iscsi-root", *call, "-o", out, "iscsi:"))
    assert "IOMode=ro" in out.read_text()
    assert good(*call, "-o", "-", ROOT_PATH) == text
    assert sorted(os.listdir(tmp_path)) == ["ietd.conf", "link"]
    for bad in (tmp_path, tmp_path / "no" / "x", "/dev/null"):
        assert str(bad) in one_line(
            run("iscsi-root", *call, "-o", bad, ROOT_PATH))


def test_a_full_disk_is_said():
    with open("/dev/full", "w", encoding="ascii") as full:
        done = run_to(full, "check", ROOT_PATH)
    assert done.returncode == 1 and "cannot print" in done.stderr


def run_to(stdout, *arguments):
    return subprocess.run([paths.binary("iscsi-root"), *arguments],
                          stdout=stdout, stderr=subprocess.PIPE, text=True,
                          check=False)


def test_wrong_usage():
    for arguments in (["check", "--host", "h", ROOT_PATH],
                      ["check", "--server", "kea", ROOT_PATH],
                      ["dhcp", "--json", *FULL, ROOT_PATH],
                      ["dhcp", "--backing", "/x", *FULL, ROOT_PATH],
                      ["dhcp", "--host", "h", ROOT_PATH],
                      ["dhcp", "--mac", MAC, ROOT_PATH],
                      ["target", "--mac", MAC, "--backing", "/x", ROOT_PATH],
                      ["dhcp", "--csv", "x.csv", ROOT_PATH],
                      ["dhcp", "--csv", "x.csv", "--host", "h"],
                      ["target", "--csv", "x.csv", "--backing", "/x"],
                      ["dhcp", "--csv"], ["check", ROOT_PATH, ROOT_PATH]):
        done = run("iscsi-root", *arguments)
        assert done.returncode == 2, arguments
        assert "--help" in done.stderr and done.stdout == ""


# documentation

def test_the_manual_page_has_every_option():
    told = set(re.findall(r"--[a-z][a-z-]*",
                          good("--help") + good("install", "--help")))
    page = (paths.REPOSITORY / "docs/man/iscsi-root.8").read_text()
    told_there = set(re.findall(r"--[a-z][a-z-]*", page.replace("\\-", "-")))
    # What only tgt-admin, mount and mkinitrd-en have, of which it tells
    assert told_there - {"--update", "--bind", "--driver"} == told
    assert max(map(len, good("--help").splitlines())) <= 80
