# SPDX-License-Identifier: GPL-2.0-only
"""Fixtures of the tests that drive the whole adapter. Test modules import
`card` and `nic`; @on(DEVICE, ...) says which kinds of card a test wants."""

import pytest

import adapters
import connectx


def on(*devices):
    """Run the test once on each device id."""
    return pytest.mark.parametrize("card", devices, indirect=True)


def _card(request, build, start_program, tmp_path_factory, memory):
    device = getattr(request, "param", adapters.CONNECTX)
    adapter = adapters.adapter(device, build, start_program, tmp_path_factory)
    client = connectx.Card(adapter, memory=memory)
    yield client
    client.close()
    assert adapter.program.alive(), adapter.log()


@pytest.fixture
def card(request, build, start_program, tmp_path_factory):
    """A client of a card as after power-on."""
    yield from _card(request, build, start_program, tmp_path_factory, "shared")


@pytest.fixture
def card_by_messages(request, build, start_program, tmp_path_factory):
    """The same for a module that calls it card: no memory is shared."""
    yield from _card(request, build, start_program, tmp_path_factory,
                     "messages")


@pytest.fixture
def card_in_private(request, build, start_program, tmp_path_factory):
    """The same: memory whose pages the guest keeps for itself."""
    yield from _card(request, build, start_program, tmp_path_factory,
                     "private")


@pytest.fixture
def nic(card):
    """A card that is up, with one queue pair that receives everything."""
    return connectx.Nic(card)
