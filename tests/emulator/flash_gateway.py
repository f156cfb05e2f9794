# SPDX-License-Identifier: GPL-2.0-only
"""A tiny burning tool: the flash of a card through its gateway, the gateway
through BAR0 or through configuration space."""

import struct

from layout import CX
from vfio_user import wait_for

WORD = struct.Struct(">I")


def bit(field):
    return 1 << (field >> 8 & 0xff)


def opcode(code):
    return code << 16 | bit(CX.FLASH_COMMAND_OPCODE)


class Bar0:
    """The registers as BAR0 shows them."""

    def __init__(self, client):
        self.client = client

    def read(self, address):
        return int.from_bytes(self.client.bar_read(CX.BAR_DCS, address, 4),
                              "big")

    def write(self, address, value):
        self.client.bar_write(CX.BAR_DCS, address, value.to_bytes(4, "big"))


class Config:
    """The same through the pair of dwords in configuration space."""

    def __init__(self, client):
        self.client = client

    def read(self, address):
        self.client.config_write(CX.PCI_CR_ADDRESS, address)
        return self.client.config_read(CX.PCI_CR_DATA)

    def write(self, address, value):
        self.client.config_write(CX.PCI_CR_ADDRESS, address)
        self.client.config_write(CX.PCI_CR_DATA, value)


class Flash:
    def __init__(self, registers):
        self.registers = registers

    def run(self, word):
        self.registers.write(
            CX.REG_FLASH_COMMAND,
            word | bit(CX.FLASH_COMMAND_ENABLE) | bit(CX.FLASH_COMMAND_BUSY))
        wait_for(lambda: not self.registers.read(CX.REG_FLASH_COMMAND) &
                 bit(CX.FLASH_COMMAND_BUSY))

    def set_address(self, address):
        self.registers.write(CX.REG_FLASH_ADDRESS, address)

    def put_data(self, data):
        for at in range(0, len(data), 4):
            self.registers.write(CX.REG_FLASH_DATA + at,
                                 WORD.unpack_from(data, at)[0])

    def data(self, size=16):
        return b"".join(WORD.pack(self.registers.read(CX.REG_FLASH_DATA + at))
                        for at in range(0, size, 4))

    def get(self, code, log_bytes=2):
        """The answer to an opcode that has no address."""
        self.run(opcode(code) | bit(CX.FLASH_COMMAND_DATA) |
                 bit(CX.FLASH_COMMAND_READ) | log_bytes << 8)
        return self.data(1 << log_bytes if log_bytes > 2 else 4)

    def status(self):
        return self.get(CX.SPI_READ_STATUS)[0]

    def wait(self):
        wait_for(lambda: not self.status() & CX.SPI_STATUS_BUSY)

    def read(self, at, size=16):
        found = b""
        while len(found) < size:
            self.set_address(at + len(found))
            self.run(opcode(CX.SPI_READ) | bit(CX.FLASH_COMMAND_ADDRESS) |
                     bit(CX.FLASH_COMMAND_DATA) | bit(CX.FLASH_COMMAND_READ) |
                     4 << 8)
            found += self.data()
        return found[:size]

    def write_enable(self):
        self.run(opcode(CX.SPI_WRITE_ENABLE))

    def program(self, at, data, enable=True):
        """Pieces of 16 bytes in one transaction, as mstflint sends them."""
        if enable:
            self.write_enable()
        begin = opcode(CX.SPI_PROGRAM) | bit(CX.FLASH_COMMAND_ADDRESS)
        self.set_address(at)
        for piece in range(0, len(data), 16):
            last = piece + 16 >= len(data)
            self.put_data(data[piece:piece + 16])
            self.run(begin | bit(CX.FLASH_COMMAND_DATA) | 4 << 8 |
                     (0 if last else bit(CX.FLASH_COMMAND_HOLD)))
            begin = 0
            self.set_address(0)  # so does mstflint; it means nothing
        self.wait()

    def erase(self, at, code=None, enable=True):
        if enable:
            self.write_enable()
        self.set_address(at)
        self.run(opcode(code or CX.SPI_ERASE_64K) |
                 bit(CX.FLASH_COMMAND_ADDRESS))
        self.wait()
