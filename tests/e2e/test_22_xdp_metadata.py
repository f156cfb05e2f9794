# SPDX-License-Identifier: GPL-2.0-only
"""What an XDP program learns of a frame beside its bytes."""

import contextlib
import json
import pathlib
import struct
import subprocess

import pytest

from tests.e2e.frames import (LAB_MAC, Ether, Raw, UDP, Wire, build, flow_data,
                              network, padded, pattern, toeplitz)
from tests.e2e.machine import MAC, VLAN, until
from tests.e2e.test_03_frames import hash_key
from tests.e2e.test_06_clock import clock, read_clock, stamping

pytestmark = [pytest.mark.needs("ours"), pytest.mark.needs("metadata")]
HERE = pathlib.Path(__file__).resolve().parent
PORT = 2
COUNT = 40
# struct answer of bpf/metadata.c
ANSWER = struct.Struct("<QIIHHhhhH4x")
NAMES = ("timestamp", "hash", "hash_type", "tag_protocol", "tci",
         "timestamp_error", "hash_error", "tag_error", "seen")
ENODATA = -61
PINNED = "/sys/fs/bpf/metadata"


def datagram(number):
    """The source port names the datagram; it is the map's key as well."""
    return (Ether(src=LAB_MAC, dst=MAC[PORT]) / network(4, id=number) /
            UDP(sport=number, dport=9) / Raw(pattern(number, 100)))


def tag(number):
    """Each priority in turn, on the VLAN that the port lets through."""
    return (number // 2 % 8) << 13 | VLAN


@contextlib.contextmanager
def asking(machine, tmp_path):
    """The program on the port; what it gives answers by number of datagram."""
    made = tmp_path / "metadata.o"
    subprocess.run(["clang", "-O2", "-g", "-target", "bpf",
                    "-I/usr/include/x86_64-linux-gnu", "-c",
                    HERE / "bpf" / "metadata.c", "-o", made], check=True)
    machine.put("/run/metadata.o", made.read_bytes())
    dev = machine.dev(PORT)
    machine.run("mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf")
    machine.run(f"bpftool prog load /run/metadata.o {PINNED} type xdp "
                f"xdpmeta_dev {dev} pinmaps {PINNED}-maps")

    def answers():
        dump = json.loads(machine.run(
            f"bpftool -j map dump pinned {PINNED}-maps/answers").stdout)
        found = {}
        for entry in dump:
            key, value = (bytes(int(byte, 16) for byte in entry[name])
                          for name in ("key", "value"))
            answer = dict(zip(NAMES, ANSWER.unpack(value)))
            if answer["seen"]:
                found[int.from_bytes(key, "little")] = answer
        return found

    try:
        machine.run(f"bpftool net attach xdpdrv pinned {PINNED} dev {dev}")
        machine.wait_link(PORT)
        machine.reachable(PORT)
        yield answers
    finally:
        machine.run(f"bpftool net detach xdpdrv dev {dev}; "
                    f"rm -rf {PINNED} {PINNED}-maps")
        machine.wait_link(PORT)


def ask(machine, answers, frames):
    with Wire(machine.lab, "tap2") as wire:
        wire.send(*frames)

        def all_there():
            assert len(answers()) == len(frames)
        until(all_there, 10, "the program's answers")
    return answers()


def test_metadata_hash_and_tag(machine, tmp_path):
    """The hash is Toeplitz over addresses and ports; a tag that was stripped is
    told, and that there was none; without stamps there is no time."""
    key = hash_key(machine)
    packets = {number: datagram(number) for number in range(1, COUNT)}
    frames = []
    for number, packet in packets.items():
        frame = padded(build(packet))
        if number % 2:
            frame = frame[:12] + b"\x81\x00" + \
                tag(number).to_bytes(2, "big") + frame[12:]
        frames.append(frame)
    with machine.vlan(), asking(machine, tmp_path) as answers:
        found = ask(machine, answers, frames)
    for number, packet in packets.items():
        answer = found[number]
        assert answer["hash_error"] == 0 and answer["hash_type"]
        assert answer["hash"] == toeplitz(key, flow_data(packet))
        assert answer["timestamp_error"] == ENODATA
        if number % 2:
            assert answer["tag_error"] == 0
            assert answer["tag_protocol"] == 0x8100
            assert answer["tci"] == tag(number)
        else:
            assert answer["tag_error"] == ENODATA


@pytest.mark.needs("managed")
def test_metadata_timestamp(machine, tmp_path):
    """With stamps on, each frame has its time of the adapter's clock."""
    device = clock(machine)
    stamping(machine, 0, 1)
    try:
        with asking(machine, tmp_path) as answers:
            before = read_clock(machine, device)
            found = ask(machine, answers, [padded(build(datagram(number)))
                                           for number in range(1, COUNT)])
            after = read_clock(machine, device)
    finally:
        stamping(machine, 0, 0)
    times = [found[number]["timestamp"] for number in sorted(found)]
    assert all(answer["timestamp_error"] == 0 for answer in found.values())
    assert times == sorted(times) and len(set(times)) > COUNT // 2
    assert before < times[0] and times[-1] < after
