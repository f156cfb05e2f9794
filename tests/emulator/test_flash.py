# SPDX-License-Identifier: GPL-2.0-only
"""The flash: the chip behind the gateway, both ways to the gateway, what stays
in the file, and the expansion ROM that the card takes from it."""

import subprocess

import pytest

import connectx
from adapters import CONNECTX, CONNECTX_2, CONNECTX_3, MAC_1, MAC_2, Adapter
from flash_gateway import Bar0, Config, Flash, opcode
from layout import CX, ROOT, rows
from vfio_user import Client, wait_for

MIB = 1 << 20
CHUNK = 0x40000
MAGIC = b"".join(value.to_bytes(4, "big") for value in
                 (CX.FS2_MAGIC_0, CX.FS2_MAGIC_1, CX.FS2_MAGIC_2,
                  CX.FS2_MAGIC_3))
SIZE_AT, GUID_AT = 0x30, 0x34


def start(build, start_program, folder, device=CONNECTX_2, options=()):
    folder.mkdir(exist_ok=True)
    return Adapter(start_program, build, folder, device,
                   ["--flash", folder / "flash", *options])


@pytest.fixture
def adapter(build, start_program, tmp_path):
    return start(build, start_program, tmp_path / "a")


@pytest.fixture
def client(adapter):
    with Client(adapter.socket) as connection:
        connection.config_write(4, 6, 2)
        yield connection
    assert adapter.program.alive(), adapter.log()


@pytest.fixture(params=[Bar0, Config])
def flash(request, client):
    return Flash(request.param(client))


def contents(adapter):
    return (adapter.folder / "flash").read_bytes()


# --- the chip ---

def test_the_commands_that_mstflint_sends(flash):
    """Word by word as docs/hardware/flash.md (F6.3) has them: the layout of
    the command word is judged by them, not by our header."""
    write, read = flash.registers.write, flash.registers.read

    def run(word, address=None, data=()):
        if address is not None:
            write(0xf0404, address)
        for number, value in enumerate(data):
            write(0xf0410 + 4 * number, value)
        write(0xf0400, word)
        assert not read(0xf0400) & 0x40000000

    run(0x409f2215)
    assert read(0xf0410) == 0x20711500
    run(0x4003241d, 0)
    assert [read(0xf0410 + at) for at in range(0, 16, 4)] == \
        [0x4d544657, 0x8cdfd000, 0xdead9270, 0x4154beef]
    run(0x40062004)
    run(0x4002243c, 0x100000, [0x01020304, 0x05060708, 0x090a0b0c, 0x0d0e0f10])
    run(0x40002430, 0, [0x11121314, 0x15161718, 0x191a1b1c, 0x1d1e1f20])
    run(0x40002410, 0, [0x21222324, 0x25262728, 0x292a2b2c, 0x2d2e2f30])
    flash.wait()
    run(0x40052215)
    assert read(0xf0410) >> 24 == 0
    run(0x4003241d, 0x100020)
    assert read(0xf0410) == 0x21222324 and read(0xf041c) == 0x2d2e2f30
    run(0x40062004)
    run(0x4002241c, 0x100100, [0, 0, 0, 0])
    flash.wait()
    run(0x4003241d, 0x100100)
    assert read(0xf0410) == 0
    run(0x40062004)
    run(0x40d8200c, 0x100000)
    flash.wait()
    run(0x4003241d, 0x100000)
    assert read(0xf0410) == 0xffffffff


def test_identity(flash):
    assert flash.get(CX.SPI_JEDEC_ID) == b"\x20\x71\x15\x00"


def test_programming_clears_bits_only(flash):
    flash.program(0x100000, b"\xf0" * 16)
    flash.program(0x100000, b"\x3c" * 16)
    assert flash.read(0x100000) == b"\x30" * 16
    assert flash.read(0x100010) == b"\xff" * 16


