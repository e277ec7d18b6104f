"""Cards hang where people are, as the database has them: through outages, restarts, and what cannot be read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from bot.docket import Edit
from bot.request import Move, Moved, Request
from bot.slack.hanging import COUNTDOWN_US
from bot.store.cards import EVERY_US, LENT_US
from bot.store.docket import SqlDocket
from bot.text import same
from tests.slack.hung import MINUTE_US, Nothing, shown
from tests.slack.office import OPS, Office
from tests.store.filed import spoilt


def updates(office: Office, method: str = "chat.update") -> int:
    return office.slack.on_loop(lambda: [name for name, _ in office.slack.web_api.calls].count(method))


async def test_a_card_hangs_in_the_channel_and_goes_to_each_who_can_approve(office: Office) -> None:
    async with office.open():
        await office.asks()
    for channel in (OPS, "D0BOB", "D0CAROL"):
        assert {"D0BOB": "Tourner l'engrenage"}.get(channel, "Turn the gear") in office.card(channel)["text"]
    assert office.messages("D0ALICE") == []


async def test_a_vote_is_seen_on_every_card(office: Office) -> None:
    async with office.open():
        await office.asks()
        await office.told("U0CAROL", "approve", office.card("D0CAROL"))
    for channel in (OPS, "D0BOB", "D0CAROL"):
        assert {"D0BOB": "approuvée, en file d'attente"}.get(channel, "approved, in line to run") in office.card(
            channel
        )["text"]
        assert "stop" in office.buttons(office.card(channel))


async def test_a_card_is_redrawn_every_two_seconds_at_most(office: Office) -> None:
    async with office.open():
        await office.asks()
        before = updates(office)
        for number in range(50):
            office.docket.change("req1", _because(f"T-{number}"))
            await office.hanging.hang_due()
        assert updates(office) == before
        office.later_us += EVERY_US
        await office.hanging.hang_due()
    assert updates(office) - before == 3  # one for each place
    assert "T-49" in shown(office)


def _because(why: str) -> Callable[[Request, int], Edit]:
    return lambda _now, _at: Edit(fields={"why": same(why)})


async def test_the_countdown_is_redrawn_each_minute_and_an_ended_request_no_more(office: Office) -> None:
    async with office.open():
        await office.asks()
        assert "239 min left" in shown(office)
        office.later_us += COUNTDOWN_US
        await office.hanging.hang_due()
        assert "238 min left" in shown(office)
        await office.told("U0ALICE", "cancel")
        before = updates(office)
        office.later_us += 10 * COUNTDOWN_US
        await office.hanging.hang_due()
    assert updates(office) == before


@pytest.mark.parametrize("fault", ["rate_limited", "web_api_down"])
async def test_an_outage_delays_a_card_and_loses_none(office: Office, fault: str) -> None:
    async with office.open():
        office.hanging = Nothing()  # type: ignore[assignment]
        await office.asks()
        office.hanging = office.new_hanging()
        office.fault(fault)
        for _ in range(5):
            await office.hanging.hang_due()
            office.later_us += MINUTE_US * 2
        office.fault(fault, on=False)
        await office.hanging.hang_due()
    assert [one["text"].count("Turn the gear") for one in office.messages()][-1] == 1
    assert len([one for one in office.messages() if not one.get("ephemeral_to")]) == 1


async def test_another_process_takes_over_the_cards(office: Office) -> None:
    async with office.open():
        await office.asks()
        office.docket.change("req1", lambda _now, _at: Edit(moved=Moved(Move.SUPERSEDE, same("changed"))))
        office.later_us += EVERY_US
        office.cards.due(20, now_us=office.now_us())  # lent to a process that dies now
        await office.new_hanging().hang_due()
        assert "waiting for approval" in shown(office)
        office.later_us += LENT_US
        await office.new_hanging().hang_due()
    assert "overtaken by other facts" in shown(office)


async def test_what_changes_while_a_card_is_drawn_is_drawn_next(office: Office) -> None:
    async with office.open():
        await office.asks()
    office.later_us += COUNTDOWN_US
    (card, *_) = [one for one in office.cards.due(20, now_us=office.now_us()) if one.place == OPS]
    before = office.request()
    office.docket.change("req1", lambda _now, _at: Edit(moved=Moved(Move.CANCEL, same("gone"))))
    drawn = replace(card, drawn=before.version)
    office.cards.drawn(drawn, now_us=office.now_us(), again_us=None)
    office.later_us += EVERY_US
    await office.hanging.hang_due()
    assert "cancelled by the requester" in shown(office)


@dataclass(frozen=True)
class Unreadable(SqlDocket):
    """Its first request is of a version that nobody knows here."""

    def get(self, id_: str) -> Request | None:
        if id_ == "req1":
            raise ValueError("a plan of another version")
        return super().get(id_)


async def test_a_card_that_cannot_be_drawn_is_not_in_the_way_of_the_others(office: Office) -> None:
    async with office.open():
        await office.asks()
        await office.asks("gear typed")
        office.hanging.docket = Unreadable(office.engine, office.now_us)
        office.docket.change("req2", lambda _now, _at: Edit(moved=Moved(Move.CANCEL, same("gone"))))
        office.later_us += EVERY_US
        await office.hanging.hang_due()
    assert "cancelled" in shown(office)


async def test_the_card_of_what_cannot_be_read_stays_as_it_is_and_a_press_on_it_is_answered(office: Office) -> None:
    async with office.open():
        await office.asks()
        spoilt(office.engine, "req1", demand="[]")
        assert "Request req1 cannot be read" in await office.told("U0CAROL", "approve")
        assert "Request req1 cannot be read" in await office.types("requests req1")
        office.later_us += COUNTDOWN_US
        await office.settle()
        assert office.cards.due(9, now_us=1 << 60) == []
    assert "Turn the gear" in shown(office)


async def test_a_change_is_drawn_soon_while_it_runs(office: Office) -> None:
    """The loop wakes by itself."""
    async with office.open():
        running = asyncio.create_task(office.hanging.run())
        try:
            await office.asks()
            office.docket.change("req1", lambda _now, _at: Edit(moved=Moved(Move.CANCEL, same("gone"))))
            office.later_us += EVERY_US
            office.hanging.news.set()
            await _until(office, lambda: "cancelled" in shown(office))
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def _until(office: Office, true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.to_thread(office.slack.run, office.slack.workspace.changes.until(lambda: False, 0.05))


async def test_a_card_that_comes_to_somebody_directly_is_in_their_language_and_the_channel_s_in_the_bot_s(
    office: Office,
) -> None:
    async with office.open():
        await office.asks()
    assert "en attente d'approbation" in office.card("D0BOB")["text"]
    assert "waiting for approval" in office.card("D0CAROL")["text"]
    assert "waiting for approval" in office.card()["text"]


async def test_a_card_that_is_in_line_names_what_it_waits_for(office: Office) -> None:
    async with office.open():
        await office.asks()
        office.lose()
        await office.asks("gear typed", "U0CAROL")
        office.moves(Move.APPROVE, "req2", execute_by_us=1 << 52)
        await office.settle()
    assert "request req1, of unknown outcome: people must settle it first" in office.card()["text"]
