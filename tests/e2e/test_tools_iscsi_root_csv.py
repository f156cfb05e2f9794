# SPDX-License-Identifier: GPL-2.0-only
"""iscsi-root on many hosts: a CSV file in, one whole file for the server out."""

import csv
import io
import json
import resource

import pytest

from tests.e2e.test_tools_iscsi_root_servers import (  # noqa: F401
    MAC, NAME, check_with, good, lab, programs)
from tests.e2e.tools_fixtures import one_line, run

DHCP_SERVERS = ["dhcpd", "kea", "dnsmasq"]
COLUMNS = ["host", "mac", "address", "root_path", "backing", "initiator"]


def row(i, **changed):
    values = {"host": f"host{i}", "mac": f"0002c9{i:06x}",
              "address": f"11.4.3.{i + 1}",
              "root_path": f"iscsi:11.4.3.7:::1:{NAME}{i}",
              "backing": f"/dev/vg/host{i}", "initiator": f"{NAME}.me{i}"}
    return {**values, **changed}


def table(rows, columns=COLUMNS, **options):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, **options)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "hosts.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path
    return write


def errors(path, *command):
    """The errors' text without the program's and the file's name"""
    done = run("iscsi-root", *(command or ["dhcp"]), "--csv", path)
    assert done.returncode == 1 and done.stdout == "", done
    start = f"iscsi-root: {path}"
    lines = done.stderr.splitlines()
    assert all(line.startswith(start) or " errors in all" in line
               for line in lines), lines
    return [line.removeprefix(start) for line in lines]


# one configuration of all

@pytest.mark.parametrize("server", DHCP_SERVERS)
def test_the_checker_accepts_many(server, write, lab):  # noqa: F811
    text = good("dhcp", "--server", server, "--csv",
                write(table(map(row, range(200)))))
    done = check_with(lab, server, text)
    assert done.returncode == 0, done.stdout + done.stderr
    assert text.count("root-path") == 200


@pytest.mark.parametrize("server", DHCP_SERVERS)
def test_each_host_is_as_by_itself(server, write):
    rows = [row(1), row(2)]
    text = good("dhcp", "--server", server, "--csv", write(table(rows)))
    alone = [good("dhcp", "--server", server, "--host", r["host"], "--mac",
                  r["mac"], "--address", r["address"], "--initiator",
                  r["initiator"], r["root_path"]) for r in rows]
    if server == "kea":
        assert json.loads(text) == sum(map(json.loads, alone), [])
    elif server == "dhcpd": # the option is defined once
        assert text == alone[0] + alone[1].split("\n", 1)[1]
    else:
        assert text == "".join(alone)


def test_tgt_takes_many(write, lab):  # noqa: F811
    rows = []
    for i in range(3):
        disk = lab.folder / f"disk{i}.img"
        disk.write_bytes(bytes(1 << 20))
        rows.append(row(i, backing=disk))
    lab.tgt(None, configuration=good("target", "--csv", write(table(rows))))
    shown = lab.run("tgtadm --lld iscsi --op show --mode target").stdout
    for r in rows:
        assert f"{NAME}{r['host'][4:]}\n" in shown and str(r["backing"]) in shown
        assert r["initiator"] in shown


def test_lio_has_all_targets(write):
    config = json.loads(good("target", "--server", "lio", "--csv",
                             write(table(map(row, range(5))))))
    names = [f"{NAME}{i}" for i in range(5)]
    assert [t["wwn"] for t in config["targets"]] == names
    assert [s["name"] for s in config["storage_objects"]] == names
    assert len({s["wwn"] for s in config["storage_objects"]}) == 5


def test_ietd_has_all_targets(write):
    rows = [row(1, initiator=""), row(2, initiator="")]
    assert good("target", "--server", "ietd", "--csv", write(table(rows))) == (
        f"Target {NAME}1\n\tLun 1 Path=/dev/vg/host1,Type=fileio\n"
        f"Target {NAME}2\n\tLun 1 Path=/dev/vg/host2,Type=fileio\n")


def test_hosts_that_share_a_target(write):
    """A root that is read only, with one initiator a host"""
    rows = [row(i, root_path=f"iscsi:a:::1:{NAME}", backing="/dev/a")
            for i in range(3)]
    path = write(table(rows))
    text = good("target", "--read-only", "--csv", path)
    assert text.count("<target") == 1 and text.count("initiator-name") == 3
    assert text.count("readonly 1") == 1
    [found] = json.loads(good("target", "--read-only", "--server", "lio",
                              "--csv", path))["targets"]
    assert [a["node_wwn"] for a in found["tpgs"][0]["node_acls"]] == [
        r["initiator"] for r in rows]


