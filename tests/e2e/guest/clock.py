# SPDX-License-Identifier: GPL-2.0-only
"""clock.py DEVICE SECONDS: how many seconds the PTP clock and the guest's own
have gone on, each, while that long was waited."""

import os
import sys
import time


def main(device, seconds):
    descriptor = os.open(device, os.O_RDWR)
    number = ~descriptor << 3 | 3  # FD_TO_CLOCKID of the kernel
    pairs = []
    for wait in (float(seconds), 0):
        # the closest of some pairs of readings: nothing came in between
        reading = []
        for _ in range(9):
            start = time.monotonic()
            there = time.clock_gettime(number)
            reading.append((time.monotonic() - start, start, there))
        pairs.append(min(reading))
        time.sleep(wait)
    print(pairs[1][2] - pairs[0][2], pairs[1][1] - pairs[0][1])


if __name__ == "__main__":
    main(*sys.argv[1:])
