# SPDX-License-Identifier: GPL-2.0-only
"""The matrix of makes: what a cell is, which cells can be, and a choice of them
in which each two values that go together are together once."""

import collections
import dataclasses
import itertools


@dataclasses.dataclass(frozen=True)
class Make:
    """What an image of a make can be asked for."""
    loads: tuple
    writes: tuple = ("append", "rebuild")
    addresses: tuple = ("DHCP", "static")
    ports: tuple = ("1", "2")
    targets: tuple = ("option", "iBFT", "root-path")
    chap: tuple = ("none", "CHAP")


# Those that boot fast first: where two cells do the same, it is the first.
MAKES = {
    "tiny-initramfs": Make(("wrapper",)),
    "shell script": Make(("wrapper",)),
    "--new": Make(("wrapper",), writes=("new",)),
    "mkinitcpio style": Make(("wrapper", "native")),
    # its own script logs in, as the manual has it
    "SLES 10 style": Make(("insmod", "wrapper"), addresses=("DHCP",),
                          ports=("1",), targets=("option",), chap=("none",)),
    "initramfs-tools, Debian 13": Make(("wrapper", "native", "insmod")),
    "initramfs-tools, Debian 12": Make(("wrapper", "native", "insmod")),
    # dracut puts no insmod into its images
    "dracut 106": Make(("wrapper", "native")),
    "dracut 059": Make(("wrapper", "native")),
    "dracut 106, systemd": Make(("wrapper", "native")),
    "dracut 059, systemd": Make(("wrapper", "native")),
    "systemd": Make(("wrapper", "native")),
    "Debian 12's installer": Make(("wrapper",)),
}


@dataclasses.dataclass(frozen=True)
class Cell:
    make: str
    write: str
    load: str
    address: str
    port: str
    target: str
    chap: str

    def __str__(self):
        return "/".join(dataclasses.astuple(self))

    def pairs(self):
        """Each two of its values, with their places."""
        return set(itertools.combinations(
            enumerate(dataclasses.astuple(self)), 2))


def all_cells():
    """A root-path comes with a lease; all else goes with all else."""
    for name, make in MAKES.items():
        for rest in itertools.product(make.writes, make.loads, make.addresses,
                                      make.ports, make.targets, make.chap):
            cell = Cell(name, *rest)
            if (cell.target, cell.address) != ("root-path", "static"):
                yield cell


def chosen():
    """The cells to be run: of those that are left, the one with the most pairs
    that none before it had, and of such the one whose values are the rarest so
    far, until there are no more."""
    left = {cell: cell.pairs() for cell in all_cells()}
    wanted = set().union(*left.values())
    found, used = [], collections.Counter()
    while wanted:
        best = max(left, key=lambda cell: (
            len(left[cell] & wanted),
            -sum(used[value] for value in enumerate(dataclasses.astuple(cell)))
        ))
        wanted -= left.pop(best)
        used.update(enumerate(dataclasses.astuple(best)))
        found.append(best)
    order = list(MAKES)
    return sorted(found, key=lambda cell: order.index(cell.make))
