# SPDX-License-Identifier: GPL-2.0-only
"""The matrix: kernels, cards, kinds of steering and drivers, and who gets which
row."""

import collections
import hashlib

Card = collections.namedtuple("Card", "device name speed managed")

# managed: the card reports device-managed flow steering, and a clock
CARDS = {card.name: card for card in (
    Card(25448, "ConnectX", 10000, False),
    Card(26448, "ConnectX-2", 10000, False),
    Card(4099, "ConnectX-3", 40000, True),
    Card(4103, "ConnectX-3-Pro", 40000, True))}
KERNELS = ("6.1", "6.12", "7.3")
# What the driver is loaded with: its defaults, or device-managed steering
STEERINGS = {"default": "", "dmfs": "mlx4_core.log_num_mgm_entry_size=-1"}

# Whose mlx4 drivers: Debian's kernels have theirs, and make modules builds ours
DRIVERS = {"in-tree": ("in-tree",), "ours": ("ours",),
           "both": ("in-tree", "ours")}
# With both, some rows are run in turn with the in-tree drivers too: what fits into
# the forty minutes of make test is one in so many, on a card a kernel, each of
# which is one more machine to boot
SHARE = 4
IN_TREE = (("6.1", "ConnectX-2"), ("6.12", "ConnectX-3"),
           ("7.3", "ConnectX-3-Pro"))

# The eleven device ids of section 1.1 of the user's manual
MANUAL_IDS = (25408, 25418, 26418, 26428, 26438, 25448, 26448, 26478, 26488,
              25458, 26458)


class Combination(collections.namedtuple("Combination",
                                         "kernel card steering driver",
                                         defaults=("in-tree",))):
    """One kernel, one card, one kind of steering, one pair of drivers."""

    def __str__(self):
        name = f"{self.kernel}-{self.card}-{self.steering}"
        return name if self.driver == "in-tree" else f"{name}-{self.driver}"

    @property
    def device(self):
        return CARDS[self.card].device

    @property
    def speed(self):
        return CARDS[self.card].speed

    @property
    def append(self):
        """Words for the kernel's command line."""
        return STEERINGS[self.steering]

    @property
    def mode(self):
        """The steering mode that the driver takes, by its own number: 0 is A0,
        1 B0, 2 device-managed (shared facts: Ethernet, 3.1)."""
        if self.steering == "dmfs":
            return 2
        return 0 if self.card == "ConnectX" else 1

    def has(self, feature):
        """Whether "managed" cards' features, "dmfs" or a unicast filter
        ("filter": every steering but A0) are there; "ours", "in-tree": the
        drivers; "netdev": netlink's family of queues, "metadata": what XDP
        programs may ask of a frame, both of which 6.1 has not;
        "big-tcp": packets of more than 64 KiB, for which older kernels want
        drivers to take headers out."""
        return {"managed": CARDS[self.card].managed,
                "ours": self.driver == "ours",
                "in-tree": self.driver == "in-tree",
                "dmfs": self.steering == "dmfs",
                "vxlan": self.steering == "dmfs" and
                self.card == "ConnectX-3-Pro",
                "filter": self.mode != 0,
                "netdev": self.kernel != "6.1",
                "metadata": self.kernel != "6.1",
                "big-tcp": self.kernel not in ("6.1", "6.12")}[feature]


def combinations(drivers="both"):
    """The whole matrix of some of the drivers, in the order in which it is
    run."""
    return [Combination(kernel, card.name, steering, driver)
            for driver in DRIVERS[drivers]
            for kernel in KERNELS for card in CARDS.values()
            for steering in STEERINGS
            if steering == "default" or card.managed]


def named(words):
    """The name of the combination that a table's column has in `words`: kernel,
    card, steering and driver, between marks of some kind."""
    return str(Combination(*words.split("<br>")))


def turn(driver="in-tree"):
    """Each kernel with each card once; the cards that have both kinds of
    steering take them in turn."""
    chosen = []
    for row, kernel in enumerate(KERNELS):
        for column, card in enumerate(CARDS.values()):
            managed = card.managed and (row + column) % 2 == 0
            chosen.append(Combination(kernel, card.name,
                                      "dmfs" if managed else "default", driver))
    return chosen


def number(text):
    """Always the same one for a text, and spread evenly."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def choose(row, drivers, allowed, every=False):
    """The combinations whose turn it is for a row, of those that it can run
    on: one, or each of the turn (`every`), with each of the drivers; but if
    there are both, in-tree drivers have a share only."""
    chosen = []
    for driver in DRIVERS[drivers]:
        able = [each for each in turn(driver) if each in allowed]
        if able and not every:
            able = [able[number(row) % len(able)]]
        if drivers == "both" and driver == "in-tree":
            able = [each for each in able
                    if "ours" not in {other.driver for other in allowed}
                    or ((each.kernel, each.card) in IN_TREE
                        and number(f"{row} {each}") % SHARE == 0)]
        chosen += able
    return chosen
