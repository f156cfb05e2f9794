# SPDX-License-Identifier: GPL-2.0-only
"""Sending, with guest memory that is reached by messages only: the tests of
test_send.py again, with another client."""

# pylint: disable=wildcard-import,unused-wildcard-import
from test_send import *  # noqa: F401,F403
from fixtures import card_by_messages as card  # noqa: F401

# 65,536 frames and more: one by one they take too long by messages
del test_counters_pass_65535  # noqa: F821
