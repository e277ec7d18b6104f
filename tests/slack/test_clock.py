"""A machine whose clock went back: what is asked for then lives as long as it says, and can be approved."""

from __future__ import annotations

from bot.request import State
from tests.slack.office import Office

MINUTE_US = 60_000_000
APPROVE_WITHIN_US = 4 * 60 * MINUTE_US


async def test_a_request_that_is_made_while_the_clock_is_behind_lives_its_full_time(office: Office) -> None:
    async with office.open():
        office.later_us = 2 * APPROVE_WITHIN_US
        await office.types("requests")  # the ledger ends then
        office.later_us = 0
        assert await office.asks() == "req1"
        office.made.sweep.by_time()
        assert office.request().state is State.PENDING
        assert "Your vote is counted" in await office.told("U0CAROL", "approve")
    request = office.request()
    assert request.approve_by_us - request.created_us == APPROVE_WITHIN_US
    assert 0 <= office.docket.clock_us() - request.created_us < MINUTE_US