def test_programming_wraps_in_the_page(flash):
    flash.program(0x1000f0, bytes(range(32)))
    assert flash.read(0x1000f0) == bytes(range(16))
    assert flash.read(0x100000) == bytes(range(16, 32))
    assert flash.read(0x100100) == b"\xff" * 16


def test_writes_want_to_be_enabled_each_time(flash):
    flash.program(0x100000, b"\0" * 16, enable=False)
    flash.erase(0, enable=False)
    assert flash.read(0x100000) == b"\xff" * 16
    assert flash.read(0) == MAGIC
    flash.write_enable()
    assert flash.status() & CX.SPI_STATUS_WRITE_ENABLED
    flash.run(opcode(CX.SPI_WRITE_DISABLE))
    assert not flash.status()
    flash.program(0x100000, b"\0" * 16)
    assert not flash.status()
    flash.program(0x100010, b"\0" * 16, enable=False)
    assert flash.read(0x100000, 32) == b"\0" * 16 + b"\xff" * 16


@pytest.mark.parametrize("code,size", [("SPI_ERASE_4K", 0x1000),
                                       ("SPI_ERASE_64K", 0x10000)])
def test_erase(flash, code, size):
    base = 0x100000
    for at in base, base + size - 16, base + size, base - 16:
        flash.program(at, b"\0" * 16)
    flash.erase(base + size // 2, getattr(CX, code))
    assert flash.read(base) == flash.read(base + size - 16) == b"\xff" * 16
    assert flash.read(base + size) == flash.read(base - 16) == b"\0" * 16


def test_second_chip_is_absent(flash):
    flash.run(opcode(CX.SPI_JEDEC_ID) | 0x211 | 1 << 11)
    assert flash.data(4) == b"\xff" * 4


def test_nothing_without_the_start_bit(flash):
    flash.registers.write(CX.REG_FLASH_COMMAND, 0x009f2215)
    assert flash.data(4) == b"\0" * 4


# --- registers around it ---

def test_semaphore_is_the_drivers(flash):
    assert flash.registers.read(CX.REG_SEMAPHORE) == 0
    assert flash.registers.read(CX.REG_SEMAPHORE) == 1
    flash.registers.write(CX.REG_SEMAPHORE, 0)
    assert flash.registers.read(CX.REG_SEMAPHORE) == 0


def test_words_that_tools_look_at(flash):
    read = flash.registers.read
    assert read(CX.REG_DEVICE_ID) == 0x00b00190
    assert read(CX.REG_NO_FIRMWARE) <= CX.NO_FIRMWARE_ABOVE
    assert [read(CX.REG_RUNNING_VERSION + at) for at in (0, 4)] == \
        [2 << 16, 9 << 16 | 1000]
    flash.registers.write(CX.REG_DEVICE_ID, 0)
    assert read(CX.REG_DEVICE_ID) == 0x00b00190
    flash.registers.write(CX.REG_BOOT_ADDRESS, 0x04000000)
    assert read(CX.REG_BOOT_ADDRESS) == 0x04000000


def test_gateway_is_armed_once(client):
    """A dump of configuration space must not take the semaphore."""
    registers = Bar0(client)
    client.config_write(CX.PCI_CR_ADDRESS, CX.REG_SEMAPHORE)
    assert client.config_read(CX.PCI_CR_ADDRESS) == CX.REG_SEMAPHORE
    client.config_read(0, 4096)
    assert client.config_read(CX.PCI_CR_DATA) == 0  # this takes it
    assert client.config_read(CX.PCI_CR_DATA) == 0  # this only shows it
    client.config_write(CX.PCI_CR_DATA, 0)          # nor does this free it
    assert registers.read(CX.REG_SEMAPHORE) == 1
    client.config_write(CX.PCI_CR_ADDRESS, CX.REG_SEMAPHORE)
    client.config_write(CX.PCI_CR_DATA, 0)
    assert registers.read(CX.REG_SEMAPHORE) == 0


@pytest.mark.parametrize("address", [CX.BAR0_SIZE, 0xfffffffc, 0xf0016, 3])
def test_gateway_to_nowhere(client, address):
    gateway = Config(client)
    gateway.read(CX.REG_DEVICE_ID)
    gateway.write(address, 0xffffffff)
    assert gateway.read(address) == 0x00b00190  # what was read last
    assert gateway.read(CX.REG_DEVICE_ID) == 0x00b00190


def test_gateway_resets_the_card(adapter):
    card = connectx.Card(adapter)
    connectx.Nic(card)
    Config(card.client).write(CX.REG_RESET, CX.RESET_BIT)
    wait_for(lambda: card.client.config_read(0, 2) == CX.PCI_VENDOR_ID)
    card.restore_config()
    card.forget()
    connectx.Nic(card)
    card.close()


def test_registers_without_a_flash(build, start_program, tmp_path):
    """The gateway is there, and nothing behind it."""
    (tmp_path / "a").mkdir()
    adapter = Adapter(start_program, build, tmp_path / "a", CONNECTX, [])
    with Client(adapter.socket) as client:
        client.config_write(4, 6, 2)
        assert Config(client).read(CX.REG_DEVICE_ID) == 0x00a00190
        flash = Flash(Bar0(client))
        assert flash.get(CX.SPI_JEDEC_ID) == b"\0" * 4


# --- the file ---

def test_new_file(build, start_program, tmp_path):
    for number, (device, *_) in enumerate(rows("PCI_DEVICES")):
        adapter = start(build, start_program, tmp_path / str(number), device,
                        ["--flash-size", 1 << number % 5])
        data = contents(adapter)
        size, guid = (int.from_bytes(data[at:at + 4], "big")
                      for at in (SIZE_AT, GUID_AT))
        assert len(data) == MIB << number % 5
        assert data[:16] == MAGIC and set(data[size:]) == {0xff}
        assert data[guid + 34:guid + 40] == MAC_1
        assert data[guid + 42:guid + 48] == MAC_2
        adapter.program.stop()


def test_each_cycle_is_kept_at_once(adapter, flash):
    before = contents(adapter)
    flash.program(0x100000, b"kept in the file")
    assert contents(adapter)[0x100000:0x100010] == b"kept in the file"
    flash.erase(0x100000)
    assert contents(adapter) == before


def test_kept_file_is_used(build, start_program, tmp_path, adapter):
    with Client(adapter.socket) as first:
        first.config_write(4, 6, 2)
        Flash(Bar0(first)).program(0x100000, b"kept in the file")
    assert adapter.program.stop() == 0
    again = start(build, start_program, tmp_path / "a")
    with Client(again.socket) as second:
        second.config_write(4, 6, 2)
        assert Flash(Bar0(second)).read(0x100000) == b"kept in the file"


def refused(build, tmp_path, *options):
    done = subprocess.run(
        [build / "bin/connectx-adapter", "--socket", tmp_path / "s", *options],
        capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode != 0
    return done.stderr


def test_bad_files_and_sizes(build, tmp_path, adapter):
    odd = tmp_path / "odd"
    odd.write_bytes(bytes(3 * MIB))
    small = tmp_path / "small"
    small.write_bytes(bytes(4096))
    for path in odd, small:
        assert "no flash" in refused(build, tmp_path, "--flash", path)
    assert "another adapter has it" in refused(
        build, tmp_path, "--flash", adapter.folder / "flash")
    assert "no flash" in refused(build, tmp_path, "--flash",
                                 tmp_path / "odd", "--flash-size", "2")
    for size in "0", "3", "32", "x":
        assert "flash-size" in refused(build, tmp_path, "--flash", "new",
                                       "--flash-size", size)
    assert "No such file" in refused(build, tmp_path, "--flash",
                                     tmp_path / "missing/flash")
    assert odd.read_bytes() == bytes(3 * MIB)


def test_addresses_come_from_the_flash(build, start_program, tmp_path,
                                       adapter):
    """...if nobody gives others."""
    assert adapter.program.stop() == 0
    socket = tmp_path / "s"
    program = start_program(
        [build / "bin/connectx-adapter", "--socket", socket, "--device",
         CONNECTX_2, "--flash", adapter.folder / "flash"], socket)
    with Client(socket) as client:
        serial = client.config_read(0x150) << 32 | client.config_read(0x14c)
        assert serial.to_bytes(8, "big")[:3] == MAC_1[:3]
        assert serial & 0xffffff == int.from_bytes(MAC_1[3:], "big")
    assert program.stop() == 0


# --- the expansion ROM ---

def burn(flash, image, start_at):
    """An image that fits into one stripe, its signature last."""
    assert len(image) < CHUNK
    at = 16
    while at < len(image):
        end = min(at - at % 256 + 256, len(image))
        page = image[at:end]
        flash.program(start_at + at, page + b"\xff" * (-len(page) % 16))
        at = end
    flash.program(start_at, image[:16])


@pytest.fixture(scope="session")
def rom_image(build, tmp_path_factory):
    """(ROM, the image of a flash that has it): made by the unit tests'
    program, so that it is no work of this file."""
    folder = tmp_path_factory.mktemp("rom")
    subprocess.run([ROOT / build / "tests/flash-sample", folder], check=True)
    return (folder / "rom").read_bytes(), (folder / "image").read_bytes()


def test_rom_appears_with_the_next_client(adapter, client, rom_image):
    rom, image = rom_image
    flash = Flash(Bar0(client))
    client.config_write(0x30, 0xffffffff)
    assert client.config_read(0x30) == 0
    flash.erase(CHUNK)
    burn(flash, image, CHUNK)
    flash.program(0, b"\0" * 4 + b"\xff" * 12)
    client.config_write(0x30, 0xffffffff)
    assert client.config_read(0x30) == 0  # the power was not off yet
    client.close()
    with Client(adapter.socket) as second:
        second.config_write(0x30, 0xfffff800)
        assert second.config_read(0x30) == 0x100000000 - 0x2000
        assert second.rom() == rom


def test_rom_option_wins(build, start_program, tmp_path, rom_image):
    rom, image = rom_image
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "flash").write_bytes(image + b"\xff" * (2 * MIB - len(image)))
    (folder / "rom").write_bytes(b"\x55\xaa" + bytes(1022))
    for options, expected in (([], rom),
                              (["--rom", folder / "rom"],
                               b"\x55\xaa" + bytes(1022))):
        adapter = start(build, start_program, folder, CONNECTX, options)
        with Client(adapter.socket) as client:
            assert client.rom() == expected
        assert adapter.program.stop() == 0
        for path in folder.glob("port*"):
            path.unlink()


def test_image_of_another_device(build, start_program, tmp_path, rom_image):
    """...works, and is told."""
    rom, image = rom_image
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "flash").write_bytes(image + b"\xff" * (2 * MIB - len(image)))
    adapter = start(build, start_program, folder, CONNECTX_2)
    with Client(adapter.socket) as client:
        assert client.rom() == rom
    assert "is for device 25448, the card is 26448" in adapter.log()


def test_damaged_image_gives_no_rom(build, start_program, tmp_path, rom_image):
    _, image = rom_image
    folder = tmp_path / "a"
    folder.mkdir()
    damaged = bytearray(image + b"\xff" * (2 * MIB - len(image)))
    damaged[0x1000] ^= 1
    (folder / "flash").write_bytes(damaged)
    adapter = start(build, start_program, folder, CONNECTX_3)
    with Client(adapter.socket) as client:
        client.config_write(0x30, 0xffffffff)
        assert client.config_read(0x30) == 0
    assert "CRC of section ROM" in adapter.log()