def test_options_are_for_whoever_has_none(write):
    path = write("host,mac,root_path,filename,next_server\n"
                 f"a,0002c9000001,iscsi:x::::{NAME},own,\n"
                 f"b,0002c9000002,iscsi:x::::{NAME},,11.4.3.8\n")
    found = json.loads(good("dhcp", "--server", "kea", "--filename", "all",
                            "--next-server", "11.4.3.7", "--csv", path))
    assert [(h["boot-file-name"], h["next-server"]) for h in found] == [
        ("own", "11.4.3.7"), ("all", "11.4.3.8")]
    assert "--next-server" in one_line(
        run("iscsi-root", "dhcp", "--next-server", "x", "--csv", path))


def test_columns_of_the_target(write, tmp_path):
    secret = tmp_path / "chap"
    secret.write_text("joe\ncorrect-horse\n")
    secret.chmod(0o600)
    path = write("root_path,backing,size,portal,read_only,chap\n"
                 f"iscsi:a::::{NAME}1,/srv/none,1G,11.4.3.8:99,yes,{secret}\n"
                 f"iscsi:a::::{NAME}2,/dev/b,,,no,\n")
    done = run("iscsi-root", "target", "--server", "lio", "--csv", path)
    assert done.returncode == 0 and "secret" in done.stderr
    config = json.loads(done.stdout)
    one, two = (t["tpgs"][0] for t in config["targets"])
    assert config["storage_objects"][0]["size"] == 1 << 30
    assert one["portals"] == [{"ip_address": "11.4.3.8", "port": 99}]
    assert one["chap_password"] == "correct-horse"
    assert "chap_password" not in two
    assert [t["attributes"]["demo_mode_write_protect"]
            for t in (one, two)] == [1, 0]


def test_tgt_knows_a_user_once(write, tmp_path):
    for name, secret in (("a", "correct-horse"), ("b", "other-secret-1")):
        (tmp_path / name).write_text(f"joe\n{secret}\n")
        (tmp_path / name).chmod(0o600)
    path = write("root_path,backing,chap\n"
                 f"iscsi:a:::1:{NAME}1,/dev/a,{tmp_path}/a\n"
                 f"iscsi:a:::1:{NAME}2,/dev/b,{tmp_path}/b\n"
                 f"iscsi:a:::1:{NAME}3,/dev/c,{tmp_path}/a\n")
    [error] = errors(path, "target")
    assert error.startswith(", line 3, column chap") and "line 2" in error
    assert "correct-horse" not in error
    done = run("iscsi-root", "target", "--server", "ietd", "--csv", path)
    assert done.stdout.count("IncomingUser joe correct-horse") == 2


# the file

def test_every_form_of_the_file(write):
    rows = [row(1), row(2)]
    plain = good("dhcp", "--csv", write(table(rows, lineterminator="\n")))
    for text in (table(rows), table(rows, quoting=csv.QUOTE_ALL),
                 b"\xef\xbb\xbf" + table(rows),
                 table(rows, lineterminator="\n").rstrip(b"\n"),
                 b"\n\r\n" + table(rows).replace(b"\r\n", b"\r\n\r\n,,,,,\r\n"),
                 table(rows, columns=COLUMNS[::-1])):
        assert good("dhcp", "--csv", write(text)) == plain
    done = run("iscsi-root", "dhcp", "--csv", "-",
               input=table(rows).decode())
    assert done.stdout == plain


def test_quotes_and_commas_get_through(write):
    path = write("host,mac,root_path,filename\n"
                 f'a,{MAC},iscsi:x::::{NAME},"http://a/b,c"\n')
    [found] = json.loads(good("dhcp", "--server", "kea", "--csv", path))
    assert found["boot-file-name"] == "http://a/b,c"


@pytest.mark.parametrize("text,found", [
    ("", [": the line with the columns' names is missing"]),
    ("\n\n", [": the line with the columns' names is missing"]),
    ("host,mac,root_path\n", [": there is no host in it"]),
    ("host,root_path\nh,iscsi:a::::iqn.2007-08.a\n",
     [": column mac is missing"]),
    ("host,mac,host,root_path\n",
     [", line 1: column host is there twice"]),
    ("\nhost,colour,mac,Root_Path\n",
     [", line 2: no such column: 'colour' (the columns are host,",
      ", line 2: no such column: 'Root_Path'"]),
    ('"host,mac\n', [", line 1: the closing '\"' is missing"])])
def test_wrong_headers(text, found, write):
    said = errors(write(text))
    assert len(said) == len(found)
    for line, start in zip(said, found):
        assert line.startswith(start), line


