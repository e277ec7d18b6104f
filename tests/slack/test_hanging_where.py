"""Cards and what is said about them reach those whom they concern, and never another organisation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.action import Level, Report
from bot.docket import Edit
from bot.slack.hanging import COUNTDOWN_US
from bot.sweep import Reminder
from bot.text import same
from bot.timers import Due
from tests.slack.hung import Nothing, delete, shown
from tests.slack.office import OPS, Office


async def test_a_bot_removed_from_the_channel_still_reaches_who_can_approve_and_who_asked(office: Office) -> None:
    async with office.open():
        await office.asks()
        office.channel(OPS, members=frozenset({"U0ALICE", "U0BOB"}))
        delete(office, office.card())
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
