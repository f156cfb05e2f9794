# SPDX-License-Identifier: GPL-2.0-only
"""connectx-adapterctl: its words, what it prints, how it ends; its completion
and manual pages."""

import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import threading

import pytest

import adapters
from connectx import COMMANDS
from conftest import ROOT
from control_client import adapter, card, control, listening
from layout import rows
from vfio_user import wait_for

MAN = ROOT / "docs/man"
COMPLETION = ROOT / "docs/completion"


@pytest.fixture
def ctl(build, adapter, control):
    """ctl("link", 1, "down") runs the program on the running adapter."""
    def run(*words, path=adapter.control, **more):
        return subprocess.run(
            [build / "bin/connectx-adapterctl", "--socket", path,
             *map(str, words)], capture_output=True, text=True, timeout=20,
            check=False, **more)
    return run


def good(done):
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_status_for_people(ctl, adapter):
    out = good(ctl("status"))
    assert f"device: {adapter.device}\n" in out
    assert "generation: ConnectX\n" in out
    assert "hca_up: no\n" in out
    title, one, two = out[out.index("ports:\n"):].splitlines()[1:]
    assert title.split()[:4] == ["port", "link", "speed", "mac"]
    assert one.split()[:4] == ["1", "down", "10000",
                               adapters.MAC_1.hex(":")]
    assert two.split()[3] == adapters.MAC_2.hex(":")
    assert one.index("down") == title.index("link")
    assert "ok" not in out.split()


@pytest.mark.parametrize("place", ["before", "behind"])
def test_json_is_the_line_itself(ctl, control, place):
    words = ("status", "--json") if place == "behind" else ("--json", "status")
    out = good(ctl(*words))
    assert out.count("\n") == 1
    assert json.loads(out) == control.do("status")


def test_link(ctl, control):
    assert "physical: no" in good(ctl("link", 1, "down"))
    assert not control.port(1)["plugged"]
    good(ctl("link", 1, "up"))
    assert control.port(1)["plugged"]


def test_faults(ctl, control):
    good(ctl("fault", "command", "QUERY_PORT", "status", "BAD_PARAM",
             "--count", 3))
    good(ctl("fault", "command", "*", "slow", 250, "--count", "always",
             "--skip", 7))
    good(ctl("fault", "command", "0x031", "never"))
    good(ctl("fault", "command", "--count", 2, "NOP", "garbage"))
    good(ctl("fault", "data", "cqe-owner", "--count", 9))
    faults = control.do("faults")
    assert faults["command"] == [
        {"name": "QUERY_PORT", "effect": "status", "status": "BAD_PARAM",
         "skip": 0, "count": 3},
        {"name": "*", "effect": "slow", "ms": 250, "skip": 7,
         "count": "always"},
        {"name": "NOP", "effect": "never", "skip": 0, "count": 1},
        {"name": "NOP", "effect": "garbage", "skip": 0, "count": 2}]
    assert faults["data"] == [{"name": "cqe-owner", "count": 9}]
    out = good(ctl("faults"))
    assert re.search(r"^  QUERY_PORT +status +BAD_PARAM", out, re.M)
    assert re.search(r"^  cqe-owner +9$", out, re.M)
    good(ctl("clear"))
    assert "command: none" in good(ctl("faults"))


@pytest.mark.parametrize("words,request_", [
    (["flap", "2", "--count", "3", "--period-ms", "50"],
     {"command": "flap", "port": 2, "count": 3, "period_ms": 50}),
    (["speed", "1", "10000"], {"command": "speed", "port": 1, "mbps": 10000}),
    (["mac", "1", "00:02:c9:00:00:01"],
     {"command": "mac", "port": 1, "address": "00:02:c9:00:00:01"}),
    (["module", "1", "out"],
     {"command": "module", "port": 1, "present": False}),
    (["module", "0x2", "in"],
     {"command": "module", "port": 2, "present": True}),
    (["cable", "1", "bad"], {"command": "cable", "port": 1, "state": "bad"}),
    (["statistics", "1"], {"command": "statistics", "port": 1}),
    (["statistics", "1", "--reset"],
     {"command": "statistics", "port": 1, "reset": True}),
    (["catastrophic"], {"command": "catastrophic"}),
    (["catastrophic", "0xdead"],
     {"command": "catastrophic", "code": 0xdead}),
    (["remove"], {"command": "remove"}), (["insert"], {"command": "insert"}),
    (["temperature", "99", "--threshold", "80"],
     {"command": "temperature", "celsius": 99, "threshold": 80}),
    (["ready-ms", "5"], {"command": "ready_ms", "ms": 5}),
    (["training-ms", "5", "--port", "2"],
     {"command": "training_ms", "ms": 5, "port": 2}),
    (["queues", "cq", "--from", "7", "--limit", "9"],
     {"command": "queues", "kind": "cq", "from": 7, "limit": 9}),
    (["help"], {"command": "help"}), (["clear"], {"command": "clear"}),
    (["faults"], {"command": "faults"}),
    (["raw", '{"command": "nope", "a": [1]}'],
     {"command": "nope", "a": [1]}),
    (["events"], {"command": "events", "all": True}),
    (["events", "link", "commands"],
     {"command": "events", "link": True, "commands": True})])
