# SPDX-License-Identifier: GPL-2.0-only
"""Queues, with guest memory that is reached by messages only: the tests of
test_queues.py again, with another client."""

# pylint: disable=wildcard-import,unused-wildcard-import
from test_queues import *  # noqa: F401,F403
from fixtures import card_by_messages as card  # noqa: F401
