# SPDX-License-Identifier: GPL-2.0-only
"""docs/manual.md against the programs: its marked commands print what stands
below them, and each option and file that it names is there."""

import re
import subprocess

import pytest

from tests.e2e import manual_desk
from tests.e2e.test_tools_help import CASES, OPTION, PAGES
from tests.e2e.tools_fixtures import run
from tests.lab import paths

TEXT = manual_desk.MANUAL.read_text()
BLOCKS = manual_desk.MARK.findall(TEXT)
# Options of dnsmasq, of tgt-admin, of commands of iPXE
OTHERS = {"--test", "--update", "--name"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The folder that the blocks find, one after the other."""
    folder = tmp_path_factory.mktemp("manual")
    version = run("mkrom", "--version").stdout.split()[-1]
    manual_desk.make_desk(folder, version)
    return folder


def test_marked_blocks_print_what_stands_there(desk):
    assert len(BLOCKS) > 10
    for kind, block in BLOCKS:
        expected = manual_desk.commands(block)
        assert expected, block
        printed = manual_desk.run_in(desk, [each for each, _ in expected])
        assert len(printed) == len(expected)
        for (command, wanted), found in zip(expected, printed):
            if kind == "run, sizes":
                wanted, found = (manual_desk.without_sizes(wanted),
                                 manual_desk.without_sizes(found))
            assert found == wanted, command


def test_a_changed_word_is_seen():
    """What is masked is the size, not the words beside it."""
    mask = manual_desk.without_sizes
    assert mask("size   22528 bytes") == mask("size  800768 bytes")
    assert mask("at 0x002000, 9 bytes") == mask("at 0x004400,   12 bytes")
    for one, other in (("version 0.1.0", "version 0.2.0"),
                       ("11.4.3.7", "11.4.3.8"), ("mt25448", "mt26448"),
                       ("15b3:6368", "15b3:6750"), ("type=PXE", "type=UEFI"),
                       ("devid=25448", "devid=26448")):
        assert mask(one) != mask(other)


def typed():
    """The lines of all blocks and of code in the text that begin with one of
    our programs: (program, verb, options)."""
    joined = TEXT.replace("\\\n", " ")
    lines = re.findall(r"^[$#] (.*)$", joined, re.MULTILINE)
    lines += re.findall(r"`([^`]+)`", re.sub(r"\s+", " ", joined))
    for line in lines:
        words = line.split()
        if not words or words[0] not in PAGES:
            continue
        verb = words[1] if len(words) > 1 else ""
        own, _, others = line.partition(" -- ")
        verbs = {v for p, v, _ in CASES if p == words[0]}
        yield words[0], verb if verb in verbs else "", OPTION.findall(own)
        if others and words[0] == "mkinitrd-en":
            yield "tryboot", "", OPTION.findall(others)


def test_options_of_the_commands():
    known = {(program, verb): options for program, verb, options in CASES}
    seen = list(typed())
    assert {program for program, *_ in seen} == set(PAGES)
    for program, verb, options in seen:
        assert set(options) <= known[program, verb], (program, verb)


def test_options_in_the_text():
    every = set().union(*(options for _, _, options in CASES)) | OTHERS
    named = set(OPTION.findall(TEXT.replace("<!--", "").replace("-->", "")))
    assert len(named) > 20
    assert named <= every, named - every


def test_verbs_of_make():
    rules = "".join(path.read_text() for path in (
        paths.REPOSITORY / "Makefile", *paths.REPOSITORY.glob("*/build.mk")))
    verbs = set(re.findall(r"^[`$]? ?make ([a-z-]+)|`make ([a-z-]+)`", TEXT,
                           re.MULTILINE))
    assert len(verbs) > 3
    for verb in map("".join, verbs):
        assert re.search(rf"^{verb}:.*##", rules, re.MULTILINE), verb


@pytest.mark.parametrize("page", ["manual.md", "release-notes.md"])
def test_links(page):
    text = (paths.REPOSITORY / "docs" / page).read_text()
    places = re.findall(r"\]\(([^)]+)\)", text)
    assert places
    heads = {re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-")
             for head in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    for place in places:
        if place.startswith("#"):
            assert place[1:] in heads, place
        else:
            assert (paths.REPOSITORY / "docs" / place).exists(), place


def test_chapters_of_the_old_manual():
    """In their order, by their numbers."""
    numbers = re.findall(r"^#+ (\d+(?:\.\d+)*) ", TEXT, re.MULTILINE)
    assert numbers == [
        "1", "1.1", "1.2", "1.3", "1.4", "1.5", "2", "2.1", "2.2", "3", "3.1",
        "4", "5", "6", "6.1", "6.2", "7", "7.1", "7.2", "7.3",
        *(f"7.3.{n}" for n in range(1, 10)), "8", "8.1", "9", "9.1", "9.2",
        "10"]


def test_adapters_are_those_of_the_roms():
    """As include/connectx/ids.h has them, in its order."""
    header = (paths.REPOSITORY / "include/connectx/ids.h").read_text()
    ids = [(str(int(each, 16)), each, name) for each, name in re.findall(
        r'^\tX\(0x([0-9a-f]{4}), MT\d+, "([^"]+)"', header, re.MULTILINE)]
    assert len(ids) > 11
    assert re.findall(r"^\| (\d+) \| ([0-9a-f]{4}) \| (.*) \|$", TEXT,
                      re.MULTILINE) == ids
    notes = (paths.REPOSITORY / "docs/release-notes.md").read_text()
    listed = re.findall(r"^\| ConnectX[^|]*\| ([\d ]+) \|", notes,
                        re.MULTILINE)
    assert sorted(" ".join(listed).split()) == sorted(d for d, *_ in ids)


# The servers' configurations

SERVERS = {"dhcpd": ("dhcpd", "-t", "-cf"), "kea": ("kea-dhcp4", "-t"),
           "dnsmasq": ("dnsmasq", "--test", "-C")}
CONFIGURATIONS = dict(re.findall(
    r"<!-- check: (\w+) -->\n```\n(.*?)```\n", TEXT, re.DOTALL))


@pytest.mark.skipif(not paths.ROOT.is_dir(), reason="no lab: run make lab")
@pytest.mark.parametrize("server", SERVERS)
def test_the_servers_checker_accepts_it(server, tmp_path):
    """With the host that iscsi-root prints for it."""
    host = run("iscsi-root", "dhcp", "--server", server, "--host", "host1",
               "--mac", "00:02:c9:00:00:bb", "--address", "11.4.3.130",
               "iscsi:11.4.3.7:::1:iqn.2007-08.7.3.4.10:iscsiboot").stdout
    assert host
    (tmp_path / "hosts.json").write_text(host)
    text = CONFIGURATIONS[server].replace("/etc/kea", str(tmp_path)).replace(
        "eth0", "lo").replace("/srv/tftp", str(tmp_path))
    if server != "kea":
        text += host
    conf = tmp_path / "conf"

    def check(text):
        conf.write_text(text)
        lib = paths.ROOT / "usr/lib/x86_64-linux-gnu"
        return subprocess.run(
            [paths.ROOT / "lib64/ld-linux-x86-64.so.2", "--library-path", lib,
             paths.ROOT / "usr/sbin" / SERVERS[server][0],
             *SERVERS[server][1:], conf], capture_output=True, text=True,
            check=False)
    done = check(text)
    assert done.returncode == 0, done.stdout + done.stderr
    # and it is no checker that takes anything
    assert check(text.replace("11.4.3.140", "11.4.3.1x")).returncode != 0
