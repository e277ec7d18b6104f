"""Cards hang where people are, as the database has them: through outages, deletions, restarts, and never for strangers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from bot.action import Level, Report
from bot.card import Card
from bot.docket import Edit
from bot.request import Move, Moved, Request, State
from bot.slack.hanging import COUNTDOWN_US, Hanging
from bot.store.cards import EVERY_US, LENT_US
from bot.store.docket import SqlDocket
from bot.sweep import Reminder
from bot.text import same
from bot.timers import Due
from tests.slack.gear import LONG
from tests.slack.office import OPS, Office, Seen
from tests.store.filed import spoilt

MINUTE_US = 60_000_000


def updates(office: Office, method: str = "chat.update") -> int:
    return office.slack.on_loop(lambda: [name for name, _ in office.slack.web_api.calls].count(method))


def shown(office: Office, channel: str = OPS) -> str:
    return str(office.card(channel)["blocks"])


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


class Nothing:
    async def hang_due(self) -> bool:
        return False


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


async def test_a_card_that_somebody_deleted_is_put_up_again_when_asked_for(office: Office) -> None:
    async with office.open():
        await office.asks()
        _delete(office, office.card())
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


def _delete(office: Office, card: Seen) -> None:
    workspace = office.slack.workspace

    def gone() -> None:
        found = workspace.find(card["channel"], card["ts"])
        assert found is not None
        workspace.remove(found)

    office.slack.on_loop(gone)


async def test_a_bot_removed_from_the_channel_still_reaches_who_can_approve_and_who_asked(office: Office) -> None:
    async with office.open():
        await office.asks()
        office.channel(OPS, members=frozenset({"U0ALICE", "U0BOB"}))
        _delete(office, office.card())
        await office.told("U0CAROL", "approve", office.card("D0CAROL"))
        _tell(office)
        await office.settle()
    assert "approuvée" in shown(office, "D0BOB")
    assert "turned" in office.card("D0ALICE")["text"]


def _tell(office: Office) -> None:
    report = Report(Level.GOOD, same("the gear is turned"))
    office.docket.change("req1", lambda now, _at: Edit(letters=office.notices.tell(now, report)))


def _remind(due: Due) -> Callable[[Office], None]:
    def tell(office: Office) -> None:
        office.docket.change("req1", lambda now, _at: Edit(letters=office.notices.remind(now, Reminder(due))))

    return tell


def _alarm(office: Office) -> None:
    office.docket.change("req1", lambda now, _at: Edit(letters=office.notices.alarm(now, same("alone"))))


SAID = {
    "report": (_tell, "the gear is turned"),
    "reminder": (_remind(Due.REMIND), "Still waiting for approval"),
    "escalation": (_remind(Due.ESCALATE), "Still waiting for approval"),
    "alarm": (_alarm, "BREAK-GLASS"),
}


@pytest.mark.parametrize("name", SAID)
async def test_what_is_said_of_a_request_is_said_in_the_thread_of_its_card(office: Office, name: str) -> None:
    tell, words = SAID[name]
    async with office.open():
        await office.asks()
        tell(office)
        await office.settle()
    (said,) = [one for one in office.messages() if words in one["text"]]
    assert said["thread_ts"] == office.card()["ts"]


@pytest.mark.parametrize("name", SAID)
async def test_nothing_is_said_where_another_organisation_reads_but_to_who_asked(office: Office, name: str) -> None:
    tell, words = SAID[name]
    async with office.open():
        await office.asks()
        office.channel(OPS, is_ext_shared=True)
        tell(office)
        await office.settle()
    assert [one for one in office.messages() if words in one["text"]] == []
    assert words in office.card("D0ALICE")["text"]


async def test_a_card_is_never_put_up_where_another_organisation_reads(office: Office) -> None:
    async with office.open():
        office.hanging = Nothing()  # type: ignore[assignment]
        await office.asks()
        office.channel(OPS, is_ext_shared=True)
        office.hanging = office.new_hanging()
        await office.settle()
        await office.types("requests req1")
    assert [one for one in office.messages() if not one.get("ephemeral_to")] == []
    assert "Turn the gear" in shown(office, "D0CAROL")


async def test_a_card_is_withdrawn_when_its_channel_becomes_shared(office: Office) -> None:
    async with office.open():
        await office.asks()
        office.channel(OPS, is_ext_shared=True)
        office.later_us += COUNTDOWN_US
        await office.settle()
        assert "Turn the gear" not in shown(office)
        assert "no longer shown here" in office.card()["text"]
        assert office.buttons() == []
        assert "Your vote is counted" in await office.told("U0CAROL", "approve", office.card("D0CAROL"))
        await office.settle()
    assert "Turn the gear" not in shown(office)
    assert "approuvée" in shown(office, "D0BOB")


async def test_a_plan_longer_than_a_message_is_whole_in_a_file_in_the_thread(office: Office) -> None:
    async with office.open():
        await office.asks("gear long")
    files = [one for one in office.messages() if one.get("files")]
    (file,) = [one for one in files if one["channel"] == OPS]
    assert file["thread_ts"] == office.card()["ts"]
    content = office.slack.on_loop(lambda: [one.content for one in office.slack.workspace.files.values()])[0]
    assert content is not None
    for number in range(LONG):
        assert f"turn --by={number} 'a b'".encode() in content
    assert "form/approve" in office.buttons()
    assert "approve" not in office.buttons()


async def test_a_file_that_slack_did_not_take_is_sent_again_and_its_card_is_not(office: Office) -> None:
    async with office.open():
        office.hanging = NoFile(office.cards, office.docket, office.hanging.client, office.now_us)
        await office.asks("gear long")
        assert [one for one in office.messages() if one.get("files")] == []
        office.hanging = office.new_hanging()
        office.later_us += MINUTE_US
        await office.settle()
        await office.settle()
    said = [one for one in office.messages() if not one.get("ephemeral_to")]
    assert len([one for one in said if one.get("files")]) == 1
    assert len([one for one in said if not one.get("thread_ts")]) == 1


class NoFile(Hanging):
    """Slack does not take files now."""

    async def _attach(self, hung: Card, plan: str) -> None:
        raise TimeoutError


async def test_the_form_of_a_long_plan_shows_all_of_it_and_approves_it(office: Office, transport: str) -> None:
    async with office.open(transport):
        await office.asks("gear long")
        await office.clicks("U0CAROL", "form/approve")
        view = await office.view("U0CAROL")
        for number in range(LONG):
            assert f"turn --by={number} 'a b'" in str(view["blocks"])
        await office.submits("U0CAROL", {}, view)
    assert office.request().state is State.APPROVED


async def test_a_plan_longer_than_any_form_is_refused_before_anybody_is_asked(office: Office) -> None:
    async with office.open():
        assert "longer than anybody can be shown" in await office.types("gear huge")
    assert office.docket.get("req1") is None


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