def test_all_errors_in_one_run(write):
    good_path = f"iscsi:a::::{NAME}"
    said = errors(write(
        "host,mac,address,root_path\n"
        f"1st,0002c9000001,,{good_path}\n"
        f"h2,0002c9,11.4.3,{good_path}\n"
        f"h3,0002c9000003,,iscsi:a::0::{NAME}\n"
        f'h4,"0002c9000004"x,,{good_path}\n'
        f"h5,0002c9000005,{good_path}\n"
        f"\n"
        f"h7,,,{good_path}\n"
        f"h8,0002c9000008,,iscsi:::::{NAME}\n"))
    assert [line.split(": ")[0] for line in said] == [
        ", line 2, column host", ", line 3, column mac",
        ", line 3, column address", ", line 4, column root_path",
        ", line 5, column mac", ", line 6", ", line 8, column mac",
        ", line 9, column root_path"]
    assert "root-path, column 10" in said[3]
    assert "3 fields, but there are 4 columns" in said[5]


def test_no_more_than_twenty(write):
    rows = [row(i, mac="x") for i in range(50)]
    said = errors(write(table(rows)))
    assert len(said) == 21
    assert "50 errors in all" in said[20]
    assert len(errors(write(table(rows[:20])))) == 20


@pytest.mark.parametrize("column,one,two", [
    ("mac", "00:02:c9:00:00:bb", "0002C90000BB"), ("host", "host1", "HOST1"),
    ("address", "11.4.3.7", "11.4.3.7"),
    ("initiator", "iqn.2007-08.a.b:c", "iqn.2007-08.a.b:C")])
def test_what_two_hosts_cannot_have(column, one, two, write):
    path = write(table([row(7, **{column: one}), row(8),
                        row(9, **{column: two})]))
    for verb in ("dhcp", "target", "check"):
        [error] = errors(path, verb)
        assert error.startswith(f", line 4, column {column}")
        assert "line 2" in error


@pytest.mark.parametrize("changed,column,said", [
    ({"backing": "/dev/b"}, "backing", "another backing"),
    ({"initiator": ""}, "initiator", "all initiators"),
    ({"root_path": f"iscsi:a:::2:{NAME}"}, "root_path", "another LUN"),
    ({"root_path": f"iscsi:a:::1:{NAME}2"}, "backing", "another target")])
def test_targets_that_do_not_agree(changed, column, said, write):
    shared = {"root_path": f"iscsi:a:::1:{NAME}", "backing": "/dev/a"}
    path = write(table([row(1, **shared), row(2, **{**shared, **changed})]))
    [error] = errors(path, "target")
    assert error.startswith(f", line 3, column {column}: ") and said in error
    assert "line 2" in error or "lines 2" in error


def test_errors_are_printable(write):
    said = errors(write(b"host,mac,root_path\n"
                        b'"\x1b[31m\n",0002c9000001,x\n'))
    assert all(line.isprintable() for line in said) and len(said) == 2


def test_files_that_are_none(tmp_path):
    for path in (tmp_path, tmp_path / "none"):
        assert str(path) in one_line(run("iscsi-root", "dhcp", "--csv", path))


# check

def test_check_of_many(write):
    path = write(table([row(1), row(2, root_path=f"iscsi:[::1]::99:A:{NAME}")]))
    assert good("check", "--csv", path) == f"{path}: 2 hosts, no error\n"
    one, two = json.loads(good("check", "--json", "--csv", path))
    assert (one["line"], one["host"], one["server"]) == (2, "host1", "11.4.3.7")
    assert (two["line"], two["server"], two["port"], two["lun_number"]) == (
        3, "::1", 99, 10)
    path = write("root_path\nx\niscsi:a::::iqn.2007-08.a\niscsi:\n")
    assert [e.split(": ")[0] for e in errors(path, "check")] == [
        ", line 2, column root_path", ", line 4, column root_path"]


# size

def seconds(*call):
    """Processor time, so that other work on the machine does not count"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    good(*call)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime
            - before.ru_utime - before.ru_stime)


def test_time_grows_as_the_file_does(write, tmp_path):
    def all_verbs(count):
        path = write(table([
            row(i, address=f"11.{4 + i // 62500}.{i // 250 % 250}.{i % 250 + 1}")
            for i in range(count)]))
        return sum(seconds(verb, "--server", server, "--csv", path, "-o",
                           tmp_path / "out")
                   for verb, server in (("dhcp", "dhcpd"), ("target", "tgt")))
    small, large = all_verbs(3000), all_verbs(24000)
    # eight times the hosts; 64 times the time if each looked at all others
    assert large < 24 * max(small, 0.02)


@pytest.mark.parametrize("verb,server", [
    *(("dhcp", s) for s in DHCP_SERVERS), ("target", "tgt"), ("target", "lio")])
def test_ten_thousand_hosts(verb, server, write, tmp_path):
    path = write(table([row(i, address=f"11.4.{i // 250}.{i % 250 + 1}")
                        for i in range(10000)]))
    out = tmp_path / "out"
    # a tenth of it or less; the machine may be a slow one
    assert seconds(verb, "--server", server, "--csv", path, "-o", out) < 5
    assert "host9999" in out.read_text()
