# SPDX-License-Identifier: GPL-2.0-only
"""Receiving, with guest memory that is mapped, but not shared: the tests of
test_receive.py again, with another client."""

# pylint: disable=wildcard-import,unused-wildcard-import
from test_receive import *  # noqa: F401,F403
from fixtures import card_in_private as card  # noqa: F401

# 65,536 frames: one by one they take too long by messages
del test_record_passes_65535  # noqa: F821
