"""A card that is asked for comes where it is asked for, and its old one can be pressed no more."""

from __future__ import annotations

from dataclasses import replace

from bot.slack.hanging import COUNTDOWN_US
from tests.slack.hung import delete, shown
from tests.slack.office import OPS, Office


async def test_a_card_that_somebody_deleted_is_put_up_again_when_asked_for(office: Office) -> None:
    async with office.open():
        await office.asks()
        delete(office, office.card())
        await office.told("U0CAROL", "approve", office.card("D0CAROL"))
        assert [one for one in office.messages() if not one.get("ephemeral_to")] == []
        assert "put up again in its channel" in await office.types("requests req1")
    assert "approved, in line to run" in shown(office)


async def test_a_card_put_up_again_leaves_no_second_one_that_could_be_pressed(office: Office) -> None:
    async with office.open():
        await office.asks()
        old = office.card()
        await office.types("requests REQ1")
        await office.settle()
    assert office.card()["ts"] != old["ts"]
    (left,) = [one for one in office.messages() if one["ts"] == old["ts"]]
    assert "was put up again" in left["text"]
    assert office.buttons(left) == []
    assert "approve" in office.buttons()


async def test_a_card_asked_for_while_the_old_one_is_drawn_still_comes(office: Office) -> None:
    async with office.open():
        await office.asks()
    old, office.later_us = office.card(), office.later_us + COUNTDOWN_US
    (card,) = [one for one in office.cards.due(20, now_us=office.now_us()) if one.place == OPS]
    office.cards.put_up("req1", OPS, now_us=office.now_us())
    office.cards.drawn(replace(card, drawn=1), now_us=office.now_us(), again_us=None)
    await office.settle()
    assert office.card()["ts"] != old["ts"]


async def test_elsewhere_a_card_comes_to_who_asks_for_it(office: Office) -> None:
    async with office.open():
        await office.asks()
        before = len(office.messages())
        assert "comes to you directly" in await office.types("requests req1", "U0ALICE", "C0GENERAL")
        assert "Turn the gear" in shown(office, "D0ALICE")
        assert len(office.messages()) == before
        assert "Your vote is counted" in await office.told("U0CAROL", "approve", office.card("D0CAROL"))
    assert "approved" in shown(office, "D0ALICE")
