# SPDX-License-Identifier: GPL-2.0-only
"""The matrix: kernels, cards and kinds of steering, and who gets which row."""

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

# The eleven device ids of section 1.1 of the user's manual
MANUAL_IDS = (25408, 25418, 26418, 26428, 26438, 25448, 26448, 26478, 26488,
              25458, 26458)


class Combination(collections.namedtuple("Combination",
                                         "kernel card steering")):
    """One kernel, one card, one kind of steering."""

    def __str__(self):
        return f"{self.kernel}-{self.card}-{self.steering}"

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
        ("filter": every steering but A0) are there."""
        return {"managed": CARDS[self.card].managed,
                "dmfs": self.steering == "dmfs",
                "filter": self.mode != 0}[feature]


def combinations():
    """The whole matrix, in the order in which it is run."""
    return [Combination(kernel, card.name, steering)
            for kernel in KERNELS for card in CARDS.values()
            for steering in STEERINGS
            if steering == "default" or card.managed]


def turn():
    """Each kernel with each card once; the cards that have both kinds of
    steering take them in turn."""
    chosen = []
    for row, kernel in enumerate(KERNELS):
        for column, card in enumerate(CARDS.values()):
            managed = card.managed and (row + column) % 2 == 0
            chosen.append(Combination(kernel, card.name,
                                      "dmfs" if managed else "default"))
    return chosen


def choose(row, allowed):
    """The combination whose turn it is for a row: always the same one, and
    spread evenly over the rows' names."""
    digest = hashlib.sha256(row.encode()).digest()
    return allowed[int.from_bytes(digest[:8], "big") % len(allowed)]
