# SPDX-License-Identifier: GPL-2.0-only
"""The cells: an image of two segments each, and what lies between them."""

import functools
import hashlib
import itertools

from tests.e2e.tools_fixtures import PACKERS, Archive, pack

KERNELS = ("6.1", "6.12", "7.3")
# The zeroes in between; "off 4" are 1 to 3, the others keep the alignment.
GAPS = ("0", "4", "512", "off 4")
CELLS = tuple(itertools.product(GAPS, PACKERS, PACKERS))
FIRST, SECOND = "first", "second"


@functools.lru_cache(maxsize=None)
def segment(packer, name, init=None):
    """A packed archive with one file in the root, and perhaps an init; as many
    bytes as a multiple of 4, by luck with what is in the file."""
    for salt in range(1000):
        archive = Archive()
        if init:
            archive.file("init", init, 0o755)
        body = name + hashlib.sha256(b"%d" % salt).hexdigest()[:salt % 64]
        packed = pack(packer, archive.file(name, body).end(padding=4))
        if len(packed) % 4 == 0:
            return packed
    raise AssertionError(f"{packer} makes no multiple of 4")


def zeroes(cell):
    """How many stand between the segments; 1 to 3 of them to be off 4."""
    gap, one, two = cell
    if gap == "off 4":
        return 1 + (list(PACKERS).index(one) + list(PACKERS).index(two)) % 3
    return int(gap)


def image(cell, init=None):
    """An initrd with the file `first` in its first segment, `second` in the
    other one; and where that begins."""
    _, one, two = cell
    head = segment(one, FIRST, init) + bytes(zeroes(cell))
    return head + segment(two, SECOND), len(head)