def test_words_become_the_request(build, tmp_path, words, request_):
    """Seen by a server that is no adapter."""
    path = tmp_path / "socket"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()
    server.settimeout(5)
    seen = []

    def serve():
        peer, _ = server.accept()
        with peer, peer.makefile("rb") as lines:
            seen.append(json.loads(lines.readline()))
            peer.sendall(b'{"ok":true}\n')
    thread = threading.Thread(target=serve)
    thread.start()
    done = subprocess.run(
        [build / "bin/connectx-adapterctl", "--socket", path, *words],
        capture_output=True, text=True, timeout=20, check=False)
    thread.join()
    server.close()
    assert done.returncode == 0 and seen == [request_]


def test_every_command_of_the_adapter_has_words(ctl, control):
    words = good(ctl("--list", "commands")).splitlines()
    known = {c["name"] for c in control.do("help")["commands"]}
    assert {w.split()[0].replace("-", "_") for w in words} == known | {"raw"}


@pytest.mark.parametrize("words", [
    [], ["nope"], ["link"], ["link", "1"], ["link", "1", "sideways"],
    ["link", "one", "up"], ["link", "-1", "up"], ["link", "1", "up", "now"],
    ["link", "1", "up", "--count", "1"], ["flap", "1", "--count"],
    ["flap", "1", "--count", "many"], ["fault"], ["fault", "wire"],
    ["fault", "command"], ["fault", "command", "NOP"], ["status", "now"],
    ["speed", "1", "99999999999999999999"], ["speed", "1", "10x"],
    ["raw"], ["raw", "[]"], ["raw", "{"], ["--nope", "status"],
    ["--list", "nope"], ["--socket"]])
def test_wrong_words_end_with_2(ctl, words):
    done = ctl(*words)
    assert done.returncode == 2, done
    assert done.stdout == "" and done.stderr.count("\n") <= 2
    assert "connectx-adapterctl" in done.stderr


@pytest.mark.parametrize("words,said", [
    (["link", "3", "up"], "from 1 to 2"),
    (["fault", "data", "nope"], "nope"),
    (["raw", '{"command": "nope"}'], "nope"),
    (["events", "weather"], "weather")])
def test_refusal_ends_with_1(ctl, words, said):
    done = ctl(*words)
    assert done.returncode == 1
    assert done.stdout == "" and said in done.stderr
    done = ctl(*words, "--json")
    assert done.returncode == 1
    assert said in json.loads(done.stdout)["error"]


def test_no_adapter_ends_with_1(ctl, tmp_path):
    for path in (tmp_path / "none", tmp_path / ("x" * 200)):
        done = ctl("status", path=path)
        assert done.returncode == 1 and str(path) in done.stderr


def test_server_that_hangs_up_ends_with_1(ctl, adapter):
    done = ctl("status", path=adapter.socket)
    assert done.returncode == 1 and "did not answer" in done.stderr


def test_socket_from_the_environment(build, adapter, control):
    program = build / "bin/connectx-adapterctl"
    environment = {**os.environ,
                   "CONNECTX_ADAPTER_CONTROL": str(adapter.control)}
    assert "device" in good(subprocess.run(
        [program, "status"], capture_output=True, text=True, check=False,
        env=environment))
    environment.pop("CONNECTX_ADAPTER_CONTROL")
    done = subprocess.run([program, "status"], capture_output=True, text=True,
                          check=False, env=environment)
    assert done.returncode == 2 and "--socket" in done.stderr


def test_help_and_version(ctl):
    out = good(ctl("--help"))
    for command in good(ctl("--list", "commands")).splitlines():
        assert f"\n  {command}" in out
    assert re.fullmatch(r"connectx-adapterctl \d+\.\d+\.\d+\n",
                        good(ctl("--version")))


def test_lists(ctl, control):
    def listed(name):
        return good(ctl("--list", name)).splitlines()
    assert listed("data-faults") == control.do("faults")["known"]
    assert listed("opcodes") == list(COMMANDS)
    assert listed("statuses") == [row[0] for row in rows("STATUSES")]


def soon(stream):
    """A line that must come, of an unbuffered stream."""
    assert select.select([stream], [], [], 5)[0]
    return stream.readline().decode()


