# SPDX-License-Identifier: GPL-2.0-only
"""The adapter's whole life inside of its sandbox, and what the sandbox takes
away."""

import ctypes
import errno
import os
import signal
import socket
import subprocess

import pytest

import adapters
import connectx
import injected_call as calls
from control_client import ControlledAdapter, adapter, card, control, \
    listening
from frames import raw, tcp4
from injected_call import inject
from vfio_user import wait_for

SECCOMP_FILTER = "2"


def proc_status(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file)


@pytest.fixture(autouse=True)
def sandboxed_build(build):
    if build.name != "plain":
        pytest.skip("builds with sanitizers or coverage have no sandbox")


def test_process_is_confined(adapter, control):
    status = proc_status(adapter.program.process.pid)
    assert status["Seccomp"] == SECCOMP_FILTER
    assert status["NoNewPrivs"] == "1"


@pytest.mark.parametrize("option,seccomp", [
    (["--no-sandbox"], "0"), (["--sandbox", "off"], "0"),
    (["--sandbox", "on"], "2"), (["--sandbox", "log"], "2"), ([], "2")])
def test_options(build, tmp_path, option, seccomp):
    process = subprocess.Popen(
        [build / "bin/connectx-adapter", "--socket", tmp_path / "s", *option])
    try:
        wait_for(lambda: proc_status(process.pid)["Seccomp"] == seccomp and
                 (tmp_path / "s").exists(), 10)
    finally:
        process.terminate()
        assert process.wait(10) == 0


