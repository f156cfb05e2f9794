# SPDX-License-Identifier: GPL-2.0-only
"""Queues, with guest memory that is reached by messages only: the tests of
test_queues.py again, with another client, and what happens between a doorbell
and the work that it puts off."""

import struct

# pylint: disable=wildcard-import,unused-wildcard-import
from test_queues import *  # noqa: F401,F403
from test_queues import command_event, complete
from connectx import PAGE, CompletionQueue, EventQueue, QueuePair
from fixtures import card_by_messages as card  # noqa: F401
from layout import CX, get
from vfio_user import DMA_WRITE

PENDING = 64  # events that wait for room behind a full queue


def address(request):
    return struct.unpack_from("<Q", request.payload)[0]


def test_completion_event_behind_events_that_wait(nic):
    """A doorbell makes room while another queue's event is written: those that
    wait have not moved up yet, and the completion event that is due at once
    must not look for a place among them, where none is left."""
    client = nic.card.client
    full = EventQueue(nic.card, log_size=1, vector=4)
    full.map_events()
    other = EventQueue(nic.card, vector=5)
    cqs = [CompletionQueue(nic.card, eq, log_size=3) for eq in (other, full)]
    qps = [QueuePair(nic.card, cq) for cq in cqs]
    for cq in cqs:
        cq.arm()
    for token in range(2 + PENDING):
        command_event(nic.card, token)
    client.answers_dma = False
    complete(qps[0])
    asked = client.recv_message()
    complete(qps[1])  # served behind the first, before any event
    while asked.command != DMA_WRITE or not \
            0 <= address(asked) - other.ring.pages[0] < PAGE:
        client.answer_dma(asked)
        asked = client.recv_message()
    seen = full.poll()
    assert len(seen) == 2
    full.doorbell()
    client.config_read(0)  # it was seen
    client.answers_dma = True
    client.answer_dma(asked)
    while len(seen) < 2 + PENDING + 1:
        seen += full.take()
        full.doorbell()
    assert [get(event, CX.EQE_TOKEN) for event in seen[:-1]] == \
        list(range(2 + PENDING))
    assert get(seen[-1], CX.EQE_TYPE) == CX.EVENT_COMPLETION
    assert get(seen[-1], CX.EQE_NUMBER) == cqs[1].cqn
