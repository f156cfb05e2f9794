# SPDX-License-Identifier: GPL-2.0-only
"""An iBFT (iSCSI Boot Firmware Table), as a ROM leaves it, for QEMU's
-acpitable sig=iBFT,data=FILE: all that stands behind the ACPI header."""

import ipaddress
import struct

ACPI_HEADER = 36
RESERVED = 12
VALID_AND_SELECTED = 3
CONTROL, INITIATOR, NIC, TARGET = 1, 2, 3, 4
ORIGIN_STATIC, ORIGIN_DHCP = 1, 3


def address(text):
    """IPv4 addresses stand in IPv6's place for them."""
    found = ipaddress.ip_address(text)
    if found.version == 4:
        return bytes(10) + b"\xff\xff" + found.packed
    return found.packed


class Table:
    """Structures first, the texts that they point to behind."""

    def __init__(self):
        self.data = bytearray(RESERVED)
        self.texts = []

    def place(self):
        while (ACPI_HEADER + len(self.data)) % 8:
            self.data.append(0)
        return ACPI_HEADER + len(self.data)

    def add(self, kind, body, flags=VALID_AND_SELECTED):
        at = self.place()
        self.data += struct.pack("<BBHBB", kind, 1, 6 + len(body), 0, flags)
        self.data += body
        return at

    def text(self, at, text):
        """To be pointed to by the four bytes there."""
        self.texts.append((at - ACPI_HEADER, text.encode()))

    def finish(self):
        for at, text in self.texts:
            struct.pack_into("<HH", self.data, at, len(text),
                             ACPI_HEADER + len(self.data))
            self.data += text + b"\0"
        return bytes(self.data)


def ibft(mac, ip, length, target, name, lun, initiator, port=3260,
         origin=ORIGIN_STATIC):
    table = Table()
    control = table.add(CONTROL, bytes(12), 0)
    places = [table.add(INITIATOR, bytes(64 + 4))]
    table.text(places[0] + 70, initiator)
    places.append(table.add(NIC, address(ip) + bytes([length, origin])
                            + bytes(64) + struct.pack("<H", 0)
                            + bytes.fromhex(mac.replace(":", ""))
                            + bytes(6)))
    places.append(table.add(TARGET, address(target)
                            + struct.pack("<H8sBB", port,
                                          lun.to_bytes(2, "big") + bytes(6),
                                          0, 0) + bytes(20)))
    table.text(places[2] + 34, name)
    struct.pack_into("<HHH", table.data, control + 8 - ACPI_HEADER, *places)
    return table.finish()
