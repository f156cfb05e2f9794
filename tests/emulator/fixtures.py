# SPDX-License-Identifier: GPL-2.0-only
"""Fixtures of the tests that drive the whole adapter. Test modules import
`card` and `nic`; @on(DEVICE, ...) says which kinds of card a test wants."""

import pytest

import adapters
import connectx


def on(*devices):
    """Run the test once on each device id."""
    return pytest.mark.parametrize("card", devices, indirect=True)


@pytest.fixture
def card(request, build, start_program, tmp_path_factory):
    """A client of a card as after power-on."""
    device = getattr(request, "param", adapters.CONNECTX)
    adapter = adapters.adapter(device, build, start_program, tmp_path_factory)
    client = connectx.Card(adapter)
    yield client
    client.close()
    assert adapter.program.alive(), adapter.log()


@pytest.fixture
def nic(card):
    """A card that is up, with one queue pair that receives everything."""
    return connectx.Nic(card)
