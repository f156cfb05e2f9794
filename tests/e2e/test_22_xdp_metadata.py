# SPDX-License-Identifier: GPL-2.0-only
"""What an XDP program learns of a frame beside its bytes."""

import contextlib
import json
import struct

import pytest

from tests.e2e.frames import (LAB_MAC, Ether, Raw, UDP, Wire, build, flow_data,
                              network, padded, pattern, toeplitz)
from tests.e2e.machine import MAC, VLAN, until
from tests.e2e.test_03_frames import hash_key
from tests.e2e.test_06_clock import clock, read_clock, stamping
from tests.e2e.xdp import pinned

pytestmark = [pytest.mark.needs("ours"), pytest.mark.needs("metadata")]
PORT = 2
COUNT = 40
# struct answer of bpf/metadata.c
ANSWER = struct.Struct("<QIIHHhhhH4x")
NAMES = ("timestamp", "hash", "hash_type", "tag_protocol", "tci",
         "timestamp_error", "hash_error", "tag_error", "seen")
ENODATA = -61


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
    def answers(maps):
        dump = json.loads(machine.run(
            f"bpftool -j map dump pinned {maps}/answers").stdout)
        found = {}
        for entry in dump:
            key, value = (bytes(int(byte, 16) for byte in entry[name])
                          for name in ("key", "value"))
            answer = dict(zip(NAMES, ANSWER.unpack(value)))
            if answer["seen"]:
                found[int.from_bytes(key, "little")] = answer
        return found

    with pinned(machine, tmp_path, "metadata", PORT, "xdpmeta_dev",
                machine.dev(PORT)) as maps:
        yield lambda: answers(maps)


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