@pytest.mark.parametrize("as_json", [False, True])
def test_events_come_until_interrupted(build, adapter, card, as_json):
    process = subprocess.Popen(
        [build / "bin/connectx-adapterctl", "--socket", adapter.control,
         "events", "reset", "commands", *(["--json"] if as_json else [])],
        stdout=subprocess.PIPE, bufsize=0,
        # a shell starts what it runs in the background with it ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    if as_json:
        assert json.loads(soon(process.stdout)) == {"ok": True}
    else:
        # nothing is printed for the answer: see when it has subscribed
        def subscribed():
            card.nop()
            return select.select([process.stdout], [], [], 0.02)[0]
        wait_for(subscribed)
    card.chip_reset()
    line = ""
    while "reset" not in line:
        line = soon(process.stdout)
        assert line
    if as_json:
        assert json.loads(line) == {"event": "reset", "kind": "chip"}
    else:
        assert line == "reset kind=chip\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == -signal.SIGINT


def test_events_end_with_the_adapter(build, tmp_path):
    adapter_ = subprocess.Popen(
        [build / "bin/connectx-adapter", "--socket", tmp_path / "s",
         "--control", tmp_path / "c"])
    listening(tmp_path / "c").close()
    follower = subprocess.Popen(
        [build / "bin/connectx-adapterctl", "--socket", tmp_path / "c",
         "events", "--json"], stdout=subprocess.PIPE, bufsize=0)
    assert json.loads(soon(follower.stdout)) == {"ok": True}
    adapter_.terminate()
    assert adapter_.wait(10) == 0
    assert follower.wait(5) == 0


# --- completion ---

def bash_completes(build, *words):
    """What bash offers for the last of the words."""
    script = f"""
    PATH="{build}/bin:$PATH"
    . {COMPLETION}/connectx-adapterctl.bash
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    compopt() {{ :; }}
    _connectx_adapterctl
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", script, "bash", "connectx-adapterctl", *words],
        capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def fish_completes(build, *words):
    # the last word as it was typed, the others quoted
    line = " ".join(["connectx-adapterctl", *words])
    done = subprocess.run(
        ["fish", "--no-config", "-c",
         f"set PATH {build}/bin $PATH; "
         f"source {COMPLETION}/connectx-adapterctl.fish; "
         "complete -C \"$argv[1]\"", line],
        capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [each.split("\t")[0] for each in done.stdout.splitlines()]


COMPLETIONS = [
    (["st"], {"status", "statistics"}),
    (["fau"], {"fault", "faults"}),
    (["--socket", "x", "li"], {"link"}),
    (["link", ""], {"1", "2"}), (["link", "1", ""], {"up", "down"}),
    (["module", "2", "o"], {"out"}),
    (["fault", ""], {"command", "data"}),
    (["fault", "data", "cqe-l"], {"cqe-length", "cqe-lost"}),
    (["fault", "command", "QUERY_F"], {"QUERY_FW", "QUERY_FUNC"}),
    (["fault", "command", "NOP", "st"], {"status", "stuck"}),
    (["fault", "data", "--count", "3", "tx-"], {"tx-drop"}),
    (["events", "r"], {"reset"}), (["--li"], {"--list"}),
    (["queues", ""], {"eq", "cq", "qp"}),
    (["--list", "o"], {"opcodes"}),
]


@pytest.mark.parametrize("words,offered", COMPLETIONS)
def test_bash_completion(build, words, offered):
    assert set(bash_completes(build, *words)) == offered


@pytest.mark.skipif(not shutil.which("fish"), reason="needs fish")
@pytest.mark.parametrize("words,offered", COMPLETIONS)
def test_fish_completion(build, words, offered):
    found = set(fish_completes(build, *words))
    assert {f for f in found if f.startswith(words[-1] or "")
            and (words[-1] or not f.startswith("-"))} == offered


def test_bash_offers_statuses(build):
    offered = bash_completes(build, "fault", "command", "NOP", "status", "BAD")
    assert set(offered) == {row[0] for row in rows("STATUSES")
                            if row[0].startswith("BAD")}


@pytest.mark.skipif(not shutil.which("zsh"), reason="needs zsh")
def test_zsh_completion_parses():
    subprocess.run(["zsh", "-n", COMPLETION / "_connectx-adapterctl"],
                   check=True)


# --- manual pages ---

def man_text(name):
    text = (MAN / name).read_text()
    return text.replace("\\-", "-").replace("\\fP", "").replace("\\fR", "")


def test_manual_names_every_command_and_fault(ctl, control):
    text = man_text("connectx-adapterctl.1")
    for command in good(ctl("--list", "commands")).splitlines():
        assert command in text, command
    for fault in control.do("faults")["known"]:
        assert fault in text, fault
    for option in re.findall(r"--[a-z-]+", good(ctl("--help"))):
        assert option in text, option


def test_manual_names_every_option_of_the_adapter(build):
    text = man_text("connectx-adapter.1")
    out = subprocess.run([build / "bin/connectx-adapter", "--help"],
                         capture_output=True, text=True, check=True).stdout
    for option in re.findall(r"--[a-z0-9-]+", out):
        assert option in text, option


@pytest.mark.skipif(not shutil.which("man"), reason="needs man")
@pytest.mark.parametrize("name", ["connectx-adapter.1",
                                  "connectx-adapterctl.1"])
def test_manual_page_has_no_warnings(name):
    done = subprocess.run(["man", "--warnings", "-l", MAN / name],
                          capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0 and done.stderr == ""
