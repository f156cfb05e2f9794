# SPDX-License-Identifier: GPL-2.0-only
"""What --help names is in the man page and in each shell's completion, verb
by verb, and nothing else is. The programs' own help is the list: whoever adds
an option or a verb adds a line where this test says that it is missing."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from tests.e2e.tools_fixtures import run
from tests.lab import paths

SOURCE = pathlib.Path(__file__).resolve().parents[2]
COMPLETIONS = SOURCE / "completions"
PAGES = {"mkinitrd-en": "docs/man/mkinitrd-en.8",
         "iscsi-root": "docs/man/iscsi-root.8",
         "tryboot": "docs/man/tryboot.8",
         "en-flash": "docs/man/en-flash.8",
         "mkrom": "docs/man/mkrom.8"}
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")


def help_of(*words):
    done = run(*words, "--help")
    assert done.returncode == 0 and done.stderr == "", words
    assert max(map(len, done.stdout.splitlines())) <= 80
    return done.stdout


def described(text):
    """The options that have a line of their own."""
    return set(OPTION.findall("\n".join(re.findall(
        r"^ *((?:-[a-z], )?--[a-z0-9-]+)", text, re.MULTILINE))))


def by_verb(program):
    """{verb: its options} as --help has it; "" is without a verb."""
    text = help_of(program)
    verbs = re.findall(r"^([a-z]+)  +\S", text, re.MULTILINE)
    if not verbs and "Verbs" not in text:
        return {"": described(text)}
    if not verbs:  # each has a help of its own
        listed = text[text.index("Verbs"):]
        verbs = re.findall(r"^  ([a-z]+) ", listed, re.MULTILINE)
        assert verbs
        return {"": described(text),
                **{verb: described(help_of(program, verb))
                   for verb in verbs}}
    # Those of every verb begin their lines.
    general = described("\n".join(re.findall(r"^-.*", text, re.MULTILINE)))
    assert {"--help", "--version"} <= general
    found = {"": set(general)}
    for verb in verbs:
        section = re.search(rf"^{verb}  .*\n((?: .*\n)*)", text,
                            re.MULTILINE)[1]
        found[verb] = described(section) | general
        own = "" if section else help_of(program, verb)
        if own not in ("", text):  # it has a help of its own
            found[verb] = described(own)
    return found


CASES = [(program, verb, options) for program in PAGES
         if paths.binary(program).exists()
         for verb, options in by_verb(program).items()]
EACH = pytest.mark.parametrize("program,verb,options", CASES, ids=[
    f"{program} {verb}" for program, verb, _ in CASES])


def test_there_are_programs():
    """Else nothing at all would be compared."""
    assert {program for program, *_ in CASES} == set(PAGES)
    assert len(CASES) > len(PAGES)
    assert all(options for _, _, options in CASES)


@EACH
def test_man_page(program, verb, options):
    text = (SOURCE / PAGES[program]).read_text().replace("\\-", "-")
    if verb:
        assert re.search(rf"^\.(SS|B|SH) {verb}$", text, re.MULTILINE)
    # A page tells verb by verb, or all options in one section.
    section = text
    if ".SS inspect" in text:
        section = text.split("\n.SH VERBS\n")[0]
    if f"\n.SS {verb}\n" in text:
        section = text[text.index(f"\n.SS {verb}\n"):]
        section = re.split(r"\n\.S[SH] ", section[2:])[0]
        options = options - {"--help"}
    for option in options:
        assert re.search(rf"{option}(?![\w-])", section), option


def test_man_pages_name_nothing_else():
    for program, page in PAGES.items():
        text = (SOURCE / page).read_text().replace("\\-", "-")
        known = set().union(*(o for p, _, o in CASES if p == program))
        # of other programs, in examples
        others = {"--update", "--add", *{"mkinitrd-en": ["--report"],
                                         "tryboot": ["--try"],
                                         "mkrom": ["--overlay-only",
                                                   "--iscsi-target"],
                                         "iscsi-root": ["--bind", "--driver"]
                                         }.get(program, [])}
        assert set(OPTION.findall(text)) <= known | others


@pytest.mark.skipif(not shutil.which("man"), reason="needs man")
@pytest.mark.parametrize("page", PAGES.values())
def test_man_page_has_no_warnings(page):
    done = subprocess.run(["man", "--warnings", "-l", SOURCE / page],
                          capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0 and done.stderr == ""


def bash(*words, cwd=None):
    """What bash offers for the last of the words."""
    script = f"""
    . {COMPLETIONS}/bash/{words[0]}
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    compopt() {{ :; }}
    $(complete -p {words[0]} | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script, "bash", *words], cwd=cwd,
                          capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


@EACH
def test_bash_completion(program, verb, options):
    words = [verb] if verb else []
    assert set(bash(program, *words, "--")) == options
    one = sorted(options)[0]
    assert one in bash(program, *words, one[:-1])
    if verb:
        assert verb in bash(program, verb[:-1])


def test_bash_completes_files_and_servers(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for words in (["mkinitrd-en", "--modules", "f"],
                  ["mkinitrd-en", "verify", "--modules", "f"]):
        assert bash(*words, cwd=tmp_path) == ["folder"]
    for words in (["mkinitrd-en", "f"], ["mkinitrd-en", "inspect", "f"],
                  ["mkinitrd-en", "diff", "file", "f"],
                  ["mkinitrd-en", "-o", "f"],
                  ["mkinitrd-en", "--kernel", "f"],
                  ["iscsi-root", "target", "--backing", "f"],
                  ["en-flash", "-i", "f"], ["en-flash", "brom", "f"]):
        assert set(bash(*words, cwd=tmp_path)) == {"file", "folder"}
    assert bash("mkinitrd-en", "--mac", "f", cwd=tmp_path) == []
    servers = {"dhcp": {"dhcpd", "kea", "dnsmasq"},
               "target": {"tgt", "lio", "ietd"}}
    for verb, names in servers.items():
        assert set(bash("iscsi-root", verb, "--server", "")) == names
        assert all(name in help_of("iscsi-root") for name in names)


@pytest.mark.skipif(not shutil.which("fish"), reason="needs fish")
@EACH
def test_fish_completion(program, verb, options):
    def fish(line):
        done = subprocess.run(
            ["fish", "--no-config", "-c",
             f"source {COMPLETIONS}/fish/{program}.fish; "
             "complete -C \"$argv[1]\"", line],
            capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return {each.split("\t")[0] for each in done.stdout.splitlines()}
    found = {each.rstrip("=") for each in fish(f"{program} {verb} --")}
    assert found == options
    assert not verb or verb in fish(f"{program} {verb[:-1]}")


@EACH
def test_zsh_completion(program, verb, options):
    text = (COMPLETIONS / f"zsh/_{program}").read_text()
    begin = re.search(rf"^\t(?:{verb or '[*]'}\) )?options=\($", text,
                      re.MULTILINE)
    assert begin, f"no options of {verb}"
    section = text[begin.end():].split(";;")[0]
    assert set(OPTION.findall(section.replace("{", " ").replace(
        ",", " "))) == options
    assert not verb or f"\t\t'{verb}:" in text


@pytest.mark.skipif(not shutil.which("zsh"), reason="needs zsh")
@pytest.mark.parametrize("program", PAGES)
def test_zsh_completion_parses(program):
    subprocess.run(["zsh", "-n", COMPLETIONS / f"zsh/_{program}"], check=True)
