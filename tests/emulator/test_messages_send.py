# SPDX-License-Identifier: GPL-2.0-only
"""Sending, with guest memory that is reached by messages only: the tests of
test_send.py again, with another client, and a client that leaves."""

import socket

import pytest

# pylint: disable=wildcard-import,unused-wildcard-import
from test_send import *  # noqa: F401,F403
from connectx import Card, Nic
from fixtures import card_by_messages as card  # noqa: F401
from vfio_user import DMA_READ, DMA_WRITE

# 65,536 frames and more: one by one they take too long by messages
del test_counters_pass_65535  # noqa: F821


@pytest.mark.parametrize("answers", range(1, 9))
def test_the_client_leaves_behind_an_answer(card, answers):
    """The send queue goes with its client, but not under the work that still
    reads it: the next request is what finds the client gone."""
    nic = Nic(card)
    client = card.client
    client.answers_dma = False
    nic.qp.send(bytes(100), nic.lkey)
    for left in reversed(range(answers)):
        asked = client.recv_message()
        assert asked.command in (DMA_READ, DMA_WRITE)
        if not left:
            # from here on sending fails, before the answer is read
            client.socket.shutdown(socket.SHUT_RD)
        client.answer_dma(asked)
    client.close()
    after = Card(card.adapter, memory="messages")
    assert after.nop()
    after.close()
