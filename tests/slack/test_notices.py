"""People are told how it ended, and that it still waits: in the thread, and directly, each in their language."""

from __future__ import annotations

from typing import Any

import pytest

from bot.demand import ANYONE, Demand, Slot
from bot.people import Account
from bot.request import Move, Progress, Request, State, StepRun
from bot.slack.notices import Notices
from bot.sweep import Reminder
from bot.text import Language, same
from bot.timers import Due
from tests.asking import NOON_US, request
from tests.slack.office import OPS, Office

ENDS = [state for state in State if not request(state=state).is_open and state is not State.REFUSED]
HANGS = ("C1", "UBOB", "UCAROL")


def language_of(user: str) -> Language:
    return "fr" if user == "UBOB" else "en"


notices = Notices(lambda: NOON_US, language_of=language_of)


def told(asked: Request) -> dict[str, str]:
    return {one.to: str(one.payload["text"]) for one in notices.ended(asked, HANGS)}


@pytest.mark.parametrize("state", ENDS)
def test_who_asked_is_told_of_every_end_with_its_reason(state: State) -> None:
    said = told(request(state=state, why=same("the reason")))
    assert said.keys() == {"C1#abc-1"} | ({"UALICE"} if state is not State.CANCELLED else set())
    assert all("the reason" in words and "abc-1" in words for words in said.values())


@pytest.mark.parametrize("state", [State.PENDING, State.APPROVED, State.RUNNING])
def test_nobody_is_told_of_what_goes_on(state: State) -> None:
    assert told(request(state=state)) == {}


def test_of_an_unknown_outcome_all_who_can_settle_it_are_told_directly_in_their_language() -> None:
    said = told(request(state=State.INDETERMINATE))
    assert said.keys() == {"C1#abc-1", "UALICE", "UBOB", "UCAROL"}
    assert "The cluster pve-prod is locked" in said["UCAROL"]
    assert "Le cluster pve-prod est verrouillé" in said["UBOB"]


def test_what_has_its_report_in_the_thread_is_said_once_there() -> None:
    done = request(state=State.SUCCEEDED, steps=(StepRun(0, Progress.DONE),))
    assert told(done).keys() == {"UALICE"}


def test_who_asked_at_the_shell_is_no_one_in_slack() -> None:
    assert told(request(state=State.DENIED, requester=Account("os", "root"))).keys() == {"C1#abc-1"}


def reminded(reminder: Reminder) -> dict[str, str]:
    asked = request(demand=Demand((Slot(ANYONE),), escalate_to="chiefs"))
    return {one.to: str(one.payload["text"]) for one in notices.remind(asked, reminder)}


@pytest.mark.parametrize("due", [Due.REMIND, Due.ESCALATE])
def test_each_who_has_the_card_directly_is_reminded_directly(due: Due) -> None:
    said = reminded(Reminder(due, HANGS))
    assert said.keys() == {"C1#abc-1/UALICE", "UBOB", "UCAROL"}
    assert "Toujours en attente" in said["UBOB"]


def test_a_group_has_been_told_only_if_somebody_of_it_was() -> None:
    assert "chiefs has been told" in reminded(Reminder(Due.ESCALATE, HANGS, ("UCHIEF",)))["UCAROL"]
    unreached = reminded(Reminder(Due.ESCALATE, HANGS))["UCAROL"]
    assert "nobody of chiefs could be reached" in unreached
    assert "has been told" not in unreached


async def test_a_denial_comes_to_who_asked_and_into_the_thread(office: Office) -> None:
    async with office.open():
        await office.asks()
        await office.types('requests deny req1 --reason "too hot"', "U0CAROL")
    direct, thread = (_said(office, channel) for channel in ("D0ALICE", OPS))
    assert "req1" in direct
    assert "Denied by carol" in direct
    assert "too hot" in thread


async def test_who_is_to_settle_it_hears_so_directly(office: Office) -> None:
    async with office.open():
        await office.asks()
        office.lose()
        await office.settle()
    assert "est verrouillé" in _said(office, "D0BOB")
    assert "is locked until people say" in _said(office, "D0CAROL")


async def test_an_end_is_told_in_the_transaction_of_its_move_and_once(office: Office) -> None:
    async with office.open():
        await office.asks()
        office.moves(Move.EXPIRE)
        for _ in range(2):
            await office.settle()
    assert _said(office, "D0ALICE").count("expired") == 1


def _said(office: Office, channel: str) -> str:
    """All but cards."""
    said: list[Any] = [
        one for one in office.messages(channel) if not any(b["type"] == "actions" for b in one["blocks"])
    ]
    return "\n".join(one["text"] for one in said if not one.get("ephemeral_to"))
