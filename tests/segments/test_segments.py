# SPDX-License-Identifier: GPL-2.0-only
"""What mkinitrd-en says of images of two segments is what kernels do."""

import pytest

from tests.lab import paths
from tests.segments import cells, record, tool

# What of our message says the same as the kernel's
REASONS = {"Decoding failed": "no lz4 block",
           "broken padding": "broken padding",
           "invalid magic at start of compressed archive": "multiple of 4"}
# A boot for each of the answers, and one for what needs a kernel since 5.14
BOOTED = (("6.1", ("0", "lz4", "gzip")), ("6.12", ("off 4", "none", "zstd")),
          ("7.3", ("off 4", "xz", "none")), ("6.12", ("4", "lz4", "bzip2")))


@pytest.fixture(scope="module")
def recorded():
    return record.read()


def test_every_cell_is_recorded(recorded):
    assert set(recorded) == {(kernel, cell) for kernel in cells.KERNELS
                             for cell in cells.CELLS}


@pytest.mark.parametrize("gap", cells.GAPS)
def test_the_tool_says_what_kernels_do(gap, recorded, tmp_path):
    path = tmp_path / "initrd"
    for cell in (cell for cell in cells.CELLS if cell[0] == gap):
        image, second = cells.image(cell)
        path.write_bytes(image)
        errors, files = tool.foretold(path)
        for kernel in cells.KERNELS:
            message, seen = recorded[kernel, cell]
            assert tuple(files) == seen, (kernel, cell)
            if message is None:
                assert errors == [], (kernel, cell)
                continue
            [(offset, text)] = errors
            assert REASONS[message] in text, (kernel, cell, text)
            assert second - cells.zeroes(cell) <= offset <= second, \
                (kernel, cell, offset)


@pytest.mark.parametrize("kernel, cell", BOOTED)
def test_the_record_is_what_a_boot_shows(kernel, cell, recorded, lab):
    message, files = recorded[kernel, cell]
    init = (paths.binary("mkinitrd-en").parent.parent
            / "tests/segments-init").read_bytes()
    initrd = lab.folder / "initrd"
    initrd.write_bytes(cells.image(cell, init)[0])
    guest = lab.guest(kernel=kernel, initrd=initrd, memory=256, smp=1)
    said = guest.wait_console(r"^segments:(.*)\.$", timeout=120)
    assert tuple(said[1].split()) == files
    failed = f"unpacking failed: {message}"
    assert (failed in guest.console()) == (message is not None)
    assert ("unpacking failed" in guest.console()) == (message is not None)
