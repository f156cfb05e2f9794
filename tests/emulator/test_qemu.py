# SPDX-License-Identifier: GPL-2.0-only
"""The echo function in a real QEMU: what its client does that vfio_user.py
does not, from power-on over resets to kill -9. Needs the lab (make lab)."""

import json
import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT))
from tests.lab import paths, wait_for  # noqa: E402
from tests.lab.testbed import Lab  # noqa: E402

pytestmark = pytest.mark.skipif(not paths.is_built(),
                                reason="the lab is not built: make lab")

# Run in the guest: finds the function, maps its first BAR, then the words of
# the command line are registers to read, or REGISTER=VALUE to write.
BAR0 = r"""
import mmap, os, struct, sys
folder = "/sys/bus/pci/devices/"
for name in os.listdir(folder):
    path = folder + name + "/"
    if open(path + "device").read().strip() == "0xfff0":
        break
else:
    sys.exit("no such function")
if "0" in open(path + "enable").read():
    open(path + "enable", "w").write("1")
with open(path + "resource0", "r+b") as file:
    bar = mmap.mmap(file.fileno(), 0x10000)
for word in sys.argv[1:]:
    register, _, value = word.partition("=")
    register = int(register, 0)
    view = memoryview(bar)[register:register + 4].cast("I")
    if value:
        view[0] = int(value, 0)
    else:
        print(hex(view[0]))
    view.release()
"""
RESET_BUS, RESET_FLR, RESET_DISCONNECT = 0x138, 0x13c, 0x140
DEVICE = "$(dirname $(grep -l 0xfff0 /sys/bus/pci/devices/*/device))"


class Echo:
    def __init__(self, lab, build, name="echo"):
        self.socket = f"{name}.sock"
        self.process = lab.spawn([build / "tests/echo-function", self.socket],
                                 stdout=lab.folder / f"{name}.log",
                                 stderr="stdout")
        wait_for((lab.folder / self.socket).exists, 10, "no socket")

    def device(self, **more):
        return ["-device", json.dumps(
            {"driver": "vfio-user-pci",
             "socket": {"type": "unix", "path": self.socket},
             "bus": "port1", **more})]

    def alive(self):
        return self.process.poll() is None


PORT = ["-device", "pcie-root-port,id=port1,chassis=1,slot=1,"
        "pref64-reserve=32M,mem-reserve=8M"]


@pytest.fixture(scope="module")
def lab():
    with Lab(network=False) as made:
        yield made


@pytest.fixture(scope="module")
def echo(lab, build):
    program = Echo(lab, build)
    yield program
    assert program.alive(), lab.log("echo.log")


def start(lab, echo, **more):
    return lab.guest(qemu=PORT + echo.device(), segments=["python"],
                     files={"/bar0.py": BAR0}, **more)


def registers(guest, *words):
    out = guest.run("python3 /bar0.py " + " ".join(
        word if isinstance(word, str) else hex(word) for word in words))
    return [int(line, 0) for line in out.stdout.split()]


def test_guest_sees_the_function_and_resets_it(lab, echo):
    guest = start(lab, echo, reboot=True)
    try:
        read = guest.run(f"cd {DEVICE}; cat vendor class resource reset_method;"
                         " od -A n -t x1 -N 64 config").stdout
        assert "0x15b3" in read and "0xff0000" in read
        sizes = [int(end, 0) - int(start, 0) + 1 for start, end, flags in (
            line.split() for line in read.splitlines()
            if line.count("0x") == 3) if int(flags, 0)]
        assert 0x10000 in sizes and 0x100000 in sizes
        assert "flr" in read
        # the capability of 20 vectors, off; QEMU links the list anew
        capability = guest.run(f"od -A n -t x1 -j 156 -N 4 {DEVICE}/config")
        words = capability.stdout.split()
        assert words[0] == "11" and words[2:] == ["13", "00"]
        # stores and loads reach it
        assert registers(guest, "0x10=0xcafe1234", 0x10) == [0xcafe1234]
        # the guest's function level reset
        bus, flr = registers(guest, RESET_BUS, RESET_FLR)
        guest.run(f"cd {DEVICE}; echo flr >reset_method; echo 1 >reset")
        assert registers(guest, RESET_BUS, RESET_FLR, 0x10) == [bus, flr + 1,
                                                                0]
        # the machine's reset button, and the guest's own reboot
        for press in (guest.reset, lambda: guest.start("reboot -f")):
            press()
            guest.wait_ready()
            assert registers(guest, RESET_BUS)[0] > bus
            bus = registers(guest, RESET_BUS)[0]
        assert not guest.dmesg(3, "pci|0000:")
    finally:
        guest.stop()


def test_next_machine_after_power_off_and_kill(lab, echo):
    guest = start(lab, echo)
    gone = registers(guest, RESET_DISCONNECT)[0]
    guest.start("poweroff -f")
    assert guest.wait_exit() == 0
    guest = start(lab, echo)
    assert registers(guest, RESET_DISCONNECT) == [gone + 1]
    guest.process.send_signal(9)
    guest.wait_exit()
    # the third one gets the card while it runs
    guest = lab.guest(qemu=PORT, segments=["python"], files={"/bar0.py": BAR0})
    guest.qmp("device_add", driver="vfio-user-pci", id="hot", bus="port1",
              socket={"type": "unix", "path": echo.socket})
    wait_for(lambda: guest.run(f"ls {DEVICE}/resource0", check=False).status
             == 0, 20, "the guest does not see the card")
    assert registers(guest, RESET_DISCONNECT) == [gone + 2]
    guest.stop()


def test_guest_memory_that_is_not_shared_is_told(lab, build):
    own = Echo(lab, build, "own")
    process = lab.spawn(
        ["qemu-system-x86_64", "-accel", "tcg", "-machine", "pc", "-m", "128",
         "-nodefaults", "-display", "none", *own.device(bus="pci.0")],
        stdout=lab.folder / "unshared.log", stderr="stdout")
    wait_for(lambda: "share=on" in lab.log("own.log"), 20, "nothing is said")
    assert process.poll() is None
    process.stop()
    assert own.alive()
    own.process.stop()


def test_nothing_to_complain_about(lab, echo):
    """Neither QEMU nor the function had anything to say."""
    for log in lab.folder.glob("guest*.log"):
        if log.name.endswith(("console.log", "agent.log")):
            continue
        assert "vfio" not in log.read_text(errors="replace"), log.read_text()
    assert lab.log("echo.log") == ""