def test_bad_mode(build, tmp_path):
    done = subprocess.run(
        [build / "bin/connectx-adapter", "--socket", tmp_path / "s",
         "--sandbox", "maybe"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "maybe" in done.stderr and not (tmp_path / "s").exists()


def one_life(adapter):
    """From a new client to its end, with all that a guest does between."""
    card = connectx.Card(adapter)
    nic = connectx.Nic(card)
    nic.rx_cq.arm()
    nic.wire.send(raw(100), tcp4(b"z" * 1400))
    nic.receive(2)
    assert nic.eq.raised()
    assert nic.sent(raw(300))[0] == raw(300)
    more = card.client.map_memory(64 << 20, 1 << 33)
    card.client.unmap_memory(more)
    card.client.rom()
    card.chip_reset()
    card.client.reset()
    card.client.enable_bus_master()
    card.client.flr()
    card.client.enable_bus_master()
    assert card.nop()
    card.close()


def test_life_in_the_sandbox(adapter, control):
    for _ in range(3):
        one_life(adapter)
    assert adapter.trace.stat().st_size > 1000
    wait_for(lambda: adapter.pcap.stat().st_size > 1400)


def test_peers_come_and_go(adapter, control, card):
    """A port that waits for its peer, and one that looks for it."""
    nic = connectx.Nic(card)
    for _ in range(3):
        adapter.wires[0].close()
        wait_for(lambda: not card.link_up(1))
        adapter.wires[0] = adapters.Wire(adapter.ports[0])
        wait_for(lambda: card.link_up(1))
    nic.wire = adapter.wires[0]
    nic.wire.send(raw(100))
    assert nic.receive()[1] == raw(100)


def test_port_looks_for_its_peer(build, tmp_path):
    path = tmp_path / "peer"

    def listen():
        found = socket.socket(socket.AF_UNIX)
        found.bind(str(path))
        found.listen()
        found.settimeout(5)
        return found
    first = listen()
    process = subprocess.Popen(
        [build / "bin/connectx-adapter", "--socket", tmp_path / "s",
         "--port1", f"stream:{path}"])
    try:
        peer, _ = first.accept()
        for _ in range(2):
            peer.close()
            first.close()
            path.unlink()
            first = listen()
            peer, _ = first.accept()
    finally:
        process.terminate()
        assert process.wait(10) == 0


def test_memory_that_shrinks_under_the_adapter(adapter, control, card):
    """The handler of SIGBUS maps new pages: it may."""
    nic = connectx.Nic(card)
    extra = card.client.map_memory(4 << 20, 1 << 33)
    nic.qp.post_receive([[(1 << 33, 2048, nic.lkey)]] * 9)
    os.ftruncate(extra.fd, 0)
    nic.wire.send(*[raw(100)] * 9)
    wait_for(lambda: control.do("statistics", port=1)["rx"]["frames"] == 9)
    assert control.do("status")["present"]
    os.ftruncate(extra.fd, 4 << 20)


def test_socket_files_go_at_the_end(build, tmp_path):
    """Each in a folder of its own: it may remove them in there."""
    folders = [tmp_path / name for name in ("vfio", "control", "one", "two")]
    for folder in folders:
        folder.mkdir()
    vfio, control_, one, two = [folder / "socket" for folder in folders]
    process = subprocess.Popen(
        [build / "bin/connectx-adapter", "--socket", vfio,
         "--control", control_, "--port1", f"stream:listen:{one}",
         "--port2", f"stream:listen:{two}"])
    listening(control_).close()
    wait_for(lambda: proc_status(process.pid)["Seccomp"] == SECCOMP_FILTER)
    process.terminate()
    assert process.wait(10) == 0
    assert [os.listdir(folder) for folder in folders] == [[]] * 4


def landlock():
    """Whether the kernel has it (the call's number is everywhere the same)."""
    return ctypes.CDLL(None).syscall(444, None, 0, 1) > 0


@pytest.mark.skipif(not landlock(), reason="needs Landlock")
def test_other_files_cannot_be_removed(build, tmp_path):
    (tmp_path / "own").mkdir()
    process = subprocess.Popen(
        [build / "bin/connectx-adapter", "--socket", tmp_path / "own/socket"])
    wait_for(lambda: proc_status(process.pid)["Seccomp"] == SECCOMP_FILTER)
    for name in ("precious", "own/scratch"):
        (tmp_path / name).write_text("x")
    assert inject(process.pid, calls.UNLINK,
                  tmp_path / "precious") == -errno.EACCES
    assert inject(process.pid, calls.UNLINK, tmp_path / "own/scratch") == 0
    assert (tmp_path / "precious").exists()
    assert not (tmp_path / "own/scratch").exists()
    process.terminate()
    assert process.wait(10) == 0


def test_nothing_was_refused(build, start_program, tmp_path):
    """In log mode each refusal is a line: none may appear."""
    logged = ControlledAdapter(start_program, build, tmp_path, 4099,
                               "--sandbox", "log")
    one_life(logged)
    with logged.connect() as control:
        control.do("help")
        control.do("link", port=1, up=False)
    logged.wires[1].close()
    assert logged.program.stop() == 0
    assert "sandbox" not in logged.log()
    assert not (tmp_path / "vfio").exists()
    assert not (tmp_path / "control").exists()


@pytest.mark.parametrize("call", [
    (calls.OPENAT, calls.AT_FDCWD, "/etc/passwd", 0), (calls.SOCKET, 2, 1, 0),
    (calls.EXECVE, "/bin/true", 0, 0), (calls.KILL, 1, 0), (calls.FORK,),
    (calls.MMAP, 0, 4096, 5, 0x22, -1, 0)],
    ids=("open", "socket", "exec", "kill", "fork", "mmap"))
def test_forbidden_calls_end_the_process(build, tmp_path, call):
    """Made to call what a hijacked process would."""
    process = subprocess.Popen(
        [build / "bin/connectx-adapter", "--socket", tmp_path / "s"])
    wait_for((tmp_path / "s").exists, 10)
    wait_for(lambda: proc_status(process.pid)["Seccomp"] == SECCOMP_FILTER)
    assert inject(process.pid, *call) is None
    assert process.wait(10) == -signal.SIGSYS
