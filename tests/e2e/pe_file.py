# SPDX-License-Identifier: GPL-2.0-only
"""PE files as unified kernel images are: made, and taken apart again by a
reader that shares no code with the tools."""

import struct

ALIGN, PAGE, HEADERS = 512, 4096, 1024


def up(value, to):
    return value + -value % to


def checksum(data, at):
    """As the format has it, by another way than the tool's."""
    data = data[:at] + bytes(4) + data[at + 4:]
    words = struct.unpack(f"<{(len(data) + 1) // 2}H",
                          data + bytes(len(data) % 2))
    total = 0
    for word in words:
        total += word
        total = (total & 0xffff) + (total >> 16)
    return total + len(data)


def make(sections, certificate=b"", gap=0):
    """A PE32+ file of [(name, bytes)], each at the next page of memory with
    @gap pages free behind it; the sum is right."""
    head = bytearray(HEADERS)
    head[:2] = b"MZ"
    struct.pack_into("<I", head, 0x3c, 0x80)
    head[0x80:0x84] = b"PE\0\0"
    struct.pack_into("<HHIIIHH", head, 0x84, 0x8664, len(sections), 0, 0, 0,
                     240, 0x22e)
    body, address = b"", PAGE
    for i, (name, data) in enumerate(sections):
        raw = up(len(data), ALIGN)
        struct.pack_into("<8sIIIIIIHHI", head, 0x188 + 40 * i, name.encode(),
                         len(data), address, raw, HEADERS + len(body), 0, 0,
                         0, 0, 0x40000040)
        body += data + bytes(raw - len(data))
        end = up(address + len(data), PAGE)
        address = end + gap * PAGE
    optional = 0x98
    struct.pack_into("<H", head, optional, 0x20b)
    struct.pack_into("<II", head, optional + 32, PAGE, ALIGN)
    struct.pack_into("<II", head, optional + 56, end, HEADERS)
    struct.pack_into("<H", head, optional + 68, 10)  # an EFI application
    struct.pack_into("<I", head, optional + 108, 16)
    if certificate:
        struct.pack_into("<II", head, optional + 112 + 32,
                         HEADERS + len(body), len(certificate))
    data = bytes(head) + body + certificate
    return (data[:optional + 64] +
            struct.pack("<I", checksum(data, optional + 64)) +
            data[optional + 68:])


def parts(data):
    """{name: (bytes, address)} of a sound PE file, its directory of
    signatures, and its sections in the order of the table."""
    assert data[0x80:0x84] == b"PE\0\0"
    count = struct.unpack_from("<H", data, 0x86)[0]
    found = {}
    for i in range(count):
        name, size, address, raw, at = struct.unpack_from(
            "<8sIIII", data, 0x188 + 40 * i)
        assert raw % ALIGN == at % ALIGN == address % PAGE == 0
        assert at + raw <= len(data) and size <= raw
        found[name.rstrip(b"\0").decode()] = (data[at:at + size], address)
    ends = sorted((a, a + len(d)) for d, a in found.values())
    assert all(one[1] <= two[0] for one, two in zip(ends, ends[1:]))
    assert [a for _, a in found.values()] == [a for a, _ in ends]
    assert struct.unpack_from("<I", data, 0x98 + 56)[0] == \
        up(ends[-1][1], PAGE)
    assert struct.unpack_from("<I", data, 0x98 + 64)[0] == \
        checksum(data, 0x98 + 64)
    return found, struct.unpack_from("<II", data, 0x98 + 112 + 32)
